"""A judgement as annotations of GitHub Actions: commands in the log that mark lines of a pull request."""

from __future__ import annotations

from itertools import groupby

import click

from tts_constructs.policy.engine import Judgement
from tts_constructs.policy.rule import Finding
from tts_constructs.report import text
from tts_constructs.report.places import Place, Places

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(judgement: Judgement) -> str:
    """One annotation for each rule, resource and place, then the summary."""
    places = Places(judgement)
    lines = [
        _annotation(list(same), place)
        for group in text.grouped(judgement.findings)
        for place, same in groupby(group, places.of)
    ]
    return "\n".join([*lines, click.unstyle(text.summary(judgement))])


def _annotation(group: list[Finding], place: Place | None) -> str:
    first = group[0]
    properties: dict[str, object] = {"file": place.file} if place else {}
    if place and place.line:
        properties["line"] = place.line
    properties["title"] = f"{first.rule_id} {first.title}"
    stated = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_command(first)} {stated}::{_message(group).translate(_DATA)}"


def _command(finding: Finding) -> str:
    if finding.waiver:
        return "notice"
    return "error" if finding.blocks else "warning"


def _message(group: list[Finding]) -> str:
    lines = [text.place(group[0]), *(text.located(finding) for finding in group)]
    lines += dict.fromkeys(f"fix: {finding.fix}" for finding in group)
    lines += dict.fromkeys(f"waived: {finding.waiver}" for finding in group if finding.waiver)
    return "\n".join(lines)
