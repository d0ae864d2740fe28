"""Stack traces of the app's Python, from which findings name a line, without what makes jsii's slow.

jsii captures a trace at each call by `traceback.extract_stack`, which asks the disk whether the file of each
frame has changed. That doubles the CPU time that Python takes to make the sample app's constructs.
"""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Any

SWITCH = "JSII_HOST_STACK_TRACES"
"""The variable that jsii reads at each call. `0` switches traces off; then no line is named."""


def switch_on() -> None:
    """Captures traces from now on, unless the environment says otherwise; fast, if this jsii allows it."""
    os.environ.setdefault(SWITCH, "1")
    try:
        from jsii import _stack_trace
        from jsii._kernel.providers import process
    except ImportError:  # another release of jsii, with parts of other names
        return
    theirs = getattr(_stack_trace, "capture_stack_trace", None)
    if theirs is not None and getattr(process, "capture_stack_trace", None) is theirs:
        own_files = getattr(_stack_trace, "_INTERNAL_PREFIXES", ())
        setattr(process, "capture_stack_trace", lambda: captured(sys._getframe(1), (*own_files, "<")))  # noqa: B010


def captured(innermost: FrameType | None, left_out: tuple[str, ...]) -> list[list[Any]]:
    """Returns file, line, column (0), and function of each frame, the innermost first, as jsii does.

    Args:
        innermost: The frame to begin with.
        left_out: Starts of the names of files whose frames are left out.
    """
    frames = []
    frame = innermost
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(left_out):
            frames.append([code.co_filename, frame.f_lineno, 0, code.co_name])
        frame = frame.f_back
    return frames
