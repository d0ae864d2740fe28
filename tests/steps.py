"""Counts what a function does, so that a test of growth needs no clock."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable


def steps(act: Callable[..., object], *arguments: object) -> int:
    """How many functions are called."""
    profile = cProfile.Profile()
    profile.runcall(act, *arguments)
    calls: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined] # typeshed leaves it out
    return calls
