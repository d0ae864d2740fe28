"""Applies waivers to findings: what each covers, what none can allow, and what is wrong with a waiver.

A waiver that does not have its intended effect is a finding itself, `TTS-WAIVER`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack, LocatedFinding
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Level, Result
from tts_constructs.policy.rules.builtin import WAIVER_RULE
from tts_constructs.policy.suppressions.path_pattern import Pattern, PatternTree
from tts_constructs.policy.suppressions.waiver_file import State, Waiver
from tts_constructs.system_metadata import Environment


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
        stack: The first stack that its path can match, else the first one; None: no whole stack was judged.
    """

    waiver: Waiver
    judged: bool
    met: frozenset[LocatedFinding]
    refused: frozenset[LocatedFinding]
    broad: bool
    state: State
    stack: Stack | None

    @cached_property
    def allowed(self) -> frozenset[LocatedFinding]:
        """The findings that the waiver allows."""
        return frozenset() if self.broad or self.state == "expired" else self.met - self.refused


def match_waivers(
    waivers: Sequence[Waiver], judged: Sequence[JudgedStack], rules: Mapping[str, Rule], today: date
) -> tuple[WaiverUsage, ...]:
    """Return the effect of each waiver on the findings.

    Args:
        waivers: The waivers.
        judged: The judged stacks with their findings.
        rules: The rules that were evaluated, by id.
        today: The day in UTC.
    """
    covered = _covered(waivers, judged)
    reach = _Reach(judged)
    uses = []
    for waiver, met in zip(waivers, covered, strict=True):
        rule = rules.get(waiver.rule)
        reached = reach.of(waiver.pattern)
        uses.append(
            WaiverUsage(
                waiver=waiver,
                judged=rule is not None and reached.evaluates(rule),
                met=frozenset(met),
                refused=frozenset(found for found, stack in met.items() if rule and _takes_none(rule, stack)),
                broad=waiver.pattern.is_broad_after(reached.ends),
                state=waiver.state(today),
                stack=reached.first or reach.first,
            )
        )
    return tuple(uses)


def _takes_none(rule: Rule, stack: JudgedStack) -> bool:
    return not rule.waivable and stack.environment is Environment.PRODUCTION


def _covered(
    waivers: Sequence[Waiver], judged: Iterable[JudgedStack]
) -> list[dict[LocatedFinding, JudgedStack]]:
    """Return the findings that each waiver names, with their stacks."""
    trees: dict[str, PatternTree] = {}
    for position, waiver in enumerate(waivers):
        trees.setdefault(waiver.rule, PatternTree()).add(waiver.pattern, position)
    covered: list[dict[LocatedFinding, JudgedStack]] = [{} for _ in waivers]
    for stack in judged:
        for found in stack.found:
            if tree := trees.get(found.finding.rule_id):
                for position in (one for path in _paths_of(found) for one in tree.matching(path)):
                    covered[position][found] = stack
    return covered


def _paths_of(found: LocatedFinding) -> Iterator[str]:
    """Yield the paths that can name a finding in a waiver; one that a template claims twice counts once."""
    finding = found.finding
    yield "/".join(filter(None, (finding.stack, finding.logical_id)))
    path, claimed = finding.construct_path, found.stack.first_at
    if path is None:
        return
    if (
        claimed is None
        or found.resource is None
        or claimed.get(path, finding.logical_id) == finding.logical_id
    ):
        yield path


class _Reached:
    """The judged stacks that a pattern can match, and where in the pattern the path of each ends."""

    def __init__(self, pattern: Pattern, stacks: Sequence[JudgedStack]) -> None:
        self.ends = pattern.ends_of(stack.stack.outermost.name for stack in stacks)
        self.first = _first_whole(stacks)
        self._stacks = stacks
        self._evaluated: dict[str, bool] = {}

    def evaluates(self, rule: Rule) -> bool:
        """Return whether a rule is evaluated in one of the stacks."""
        if rule.id not in self._evaluated:
            self._evaluated[rule.id] = any(stack.evaluates(rule) for stack in self._stacks)
        return self._evaluated[rule.id]


class _Reach:
    """Finds the stacks that patterns can match; what patterns have in common is compared once."""

    def __init__(self, judged: Sequence[JudgedStack]) -> None:
        self.first = _first_whole(judged)
        self._judged = judged
        self._by_first: dict[str, list[JudgedStack]] = {}
        self._words: set[str] = set()
        self._known: dict[tuple[str, ...], _Reached] = {}
        for stack in judged:
            paths = [name.split("/") for name in stack.names]
            self._words.update(segment for path in paths for segment in path)
            for first in {path[0] for path in paths}:
                self._by_first.setdefault(first, []).append(stack)

    def of(self, pattern: Pattern) -> _Reached:
        """Return the stacks that a pattern can match."""
        first, *_ = pattern.segments
        alike = tuple(one if "*" in one or one in self._words else "" for one in pattern.segments)
        if alike not in self._known:
            candidates = self._judged if "*" in first else self._by_first.get(first, ())
            reached = [stack for stack in candidates if any(map(pattern.can_match_in, stack.names))]
            self._known[alike] = _Reached(pattern, reached)
        return self._known[alike]


def _first_whole(stacks: Iterable[JudgedStack]) -> Stack | None:
    return next((stack.stack for stack in stacks if stack.whole), None)


def apply_waivers(judged: Iterable[JudgedStack], uses: Sequence[WaiverUsage]) -> list[LocatedFinding]:
    """Return the findings, each with the waiver that allows it, or with why a matching waiver does not."""
    own: dict[LocatedFinding, list[WaiverUsage]] = {}
    for use in uses:
        for found in use.met:
            own.setdefault(found, []).append(use)
    return [_applied(found, own.get(found, ())) for stack in judged for found in stack.found]


def _applied(found: LocatedFinding, own: Sequence[WaiverUsage]) -> LocatedFinding:
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


def findings_of(use: WaiverUsage) -> Iterator[Finding]:
    """Yield the faults of a waiver as findings about its stack."""
    if use.stack is None:
        return
    for fault in faults_of(use):
        waiver = use.waiver
        message = f"{waiver.place}: the waiver of {waiver.rule} for {waiver.path} {fault.what}."
        result = Result("violation", "", message, fault.fix)
        yield make_finding(WAIVER_RULE, result, use.stack, None, fault.level, source=waiver.place)
