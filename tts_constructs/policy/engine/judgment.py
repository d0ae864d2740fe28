"""The findings of a judged assembly, by stack and together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from tts_constructs.policy.engine.levels import level_of
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.origin import Origin
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.stated_absences import StatedAbsence, stated_absences
from tts_constructs.redaction import redact
from tts_constructs.system_metadata import Environment
from tts_constructs.system_metadata import strictest as strictest

_NAMED = 3
"""The most stacks that a message names when a finding applies to several."""


@dataclass(frozen=True)
class BaselineRecord:
    """The baseline that the findings were compared with, as reports show it.

    Args:
        file: Name of the file.
        entries: How many findings it holds.
        recorded_by: Who recorded them; None: the file does not say.
        recorded_on: The day in UTC; None: the file does not say.
        until: Last day on which it counts; None: until it is empty.
    """

    file: str
    entries: int
    recorded_by: str | None
    recorded_on: date | None
    until: date | None

    @property
    def said(self) -> str:
        """Who recorded it, when, and how long it counts, as it follows the file's name in a sentence."""
        if self.recorded_by and self.recorded_on:
            said = f": recorded by {self.recorded_by} on {self.recorded_on}"
        elif self.recorded_by:
            said = f": recorded by {self.recorded_by}; it does not say when"
        elif self.recorded_on:
            said = f": recorded on {self.recorded_on}; it does not say who did"
        else:
            said = " does not say who recorded it or when"
        return f"{said}; counts until {self.until}" if self.until else said


@dataclass(frozen=True)
class Judgment:
    """The findings of the rules about an assembly.

    Args:
        findings: Sorted by stack, logical id, rule.
        resources: How many resources were judged.
        templates: How many templates were judged.
        stacks: What was judged, in the order of the assembly.
        allowances: The waivers that allow findings.
        baseline: The baseline that the findings were compared with; None: there is none.
    """

    findings: tuple[Finding, ...]
    resources: int
    templates: int
    stacks: tuple[JudgedStack, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    baseline: BaselineRecord | None = None

    @property
    def blocks(self) -> bool:
        """True if any finding blocks."""
        return any(finding.blocks for finding in self.findings)

    @property
    def absences(self) -> tuple[StatedAbsence, ...]:
        """The parts that resources of the stacks state that they do without, and why."""
        return tuple(absence for judged in self.stacks for absence in stated_absences(judged.stack))


@dataclass(frozen=True, eq=False)
class LocatedFinding:
    """A finding with its subject: a resource of a stack, or (None) the stack itself.

    Instances compare by identity, because one place can have two equal findings.

    Args:
        also: Names of the other stacks that it applies to.
    """

    finding: Finding
    stack: Stack
    resource: Resource | None
    also: tuple[str, ...] = ()

    def in_each_stack(self) -> Iterator[LocatedFinding]:
        """Yield the finding for each stack that it applies to, as if each had been judged."""
        yield replace(self, also=())
        for name in self.also:
            origin = self.stack.origins.of(name, self.resource.logical_id) if self.resource else Origin()
            path = origin.construct_path or self.finding.construct_path
            finding = replace(self.finding, stack=name, construct_path=path)
            yield replace(self, finding=finding, also=())

    def for_all(self) -> LocatedFinding:
        """Return the finding once, with a message that names the other stacks."""
        if not self.also:
            return self
        others = ", ".join(map(redact, self.also[:_NAMED]))
        more = f" and {len(self.also) - _NAMED} more" if len(self.also) > _NAMED else ""
        message = f"{self.finding.message} It holds for {others}{more} too, which have the same template."
        return replace(self, finding=replace(self.finding, message=message))


@dataclass(frozen=True)
class JudgedStack:
    """The findings of the rules about a stack.

    Args:
        stack: The stack.
        environment: The environment that it was judged by.
        whole: Whether the whole stack was selected; else only some of its resources were.
        resources: How many of its resources were judged.
        found: The findings.
        rules: The rules that had something to judge in it.
    """

    stack: Stack
    environment: Environment
    whole: bool
    resources: int
    found: list[LocatedFinding] = field(default_factory=list)
    rules: tuple[Rule, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the stack, and of those that it represents."""
        return (self.stack.name, *self.stack.also)

    def evaluates(self, rule: Rule) -> bool:
        """Return whether a rule, if chosen, is evaluated in the whole stack."""
        return self.whole and level_of(self.stack.assembly.settings, rule, self.environment) is not None
