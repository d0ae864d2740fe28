"""What rules do with the results of their checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.node import Result, settled


def warned(results: Iterator[Result]) -> Iterator[Result]:
    """The results of a check as warnings at most, what it cannot decide included."""
    for result in settled(results):
        yield replace(result, at_most="warn")
