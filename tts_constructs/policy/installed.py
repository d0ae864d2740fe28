"""Whether an installed package may bring rules, told without the slow import of `importlib.metadata`."""

from __future__ import annotations

import sys
from pathlib import Path

GROUP = "tts_constructs.rules"
"""Group of the entry points by which a package brings rules."""

_STATED = "*-info/entry_points.txt"
"""Where an installed package states its entry points, below a folder of `sys.path`."""


def may_bring_rules() -> bool:
    """Whether any package on `sys.path` may state entry points of the group.

    One in an archive may: `importlib.metadata` can look into it.
    """
    folders = [Path(path) for path in dict.fromkeys(sys.path)]
    return any(folder.is_file() or any(map(_names_group, folder.glob(_STATED))) for folder in folders)


def _names_group(file: Path) -> bool:
    try:
        return GROUP.encode() in file.read_bytes()
    except OSError:  # what cannot be read is for `importlib.metadata` to tell
        return True
