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


def folded(groups: Iterable[list[Finding]]) -> Iterator[tuple[list[Finding], list[list[Finding]]]]:
    """Yields each group with those that other rules say of the same places of the resource.

    An open port 22 breaks two rules: one block names both. A group of which a place is its own is not folded.
    """
    for _, of_resource in groupby(groups, lambda group: _reach(group[0])):
        open_groups = list(of_resource)
        while open_groups:
            first = open_groups.pop(0)
            also = [group for group in open_groups if _is_within(group, first)]
            open_groups = [group for group in open_groups if group not in also]
            yield first, also


def _reach(finding: Finding) -> tuple[bool, str, str]:
    return (finding.blocks, finding.stack, finding.logical_id)


def _is_within(group: list[Finding], other: list[Finding]) -> bool:
    """Returns True if all that a rule found is about properties of which another rule's findings are."""
    places = {finding.location for finding in other if finding.location.count("/") > 1}
    return group[0].waiver == other[0].waiver and all(finding.location in places for finding in group)


def render(judgment: Judgment) -> str:
    """Writes the whole judgment."""
    blocks = [block(group, also) for group, also in folded(grouped(judgment.findings))]
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


def block(group: list[Finding], also: Iterable[list[Finding]] = ()) -> str:
    """Writes everything about the findings of a rule on a resource.

    Args:
        group: The findings.
        also: Findings of other rules about the same places, which the block names there.
    """
    first = group[0]
    where = f"at {first.path}"
    if first.resource_type:
        where += f" ({first.resource_type})"
    if first.source:
        where += f", {first.source}"
    title = f"{_label(first)} {click.style(first.rule_id, bold=True)} {prose(first.title)}"
    lines = [title, f"  {printable(where)}"]
    others = [finding for other in also for finding in other]
    for place, findings in groupby(group, lambda finding: finding.location):
        lines += [_paragraph(printable(located(finding)), "  - ") for finding in findings]
        here = [finding for finding in others if finding.location == place]
        lines += [_paragraph(printable(f"also {one.rule_id}: {one.message}"), "    ") for one in here]
    lines.append(_paragraph(f"why: {prose(first.why)}", "  "))
    fixes = dict.fromkeys(finding.fix for finding in [*group, *others])
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
