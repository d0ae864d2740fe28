"""A judgment as text: one block for each rule and resource, then a summary. Blocking findings come last.

What comes from templates and files is shown escaped, so that no terminal and no CI system acts on it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.printable import printable, prose
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, count

WIDTH = 100
"""Columns of the text, so that a log shows what a terminal shows."""


def grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Groups the findings of one rule on one resource with one waiver; warnings come before what blocks."""

    def key(finding: Finding) -> tuple[bool, str, str, str, str]:
        waiver = finding.waiver or ""
        return (finding.blocks, finding.stack, finding.logical_id, finding.rule_id, waiver)

    for _, group in groupby(sorted(findings, key=key), key):
        yield list(group)


def render(judgment: Judgment) -> str:
    """Writes the whole judgment."""
    blocks = [block(group) for group in grouped(judgment.findings)]
    return "\n\n".join([*map(_absence, judgment.absences), *blocks, summary(judgment)])


def _absence(absence: StatedAbsence) -> str:
    title = f"{click.style('STATED', fg='cyan')} No {absence.absent}"
    reason = _paragraph(f"reason: {prose(absence.reason)}", "  ")
    return "\n".join([title, f"  {printable(f'at {absence.place}')}", reason])


def summary(judgment: Judgment) -> str:
    """Writes one line: how many findings block and warn, and what was judged."""
    counts = count(judgment.findings)
    said = [_count(counts[BLOCKS], "finding") + (" blocks" if counts[BLOCKS] == 1 else " block")]
    said.append(f"{counts[WARNS]} warn")
    if counts[WAIVED]:
        said.append(f"{counts[WAIVED]} waived")
    line = f"{', '.join(said)}; {judged(judgment)}."
    return click.style(line, fg="red" if counts[BLOCKS] else "green", bold=True)


def judged(judgment: Judgment) -> str:
    """Counts the judged resources and templates, as part of a sentence."""
    return f"{_count(judgment.resources, 'resource')} in {_count(judgment.templates, 'template')} judged"


def line(group: list[Finding]) -> str:
    """Writes one line for the findings of a rule on a resource."""
    first = group[0]
    source = f" ({first.source})" if first.source else ""
    where = printable(f"{first.path}{source}")
    return f"{_label(first)} {first.rule_id} {where}: {prose(first.title)}"


def block(group: list[Finding]) -> str:
    """Writes everything about the findings of a rule on a resource."""
    first = group[0]
    where = f"at {first.path}"
    if first.resource_type:
        where += f" ({first.resource_type})"
    if first.source:
        where += f", {first.source}"
    title = f"{_label(first)} {click.style(first.rule_id, bold=True)} {prose(first.title)}"
    lines = [title, f"  {printable(where)}"]
    lines += [_paragraph(printable(located(finding)), "  - ") for finding in group]
    lines.append(_paragraph(f"why: {prose(first.why)}", "  "))
    fixes = dict.fromkeys(finding.fix for finding in group)
    lines += [_paragraph(f"fix: {prose(fix)}", "  ") for fix in fixes]
    if first.waiver:
        lines.append(_paragraph(f"waived: {prose(first.waiver)}", "  "))
    return "\n".join(lines)


def _label(finding: Finding) -> str:
    if finding.waiver:
        return click.style("WAIVED", fg="cyan")
    unknown = "UNKNOWN, " if finding.verdict == "unknown" else ""
    if finding.blocks:
        return click.style(f"{unknown}BLOCKS", fg="red", bold=True)
    return click.style(f"{unknown}WARNS", fg="yellow")


def located(finding: Finding) -> str:
    """Puts the property that a finding is about before its message."""
    return f"{finding.location}: {finding.message}" if finding.location else finding.message


def _paragraph(text: str, indent: str) -> str:
    hanging = " " * (len(indent) + 2)
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
