"""The processor time of this process and of those that it started, while they still run."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Positions of fields in `/proc/N/stat` after the name, which can have blanks (man 5 proc)."""


def seconds() -> float:
    """Returns the seconds of processor time that this process and all below it have taken so far.

    Wall time tells little on a machine that does other things. Where the system doesn't show processes in
    `/proc`, only this process counts.
    """
    fields = _fields()
    ticks = sum(int(fields[one][_USER]) + int(fields[one][_SYSTEM]) for one in _below(os.getpid(), fields))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _fields() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
    return found


def _below(process: int, fields: dict[int, list[str]]) -> Iterator[int]:
    for one, of_one in fields.items():
        if int(of_one[_PARENT]) == process:
            yield one
            yield from _below(one, fields)
