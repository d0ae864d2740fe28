"""The result of a check for a place in a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["violation", "unknown"]
Level = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict of a rule about one place.

    Args:
        verdict: `violation`, or `unknown`: it cannot be decided before deployment.
        location: Path of the place in its resource, such as `Properties/SslPolicy`; empty: all of it.
        message: What is wrong and the value found, as sentences.
        fix: What to write instead; None: what the rule says in general.
        at_most: A level that this result does not exceed, whatever the rule's level.
        template_fix: What to write instead in a template that no CDK app made; None: what `fix` says.
    """

    verdict: Verdict
    location: str
    message: str
    fix: str | None = None
    at_most: Level | None = None
    template_fix: str | None = None
