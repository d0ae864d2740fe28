"""The baseline file: which findings an app had when it adopted the rules, who recorded them, and when.

The file is written once and can only shrink.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tts_constructs.errors import SettingsError
from tts_constructs.files import write_text
from tts_constructs.policy.settings.toml_reader import Reader, read_toml

VERSION = 1

_FIELDS = ("rule", "stack", "path", "property", "fingerprint")
_HEADER = f"""\
# Findings that this app had when it adopted the rules, written by `tts baseline`. New ones block.
# Nothing is added to this file. Fix a finding, then take its entry out: `tts baseline --prune`.
version = {VERSION}
"""


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
        reader.fault("version", f"must be {VERSION}; this version of tts reads no other")
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
        reader.fault("recorded_on", "must be a date without quotes, such as recorded_on = 2026-12-31")
        on = None
    return Recorded(by, on)


def _text(reader: Reader, table: Mapping[str, Any], key: str, name: str) -> str:
    value = table.get(name)
    if isinstance(value, str):
        return value
    reader.fault(f"{key}.{name}", "must be text; only `tts baseline` writes this file")
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
