"""The waiver file: who has allowed which findings until when. The settings name the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tts_constructs.errors import SettingsError
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import WARN_DAYS, WaiverSettings
from tts_constructs.policy.settings.toml_reader import Reader, read_toml
from tts_constructs.policy.suppressions.path_pattern import Pattern

State = Literal["active", "expiring", "expired"]

_FIELDS = ("rule", "path", "reason", "approved_by", "ticket", "expires")


@dataclass(frozen=True)
class Waiver:
    """One waiver.

    Args:
        rule: Id of the rule that the waiver is for.
        path: Pattern of construct paths, or of `<stack>/<logical id>`.
        reason: Why an exception is needed.
        approved_by: Who allowed it.
        ticket: Where the approval is recorded.
        expires: Last day on which it counts, in UTC.
        place: File and line of the waiver.
    """

    rule: str
    path: str
    reason: str
    approved_by: str
    ticket: str
    expires: date
    place: str

    @property
    def allowance(self) -> Allowance:
        """The text of the waiver, as reports show it."""
        return Allowance(str(self), self.approved_by, self.expires, self.ticket, self.reason)

    @cached_property
    def pattern(self) -> Pattern:
        """The pattern of `path`."""
        return Pattern(self.path)

    def state(self, today: date) -> State:
        """Return whether the waiver counts, and for how long: `expiring` in its last 30 days."""
        days = (self.expires - today).days
        if days < 0:
            return "expired"
        return "expiring" if days <= WARN_DAYS else "active"

    def __str__(self) -> str:
        said = f"allowed by {self.approved_by} until {self.expires} ({self.ticket}): {self.reason}"
        return " ".join(said.split())


def read_waivers(settings: WaiverSettings, today: date) -> tuple[Waiver, ...]:
    """Return the waivers of the file that the settings name; none if they name no file.

    Args:
        settings: The file, and how many days ahead a waiver may expire.
        today: The day in UTC.

    Raises:
        SettingsError: The file cannot be used; all faults are named with their lines.
    """
    if settings.file is None:
        return ()
    document, text = read_toml(settings.file)
    reader = Reader(text)
    reader.known_keys(document, "", ("waiver",))
    last = today + timedelta(days=settings.max_days)
    rules = {rule.id for rule in catalog()}
    waivers = [
        _waiver(reader, key, table, rules, last, settings.file)
        for key, table in reader.tables(document, "waiver", _FIELDS)
    ]
    if reader.faults:
        raise SettingsError(str(settings.file), reader.faults)
    return tuple(waivers)


def _waiver(
    reader: Reader, key: str, table: dict[str, Any], rules: set[str], last: date, file: Path
) -> Waiver:
    stated = reader.required(table, f"{key}.rule", "TTS-EC2-002")
    rule = stated.upper()
    if rule and rule not in rules:
        reader.fault(f"{key}.rule", f"is {stated!r}, which isn't a rule; `tts rules` lists them")
    path = reader.required(table, f"{key}.path", "Benefits-Production/Legacy/*")
    if fault := Pattern(path).fault:
        reader.fault(f"{key}.path", fault)
    return Waiver(
        rule=rule,
        path=path,
        reason=reader.required(table, f"{key}.reason", "why the rule need not be kept"),
        approved_by=reader.required(table, f"{key}.approved_by", "who allowed it"),
        ticket=reader.required(table, f"{key}.ticket", "where that can be read"),
        expires=_expires(reader, table, f"{key}.expires", last),
        place=f"{file.name}:{reader.line(key)}",
    )


def _expires(reader: Reader, table: dict[str, Any], key: str, last: date) -> date:
    expires = table.get("expires")
    if expires is None:
        reader.fault(key, f"is missing; write expires = {last}")
    elif not isinstance(expires, date) or isinstance(expires, datetime):
        reader.fault(key, f"must be a date without quotes, such as expires = {last}")
    elif expires > last:
        reader.fault(key, f"is {expires}; a waiver can end on {last} at the latest")
    else:
        return expires
    return last
