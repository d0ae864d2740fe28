"""What tests share to judge an app that they write themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import add_nested, add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment

RULES = {rule.id: rule for rule in catalog()}
REGION = "us-east-1"
ACCOUNT = "111111111111"

_SECTIONS = {"Resources", "Metadata", "Parameters", "Mappings", "Conditions", "Transform", "Outputs"}


@dataclass(frozen=True)
class Deployed:
    """A stack with more to say than its template.

    Args:
        body: Its resources, or its template.
        region: Where it is deployed; None: not known.
        account: Where it is deployed; None: not known.
        nested: Templates of nested stacks, by the logical ID of their resource.
        termination_protection: As its manifest says.
    """

    body: Mapping[str, Any]
    region: str | None = REGION
    account: str | None = ACCOUNT
    nested: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    termination_protection: bool | None = None


Stack = dict[str, Any] | Deployed
"""A stack as its resources, as its template, or with its place."""


class Given(TypedDict, total=False):
    """What holds for a whole app; the names with a capital are sections that each of its templates has."""

    settings: Settings | None
    lookups: Lookups | None
    synthesizing: bool
    in_ci: bool
    region: str | None
    account: str | None
    Metadata: Any
    Parameters: Any
    Conditions: Any
    Outputs: Any


def rules_of(*families: str) -> tuple[Rule, ...]:
    """The rules of some families, such as `EC2`, in the order of the catalog."""
    rules = tuple(rule for rule in catalog() if rule.id.split("-")[1] in families)
    assert {rule.id.split("-")[1] for rule in rules} == set(families), "a family has no rule"
    return rules


def app(*stacks: Stack, **given: Unpack[Given]) -> Assembly:
    """An app of some stacks, named Stack0, Stack1 and so on."""
    assembly = Assembly(
        given.get("settings") or Settings(),
        given.get("lookups"),
        synthesizing=given.get("synthesizing", False),
        in_ci=given.get("in_ci", False),
    )
    sections = {name: value for name, value in given.items() if name in _SECTIONS}
    for number, stack in enumerate(stacks):
        if not isinstance(stack, Deployed):
            stack = Deployed(stack, given.get("region", REGION), given.get("account", ACCOUNT))
        body = stack.body if _SECTIONS & stack.body.keys() else {"Resources": stack.body}
        name = f"Stack{number}"
        template = checked_template({**sections, **body}, name)
        parent = add_stack(
            assembly,
            template,
            name,
            region=stack.region,
            account=stack.account,
            termination_protection=stack.termination_protection,
        )
        for logical_id, nested in stack.nested.items():
            add_nested(parent.resources[logical_id], nested)
    return assembly


def findings(
    rules: str | Iterable[Rule],
    *stacks: Stack,
    environment: Environment | None = None,
    **given: Unpack[Given],
) -> tuple[Finding, ...]:
    """What rules say of an app.

    Args:
        rules: The ID of a rule of the catalog, a family, or the rules themselves.
        stacks: The stacks of the app.
        environment: Where the app runs. Default: what the app and its settings say.
        given: What holds for the whole app.
    """
    if isinstance(rules, str):
        rules = [RULES[rules]] if "-" in rules else rules_of(rules)
    return judge(app(*stacks, **given), rules, override=environment).findings
