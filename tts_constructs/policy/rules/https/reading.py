"""Small questions that the rules of this topic ask of a place, and their common words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from tts_constructs.policy.model.node import Node, Undecided, settled
from tts_constructs.policy.result import Result

T = TypeVar("T")

CONTROLS = ("AC-17(2)", "SC-8", "SC-8(1)", "SC-13", "SC-23")
"""Controls of NIST SP 800-53 rev 5 that every rule of this topic serves."""

HANDBOOK = 'TTS handbook: "Regardless of what your system does, we enforce HTTPS Everywhere."'


def one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    """A violation where the text at a place is none of the approved ones; `otherwise` says what follows."""
    return settled(_one_of(node, approved, otherwise))


def must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    """A violation where a place does not hold true; `otherwise` says what follows."""
    return settled(_must_be_true(node, otherwise))


def as_seen_from(place: Node, read: Callable[[], T]) -> T:
    """What `read` finds at another resource.

    Raises:
        Undecided: It cannot be decided there; the result stands at `place`.
    """
    try:
        return read()
    except Undecided as undecided:
        raise Undecided(place.unknown(undecided.result.message)) from None


def _one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    if node.text() not in approved:
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")


def _must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    if not node.boolean():
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")
