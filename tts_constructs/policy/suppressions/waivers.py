"""Waivers: who has allowed which findings until when. They are in the file that the settings name.

A waiver that does not have its intended effect is a finding itself, `TTS-WAIVER`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tts_constructs.errors import SettingsError
from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack, LocatedFinding
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.result import Level, Result
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import WAIVER_RULE
from tts_constructs.policy.settings.model import WARN_DAYS, WaiverSettings
from tts_constructs.policy.settings.toml_reader import Reader, read_toml
from tts_constructs.policy.suppressions.path_pattern import Pattern
from tts_constructs.system_metadata import Environment

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
        """What the waiver says, as reports show it."""
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

    def covers(self, finding: Finding) -> bool:
        """Return whether the waiver names the rule and the place of a finding."""
        if finding.rule_id != self.rule:
            return False
        return self._covers_by_id(finding) or (
            finding.construct_path is not None and self.pattern.matches(finding.construct_path)
        )

    def covers_found(self, found: LocatedFinding) -> bool:
        """Return whether the waiver covers a finding; a path that a template claims twice counts once."""
        finding, first = found.finding, found.stack.first_at
        if not self.covers(finding) or first is None or found.resource is None or not finding.construct_path:
            return self.covers(finding)
        owner = first.get(finding.construct_path, finding.logical_id)
        return owner == finding.logical_id or self._covers_by_id(finding)

    def _covers_by_id(self, finding: Finding) -> bool:
        return self.pattern.matches("/".join(filter(None, (finding.stack, finding.logical_id))))

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
        reader.fault(key, f"takes a date without quotes, such as expires = {last}")
    elif expires > last:
        reader.fault(key, f"is {expires}; the last day that a waiver may have today is {last}")
    else:
        return expires
    return last


# Waivers and what was found


@dataclass(frozen=True)
class WaiverUsage:
    """The effect of a waiver on the findings.

    Args:
        waiver: The waiver.
        judged: Whether its rule was evaluated in a stack that its path can match.
        met: Findings that it covers.
        refused: The findings among them that no waiver can allow.
        broad: Whether its path names nothing below the stack.
        state: Whether the waiver counts on that day.
    """

    waiver: Waiver
    judged: bool
    met: frozenset[LocatedFinding]
    refused: frozenset[LocatedFinding]
    broad: bool
    state: State

    @cached_property
    def allowed(self) -> frozenset[LocatedFinding]:
        """The findings that the waiver allows."""
        return _allowed_by(self)


def _allowed_by(use: WaiverUsage) -> frozenset[LocatedFinding]:
    return frozenset() if use.broad or use.state == "expired" else use.met - use.refused


def match_waiver(
    waiver: Waiver, judged: Sequence[JudgedStack], rules: Mapping[str, Rule], today: date
) -> WaiverUsage:
    """Return the effect of a waiver on the findings.

    Args:
        waiver: The waiver.
        judged: The judged stacks with their findings.
        rules: The rules that were evaluated, by id.
        today: The day in UTC.
    """
    rule = rules.get(waiver.rule)
    reached = [stack for stack in judged if any(map(waiver.pattern.can_match_in, stack.names))]
    met = [(found, stack) for stack in judged for found in stack.found if waiver.covers_found(found)]
    return WaiverUsage(
        waiver=waiver,
        judged=rule is not None and any(stack.evaluates(rule) for stack in reached),
        met=frozenset(found for found, _ in met),
        refused=frozenset(found for found, stack in met if rule and _takes_none(rule, stack)),
        broad=waiver.pattern.is_broad(stack.stack.outermost.name for stack in reached),
        state=waiver.state(today),
    )


def _takes_none(rule: Rule, stack: JudgedStack) -> bool:
    return not rule.waivable and stack.environment is Environment.PRODUCTION


def apply_waivers(found: LocatedFinding, uses: Sequence[WaiverUsage]) -> LocatedFinding:
    """Return a finding with the waiver that allows it, or with why a matching waiver does not."""
    own = [use for use in uses if found in use.met]
    if not own:
        return found
    allowing = [use.waiver for use in own if found in use.allowed]
    if allowing:
        lasting = max(allowing, key=lambda waiver: waiver.expires)
        return replace(found, finding=replace(found.finding, waiver=str(lasting)))
    notes = [_note(use, found) for use in own]
    message = " ".join([found.finding.message, *dict.fromkeys(notes)])
    return replace(found, finding=replace(found.finding, message=message))


def _note(use: WaiverUsage, found: LocatedFinding) -> str:
    if use.state == "expired":
        return f"Its waiver ({use.waiver.ticket}) expired: {use.waiver.expires} was its last day."
    if found in use.refused:
        return f"A waiver ({use.waiver.ticket}) names it, and this rule takes none in production."
    return f"The path of its waiver ({use.waiver.ticket}) is too broad, so it does not count."


@dataclass(frozen=True)
class Fault:
    """A present or future fault of a waiver: its effect, and its fix."""

    level: Level
    what: str
    fix: str


def faults_of(use: WaiverUsage) -> Iterator[Fault]:
    """Yield the faults of a waiver; an expired or too broad waiver has no other fault."""
    last = use.waiver.expires
    if use.state == "expired":
        yield Fault("block", f"has expired; {last} was its last day", "Remove it, or have it renewed.")
        return
    if use.broad:
        what = "is too broad: it names nothing below the stack"
        yield Fault("block", what, "Write the path of the construct that it is about.")
        return
    if use.refused:
        what = "does not count: this rule takes no waiver in production"
        yield Fault("block", what, "Remove it, and fix the finding.")
    if use.judged and not use.met:
        yield Fault("block", "matches no finding", "Remove it.")
    if use.allowed and use.state == "expiring":
        fix = "Fix what it allows, or have it renewed."
        yield Fault("warn", f"expires soon; {last} is its last day", fix)


def findings_of(use: WaiverUsage, judged: Sequence[JudgedStack]) -> Iterator[Finding]:
    """Yield the faults of a waiver as findings about the first stack that it can match, else the first."""
    whole = [stack for stack in judged if stack.whole]
    reached = [stack for stack in whole if any(map(use.waiver.pattern.can_match_in, stack.names))]
    waiver = use.waiver
    for stack in (reached or whole)[:1]:
        for fault in faults_of(use):
            message = f"{waiver.place}: the waiver of {waiver.rule} for {waiver.path} {fault.what}."
            result = Result("violation", "", message, fault.fix)
            yield make_finding(WAIVER_RULE, result, stack.stack, None, fault.level, source=waiver.place)
