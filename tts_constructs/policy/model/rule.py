"""The definition of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tts_constructs.policy.model.checks import with_fix
from tts_constructs.policy.result import Level, Result, Verdict
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    from tts_constructs.policy.model.stack import Resource, Stack


Force = Literal["M", "S", "P"]
"""M: "must" in the handbook or a federal mandate. S: "should". P: good practice."""

Check = Callable[["Resource"], Iterator[Result]]
StackCheck = Callable[["Stack"], Iterator[Result]]


def fixed_by(check: Check, fix: str, template_fix: str | None = None) -> Check:
    """Return a check that adds a fix to results that have none.

    Args:
        check: The check.
        fix: What to write in a CDK app.
        template_fix: What to write in a template; None: the same.
    """
    return lambda resource: with_fix(check(resource), fix, template_fix)


ELSEWHERE = "Other mandates and good practice"
"""Section of a rule that comes from no sentence of the handbook, such as an organization's rule."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of the catalog.

    Args:
        id: Such as `TTS-EC2-001`; a contract.
        title: What is required, as a sentence without its full stop.
        why: Why, as sentences that a person who has never read the handbook understands.
        source: The handbook's sentence in quotes or the mandate, which the reader can look up.
        section: Heading of the handbook's page that it comes from; one of `SECTIONS` in `report/handbook.py`.
        fix: What to write instead in a CDK app, naming the construct of this library that does it. What the
            reader types is in backticks, here and in `template_fix`.
        decides: How the rule decides, in a paragraph.
        controls: Controls of NIST SP 800-53 rev 5.
        force: How binding the requirement is, by its source.
        production: What a violation does in production; None: the rule is not evaluated there.
        sandbox: The same in a sandbox.
        checks: For each resource type, the check of such a resource; a type may hold `*`.
        stack_check: The check of a whole stack.
        waivable: Whether a waiver can allow a violation in production.
        never_unknown: Why no value can leave the rule undecided; empty: some can.
        template_fix: What to write instead in a template that no CDK app made; empty: what `fix` says.
    """

    id: str
    title: str
    why: str
    source: str
    fix: str
    decides: str
    controls: tuple[str, ...]
    force: Force
    production: Level | None
    sandbox: Level | None
    checks: Mapping[str, Check] = field(default_factory=dict)
    stack_check: StackCheck | None = None
    waivable: bool = True
    section: str = ELSEWHERE
    never_unknown: str = ""
    template_fix: str = ""

    def level(self, environment: Environment, verdict: Verdict = "violation") -> Level | None:
        """Return what a verdict of this rule does in an environment, or None if it is not evaluated there."""
        level = self.sandbox if environment is Environment.SANDBOX else self.production
        if environment is Environment.DEVELOPMENT and level == "block" and self.force != "M":
            level = "warn"
        if verdict == "unknown" and level and self.force != "M":
            level = "warn"
        return level

    def check_of(self, resource_type: str) -> Check | None:
        """Return the check of a resource type: the exact one, else the longest pattern that matches."""
        if resource_type in self.checks:
            return self.checks[resource_type]
        patterns = [pattern for pattern in self._patterns if fnmatchcase(resource_type, pattern)]
        return self.checks[max(patterns, key=len)] if patterns else None

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        # Some rules name more than a thousand types and no pattern.
        return tuple(pattern for pattern in self.checks if "*" in pattern)
