"""Small questions that the rules of this topic ask of a place, and their common words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tts_constructs.policy.model.node import Node, Undecided

T = TypeVar("T")

CONTROLS = ("AC-17(2)", "SC-8", "SC-8(1)", "SC-13", "SC-23")
"""Controls of NIST SP 800-53 rev 5 that every rule of this topic serves."""

HANDBOOK = 'TTS handbook: "Regardless of what your system does, we enforce HTTPS Everywhere."'


def as_seen_from(place: Node, read: Callable[[], T]) -> T:
    """What `read` finds at another resource.

    Raises:
        Undecided: It cannot be decided there; the result stands at `place`.
    """
    try:
        return read()
    except Undecided as undecided:
        raise Undecided(place.unknown(undecided.result.message)) from None
