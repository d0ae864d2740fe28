"""A judgment as annotations of GitHub Actions: commands in the log that mark lines of a pull request."""

from __future__ import annotations

import click

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.printable import printable, prose
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, effect_of
from tts_constructs.report.formats import text
from tts_constructs.report.source_locations import SourceLocation, SourceLocations

_COMMANDS = {BLOCKS: "error", WARNS: "warning", WAIVED: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(judgment: Judgment) -> str:
    """Writes one annotation for each finding, so that GitHub counts as the summary does, then the summary.

    What a team states that a resource does without is a notice too, before these.
    """
    places = SourceLocations(judgment)
    lines = [
        _annotation(finding, places.of(finding))
        for group in text.grouped(judgment.findings)
        for finding in group
    ]
    stated = [_stated(absence) for absence in judgment.absences]
    return "\n".join([*stated, *lines, click.unstyle(text.summary(judgment))])


def _stated(absence: StatedAbsence) -> str:
    title = f"Stated: no {absence.absent}".translate(_PROPERTY)
    said = f"{printable(absence.place)}\nreason: {prose(absence.reason)}".translate(_DATA)
    return f"::notice title={title}::{said}"


def _annotation(finding: Finding, place: SourceLocation | None) -> str:
    properties: dict[str, object] = {"file": place.file} if place else {}
    if place and place.line:
        properties["line"] = place.line
    properties["title"] = f"{finding.rule_id} {finding.title}"
    stated = ",".join(
        f"{name}={printable(str(value)).translate(_PROPERTY)}" for name, value in properties.items()
    )
    return f"::{_COMMANDS[effect_of(finding)]} {stated}::{_message(finding).translate(_DATA)}"


def _message(finding: Finding) -> str:
    lines = [printable(finding.path), printable(text.located(finding)), f"fix: {prose(finding.fix)}"]
    if finding.waiver:
        lines.append(f"waived: {prose(finding.waiver)}")
    return "\n".join(lines)
