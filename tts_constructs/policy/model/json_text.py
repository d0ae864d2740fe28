"""JSON in a text, such as a policy that `Fn::Sub` or `Fn::Join` writes; parts that are not known stay so."""

from __future__ import annotations

import json
import re
from typing import Any

from tts_constructs.policy.model.intrinsics import is_call
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.transforms import TRANSFORM
from tts_constructs.policy.model.values import Reference, Text, Unknown, Value, concatenate

_START, _END = "\ue000", "\ue001"
"""Surround the number of a part that is not literal, in characters that no document has."""

_MARK = re.compile(f"{_START}(\\d+){_END}")
_HAS_MARK = re.compile(f"{_START}|\\\\u[eE]000")
_SIGN = re.compile(r'\\.|["{}\[\],:]|[^\s"{}\[\],:\\]+', re.DOTALL)

_Parts = tuple[str | Reference | Unknown, ...]


def parsed(document: Node) -> Node:
    """Return the place of a document with its content; text that isn't JSON, and a map, stay as they are.

    A part that is not literal stays itself: in quotes for a piece of that text, elsewhere for a value.
    """
    value = document.value
    if not isinstance(value, str | Text):
        return document
    content = parse_json(value)
    return document if isinstance(content, Unknown) else document.holding(content)


def parse_json(text: str | Text) -> Value:
    """Return what a JSON text holds, or Unknown if it is no JSON.

    A key that a map states twice has an unknown value, since readers differ in which one counts.
    """
    parts: _Parts = text.parts if isinstance(text, Text) else (text,)
    if any(isinstance(part, str) and _HAS_MARK.search(part) for part in parts):
        return Unknown("text that isn't JSON")
    try:
        return _with_parts(json.loads(_with_marks(parts), object_pairs_hook=_map), parts)
    except (ValueError, RecursionError):
        return Unknown("text that isn't JSON")


def _map(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                found[key] = Unknown(f"the key {key}, which is stated twice", "State it once.")
            seen.add(key)
    return found


def _with_marks(parts: _Parts) -> str:
    """Return a JSON text with a mark for each part that is not literal, in quotes where no text is open."""
    pieces: list[str] = []
    place = _Place()
    for number, part in enumerate(parts):
        if isinstance(part, str):
            pieces.append(part)
            place.read(part)
        else:
            mark = f"{_START}{number}{_END}"
            after = parts[number + 1] if number + 1 < len(parts) else ""
            pieces.append(mark if place.is_in_text else place.filled(mark, after))
    return "".join(pieces)


class _Place:
    """Where the next part of a JSON text is: in a text, in a map, or in a list."""

    def __init__(self) -> None:
        self.is_in_text = False
        self._around: list[str] = []
        self._before = ""

    def read(self, text: str) -> None:
        """Go on to the end of a piece of the text."""
        for found in _SIGN.finditer(text):
            sign = found[0]
            if self.is_in_text:
                self.is_in_text = sign != '"'
            elif sign == '"':
                self.is_in_text = True
            elif sign in {"{", "["}:
                self._around.append(sign)
            elif sign in {"}", "]"} and self._around:
                self._around.pop()
            self._before = sign[-1]

    def filled(self, mark: str, after: Any) -> str:
        """Return a mark as a value, or as entries of a map, with the commas that it may bring."""
        following = after.lstrip()[:1] if isinstance(after, str) else ""
        is_entry = self._around[-1:] == ["{"] and self._before != ":" and following != ":"
        start = ", " if self._before in tuple('"}]') else ""
        end = ", " if following in tuple('"{[') else ""
        return f'{start}"{mark}": null{end}' if is_entry else f'{start}"{mark}"{end}'


def _with_parts(value: Any, parts: _Parts) -> Value:
    """Return parsed JSON with the parts in place of their marks; in a key, as they are shown."""
    if isinstance(value, dict):
        if is_call(value):  # it would be folded, as if the template stated it
            return Unknown("a function in a text, which CloudFormation does not evaluate")
        return dict(_entry(key, held, parts) for key, held in value.items())
    if isinstance(value, list):
        return [_with_parts(held, parts) for held in value]
    return _part(value, parts) if isinstance(value, str) else value


def _entry(key: str, held: Any, parts: _Parts) -> tuple[str, Value]:
    if held is None and _MARK.fullmatch(key):  # entries that are not known, as where a transform puts some
        return TRANSFORM, Unknown("a part of a text that is not known")
    return _shown(_part(key, parts)), _with_parts(held, parts)


def _shown(key: Value) -> str:
    return "${…}" if isinstance(key, Unknown) else str(key)


def _part(text: str, parts: _Parts) -> Value:
    if _START not in text:
        return text
    pieces = _MARK.split(text)
    return concatenate([piece if at % 2 == 0 else parts[int(piece)] for at, piece in enumerate(pieces)])
