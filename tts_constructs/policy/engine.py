"""The judge: every rule over every resource of an assembly, each resource visited once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tts_constructs.errors import SettingsError
from tts_constructs.policy.choices import MAX_RUNS
from tts_constructs.policy.node import Result, Undecided
from tts_constructs.policy.redact import redact
from tts_constructs.policy.rule import Check, Finding, Rule
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Assembly, Resource, Stack

ENGINE = "TTS-ENGINE"

Subject = TypeVar("Subject", Resource, Stack)

Selected = Callable[[Stack, Resource | None], bool]
"""Whether a resource (None: the stack itself) is to be judged."""


@dataclass(frozen=True)
class Judgement:
    """What the rules say of an assembly.

    Args:
        findings: Sorted by stack, logical id, rule.
        resources: How many resources were judged.
        templates: How many templates were judged.
    """

    findings: tuple[Finding, ...]
    resources: int
    templates: int

    @property
    def blocks(self) -> bool:
        """Whether anything blocks."""
        return any(finding.blocks for finding in self.findings)


_BY_STRICTNESS = (Environment.PRODUCTION, Environment.DEVELOPMENT, Environment.SANDBOX)


def strictest(environments: Iterable[Environment]) -> Environment | None:
    """The strictest of some environments; None of none."""
    return min(environments, key=_BY_STRICTNESS.index, default=None)


@dataclass(frozen=True)
class Guardrails:
    """What guardrails in the app say of a stack.

    Args:
        environment: What the nearest `TtsGuardrails` above the stack states.
        minimum: The least strict environment that those above allow.
    """

    environment: Environment | None = None
    minimum: Environment | None = None


NO_GUARDRAILS = Guardrails()


def environment_of(
    stack: Stack,
    settings: Settings,
    guardrails: Guardrails = NO_GUARDRAILS,
    override: Environment | None = None,
) -> Environment:
    """The environment of a stack, in the order of the contract.

    Args:
        stack: The stack; a nested one has that of the stack that holds it.
        settings: A tie of the stack's account wins over all else.
        guardrails: What guardrails in the app say of the stack.
        override: What replaces `guardrails`, the settings and the default: `--environment` of the command.
    """
    outermost = stack.outermost
    if outermost.account in settings.accounts:
        return settings.accounts[outermost.account]
    claimed = outermost.record.get("environment")
    if claimed in tuple(Environment):
        environment = Environment(claimed)
    else:
        environment = override or guardrails.environment or settings.environment or Environment.PRODUCTION
    return strictest(filter(None, (environment, guardrails.minimum))) or environment


def judge(
    assembly: Assembly,
    rules: Iterable[Rule],
    *,
    guardrails: Callable[[Stack], Guardrails] = lambda _: NO_GUARDRAILS,
    override: Environment | None = None,
    selected: Selected = lambda _stack, _resource: True,
) -> Judgement:
    """Judges an assembly.

    Args:
        assembly: What is judged at once.
        rules: The rules that are evaluated.
        guardrails: What guardrails in the app say of a stack.
        override: See `environment_of`.
        selected: Which stacks and resources are judged; joins see the whole assembly all the same.

    Returns:
        The judgement. A rule that fails is a finding `TTS-ENGINE` that blocks.
    """
    rules = tuple(rules)
    plans = {environment: _Plan(rules, environment) for environment in Environment}
    findings: list[Finding] = []
    resources = 0
    templates = 0
    for stack in assembly.stacks:
        plan = plans[environment_of(stack, assembly.settings, guardrails(stack), override)]
        chosen = [resource for resource in stack.resources.values() if selected(stack, resource)]
        resources += len(chosen)
        if selected(stack, None):
            templates += 1
            findings.extend(plan.judge_stack(stack))
        for resource in chosen:
            findings.extend(plan.judge_resource(resource))
    findings.sort(key=lambda finding: (finding.stack, finding.logical_id, finding.rule_id, finding.location))
    return Judgement(tuple(findings), resources, templates)


_ENGINE_RULE = Rule(
    id=ENGINE,
    title="Every rule can be evaluated",
    why="A rule that fails has decided nothing; a guardrail must not pass what it could not decide.",
    source="This library: a failure of the judge is never a pass.",
    fix="Report it with the template that shows it, and state the values of this resource plainly.",
    decides="A rule raised an error.",
    controls=("CM-6",),
    force="M",
    production="block",
    sandbox="block",
)


class _Plan:
    """The rules that are evaluated in one environment, by resource type."""

    def __init__(self, rules: tuple[Rule, ...], environment: Environment) -> None:
        self._environment = environment
        self._rules = [rule for rule in rules if rule.level(environment)]
        self._by_type: dict[str, list[tuple[Rule, Check]]] = {}

    def judge_resource(self, resource: Resource) -> Iterator[Finding]:
        for rule, check in self._checks(resource.type):
            for blamed, result in _results(rule, check, resource, resource.stack):
                yield self._finding(blamed, result, resource.stack, resource)

    def judge_stack(self, stack: Stack) -> Iterator[Finding]:
        for rule in self._rules:
            if rule.stack_check:
                for blamed, result in _results(rule, rule.stack_check, stack, stack):
                    yield self._finding(blamed, result, stack, None)

    def _checks(self, resource_type: str) -> list[tuple[Rule, Check]]:
        checks = self._by_type.get(resource_type)
        if checks is None:
            pairs = [(rule, rule.check_of(resource_type)) for rule in self._rules]
            checks = self._by_type[resource_type] = [(rule, check) for rule, check in pairs if check]
        return checks

    def _finding(self, rule: Rule, result: Result, stack: Stack, resource: Resource | None) -> Finding:
        level = rule.level(self._environment, result.verdict) or "warn"
        origin = resource.origin if resource else None
        return Finding(
            rule_id=rule.id,
            title=rule.title,
            verdict=result.verdict,
            level="warn" if result.at_most == "warn" else level,
            logical_id=resource.logical_id if resource else "",
            resource_type=resource.type if resource else "",
            stack=stack.name,
            construct_path=origin.construct_path if origin else None,
            location=result.location,
            message=redact(result.message),
            fix=redact(result.fix) if result.fix else rule.fix,
            why=f"{rule.why} ({rule.source})",
            controls=rule.controls,
            source=origin.source if origin else None,
        )


def _settled(check: Callable[[Subject], Iterator[Result]], subject: Subject) -> list[Result]:
    """The results of a check; where it meets what it cannot decide, that is its last one."""
    results: list[Result] = []
    try:
        results.extend(check(subject))
    except Undecided as undecided:
        results.append(undecided.result)
    return results


def _results(
    rule: Rule, check: Callable[[Subject], Iterator[Result]], subject: Subject, stack: Stack
) -> list[tuple[Rule, Result]]:
    """What a check says of its subject in all ways in which the template can turn out, each result once."""
    try:
        runs, complete = stack.assembly.explorer.explore(lambda: _settled(check, subject))
    except SettingsError:  # an organisation's file that cannot be used is no fault of a resource
        raise
    except Exception as error:  # whatever a rule raises must block, not end the run
        message = f"{rule.id} failed here and has decided nothing ({type(error).__name__}: {error})."
        return [(_ENGINE_RULE, Result("unknown", "", message))]
    if complete and not any(runs):
        return []
    results = [(rule, result) for result in dict.fromkeys(result for run in runs for result in run)]
    if not complete:
        message = f"This depends on more than {MAX_RUNS} combinations of conditions, so it cannot be decided."
        results.append((rule, Result("unknown", "", f"{message} Use fewer conditions in one resource.")))
    return results
