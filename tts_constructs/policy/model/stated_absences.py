"""Reads what a team states that a resource does without, and why, in its `Metadata.TTS`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.redaction import redact
from tts_constructs.system_metadata import METADATA_KEY, NO_ALARMS, ROW_ENCRYPTION


@dataclass(frozen=True)
class StatedAbsence:
    """Something that a resource does without.

    Args:
        stack: Name of the stack.
        logical_id: Logical ID of the resource.
        place: Its construct path, or stack and logical ID.
        absent: What there is none of, such as `alarms`.
        reason: Why, in the team's words.
    """

    stack: str
    logical_id: str
    place: str
    absent: str
    reason: str


def reason_for_no_alarms(resource: Resource) -> str:
    """Return why nobody needs to be told when a resource fails. Empty: no reason is stated."""
    return _text(_stated(resource).get(NO_ALARMS))


def _reason_for_no_row_encryption(resource: Resource) -> str:
    stated = _stated(resource).get(ROW_ENCRYPTION)
    return _text(stated.get("none")) if isinstance(stated, dict) else ""


def _stated(resource: Resource) -> dict[str, Any]:
    stated = resource.metadata.get(METADATA_KEY)
    return stated if isinstance(stated, dict) else {}


def _text(reason: object) -> str:
    return reason.strip() if isinstance(reason, str) else ""


_REASONS = {"alarms": reason_for_no_alarms, "row encryption": _reason_for_no_row_encryption}
"""By what is absent: the function that returns why, or nothing where nothing is stated."""


def stated_absences(stack: Stack) -> Iterator[StatedAbsence]:
    """Yield what the resources of a stack state that they do without."""
    for resource in stack.resources.values():
        for absent, reason_in in _REASONS.items():
            if reason := reason_in(resource):
                place = resource.origin.construct_path or f"{stack.name}/{resource.logical_id}"
                yield StatedAbsence(
                    stack.name, redact(resource.logical_id), redact(place), absent, redact(reason)
                )
