"""Where resources come from, by metadata: construct paths, and lines of the app's Python."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
"""Type of the metadata in which the CDK keeps a construct's acknowledgments."""

_ERROR = "aws:cdk:error"
_FRAME = re.compile(r"\((\S.*\.py):(\d+)\)\s*$")
_NESTED = re.compile(r"(.*/)?([^/]+)\.NestedStack/\2\.NestedStackResource")
_NOT_THE_APP = tuple(f"{folder}{os.sep}" for folder in (Path(__file__).parents[2], Path(os.__file__).parent))
"""Folders of this library and of Python itself."""
_INSTALLED = tuple(f"{os.sep}{folder}{os.sep}" for folder in ("site-packages", "dist-packages"))


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a resource.

    Args:
        construct_path: Path of its construct.
        source: File and line of the app's Python that made it, such as `app.py:42`.
    """

    construct_path: str | None = None
    source: str | None = None


class Origins:
    """The metadata of a stack and its nested stacks, read when first needed: only findings use it.

    Args:
        read: Returns metadata entries by construct path, as in a manifest's `metadata`. Given a word, it may
            skip what does not contain the word.
        stack: Construct path of the stack; not all CDK releases have it in the metadata.
    """

    def __init__(self, read: Callable[[str], dict[str, Any]] = lambda _: {}, stack: str = "") -> None:
        self._read = read
        self._stack = stack

    def of(self, stack_path: str, logical_id: str) -> Origin:
        """Return the origin of a resource; an empty one if the metadata does not know it."""
        return self._origins.get((stack_path, logical_id), Origin())

    def acknowledged(self) -> Iterator[tuple[str, str]]:
        """Yield the path of each construct that acknowledges a rule in the CDK, with the id that it gives."""
        for path, entries in self._read(ACKNOWLEDGED).items():
            for entry in entries:
                if entry.get("type") == ACKNOWLEDGED:
                    yield from ((path.removeprefix("/"), rule_id) for rule_id in entry.get("data") or ())

    def made_at(self, path: str) -> str | None:
        """Return file and line of the app's Python that made a construct, such as a stack."""
        return _source(self._metadata.get(path, []))

    def errors(self) -> Iterator[tuple[str, str]]:
        """Yield the path of each construct with an error of the app (`Annotations`), and its text."""
        for path, entries in self._read(_ERROR).items():
            for entry in entries:
                if entry.get("type") == _ERROR:
                    yield path.removeprefix("/"), str(entry.get("data"))

    @cached_property
    def _metadata(self) -> dict[str, list[dict[str, Any]]]:
        return {path.removeprefix("/"): entries for path, entries in self._read("").items()}

    @cached_property
    def assets(self) -> dict[str, str]:
        """File names of the assets of a legacy stack, by the S3 places that parameters name."""
        return {
            _place_of(entry["data"]): entry["data"]["path"]
            for entries in self._metadata.values()
            for entry in entries
            if entry.get("type") == "aws:cdk:asset" and "s3KeyParameter" in entry["data"]
        }

    @cached_property
    def _template_files(self) -> dict[str, str]:
        return {
            path: entry["data"]
            for path, entries in self._metadata.items()
            for entry in entries
            if entry.get("type") == "aws:cdk:templateFile"
        }

    @cached_property
    def _origins(self) -> dict[tuple[str, str], Origin]:
        nested = {nested_stack_path(path) for path in self._metadata}
        stacks = {self._stack, *self._template_files, *nested}
        origins = {}
        for path, entries in self._metadata.items():
            for entry in entries:
                if entry.get("type") == "aws:cdk:logicalId":
                    origins[_stack_of(path, stacks), entry["data"]] = Origin(path, _source(entries))
        return origins


def _place_of(asset: dict[str, Any]) -> str:
    """Return bucket and key of an asset; one parameter holds both halves of the key."""
    key = f"${{{asset['s3KeyParameter']}}}"
    return f"${{{asset['s3BucketParameter']}}}/{key}{key}"


def nested_stack_path(resource_path: str | None) -> str | None:
    """Return the path of the nested stack that a resource makes, by the resource's construct path."""
    match = _NESTED.fullmatch(resource_path or "")
    return f"{match[1] or ''}{match[2]}" if match else None


def _stack_of(path: str, stacks: set[str | None]) -> str:
    above = path
    while "/" in above:
        above = above.rpartition("/")[0]
        if above in stacks:
            return above
    return path.partition("/")[0]


def _source(entries: list[dict[str, Any]]) -> str | None:
    frames = [
        frame
        for entry in entries
        for frame in (
            entry.get("trace") or (entry["data"] if entry.get("type") == "aws:cdk:creationStack" else ())
        )
    ]
    for frame in frames:
        match = _FRAME.search(frame)
        if match and is_of_the_app(match[1]):
            return f"{relative(match[1])}:{match[2]}"
    return None


# Text, as one finding asks this for each resource of its stack and a Path takes twenty times as long.


def is_of_the_app(file: str) -> bool:
    """Return whether a Python file belongs to the app: not to an installed package or to Python."""
    return not (any(folder in file for folder in _INSTALLED) or file.startswith(_NOT_THE_APP))


def relative(file: str) -> str:
    """Return a file's path below the working folder, else its name: no message shows a machine's path."""
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118
    return file.removeprefix(here) if file.startswith(here) else os.path.basename(file)  # noqa: PTH119
