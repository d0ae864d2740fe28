"""A waiver as reports show it: who allowed findings that would block, until when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Allowance:
    """A waiver that allows findings that would block.

    Args:
        text: The allowance in a sentence, as `Finding.waiver` has it.
        approved_by: Who approved the waiver. None: only its text is known.
        until: The last day on which it counts, in UTC. None: only its text is known.
        ticket: Where the approval is recorded.
        reason: Why an exception is needed.
    """

    text: str
    approved_by: str | None = None
    until: date | None = None
    ticket: str = ""
    reason: str = ""
