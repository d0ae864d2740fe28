"""The library as an OSCAL component definition: the controls of each construct, and the rules for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tts_constructs._version import __version__
from tts_constructs.policy.model.rule import Rule
from tts_constructs.report.oscal_document import (
    CATALOG,
    control_id,
    document,
    identifier,
    in_order,
    properties,
)

CONSTRUCTS = {
    "TtsSystem": "A system with its own VPC, network policy, flow logs, keys, log bucket and tags.",
    "TtsAsgService": "A service in an auto-scaling group from the baseline image, behind an HTTPS balancer.",
    "TtsBucket": "An encrypted, private bucket with access logs and versions.",
}
"""A description of each construct."""

_GUARDRAILS = "TtsGuardrails"


def render(rules: Iterable[Rule], at: datetime | None = None) -> str:
    """Renders the component definition; a construct serves the controls of each rule whose fix names it.

    Args:
        rules: The catalog.
        at: When it was made, with its time zone. Default: now.
    """
    rules = tuple(rules)
    components = [
        _component(name, "software", purpose, "makes what this rule requires", _named_in_fix(name, rules))
        for name, purpose in CONSTRUCTS.items()
    ]
    judge = (
        "Judges every template of an app at synth, and fails the synth where a rule that blocks is broken."
    )
    components.append(_component(_GUARDRAILS, "validation", judge, "tests this rule", rules))
    title = f"Component definition of tts-constructs {__version__}"
    return document("component-definition", title, at or datetime.now(UTC), {"components": components})


def _named_in_fix(construct: str, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if re.search(rf"\b{construct}\b", rule.fix))


def _component(name: str, kind: str, purpose: str, does: str, rules: tuple[Rule, ...]) -> dict[str, Any]:
    controls = in_order(control for rule in rules for control in rule.controls)
    return {
        "uuid": identifier("component", name),
        "type": kind,
        "title": name,
        "description": purpose,
        "props": properties(version=__version__),
        "control-implementations": [
            {
                "uuid": identifier("implementation", name),
                "source": CATALOG,
                "description": "What the rules show of a control; the rest of it is for others to implement.",
                "implemented-requirements": [
                    _requirement(name, control, does, rules) for control in controls
                ],
            }
        ],
    }


def _requirement(name: str, control: str, does: str, rules: tuple[Rule, ...]) -> dict[str, Any]:
    serving = [rule for rule in rules if control in rule.controls]
    return {
        "uuid": identifier("requirement", name, control),
        "control-id": control_id(control),
        "description": "\n".join(f"{name} {does}: {rule.id}, {rule.title}." for rule in serving),
        "props": [prop for rule in serving for prop in properties(rule=rule.id)],
    }
