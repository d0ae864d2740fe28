"""Runs a command in a process of its own and says what it took, in seconds, processor seconds, and bytes.

    python -m benchmarks.process 0 tts --version

The number is the exit code that the command must have: one that broke off would look fast.

A program, and a small one: the kernel counts into the peak of a process what it was before it became the
command, which is a copy of the process that started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in what the kernel counts a peak in."""


def peak(maxrss: int) -> int:
    """A peak of resident memory in bytes, of the number that the kernel gives."""
    return maxrss * _UNIT


def main() -> None:
    """Runs the command that is named and prints its seconds and its peak as JSON; its output is dropped."""
    expected, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code != int(expected):
        sys.exit(f"error: {' '.join(command)}: exit code {code}")
    took = {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,  # with that of the processes that it waited for
        "memory": peak(usage.ru_maxrss),
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main()
