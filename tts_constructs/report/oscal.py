"""A judgement as OSCAL assessment results: what was observed, and the status of each control's objective.

A control counts as satisfied only as far as templates show it; of what else it asks the results say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from tts_constructs._version import __version__
from tts_constructs.policy.engine import Judgement
from tts_constructs.policy.rule import Finding
from tts_constructs.report import text
from tts_constructs.report.fingerprints import fingerprints
from tts_constructs.report.oscal_parts import control_id, document, identifier, in_order, one_line, properties
from tts_constructs.report.places import Place, Places

_PLAN = identifier("assessment plan")
_SCOPE = (
    "Rules tested what CloudFormation templates show, before anything was deployed. "
    "Whether a control is met as a whole is for its assessor to say."
)


@dataclass(frozen=True)
class _Observed:
    """A finding with the identifier of its observation."""

    finding: Finding
    uuid: str


def render(judgement: Judgement, at: datetime | None = None) -> str:
    """The assessment results of a run; the same judgement at the same time gives the same identifiers.

    Args:
        judgement: What the run found.
        at: When it ended, with its time zone. Default: now.
    """
    at = at or datetime.now(UTC)
    plan = {
        "uuid": _PLAN,
        "title": "Assessment plan",
        "description": f"`tts check` of tts-constructs {__version__}. {_SCOPE}",
    }
    return document(
        "assessment-results",
        "Assessment results of tts check",
        at,
        {
            "import-ap": {"href": f"#{_PLAN}"},
            "results": [_result(judgement, at.isoformat())],
            "back-matter": {"resources": [plan]},
        },
    )


def _result(judgement: Judgement, when: str) -> dict[str, Any]:
    observed = [
        _Observed(finding, identifier("observation", fingerprint))
        for finding, fingerprint in zip(judgement.findings, fingerprints(judgement.findings), strict=True)
    ]
    rules = _rules_by_control(judgement)
    places = Places(judgement)
    lists = {
        "observations": [_observation(each, places.of(each.finding), when) for each in observed],
        "risks": [_risk(each, when) for each in observed if each.finding.waiver],
        "findings": [_finding(control, rules[control], observed) for control in in_order(rules)],
    }
    return {
        "uuid": identifier("result", when),
        "title": "Templates judged by the rules of TTS",
        "description": click.unstyle(text.summary(judgement)),
        "start": when,
        "end": when,
        "local-definitions": _definitions(judgement),
        "reviewed-controls": {"control-selections": [_selection(rules)]},
        **_filled(lists),
    }


def _rules_by_control(judgement: Judgement) -> dict[str, list[str]]:
    """The ids of the rules that had something to judge, by each control that they serve."""
    controls = {rule.id: rule.controls for judged in judgement.stacks for rule in judged.rules}
    controls |= {finding.rule_id: finding.controls for finding in judgement.findings}
    rules: dict[str, list[str]] = {}
    for rule_id in sorted(controls):
        for control in controls[rule_id]:
            rules.setdefault(control, []).append(rule_id)
    return rules


def _selection(controls: Iterable[str]) -> dict[str, Any]:
    included = [{"control-id": control_id(control)} for control in in_order(controls)]
    if included:
        return {"description": _SCOPE, "include-controls": included}
    # OSCAL has no empty selection.
    return {"description": "No rule had anything to judge, so no control has a finding.", "include-all": {}}


def _definitions(judgement: Judgement) -> dict[str, Any]:
    """The stacks as components, and the resources with findings as items of them."""
    judged = {stack.stack.name: f"Judged as {stack.environment.value}." for stack in judgement.stacks}
    found = {finding.stack: "Named by a finding." for finding in judgement.findings}
    resources = {(finding.stack, finding.logical_id): finding for finding in judgement.findings}
    return _filled(
        {
            "components": [_component(stack, remark) for stack, remark in (found | judged).items()],
            "inventory-items": [_item(finding) for finding in resources.values() if finding.logical_id],
        }
    )


def _component(stack: str, remark: str) -> dict[str, Any]:
    return {
        "uuid": identifier("stack", stack),
        "type": "software",
        "title": one_line(stack) or "The run",
        "description": f"A CloudFormation stack. {remark}",
        "status": {"state": "under-development"},
    }


def _item(finding: Finding) -> dict[str, Any]:
    return {
        "uuid": identifier("resource", finding.stack, finding.logical_id),
        "description": f"{text.place(finding)} ({finding.resource_type})",
        "implemented-components": [{"component-uuid": identifier("stack", finding.stack)}],
        **_filled({"props": properties(logical_id=finding.logical_id, resource_type=finding.resource_type)}),
    }


def _observation(observed: _Observed, place: Place | None, when: str) -> dict[str, Any]:
    finding = observed.finding
    evidence = (
        [{"description": f"{place.file}, line {place.line}" if place.line else place.file}] if place else []
    )
    return {
        "uuid": observed.uuid,
        "title": one_line(f"{finding.rule_id} {finding.title}"),
        "description": text.located(finding),
        "props": properties(
            rule=finding.rule_id, verdict=finding.verdict, level=finding.level, waiver=finding.waiver
        ),
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [_subject(finding)],
        "collected": when,
        "remarks": f"What to write instead: {finding.fix}",
        **_filled({"relevant-evidence": evidence}),
    }


def _subject(finding: Finding) -> dict[str, str]:
    if finding.logical_id:
        resource = identifier("resource", finding.stack, finding.logical_id)
        return {"subject-uuid": resource, "type": "inventory-item"}
    return {"subject-uuid": identifier("stack", finding.stack), "type": "component"}


def _risk(observed: _Observed, when: str) -> dict[str, Any]:
    """What a waiver accepts: OSCAL has no waived findings, but risks whose deviation is approved."""
    finding = observed.finding
    entry = {
        "uuid": identifier("approval", observed.uuid),
        "title": "Waiver",
        "description": finding.waiver,
        "start": when,
        "status-change": "deviation-approved",
    }
    return {
        "uuid": identifier("risk", observed.uuid),
        "title": one_line(f"{finding.rule_id} {finding.title}"),
        "description": text.located(finding),
        "statement": finding.why,
        "status": "deviation-approved",
        "risk-log": {"entries": [entry]},
        "related-observations": [{"observation-uuid": observed.uuid}],
    }


def _finding(control: str, rules: list[str], observed: list[_Observed]) -> dict[str, Any]:
    against = [each for each in observed if control in each.finding.controls]
    waived = [each for each in against if each.finding.waiver]
    return {
        "uuid": identifier("finding", control),
        "title": control,
        "description": f"Rules that serve {control} and had something to judge: {', '.join(rules)}.",
        "target": {
            "type": "objective-id",
            "target-id": f"{control_id(control)}_obj",
            "status": _status(against),
        },
        **_filled(
            {
                "related-observations": [{"observation-uuid": each.uuid} for each in against],
                "related-risks": [{"risk-uuid": identifier("risk", each.uuid)} for each in waived],
            }
        ),
    }


def _status(against: list[_Observed]) -> dict[str, str]:
    if not against:
        return {"state": "satisfied", "reason": "pass", "remarks": _SCOPE}
    if any(each.finding.verdict == "violation" for each in against):
        return {"state": "not-satisfied", "reason": "fail"}
    return {"state": "not-satisfied", "reason": "other", "remarks": "It cannot be decided before deployment."}


def _filled(lists: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The lists that hold something; OSCAL allows no empty ones."""
    return {key: items for key, items in lists.items() if items}
