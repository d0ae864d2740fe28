"""Parses YAML event by event: keeps lines for messages and never recurses."""

from __future__ import annotations

from typing import Any, NoReturn

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from tts_constructs.errors import InputError
from tts_constructs.files import Malformed
from tts_constructs.policy.loading.parser import MAX_ALIASED_NODES, MAX_DEPTH, TOO_DEEP

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FUNCTIONS = frozenset(
    {
        "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap",
        "GetAZs", "GetAtt", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll",
        "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
    }
)  # fmt: skip
_TAG = "tag:yaml.org,2002:"
_MAX_DIGITS = 1_000
"""Python refuses to print a number with many more digits; a longer one is kept as text."""
_RESOLVER = Resolver()
_SCALARS = SafeConstructor()


def parse_yaml(text: str, name: str) -> Any:
    """Return the data in a YAML text.

    Raises:
        Malformed: It is not YAML; the message has the line.
        InputError: It holds what could fool the judge.
    """
    try:
        return _Builder(name).build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Malformed(name, [f"{where}not valid YAML ({error.problem or error.context})"]) from None
    except yaml.YAMLError as error:
        raise Malformed(name, [f"not valid YAML ({error})"]) from None


class _Frame:
    """A map or list that is being read."""

    def __init__(self, event: CollectionStartEvent, container: dict[str, Any] | list[Any]) -> None:
        self.event = event
        self.container = container
        self.key: str | None = None
        self.size = 1


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._frames: list[_Frame] = []
        self._documents = 0
        self._result: Any = None

    def build(self, events: Any) -> Any:
        for event in events:
            if isinstance(event, ScalarEvent):
                self._add(event, self._scalar(event), 1)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._open(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                frame = self._frames.pop()
                self._add(frame.event, frame.container, frame.size)
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    fault = "a second document begins; a template is one document"
                    raise Malformed(self._name, [f"{_position(event)}: {fault}"])
        return self._result

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self._frames) >= MAX_DEPTH:
            self._fault(event, TOO_DEEP)
        self._frames.append(_Frame(event, {} if isinstance(event, MappingStartEvent) else []))

    def _alias(self, event: AliasEvent) -> None:
        if event.anchor not in self._anchors:
            self._fault(event, f"the alias *{event.anchor} is used before its anchor is complete")
        value, size = self._anchors[event.anchor]
        self._place(event, value, size)

    def _add(self, event: Any, value: Any, size: int) -> None:
        value = self._tagged(event, value)
        if event.anchor:
            self._anchors[event.anchor] = (value, size)
        self._place(event, value, size)

    def _place(self, event: Any, value: Any, size: int) -> None:
        if not self._frames:
            self._result = value
            return
        frame = self._frames[-1]
        frame.size += size
        if frame.size > MAX_ALIASED_NODES:
            self._fault(event, "aliases multiply into more than a template can hold")
        if isinstance(frame.container, list):
            frame.container.append(value)
        elif frame.key is None:
            frame.key = self._key(event, value, frame.container)
        elif frame.key == "<<" and isinstance(value, dict):
            for key, inherited in value.items():
                frame.container.setdefault(key, inherited)
            frame.key = None
        else:
            frame.container[frame.key] = value
            frame.key = None

    def _key(self, event: Any, value: Any, container: dict[str, Any]) -> str:
        if isinstance(value, dict | list):
            self._fault(event, "a map or a list is where a key belongs")
        key = event.value if isinstance(event, ScalarEvent) else str(value)
        if key in container and key != "<<":
            self._fault(event, f"the key {key!r} is written twice in one map; only one can count")
        return str(key)

    def _tagged(self, event: Any, value: Any) -> Any:
        tag = event.tag
        if not tag or tag.startswith(_TAG) or tag == "!":
            return value
        function = tag.lstrip("!")
        if function in {"Ref", "Condition"}:
            return {function: value}
        if function not in _FUNCTIONS:
            self._fault(event, f"the tag {tag} is not one of CloudFormation's")
        if function == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {f"Fn::{function}": value}

    def _scalar(self, event: ScalarEvent) -> Any:
        plain = event.implicit[0] and not (event.tag and not event.tag.startswith(_TAG))
        if not plain:
            return event.value
        tag = _RESOLVER.resolve(ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call] # PyYAML has no types here
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool":
            return _SCALARS.construct_yaml_bool(ScalarNode(tag, event.value))
        if tag in {f"{_TAG}int", f"{_TAG}float"} and not _is_written_as_text(event.value):
            return _number(tag, event.value)
        return event.value

    def _fault(self, event: Any, message: str) -> NoReturn:
        raise InputError(self._name, [f"{_position(event)}: {message}"])


def _position(event: Any) -> str:
    return f"line {event.start_mark.line + 1}, column {event.start_mark.column + 1}"


def _is_written_as_text(text: str) -> bool:
    """Return whether a number is meant as text: a leading zero (account id) or a colon (base 60)."""
    digits = text.lstrip("+-")
    return ":" in text or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit())


def _number(tag: str, text: str) -> int | float | str:
    if len(text) > _MAX_DIGITS:
        return text
    node = ScalarNode(tag, text)
    try:
        return (
            _SCALARS.construct_yaml_int(node) if tag.endswith("int") else _SCALARS.construct_yaml_float(node)
        )
    except ValueError:
        return text
