"""Counts what a function does, so that a test of growth needs no clock."""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

_LIBRARY = str(Path(__file__).parent.parent / "tts_constructs")


def steps(act: Callable[..., object], *arguments: object) -> int:
    """How many functions are called."""
    profile = cProfile.Profile()
    profile.runcall(act, *arguments)
    calls: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined] # typeshed leaves it out
    return calls


def lines(act: Callable[..., object], *arguments: object) -> int:
    """How many lines of the library run; each turn of a loop counts, also of one within a line."""
    count = 0

    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        return step if frame.f_code.co_filename.startswith(_LIBRARY) else None

    def step(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        act(*arguments)
    finally:
        sys.settrace(before)
    return count
