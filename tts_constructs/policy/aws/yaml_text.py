"""YAML in a text, such as the content of an automation document."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from tts_constructs.policy.model.intrinsics import is_call
from tts_constructs.policy.model.values import Unknown, Value

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_YAML = Unknown("a text that is neither JSON nor YAML")
_MAX_DEPTH = 200


def parse_yaml_text(text: str) -> Value:
    """Return what a YAML text holds, or Unknown if it is no YAML, or has aliases or several documents.

    Every scalar is a text. It never recurses.
    """
    try:
        return _built(text)
    except yaml.YAMLError:
        return _NO_YAML


def _built(text: str) -> Value:
    found = _Builder()
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        documents += isinstance(event, DocumentStartEvent)
        if isinstance(event, CollectionEndEvent):
            found.close()
        elif isinstance(event, ScalarEvent):
            found.add(event.value)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            found.open({} if isinstance(event, MappingStartEvent) else [])
        if isinstance(event, AliasEvent) or documents > 1 or found.is_wrong:
            return _NO_YAML
    return found.root[0] if found.root else _NO_YAML


class _Builder:
    """Puts maps, lists and scalars into each other as they are read."""

    def __init__(self) -> None:
        self.root: list[Any] = []
        self.is_wrong = False
        self._open: list[Any] = [self.root]
        self._keys: list[str | None] = [None]

    def open(self, container: dict[str, Any] | list[Any]) -> None:
        self.add(container)
        self._open.append(container)
        self._keys.append(None)
        self.is_wrong |= len(self._open) > _MAX_DEPTH

    def close(self) -> None:
        self._keys.pop()
        if is_call(self._open.pop()):  # it would be folded, as if the template stated it
            last = -1 if isinstance(self._open[-1], list) else next(reversed(self._open[-1]))
            self._open[-1][last] = Unknown("a function in a text, which CloudFormation does not evaluate")

    def add(self, value: Any) -> None:
        holder, key = self._open[-1], self._keys[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif key is not None:
            holder[key] = value
            self._keys[-1] = None
        elif isinstance(value, str) and value not in holder:
            self._keys[-1] = value
        else:
            self.is_wrong = True
