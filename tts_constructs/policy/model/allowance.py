"""The reasons that allow findings that would block: a waiver, or the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Allowance:
    """The reason that allows findings that would block: a waiver, or the baseline.

    Args:
        text: The allowance in a sentence, as `Finding.waiver` has it.
        approved_by: Who approved the waiver. None: it is the baseline, which nobody has approved.
        until: The last day on which it counts, in UTC. None: no last day is set.
        ticket: Where the approval is recorded.
        reason: Why an exception is needed.
        recorded_by: Who recorded the baseline. None: its file doesn't say.
        recorded_on: The day on which it was recorded, in UTC. None: its file doesn't say.
    """

    text: str
    approved_by: str | None = None
    until: date | None = None
    ticket: str = ""
    reason: str = ""
    recorded_by: str | None = None
    recorded_on: date | None = None
