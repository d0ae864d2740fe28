"""The examples of each rule: templates that break it, comply with it, or leave it undecided.

Tests and the rule's page are made from the same file, `examples/<rule id>.yaml` beside the rule: a list of
examples with

    title         what the example shows
    verdict       violation, pass or unknown
    template      the template
    at            each finding as "<logical id> <location>" ("(stack)" for a finding about the stack)
    level         the level of the findings, where it is not the rule's own
    environment   default production
    region        default us-east-1; account default "111111111111"; null: not known
    others        further stacks of the app, by name
    nested        templates of nested stacks, by the logical id of their resource
    settings      as in tts.toml
    context       recorded lookups;  missing: lookups that the manifest lacks;  synthesizing: default false
    termination_protection: as the manifest says;  in_ci: default false

Beside it, `examples/<rule id>.py.txt` is Python of a CDK app that meets the rule. It uses names of `GIVEN`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_constructs.files import read_text
from tts_constructs.policy.configuration import settings_of
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import add_nested, add_stack, checked_template
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules.entry_points import examples_folder
from tts_constructs.system_metadata import Environment

STACK = "Example"

GIVEN = {
    "app": "the `cdk.App`",
    "stack": "a `cdk.Stack`",
    "system": "the `TtsSystem` of the stack",
    "sandbox": "the `TtsSystem` of a sandbox",
    "certificate": "a certificate",
    "launch_template": "a launch template as in TTS-EC2-005, with a role",
    "topic": "an encrypted SNS topic that CloudWatch may publish to",
}
"""The names that the Python of a CDK example takes from its app."""

_KEYS = frozenset(
    {
        "title", "verdict", "template", "at", "level", "environment", "region", "account", "others", "nested",
        "settings", "context", "missing", "synthesizing", "termination_protection", "in_ci",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """One example of a rule.

    Args:
        rule_id: The rule that it shows.
        title: What it shows, as a sentence without its full stop.
        verdict: `violation`, `pass` or `unknown`.
        at: Where the findings are, as `<logical id> <location>`.
        data: The example as written in its file.
        file: That file; the settings of an example name other files beside it.
    """

    rule_id: str
    title: str
    verdict: str
    at: tuple[str, ...]
    data: dict[str, Any]
    file: Path

    @property
    def environment(self) -> Environment:
        """The environment that the example runs in."""
        return Environment(self.data.get("environment", Environment.PRODUCTION))

    def judge(self, rules: Iterable[Rule]) -> Judgment:
        """Return the judgment of these rules about the example."""
        return judge(self._assembly(), rules, override=self.environment)

    def _assembly(self) -> Assembly:
        data = self.data
        assembly = Assembly(
            settings_of(data.get("settings", {}), self.file.with_name("tts.toml")),
            Lookups(data.get("context", {}), data.get("missing", [])),
            synthesizing=data.get("synthesizing", False),
            in_ci=data.get("in_ci", False),
        )
        place = {"region": data.get("region", "us-east-1"), "account": data.get("account", "111111111111")}
        stack = add_stack(
            assembly,
            checked_template(data["template"], STACK),
            STACK,
            stack_name=STACK,
            termination_protection=data.get("termination_protection"),
            **place,
        )
        for logical_id, body in data.get("nested", {}).items():
            add_nested(stack.resources[logical_id], body)
        for name, body in data.get("others", {}).items():
            add_stack(assembly, checked_template(body, name), name, stack_name=name, **place)
        return assembly


def load_examples(rule_id: str, folder: Path | None = None) -> tuple[Example, ...]:
    """Return the examples of a rule.

    Args:
        rule_id: The rule.
        folder: The folder of its file. Default: the one of this library, or of the organization that adds the
            rule.

    Raises:
        InputError: The file is missing or malformed.
        ValueError: An example has a key that examples do not have.
    """
    path = (folder or examples_folder(rule_id)) / f"{rule_id}.yaml"
    examples = []
    for data in parse_yaml(read_text(path), str(path)):
        if unknown := set(data) - _KEYS:
            message = (
                f"{path.name}: {data.get('title')}: {', '.join(sorted(unknown))} isn't a key of an example"
            )
            raise ValueError(message)
        examples.append(
            Example(rule_id, data["title"], data["verdict"], tuple(data.get("at", ())), data, path)
        )
    return tuple(examples)


def load_cdk_example(rule_id: str, folder: Path | None = None) -> str:
    """Return the Python of a CDK app that meets a rule; empty if the rule has no such example.

    Args:
        rule_id: The rule.
        folder: See `load_examples`.
    """
    path = (folder or examples_folder(rule_id)) / f"{rule_id}.py.txt"
    return read_text(path).rstrip() if path.exists() else ""


def given_in(source: str) -> list[str]:
    """Return the names of `GIVEN` that the Python of an example uses."""
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return [name for name in GIVEN if name in used]


def differences(rule: Rule, example: Example) -> Iterator[str]:
    """Yield a sentence for each difference between a rule's findings and what the example expects.

    Each finding must be of the rule, at its place, with its verdict and level.
    """
    findings = example.judge([rule]).findings
    if (places := {_place(finding) for finding in findings}) != set(example.at):
        yield f"{example.title}: found at {_listed(places)}; the example expects {_listed(example.at)}"
    verdicts = {finding.verdict for finding in findings}
    if verdicts != ({example.verdict} - {"pass"}):
        yield f"{example.title}: the verdict is {_listed(verdicts or ['pass'])}; it expects {example.verdict}"
    for finding in findings:
        if finding.rule_id != rule.id:
            yield f"{example.title}: {_place(finding)} is found by {finding.rule_id}: {finding.message}"
        expected = example.data.get("level", rule.level(example.environment, finding.verdict))
        if finding.level != expected:
            yield f"{example.title}: {_place(finding)} has the level {finding.level}; it expects {expected}"


def _place(finding: Finding) -> str:
    return f"{finding.logical_id or '(stack)'} {finding.location}".strip()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "no place"
