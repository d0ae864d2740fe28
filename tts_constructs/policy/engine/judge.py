"""The judge: runs every rule over every resource of an assembly, and visits each resource once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tts_constructs.errors import SettingsError
from tts_constructs.policy.engine.environments import NO_GUARDRAILS, Guardrails, environment_of
from tts_constructs.policy.engine.judgment import JudgedStack, Judgment, LocatedFinding
from tts_constructs.policy.engine.levels import level_of
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.branches import Assumed
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.node import TOO_MANY_WAYS, UnknownValue
from tts_constructs.policy.model.one_cause import one_for_each_place
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource, Stack, assumed_by
from tts_constructs.policy.result import Level, Result
from tts_constructs.policy.rules.builtin import ENGINE_RULE
from tts_constructs.policy.settings.model import Settings
from tts_constructs.redaction import redact
from tts_constructs.system_metadata import Environment
from tts_constructs.system_metadata import strictest as strictest

Subject = TypeVar("Subject", Resource, Stack)

Selected = Callable[[Stack, Resource | None], bool]
"""Selects resources to judge (None: the stack itself)."""


def judge(
    assembly: Assembly,
    rules: Iterable[Rule],
    *,
    guardrails: Callable[[Stack], Guardrails] = lambda _: NO_GUARDRAILS,
    override: Environment | None = None,
    selected: Selected = lambda _stack, _resource: True,
) -> Judgment:
    """Judge an assembly.

    Args:
        assembly: What is judged at once.
        rules: The rules that are evaluated.
        guardrails: What guardrails in the app say about a stack.
        override: See `environment_of`.
        selected: The stacks and resources to judge. Rules that join resources still see the whole assembly.

    Returns:
        The judgment. A rule that fails is a finding `TTS-ENGINE` that blocks.
    """
    stacks = judge_stacks(assembly, rules, guardrails=guardrails, override=override, selected=selected)
    return judgment_of(stacks, (found.finding for stack in stacks for found in stack.found))


def judge_stacks(
    assembly: Assembly,
    rules: Iterable[Rule],
    *,
    guardrails: Callable[[Stack], Guardrails] = lambda _: NO_GUARDRAILS,
    override: Environment | None = None,
    selected: Selected = lambda _stack, _resource: True,
) -> list[JudgedStack]:
    """Judge each stack of an assembly; the arguments are those of `judge`."""
    rules = tuple(rules)
    plans = {environment: _Plan(rules, environment, assembly.settings) for environment in Environment}
    judged = []
    for stack in assembly.stacks:
        stack.environment = environment_of(stack, assembly.settings, guardrails(stack), override)
    for stack in assembly.stacks:
        environment = stack.environment
        chosen = [resource for resource in stack.resources.values() if selected(stack, resource)]
        whole = selected(stack, None)
        found = list(plans[environment].judge_stack(stack)) if whole else []
        for resource in chosen:
            found.extend(plans[environment].judge_resource(resource))
        applied = plans[environment].rules_over({resource.type for resource in chosen}, whole=whole)
        judged.append(JudgedStack(stack, environment, whole, len(chosen), found, applied))
    return judged


def judgment_of(stacks: Iterable[JudgedStack], findings: Iterable[Finding]) -> Judgment:
    """Return the judgment of these stacks, with sorted findings."""
    stacks = tuple(stacks)
    ordered = sorted(
        findings, key=lambda finding: (finding.stack, finding.logical_id, finding.rule_id, finding.location)
    )
    return Judgment(
        tuple(ordered),
        resources=sum(stack.resources for stack in stacks),
        templates=sum(stack.whole for stack in stacks),
        stacks=stacks,
    )


def make_finding(
    rule: Rule,
    result: Result,
    stack: Stack,
    resource: Resource | None,
    level: Level,
    source: str | None = None,
) -> Finding:
    """Return a rule's result as a finding, as every front end shows it.

    Args:
        rule: The rule.
        result: Its result.
        stack: The stack that it is about.
        resource: The resource; None: the finding is about the stack.
        level: Its level, unless the result caps it.
        source: File and line, if they are not those of the resource.
    """
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
        fix=redact(_fix(rule, result, stack)),
        why=f"{rule.why} ({rule.source})",
        controls=rule.controls,
        source=source or (origin.source if origin else None),
    )


def _fix(rule: Rule, result: Result, stack: Stack) -> str:
    """Return what to write instead, in a CDK app or in a template, whichever the user has."""
    fix, template_fix = (result.fix, result.template_fix) if result.fix else (rule.fix, rule.template_fix)
    return fix if stack.is_of_cdk else template_fix or fix


class _Plan:
    """The rules that are evaluated in one environment, by resource type."""

    def __init__(self, rules: tuple[Rule, ...], environment: Environment, settings: Settings) -> None:
        self._environment = environment
        self._settings = settings
        self._rules = [rule for rule in rules if level_of(settings, rule, environment)]
        self._by_type: dict[str, list[tuple[Rule, Check]]] = {}

    def judge_resource(self, resource: Resource) -> Iterator[LocatedFinding]:
        if not resource.can_exist:
            return
        explorer, assumed = resource.stack.assembly.explorer, assumed_by(resource)
        choices = explorer.reset(assumed)
        for rule, check in self._checks(resource.type):
            if not choices.is_only_way:
                choices = explorer.reset(assumed)
            results = _results_of_one_run(check, resource)
            if results is not None and choices.is_only_way:
                found = [(rule, result) for result in results]  # most checks of most resources: none
            else:
                found = _results(rule, check, resource, resource.stack, assumed)
            for blamed, result in found:
                yield self._found(blamed, result, resource.stack, resource)

    def judge_stack(self, stack: Stack) -> Iterator[LocatedFinding]:
        assumed = assumed_by(stack.parent) if stack.parent else {}
        for rule in self._rules:
            if rule.stack_check:
                for blamed, result in _results(rule, rule.stack_check, stack, stack, assumed):
                    yield self._found(blamed, result, stack, None)

    def rules_over(self, types: set[str], *, whole: bool) -> tuple[Rule, ...]:
        """Return the rules for resources of these types or, for a whole stack, its stack rules too."""
        used = {rule.id for name in types for rule, _ in self._checks(name)}
        return tuple(rule for rule in self._rules if rule.id in used or (whole and rule.stack_check))

    def _checks(self, resource_type: str) -> list[tuple[Rule, Check]]:
        checks = self._by_type.get(resource_type)
        if checks is None:
            pairs = [(rule, rule.check_of(resource_type)) for rule in self._rules]
            checks = self._by_type[resource_type] = [(rule, check) for rule, check in pairs if check]
        return checks

    def _found(self, rule: Rule, result: Result, stack: Stack, resource: Resource | None) -> LocatedFinding:
        level = level_of(self._settings, rule, self._environment, result.verdict) or "warn"
        return LocatedFinding(make_finding(rule, result, stack, resource, level), stack, resource, stack.also)


def _results_of_one_run(check: Check, resource: Resource) -> list[Result] | None:
    """Return the distinct results of a check in the current run, or None if `_results` must tell."""
    try:
        results = list(check(resource))
    except Exception:  # `_results` reports the unknown value or the failure
        return None
    return list(dict.fromkeys(results)) if len(results) > 1 else results


def _settled(check: Callable[[Subject], Iterator[Result]], subject: Subject) -> list[Result]:
    """Return the results of a check; an undecided value ends them with its result."""
    results: list[Result] = []
    try:
        results.extend(check(subject))
    except UnknownValue as undecided:
        results.append(undecided.result)
    return results


def _results(
    rule: Rule,
    check: Callable[[Subject], Iterator[Result]],
    subject: Subject,
    stack: Stack,
    assumed: Assumed,
) -> list[tuple[Rule, Result]]:
    """Return each distinct result of a check, over all ways in which the template can turn out."""
    try:
        runs, complete = stack.assembly.explorer.run_all(lambda: _settled(check, subject), assumed)
    except SettingsError:  # an unusable file of the organization is not a fault of the resource
        raise
    except Exception as error:  # any exception of a rule must block, not end the run
        message = f"{rule.id} failed here and has decided nothing ({type(error).__name__}: {error})."
        return [(ENGINE_RULE, Result("unknown", "", message))]
    if complete and not any(runs):
        return []
    results = [(rule, result) for result in one_for_each_place(runs)]
    if not complete and (rule, TOO_MANY_WAYS) not in results:
        results.append((rule, TOO_MANY_WAYS))
    return results
