"""What tests of rules share: stacks judged by some rules, and values that no property should have."""

from collections.abc import Iterable
from typing import Any

from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings

RULES = {rule.id: rule for rule in catalog()}
ODD: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    True,
    [],
    [None],
    [[]],
    {},
    {"x": None},
    {"Ref": "Nothing"},
    [{"a": 1}],
)


def rules_of(*families: str) -> tuple[Rule, ...]:
    """The rules of some families, such as `EC2`, in the order of the catalog."""
    return tuple(rule for rule in catalog() if rule.id.split("-")[1] in families)


def judged(rules: Iterable[Rule], *stacks: dict[str, Any]) -> tuple[Finding, ...]:
    """What rules say of an app, each of whose stacks is given as its resources."""
    assembly = Assembly(Settings())
    for number, resources in enumerate(stacks):
        body = checked_template({"Resources": resources}, f"Stack{number}")
        add_stack(assembly, body, f"Stack{number}", region="us-east-1", account="111111111111")
    return judge(assembly, rules).findings


def findings(rule_id: str, *stacks: dict[str, Any]) -> tuple[Finding, ...]:
    """What one rule of the catalog says of an app."""
    return judged([RULES[rule_id]], *stacks)
