"""The baseline file: the findings that an app had when it adopted the rules. Only new ones block.

The file is written once and can only shrink: an entry that matches nothing is a finding itself,
`TTS-BASELINE`, until it is removed. (`standards.py` has the values that constructs and rules share.)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tts_constructs.errors import SettingsError
from tts_constructs.files import writable, write_text
from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack, LocatedFinding
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BASELINE_RULE, ENGINE
from tts_constructs.policy.settings.model import BaselineSettings
from tts_constructs.policy.settings.toml_reader import Reader, read_toml
from tts_constructs.policy.suppressions.references import referred
from tts_constructs.system_metadata import Environment

VERSION = 1

_FIELDS = ("rule", "stack", "path", "property", "fingerprint")
_HEADER = f"""\
# Findings that this app had when it adopted the rules, written by `tts baseline`. New ones block.
# Nothing is added to this file. Fix a finding, then take its entry out: `tts baseline --prune`.
version = {VERSION}
"""

_KNOWN = "known since this app adopted the rules (baseline)"


@dataclass(frozen=True, order=True)
class Entry:
    """A finding as the baseline recognizes it.

    Args:
        rule: Id of its rule.
        stack: The stack that it was found in.
        path: Its construct path, or `<stack>/<logical id>` where that is not known.
        property: Path of the property; `*` replaces a position in a list, which may shift.
        fingerprint: Hash of the value there: another value is another finding.
    """

    rule: str
    stack: str
    path: str
    property: str
    fingerprint: str


@dataclass(frozen=True)
class Recorded:
    """Who recorded the baseline, and on which day in UTC; None: the file does not say."""

    by: str | None = None
    on: date | None = None


@dataclass(frozen=True)
class Baseline:
    """The content of a baseline file; without a file, no entries.

    Args:
        entries: The recorded findings.
        recorded: Who recorded them, and when.
    """

    entries: tuple[Entry, ...] = ()
    recorded: Recorded = Recorded()


def entry_of(found: LocatedFinding) -> Entry:
    """Return the entry for a finding."""
    finding = found.finding
    return Entry(
        rule=finding.rule_id,
        stack=writable(finding.stack),
        path=writable(finding.path),
        property=writable(re.sub(r"(?<=/)\d+(?=/|$)", "*", finding.location)),
        fingerprint=_fingerprint(
            found.resource.body if found.resource else found.stack.body, finding.location, found.stack
        ),
    )


def read_baseline(file: Path | None) -> tuple[Entry, ...]:
    """Return the entries of a baseline file, as `load_baseline` reads it."""
    return load_baseline(file).entries


def load_baseline(file: Path | None) -> Baseline:
    """Return the content of a baseline file; no entries if there is no file yet.

    Raises:
        SettingsError: The file cannot be used; all faults are named with their lines.
    """
    if file is None or not file.exists():
        return Baseline()
    document, text = read_toml(file)
    reader = Reader(text)
    reader.known_keys(document, "", ("version", "recorded_by", "recorded_on", "finding"))
    if document.get("version") != VERSION:
        reader.fault("version", f"is {VERSION} in a file that this version of tts can read")
    entries = [
        Entry(*(_text(reader, table, key, name) for name in _FIELDS))
        for key, table in reader.tables(document, "finding", _FIELDS)
    ]
    recorded = _recorded(reader, document)
    if reader.faults:
        raise SettingsError(str(file), reader.faults)
    return Baseline(tuple(entries), recorded)


def _recorded(reader: Reader, document: dict[str, Any]) -> Recorded:
    by = (
        reader.text(document, "recorded_by", "infrastructure@example.gov")
        if "recorded_by" in document
        else None
    )
    on = document.get("recorded_on")
    if on is not None and (not isinstance(on, date) or isinstance(on, datetime)):
        reader.fault("recorded_on", "takes a date without quotes, such as recorded_on = 2026-12-31")
        on = None
    return Recorded(by, on)


def _text(reader: Reader, table: Mapping[str, Any], key: str, name: str) -> str:
    value = table.get(name)
    if isinstance(value, str):
        return value
    reader.fault(f"{key}.{name}", "takes a text; only `tts baseline` writes this file")
    return ""


def write_baseline(
    file: Path, entries: Iterable[Entry], *, recorded: Recorded = Recorded(), replace: bool = True
) -> None:
    """Write a baseline file; an existing one only with `replace`.

    Raises:
        InputError: It cannot be written.
    """
    tables = [
        "\n".join(["\n[[finding]]", *(f"{name} = {_quoted(getattr(entry, name))}" for name in _FIELDS), ""])
        for entry in sorted(entries)
    ]
    said = f"recorded_by = {_quoted(recorded.by)}\n" if recorded.by else ""
    said += f"recorded_on = {recorded.on}\n" if recorded.on else ""
    write_text(file, "".join([_HEADER, said, *tables]), replace=replace)


def prune(file: Path, entries: Iterable[Entry]) -> int:
    """Remove entries from the current baseline file, and return how many are left.

    Raises:
        SettingsError: The file cannot be used.
        InputError: It cannot be written.
    """
    current = load_baseline(file)
    left = Counter(current.entries) - Counter(entries)
    write_baseline(file, left.elements(), recorded=current.recorded)
    return left.total()


def _quoted(text: str) -> str:
    """Return a TOML text, which escapes as JSON does, and DEL too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


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
    stale = tuple(sorted(entry for entry in left.elements() if _was_judged(entry, judged, rules)))
    return Comparison(compared, stale, tuple(refused))


def allowance(baseline: Baseline, settings: BaselineSettings) -> Allowance:
    """Return what allows the findings that the baseline covers."""
    recorded = baseline.recorded
    return Allowance(_KNOWN, until=settings.until, recorded_by=recorded.by, recorded_on=recorded.on)


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
    unwaivable = {rule.id for rule in catalog() if not rule.waivable}
    in_production = found.stack.environment is Environment.PRODUCTION
    return found.finding.rule_id != ENGINE and not (in_production and found.finding.rule_id in unwaivable)


def _was_judged(entry: Entry, judged: Sequence[JudgedStack], rules: Mapping[str, Rule]) -> bool:
    rule = rules.get(entry.rule)
    return rule is not None and any(
        entry.stack in map(writable, stack.names) and stack.evaluates(rule) for stack in judged
    )


def entries_for(found: Iterable[LocatedFinding]) -> list[Entry]:
    """Return entries for the findings that block, except those that no baseline covers."""
    blocking = (one for one in found if one.finding.blocks and can_be_known(one))
    return [entry_of(each) for one in blocking for each in one.in_each_stack()]


def findings_of(stale: Sequence[Entry], judged: Sequence[JudgedStack], file: Path) -> Iterator[Finding]:
    """Yield the findings about entries that match nothing."""
    for entry in stale:
        stack = next(one.stack for one in judged if entry.stack in map(writable, one.names))
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
    if until and until < today:
        message = f"{file.name} has ended; {until} was its last day."
        fix = f"Fix the findings, or have waivers written for them. Then remove {file.name}."
        yield make_finding(BASELINE_RULE, Result("violation", "", message, fix), stack, None, "block")


# Fingerprints


def _fingerprint(body: Mapping[str, Any], location: str, stack: Stack | None = None) -> str:
    """Return a hash of the value at a place, and of what the value refers to in its stack."""
    value = _value_at(body, location)
    text = json.dumps(value, sort_keys=True, default=str)
    if stack and (named := referred(value, stack)):
        text += json.dumps(named, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _value_at(body: Any, location: str) -> Any:
    """Return the raw value at a place, or None if there is none or the place is the whole resource.

    In a list of maps it is the whole map: whether an address is wrong depends on the port beside it.
    """
    parts = location.split("/")
    if len(parts) < 2:
        return None
    value, item = body, None
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
            item = value if isinstance(value, dict) else item
        else:
            return item or (value if _is_function(value) else None)
    return item or value


def _is_function(value: Any) -> bool:
    """Return whether a CloudFormation function decides the values below."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))
