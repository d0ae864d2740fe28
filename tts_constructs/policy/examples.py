"""The examples of each rule: templates that break it, keep it, or leave it undecided.

Tests and the rule's page are made from the same file, `examples/<rule id>.yaml`: a list of examples with

    title         what it shows
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
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_constructs.policy.assembly import add_nested, add_stack, checked_template
from tts_constructs.policy.document import read_text
from tts_constructs.policy.document_yaml import parse_yaml
from tts_constructs.policy.engine import Judgement, judge
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.settings import settings_of
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Assembly, Lookups

FOLDER = Path(__file__).parent / "examples"
STACK = "Example"
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
        data: The example as it stands in its file.
    """

    rule_id: str
    title: str
    verdict: str
    at: tuple[str, ...]
    data: dict[str, Any]

    def judge(self, rules: Iterable[Rule]) -> Judgement:
        """What these rules say of the example."""
        environment = Environment(self.data.get("environment", "production"))
        return judge(self._assembly(), rules, override=environment)

    def _assembly(self) -> Assembly:
        data = self.data
        assembly = Assembly(
            settings_of(data.get("settings", {}), FOLDER / "tts.toml"),
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
            add_nested(stack.resources[logical_id], checked_template(body, logical_id))
        for name, body in data.get("others", {}).items():
            add_stack(assembly, checked_template(body, name), name, stack_name=name, **place)
        return assembly


def load_examples(rule_id: str) -> tuple[Example, ...]:
    """The examples of a rule.

    Raises:
        InputError: The file is missing or malformed.
        ValueError: An example has a key that examples do not have.
    """
    path = FOLDER / f"{rule_id}.yaml"
    examples = []
    for data in parse_yaml(read_text(path), str(path)):
        if unknown := set(data) - _KEYS:
            message = (
                f"{path.name}: {data.get('title')}: {', '.join(sorted(unknown))} is no key of an example"
            )
            raise ValueError(message)
        examples.append(Example(rule_id, data["title"], data["verdict"], tuple(data.get("at", ())), data))
    return tuple(examples)
