"""Compares findings with the baseline: those that an app had when it adopted the rules don't block.

An entry that matches nothing is a finding itself, `TTS-BASELINE`, until it is removed: the baseline can only
shrink. (`standards.py` has the values that constructs and rules share.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from tts_constructs.files import writable
from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import BaselineRecord, JudgedStack, LocatedFinding
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BASELINE_RULE, ENGINE
from tts_constructs.policy.settings.model import WARN_DAYS, BaselineSettings
from tts_constructs.policy.suppressions.baseline_file import Baseline, Entry
from tts_constructs.policy.suppressions.fingerprints import Fingerprints
from tts_constructs.system_metadata import Environment

_KNOWN = "known since this app adopted the rules (baseline)"


def entry_of(found: LocatedFinding) -> Entry:
    """Return the entry for a finding."""
    finding = found.finding
    return Entry(
        rule=finding.rule_id,
        stack=writable(finding.stack),
        path=writable(finding.path),
        property=writable(re.sub(r"(?<=/)\d+(?=/|$)", "*", finding.location)),
        fingerprint=found.stack.assembly.cached(Fingerprints).of(
            found.resource.body if found.resource else found.stack.body, finding.location, found.stack
        ),
    )


# The baseline and what was found


@dataclass(frozen=True)
class Comparison:
    """The findings compared with the baseline.

    Args:
        found: The findings; those that the baseline has are marked as known.
        stale: Entries of judged stacks and rules that match nothing.
        refused: Entries of findings that no baseline covers.
    """

    found: tuple[LocatedFinding, ...]
    stale: tuple[Entry, ...] = ()
    refused: tuple[Entry, ...] = ()


def compare(
    entries: Sequence[Entry],
    judged: Sequence[JudgedStack],
    found: Iterable[LocatedFinding],
    rules: Mapping[str, Rule],
    ended: date | None = None,
) -> Comparison:
    """Compare the baseline with the findings; each entry matches one finding.

    Args:
        entries: The entries of the baseline.
        judged: The judged stacks.
        found: The findings.
        rules: The rules that were evaluated, by id.
        ended: The last day of the baseline, if it has passed: then no entry counts. None: it counts.
    """
    if not entries:
        return Comparison(tuple(found))
    left = Counter(entries)
    refused: list[Entry] = []
    compared = tuple(_compared(one, left, refused, ended) for one in found)
    if ended:
        return Comparison(compared)
    stacks = _by_name(judged)
    stale = [
        entry
        for entry in left.elements()
        if (rule := rules.get(entry.rule)) and any(one.evaluates(rule) for one in stacks.get(entry.stack, ()))
    ]
    return Comparison(compared, tuple(sorted(stale)), tuple(refused))


def is_known(finding: Finding) -> bool:
    """Return whether a finding is in the baseline; nobody has approved it."""
    return finding.waiver == _KNOWN


def _compared(
    found: LocatedFinding, left: Counter[Entry], refused: list[Entry], ended: date | None
) -> LocatedFinding:
    """Return a finding, marked as known if one of the remaining entries matches it, or told why not."""
    entry = entry_of(found)
    if not left[entry]:
        return found
    left[entry] -= 1
    if found.finding.waiver:
        return found
    if not can_be_known(found):
        refused.append(entry)
        return _noted(found, "The baseline names it, which does not count: this rule takes no waiver here.")
    if ended:
        return _noted(found, f"The baseline knew it; {ended} was the last day of the baseline.")
    return replace(found, finding=replace(found.finding, waiver=_KNOWN))


def _noted(found: LocatedFinding, note: str) -> LocatedFinding:
    return replace(found, finding=replace(found.finding, message=f"{found.finding.message} {note}"))


def can_be_known(found: LocatedFinding) -> bool:
    """Return whether a baseline may cover a finding: a waiver could, and the judge did not fail."""
    in_production = found.stack.environment is Environment.PRODUCTION
    return found.finding.rule_id != ENGINE and not (in_production and found.finding.rule_id in _unwaivable())


@cache
def _unwaivable() -> frozenset[str]:
    return frozenset(rule.id for rule in catalog() if not rule.waivable)


def _by_name(judged: Iterable[JudgedStack]) -> dict[str, list[JudgedStack]]:
    """Return the judged stacks by their names, as entries write them."""
    stacks: dict[str, list[JudgedStack]] = {}
    for stack in judged:
        for name in stack.names:
            stacks.setdefault(writable(name), []).append(stack)
    return stacks


def entries_for(found: Iterable[LocatedFinding]) -> list[Entry]:
    """Return entries for the findings that block, except those that no baseline covers."""
    blocking = (one for one in found if one.finding.blocks and can_be_known(one))
    return [entry_of(each) for one in blocking for each in one.in_each_stack()]


def findings_of(stale: Sequence[Entry], judged: Sequence[JudgedStack], file: Path) -> Iterator[Finding]:
    """Yield the findings about entries that match nothing."""
    stacks = _by_name(judged)
    for entry in stale:
        stack = stacks[entry.stack][0].stack
        place = f"{entry.path} {entry.property}".strip()
        message = f"{file.name} holds a finding of {entry.rule} at {place} that is there no longer."
        yield make_finding(BASELINE_RULE, Result("violation", "", message), stack, None, "block")


def findings_of_file(
    baseline: Baseline, settings: BaselineSettings, judged: Sequence[JudgedStack], today: date
) -> Iterator[Finding]:
    """Yield the findings about the file as a whole, which are about the first stack."""
    stack = next((one.stack for one in judged if one.whole), None)
    file, until = settings.file, settings.until
    if stack is None or file is None or not file.exists():
        return
    gaps = [
        f"{key} = {example}"
        for key, value, example in (
            ("recorded_by", baseline.recorded.by, '"…"'),
            ("recorded_on", baseline.recorded.on, str(today)),
        )
        if value is None
    ]
    if gaps:
        message = f"{file.name} does not say who recorded it, and when."
        fix = f"Write {' and '.join(gaps)} below its version."
        yield make_finding(BASELINE_RULE, Result("violation", "", message, fix), stack, None, "warn")
    fix = f"Fix the findings, or have waivers written for them. Then remove {file.name}."
    if until and until < today:
        message = f"{file.name} has ended; {until} was its last day."
        yield make_finding(BASELINE_RULE, Result("violation", "", message, fix), stack, None, "block")
    elif until and (until - today).days <= WARN_DAYS:
        message = f"{file.name} ends soon; {until} is its last day."
        yield make_finding(BASELINE_RULE, Result("violation", "", message, fix), stack, None, "warn")


def record_of(baseline: Baseline, settings: BaselineSettings) -> BaselineRecord | None:
    """Return what reports say of the baseline; None: there is none."""
    file, recorded = settings.file, baseline.recorded
    if file is None or not file.exists():
        return None
    return BaselineRecord(file.name, len(baseline.entries), recorded.by, recorded.on, settings.until)
