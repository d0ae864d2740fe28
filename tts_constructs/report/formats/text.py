"""A judgment as text: a block for each rule, then a summary with the next steps. What blocks comes first.

What comes from templates and files is shown escaped, so that no terminal and no CI system acts on it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import click

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.printable import printable, prose
from tts_constructs.report.by_rule import (
    NextSteps,
    RuleFindings,
    SharedPlaces,
    baselined,
    by_rule,
    next_steps,
    of_effect,
)
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, count
from tts_constructs.report.source_locations import SourceLocations

WIDTH = 100
"""Columns of the text, so that a log shows what a terminal shows."""

MOST_PLACES = 3
"""The most places of a rule, and the most fixes, that the text shows. Other places are counted."""

_SENTENCE = re.compile(r".+?[.!?](?=\s+[^a-z0-9\s]|$)")


def grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Groups the findings of one rule on one resource with one waiver; warnings come before what blocks."""

    def key(finding: Finding) -> tuple[bool, str, str, str, str]:
        waiver = finding.waiver or ""
        return (finding.blocks, finding.stack, finding.logical_id, finding.rule_id, waiver)

    for _, group in groupby(sorted(findings, key=key), key):
        yield list(group)


def render(judgment: Judgment, *, verbose: bool = False, path: str = "cdk.out") -> str:
    """Writes the whole judgment.

    Args:
        judgment: The judgment.
        verbose: True to show every place and reason in full, also of warnings and waived findings.
        path: What was judged, for the commands of the next steps.
    """
    return "\n".join([*found(judgment, verbose=verbose), closing(judgment, path)])


def found(judgment: Judgment, *, verbose: bool = False) -> list[str]:
    """Writes what was found, without the summary. Each text has one line or more."""
    groups = by_rule(judgment.findings)
    sources = SourceLocations(judgment)
    in_full = groups if verbose else of_effect(groups, BLOCKS)
    shared = SharedPlaces(() if verbose else in_full)
    texts = [
        *map(_absence, judgment.absences),
        *(block(group, sources, shared, verbose=verbose) for group in in_full),
    ]
    if not verbose:
        texts += [*_warnings(judgment, of_effect(groups, WARNS), sources), *_allowed(judgment)]
    return texts


def closing(judgment: Judgment, path: str = "cdk.out") -> str:
    """Writes the summary, and the next steps if anything blocks."""
    steps = next_steps(judgment, by_rule(judgment.findings))
    return "\n".join([summary(judgment), *(_steps(steps, path) if steps else ())])


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


def block(
    group: RuleFindings, sources: SourceLocations, shared: SharedPlaces, *, verbose: bool = False
) -> str:
    """Writes what a person needs to fix a rule: the places, what to write instead, and why.

    Lines aren't wrapped, so that code and commands can be copied as they are.

    Args:
        group: The findings of the rule.
        sources: Where the findings are in the app's files.
        shared: The places that other rules are about, too. These are shown once.
        verbose: True for every place, and the whole reason.
    """
    most = len(group.findings) if verbose else MOST_PLACES
    first = group.first
    why = prose(first.why) if verbose else _first_sentence(first.why)
    lines = [_title(group)]
    if rule := shared.shown_by(group):
        lines.append(f"  at the places of {rule}")
    else:
        lines += _places(group, sources, shared, most)
    lines += [f"  fix: {prose(fix)}" for fix in group.fixes[:most]]
    lines[-1] += f" {click.style(f'(Why: {why})', dim=True)}"
    if first.waiver:
        lines.append(f"  waived: {prose(first.waiver)}")
    return "\n".join(lines)


def _places(group: RuleFindings, sources: SourceLocations, shared: SharedPlaces, most: int) -> Iterator[str]:
    """Yields a line for each place. What is said of the one before isn't repeated."""
    named = group.findings[:most]
    told = ""
    for place in named:
        said = _said(place)
        also = "".join(f" (also {rule})" for rule in shared.also(place))
        yield f"  {_where(place, sources)}" + (f": {said}" if said != told else "") + also
        told = said
    if more := len(group.findings) - len(named):
        yield f"  and {more} more"


def _said(finding: Finding) -> str:
    """Returns the message, with the property that it is about unless the message names that."""
    *_, name = [part for part in finding.location.split("/") if not part.isdigit()]
    return printable(
        finding.message if name in {*finding.message.split(), "Properties"} else located(finding)
    )


def located(finding: Finding) -> str:
    """Puts the property that a finding is about before its message."""
    return f"{finding.location}: {finding.message}" if finding.location else finding.message


def _title(group: RuleFindings) -> str:
    places = len(group.findings)
    number = f" ({places} places)" if places > 1 else ""
    return f"{_label(group)} {click.style(group.rule_id, bold=True)} {prose(group.first.title)}{number}"


def _label(group: RuleFindings) -> str:
    if group.effect == WAIVED:
        return click.style("WAIVED", fg="cyan")
    only_unknown = all(finding.verdict == "unknown" for finding in group.findings)
    unknown = "UNKNOWN, " if only_unknown else ""
    if group.effect == BLOCKS:
        return click.style(f"{unknown}BLOCKS", fg="red", bold=True)
    return click.style(f"{unknown}WARNS", fg="yellow")


def _where(finding: Finding, sources: SourceLocations) -> str:
    """Names the place. `path:line` comes first, which terminals and editors open."""
    source = sources.of(finding)
    file = f"{source.file}:{source.line} " if source and source.line else ""
    return printable(f"{file}{finding.path}")


def _warnings(judgment: Judgment, groups: Sequence[RuleFindings], sources: SourceLocations) -> Iterator[str]:
    """Yields a line for each rule that warns; it says what to do if nothing is more urgent.

    In an app with a baseline, one line names all.
    """
    if groups and baselined(judgment.findings):
        named = ", ".join(f"{group.rule_id} ({len(group.findings)})" for group in groups)
        yield f"{click.style('WARNS', fg='yellow')} {named}"
        return
    for group in groups:
        place = f"{_title(group)}: {_where(group.first, sources)}"
        yield place if judgment.blocks else f"{place}: {_said(group.first)} Fix: {prose(group.fixes[0])}"


def _allowed(judgment: Judgment) -> Iterator[str]:
    """Yields one line that counts what the baseline and waivers allow."""
    known = baselined(judgment.findings)
    waived = count(judgment.findings)[WAIVED] - known
    said = [f"{waived} by waivers"] if waived else []
    if known:
        record = judgment.baseline
        said.append(
            f"{known} in the baseline" + (printable(f" {record.file}{record.said}") if record else "")
        )
    if said:
        yield f"{click.style('WAIVED', fg='cyan')} {' and '.join(said)}"


def _steps(steps: NextSteps, path: str) -> Iterator[str]:
    """Yields the lines that say what to do next."""
    first = steps.fix_first.rule_id
    said = [
        f"Fix what no waiver and no baseline allows: {', '.join(steps.uncovered)}."
        if steps.uncovered
        else f"Fix {first} first: no rule blocks in more places."
    ]
    if steps.is_explained:
        said.append(f"Run `tts explain {first}` for more about the first one.")
    if steps.can_adopt:
        name = 'write file = "tts-baseline.toml" below [baseline] in tts.toml, and '
        run = f"{'' if steps.names_baseline else name}run `tts baseline {path}`"
        said.append(f"If the app is new to these rules, {run}. Then only new findings block.")
    else:
        said.append(f"Run `tts check {path} --verbose` to see every place.")
    for number, step in enumerate(said, 1):
        yield f"{'Next:' if number == 1 else '     '} {number}. {printable(step)}"


def _absence(absence: StatedAbsence) -> str:
    title = f"{click.style('STATED', fg='cyan')} No {absence.absent}"
    reason = _paragraph(f"reason: {prose(absence.reason)}", "  ")
    return "\n".join([title, f"  {printable(f'at {absence.place}')}", reason])


def _first_sentence(text: str) -> str:
    """Returns the first sentence of a reason. `tts explain` shows the rest and the source."""
    line = prose(text)
    match = _SENTENCE.match(line)
    return match[0] if match else line


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
