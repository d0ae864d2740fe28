"""A judgment as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tts_constructs._version import __version__
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.policy.result import Level
from tts_constructs.policy.rules.builtin import ENGINE
from tts_constructs.printable import json_text
from tts_constructs.report.fingerprints import fingerprints
from tts_constructs.report.formats import text
from tts_constructs.report.source_locations import SourceLocation, SourceLocations

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT = "SRCROOT"
_LEVELS: dict[Level, str] = {"block": "error", "warn": "warning"}


def render(judgment: Judgment) -> str:
    """Writes the judgment as one run of the tool `tts`."""
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(judgment)]})


def _run(judgment: Judgment) -> dict[str, Any]:
    rules = {rule.id: _rule(rule) for judged in judgment.stacks for rule in judged.rules}
    for finding in judgment.findings:
        rules.setdefault(finding.rule_id, _rule_of(finding))
    positions = {rule_id: position for position, rule_id in enumerate(rules)}
    places = SourceLocations(judgment)
    return {
        "tool": {"driver": {"name": "tts", "semanticVersion": __version__, "rules": list(rules.values())}},
        "invocations": [
            {
                "executionSuccessful": all(finding.rule_id != ENGINE for finding in judgment.findings),
                "exitCode": 1 if judgment.blocks else 0,
                # Not results, which services show as alerts and count as findings.
                "toolExecutionNotifications": [_notification(absence) for absence in judgment.absences],
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": _message("The folder in which tts was run.")}},
        "columnKind": "unicodeCodePoints",
        "results": [
            {"ruleIndex": positions[finding.rule_id], **_result(finding, places.of(finding), fingerprint)}
            for finding, fingerprint in zip(judgment.findings, fingerprints(judgment.findings), strict=True)
        ],
    }


def _notification(absence: StatedAbsence) -> dict[str, Any]:
    where = {"name": absence.logical_id, "fullyQualifiedName": absence.place, "kind": "resource"}
    return {
        "level": "note",
        "message": _message(f"No {absence.absent} at {absence.place}, as stated: {absence.reason}"),
        "locations": [{"logicalLocations": [where]}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    why = f"{rule.why} ({rule.source})"
    parts = {"Why": why, "How it is decided": rule.decides, "What to write instead": rule.fix}
    if rule.template_fix:
        parts["What to write instead in a template"] = rule.template_fix
    level = _LEVELS[rule.production or rule.sandbox or "warn"]
    return _descriptor(rule.id, rule.title, parts, rule.controls) | {"defaultConfiguration": {"level": level}}


def _rule_of(finding: Finding) -> dict[str, Any]:
    """Describes a rule of the engine, of which only the finding is known."""
    parts = {"Why": finding.why, "What to write instead": finding.fix}
    return _descriptor(finding.rule_id, finding.title, parts, finding.controls)


def _descriptor(rule_id: str, title: str, parts: dict[str, str], controls: tuple[str, ...]) -> dict[str, Any]:
    help_text = "\n\n".join(f"{heading}: {part}" for heading, part in parts.items())
    markdown = "\n\n".join(f"**{heading}**\n\n{part}" for heading, part in parts.items())
    return {
        "id": rule_id,
        "shortDescription": _message(f"{title}."),
        "fullDescription": _message(parts["Why"]),
        "help": _message(help_text) | {"markdown": _escaped(markdown)},
        "properties": {"tags": list(controls)},
    }


def _result(finding: Finding, place: SourceLocation | None, fingerprint: str) -> dict[str, Any]:
    suppression = {"kind": "external", "status": "accepted", "justification": finding.waiver}
    return {
        "ruleId": finding.rule_id,
        # Not `open` for what is undecided: SARIF gives that kind no level, and services do not show it.
        "kind": "fail",
        "level": _LEVELS[finding.level],
        "message": _message(f"{text.located(finding)}\n\nWhat to write instead: {finding.fix}"),
        "locations": [_location(finding, place)],
        # GitHub compares the first alone, and would else make it of the line, which many resources share.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint, "ttsFinding/v1": fingerprint},
        "suppressions": [suppression] if finding.waiver else [],
        "properties": {
            "verdict": finding.verdict,
            "stack": finding.stack,
            "resourceType": finding.resource_type,
            "property": finding.location,
        },
    }


def _location(finding: Finding, place: SourceLocation | None) -> dict[str, Any]:
    logical = {"name": finding.logical_id or finding.stack, "fullyQualifiedName": finding.path}
    location: dict[str, Any] = {"logicalLocations": [logical | {"kind": "resource"}]}
    if place:
        physical: dict[str, Any] = {"artifactLocation": _file(place)}
        if place.line:
            physical["region"] = {"startLine": place.line}
        location["physicalLocation"] = physical
    return location


def _file(place: SourceLocation) -> dict[str, str]:
    # A file's name on Linux need not be Unicode; Python holds such bytes as surrogates.
    return {"uri": quote(place.file, errors="surrogateescape"), "uriBaseId": _ROOT}


def _message(plain: str) -> dict[str, str]:
    return {"text": _escaped(plain)}


def _escaped(message: str) -> str:
    """Makes a message with doubled braces, since single ones are placeholders (SARIF 2.1.0, 3.11.5)."""
    return message.replace("{", "{{").replace("}", "}}")
