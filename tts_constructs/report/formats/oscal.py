"""A judgment as OSCAL assessment results: what was observed, and which controls are not satisfied.

A control is not satisfied where something blocks. Of all others there are observations only: templates show
too little of a control to call it satisfied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from tts_constructs._version import __version__
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.policy.suppressions.baseline import is_known
from tts_constructs.report.counts import BLOCKS, WAIVED, effect_of
from tts_constructs.report.fingerprints import fingerprints
from tts_constructs.report.formats import text
from tts_constructs.report.nist_controls import titled
from tts_constructs.report.oscal_document import (
    control_id,
    document,
    identifier,
    in_order,
    one_line,
    properties,
)
from tts_constructs.report.source_locations import SourceLocation, SourceLocations

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


@dataclass(frozen=True)
class _Rule:
    """A rule that judged a resource or found something, with the stacks in which it did."""

    name: str
    controls: tuple[str, ...]
    stacks: tuple[str, ...]


def render(judgment: Judgment, at: datetime | None = None) -> str:
    """Writes the assessment results of a run; the same judgment at the same time gets the same identifiers.

    Args:
        judgment: What the run found.
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
            "results": [_result(judgment, at.isoformat())],
            "back-matter": {"resources": [plan]},
        },
    )


def _result(judgment: Judgment, when: str) -> dict[str, Any]:
    observed = [
        _Observed(finding, identifier("observation", fingerprint))
        for finding, fingerprint in zip(judgment.findings, fingerprints(judgment.findings), strict=True)
    ]
    rules = _rules(judgment)
    found = {finding.rule_id for finding in judgment.findings}
    blocking = [each for each in observed if effect_of(each.finding) == BLOCKS]
    places = SourceLocations(judgment)
    lists = {
        "observations": [
            *(_observation(each, places.of(each.finding), when) for each in observed),
            *(_met(rule_id, rules[rule_id], when) for rule_id in sorted(rules.keys() - found)),
            *(_stated(absence, when) for absence in judgment.absences),
        ],
        "risks": [_risk(each, when) for each in observed if effect_of(each.finding) == WAIVED],
        "findings": [
            _finding(control, rules, [each for each in blocking if control in each.finding.controls])
            for control in in_order(control for each in blocking for control in each.finding.controls)
        ],
    }
    return {
        "uuid": identifier("result", when),
        "title": "Templates judged by the rules of TTS",
        "description": click.unstyle(text.summary(judgment)),
        "start": when,
        "end": when,
        "local-definitions": _definitions(judgment),
        "reviewed-controls": {
            "control-selections": [
                _selection(control for rule in rules.values() for control in rule.controls)
            ]
        },
        **_filled(lists),
    }


def _rules(judgment: Judgment) -> dict[str, _Rule]:
    """Collects the rules that judged a resource or found something, by id."""
    names: dict[str, str] = {}
    controls: dict[str, tuple[str, ...]] = {}
    stacks: dict[str, dict[str, None]] = {}
    for judged in judgment.stacks:
        for rule in judged.rules:
            names[rule.id], controls[rule.id] = rule.title, rule.controls
            stacks.setdefault(rule.id, {})[judged.stack.name] = None
    for finding in judgment.findings:
        names[finding.rule_id], controls[finding.rule_id] = finding.title, finding.controls
        stacks.setdefault(finding.rule_id, {})[finding.stack] = None
    return {
        rule_id: _Rule(one_line(f"{rule_id} {name}"), controls[rule_id], tuple(stacks[rule_id]))
        for rule_id, name in names.items()
    }


def _selection(controls: Iterable[str]) -> dict[str, Any]:
    included = [{"control-id": control_id(control)} for control in in_order(controls)]
    if included:
        return {"description": _SCOPE, "include-controls": included}
    # OSCAL has no empty selection.
    return {"description": "No rule had anything to judge, so no control has a finding.", "include-all": {}}


def _definitions(judgment: Judgment) -> dict[str, Any]:
    """Lists the stacks as components, and the resources with findings as their items."""
    judged = {stack.stack.name: f"Judged as {stack.environment.value}." for stack in judgment.stacks}
    found = {finding.stack: "Named by a finding." for finding in judgment.findings}
    resources = {(finding.stack, finding.logical_id): finding for finding in judgment.findings}
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
        "description": f"{finding.path} ({finding.resource_type})",
        "implemented-components": [{"component-uuid": identifier("stack", finding.stack)}],
        **_filled({"props": properties(logical_id=finding.logical_id, resource_type=finding.resource_type)}),
    }


def _observation(observed: _Observed, place: SourceLocation | None, when: str) -> dict[str, Any]:
    finding = observed.finding
    evidence = (
        [{"description": f"{place.file}, line {place.line}" if place.line else place.file}] if place else []
    )
    return {
        "uuid": observed.uuid,
        "title": one_line(f"{finding.rule_id} {finding.title}"),
        "description": text.located(finding),
        "props": [
            *properties(
                rule=finding.rule_id, verdict=finding.verdict, level=finding.level, waiver=finding.waiver
            ),
            *_serving(finding.controls),
        ],
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [_subject(finding)],
        "collected": when,
        "remarks": f"What to write instead: {finding.fix}",
        **_filled({"relevant-evidence": evidence}),
    }


def _met(rule_id: str, rule: _Rule, when: str) -> dict[str, Any]:
    return {
        "uuid": identifier("met", rule_id),
        "title": rule.name,
        "description": "Met: the rule had something to judge, and no check of it failed.",
        "props": [*properties(rule=rule_id, verdict="met"), *_serving(rule.controls)],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "subjects": [
            {"subject-uuid": identifier("stack", stack), "type": "component"} for stack in rule.stacks
        ],
        "collected": when,
        "remarks": _SCOPE,
    }


def _stated(absence: StatedAbsence, when: str) -> dict[str, Any]:
    """Writes what a team says that a resource does without; nobody has judged whether the reason is good."""
    return {
        "uuid": identifier("stated", absence.stack, absence.logical_id, absence.absent),
        "title": f"Stated: no {absence.absent}",
        "description": f"No {absence.absent} at {absence.place}: {absence.reason}",
        "props": properties(absent=absence.absent, logical_id=absence.logical_id),
        "methods": ["EXAMINE"],
        "types": ["stated-absence"],
        "subjects": [{"subject-uuid": identifier("stack", absence.stack), "type": "component"}],
        "collected": when,
    }


def _serving(controls: Iterable[str]) -> list[dict[str, str]]:
    return [prop for control in in_order(controls) for prop in properties(control=control_id(control))]


def _subject(finding: Finding) -> dict[str, str]:
    if finding.logical_id:
        resource = identifier("resource", finding.stack, finding.logical_id)
        return {"subject-uuid": resource, "type": "inventory-item"}
    return {"subject-uuid": identifier("stack", finding.stack), "type": "component"}


def _risk(observed: _Observed, when: str) -> dict[str, Any]:
    """Writes the risk of a waived or known finding: OSCAL has risks with a status, but no waived findings.

    Somebody has approved a waiver, and nobody a baseline.
    """
    finding = observed.finding
    status = "open" if is_known(finding) else "deviation-approved"
    entry = {
        "uuid": identifier("approval", observed.uuid),
        "title": "Baseline" if is_known(finding) else "Waiver",
        "description": finding.waiver,
        "start": when,
        "status-change": status,
    }
    return {
        "uuid": identifier("risk", observed.uuid),
        "title": one_line(f"{finding.rule_id} {finding.title}"),
        "description": text.located(finding),
        "statement": finding.why,
        "status": status,
        "risk-log": {"entries": [entry]},
        "related-observations": [{"observation-uuid": observed.uuid}],
    }


def _finding(control: str, rules: Mapping[str, _Rule], blocking: list[_Observed]) -> dict[str, Any]:
    serving = "; ".join(rule.name for _, rule in sorted(rules.items()) if control in rule.controls)
    return {
        "uuid": identifier("finding", control),
        "title": titled(control),
        "description": f"Rules that serve {control} and had something to judge: {serving}.",
        "target": {
            "type": "objective-id",
            "target-id": f"{control_id(control)}_obj",
            "status": _status(blocking),
        },
        "related-observations": [{"observation-uuid": each.uuid} for each in blocking],
    }


def _status(blocking: list[_Observed]) -> dict[str, str]:
    if any(each.finding.verdict == "violation" for each in blocking):
        return {"state": "not-satisfied", "reason": "fail"}
    return {"state": "not-satisfied", "reason": "other", "remarks": "It cannot be decided before deployment."}


def _filled(lists: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Leaves out empty lists, which OSCAL does not allow."""
    return {key: items for key, items in lists.items() if items}
