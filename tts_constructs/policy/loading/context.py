"""Recorded lookups: `cdk.context.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tts_constructs.errors import InputError
from tts_constructs.files import read_text
from tts_constructs.policy.loading.parser import parse

CONTEXT_FILE = "cdk.context.json"


def read_context(path: Path) -> dict[str, Any]:
    """Return the recorded lookups in a file.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    recorded = parse(read_text(path), str(path))
    if not isinstance(recorded, dict):
        raise InputError(str(path), ["does not hold recorded lookups: it is not a map"])
    return recorded


def recorded_lookups(paths: Iterable[Path], context_file: Path | None = None) -> Mapping[str, Any]:
    """Return the lookups of the named file, else of the files beside the paths, else of the working folder.

    Raises:
        InputError: One of them cannot be read, or holds something else.
    """
    if context_file:
        return read_context(context_file)
    beside = dict.fromkeys(path.absolute().parent / CONTEXT_FILE for path in paths)
    there = [path for path in beside if path.is_file()]
    if not there and Path(CONTEXT_FILE).is_file():
        there = [Path(CONTEXT_FILE)]
    recorded: dict[str, Any] = {}
    for path in reversed(there):  # if they differ, the first one counts
        recorded |= read_context(path)
    return recorded
