"""What a team states that a resource does without, and why: in the resource's `Metadata.TTS`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.redaction import redact
from tts_constructs.system_metadata import METADATA_KEY, NO_ALARMS


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
    stated = resource.metadata.get(METADATA_KEY)
    reason = stated.get(NO_ALARMS) if isinstance(stated, dict) else None
    return reason.strip() if isinstance(reason, str) else ""


def stated_absences(stack: Stack) -> Iterator[StatedAbsence]:
    """Yield what the resources of a stack state that they do without."""
    for resource in stack.resources.values():
        if reason := reason_for_no_alarms(resource):
            place = resource.origin.construct_path or f"{stack.name}/{resource.logical_id}"
            yield StatedAbsence(
                redact(stack.name), redact(resource.logical_id), redact(place), "alarms", redact(reason)
            )
