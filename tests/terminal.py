"""A terminal, on which some commands do more than elsewhere."""

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def on_a_terminal(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Runs a command on a terminal of its own; its exit code, and what a person sees of it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the terminal is gone when the process has ended
        pass
    os.close(ours)
    return process.wait(), shown.decode()
