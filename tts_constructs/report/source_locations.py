"""Finds the line of a finding in a team's files: in their Python code, else in the template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in a file.

    Args:
        file: Path from the working folder, with `/`; the name alone of a file that lies elsewhere.
        line: From 1; None where only the file is known.
    """

    file: str
    line: int | None


class SourceLocations:
    """Finds the places of a judgment's findings; counts the lines of a template only for a finding in it."""

    def __init__(self, judgment: Judgment) -> None:
        self._stacks = {name: judged.stack for judged in judgment.stacks for name in judged.names}
        self._lines: dict[str, dict[str, int]] = {}

    def of(self, finding: Finding) -> SourceLocation | None:
        """Returns the line of the app's Python code, else that of the template; None: neither is known."""
        stack = self._stacks.get(finding.stack)
        made_at = stack.origins.made_at(finding.stack) if stack and not finding.logical_id else None
        if source := finding.source or made_at:
            file, _, line = source.rpartition(":")
            return (
                SourceLocation(file, int(line)) if file and line.isdecimal() else SourceLocation(source, None)
            )
        return self._in_template(stack, finding.logical_id) if stack else None

    def _in_template(self, stack: Stack, logical_id: str) -> SourceLocation | None:
        if stack.template_path:
            return SourceLocation(shown(stack.template_path), self._line(stack, logical_id))
        if stack.parent:  # a template within the resource that deploys it
            return self._in_template(stack.parent.stack, stack.parent.logical_id)
        return None

    def _line(self, stack: Stack, logical_id: str) -> int | None:
        if not logical_id or stack.text is None:
            return None
        if stack.name not in self._lines:
            self._lines[stack.name] = lines_of(stack.text)
        return self._lines[stack.name].get(logical_id)


def shown(path: Path) -> str:
    """Shortens a path for a report, which shows nothing of the machine outside the working folder."""
    full, here = path.resolve(), Path.cwd().resolve()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.name


def lines_of(text: str) -> dict[str, int]:
    """Finds the line of each resource in the text of a template that the judge has read, by logical id."""
    start = _after_space(text, int(text.startswith("\ufeff")))
    return _lines_of_json(text, start) if text.startswith("{", start) else _lines_of_yaml(text)


def _lines_of_json(text: str, start: int) -> dict[str, int]:
    lines: dict[str, int] = {}
    for key, _, value in _entries(text, start):
        if key == "Resources":
            line, counted = 1, 0
            for logical_id, position, _ in _entries(text, value):
                line += text.count("\n", counted, position)
                counted = position
                lines[logical_id] = line
    return lines


def _entries(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yields each key of the JSON object that starts here, with its position and that of its value."""
    position = _after_space(text, start + 1)
    while text.startswith('"', position):
        key, end = _DECODER.raw_decode(text, position)
        value = _after_space(text, _after_space(text, end) + 1)
        yield key, position, value
        _, end = _DECODER.raw_decode(text, value)
        position = _after_space(text, _after_space(text, end) + 1)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _lines_of_yaml(text: str) -> dict[str, int]:
    import yaml  # JSON does not need it

    template = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    entries = template.value if isinstance(template, yaml.MappingNode) else []
    return {
        logical_id.value: logical_id.start_mark.line + 1
        for key, resources in entries
        if key.value == "Resources" and isinstance(resources, yaml.MappingNode)
        for logical_id, _ in resources.value
    }
