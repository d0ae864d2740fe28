"""Expands what transforms make: loops whose lists are in the template, and resources of AWS::Serverless."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tts_constructs.policy.model.intrinsics import reachable
from tts_constructs.policy.model.serverless import SERVERLESS, write_out
from tts_constructs.policy.model.values import Pseudo, Unknown, Value

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
TRANSFORM = "Fn::Transform"
_FOR_EACH = "Fn::ForEach::"
_MAX_COPIES = 10_000


def names_of(transform: Any) -> list[str]:
    """Return the names of the transforms in a template's `Transform`."""
    if transform is None:
        return []
    items = transform if isinstance(transform, list) else [transform]
    names = [item.get("Name") if isinstance(item, dict) else item for item in items]
    return [name if isinstance(name, str) else "one without a name" for name in names]


def makes_entries(key: str) -> bool:
    """Return whether a map key is that of a transform or loop, which puts other entries in its place."""
    return key == TRANSFORM or key.startswith(_FOR_EACH)


_NOTHING_KNOWN: Mapping[str, str | None] = {}


def expand(
    body: dict[str, Any], given: Collection[str] = (), known: Mapping[str, str | None] = _NOTHING_KNOWN
) -> dict[str, Any]:
    """Return the template with its loops expanded, and with what AWS::Serverless resources state.

    A loop whose list cannot be told stays unchanged.

    A loop over a parameter or a mapping is expanded for each item of each list that it can have. A resource
    of an item that only some of them have gets a condition, unless it has one.

    Args:
        body: The template.
        given: Names of parameters whose values differ from their defaults.
        known: Values of pseudo parameters, such as `AWS::Region`.
    """
    transforms = names_of(body.get("Transform"))
    if LANGUAGE_EXTENSIONS in transforms:
        loops = _Loops(body, given, known)
        body = loops.expand(body, {})
    return write_out(body) if SERVERLESS in transforms else body


@dataclass(frozen=True)
class _Items:
    """The items that a list can have, and those that it always has."""

    all: tuple[str, ...]
    certain: frozenset[str]

    @classmethod
    def of_any(cls, lists: list[list[str]]) -> _Items:
        """Return the items of a list that is one of several."""
        every = tuple(dict.fromkeys(item for one in lists for item in one))
        if len(lists) == 1:
            every = tuple(lists[0])
        return cls(every, frozenset(every).intersection(*lists))


class _Loops:
    def __init__(self, body: dict[str, Any], given: Collection[str], known: Mapping[str, str | None]) -> None:
        declared = body.get("Parameters")
        declared = declared if isinstance(declared, dict) else {}
        self._parameters = {name: declared[name] for name in declared if name not in given}
        self._mappings = body.get("Mappings")
        self._known = known
        self._copies = 0

    def expand(self, raw: Any, bound: dict[str, str]) -> Any:
        if isinstance(raw, list):
            return [self.expand(item, bound) for item in raw]
        if isinstance(raw, str):
            return _substituted(raw, bound)
        if not isinstance(raw, dict):
            return raw
        if bound and len(raw) == 1 and raw.get("Ref") in tuple(bound):
            return bound[raw["Ref"]]
        result: dict[str, Any] = {}
        for key, value in raw.items():
            copies = self._loop(value, bound) if str(key).startswith(_FOR_EACH) else None
            if copies is None:
                result[_substituted(str(key), bound)] = self.expand(value, bound)
            else:
                result.update(copies)
        return result

    def _loop(self, loop: Any, bound: dict[str, str]) -> dict[str, Any] | None:
        if not (
            isinstance(loop, list)
            and len(loop) == 3
            and isinstance(loop[0], str)
            and isinstance(loop[2], dict)
        ):
            return None
        items = self._items(self.expand(loop[1], bound))
        if items is None or self._copies + len(items.all) > _MAX_COPIES:
            return None
        self._copies += len(items.all)
        copies: dict[str, Any] = {}
        for item in items.all:
            copy = self.expand(loop[2], {**bound, loop[0]: item})
            if item not in items.certain:
                copy = {key: _sometimes(made, f"{loop[0]} is {item}") for key, made in copy.items()}
            copies.update(copy)
        return copies

    def _items(self, raw: Any) -> _Items | None:
        """Return the items of a loop's list, or None if they cannot be told."""
        if not isinstance(raw, list):
            lists = self._lists(raw)
            return _Items.of_any(lists) if lists else None
        parts: list[_Items] = []
        for item in raw:
            if item == {"Ref": "AWS::NoValue"}:
                continue
            if isinstance(item, str | int):
                parts.append(_Items.of_any([[str(item)]]))
            elif lists := self._lists(item):
                parts.append(_Items.of_any(lists))
            else:
                return None
        every = tuple(item for part in parts for item in part.all)
        return _Items(every, frozenset().union(*(part.certain for part in parts)))

    def _lists(self, call: Any) -> list[list[str]]:
        """Return the lists that a call can give; none if that cannot be told."""
        if not (isinstance(call, dict) and len(call) == 1):
            return []
        ((name, argument),) = call.items()
        if name == "Ref":
            known = self._known.get(argument) if isinstance(argument, str) else None
            texts = [known] if known else self._texts(argument)
            return [[item.strip() for item in text.split(",") if item] for text in texts]
        if name == "Fn::Split" and isinstance(argument, list) and len(argument) == 2:
            return [text.split(str(argument[0])) for text in self._split(argument[1]) if argument[0]]
        if name == "Fn::FindInMap":
            return self._mapped(argument)
        return []

    def _texts(self, name: Any) -> list[str]:
        """Return the texts that a parameter can have: its default and its allowed values."""
        parameter = self._parameters.get(name) if isinstance(name, str) else None
        if not isinstance(parameter, dict):
            return []
        allowed = parameter.get("AllowedValues", [])
        options = [parameter["Default"]] if "Default" in parameter else []
        options += allowed if isinstance(allowed, list) else [allowed]
        return options if all(isinstance(option, str) for option in options) else []

    def _split(self, source: Any) -> list[str]:
        """Return the texts that are split: a literal, or those that a parameter can have."""
        if isinstance(source, str):
            return [source]
        return self._texts(source.get("Ref")) if isinstance(source, dict) and len(source) == 1 else []

    def _mapped(self, argument: Any) -> list[list[str]]:
        if not (isinstance(argument, list) and len(argument) in {3, 4}):
            return []
        entries = [self._mappings]
        for part in argument[:3]:
            keys = self._keys(part)
            entries = [
                level[name]
                for level in entries
                if isinstance(level, dict)
                for key in keys
                for name in reachable(level, key)
            ]
        lists = [_listed(entry) for entry in entries]
        return [one for one in lists if one is not None] if None not in lists else []

    def _keys(self, raw: Any) -> list[Value]:
        """Return what a key of a mapping can be; Unknown: any key."""
        if isinstance(raw, str | int):
            return [raw]
        name = raw.get("Ref") if isinstance(raw, dict) and len(raw) == 1 else None
        if isinstance(name, str) and name.startswith("AWS::"):
            known = self._known.get(name)
            return [Pseudo(name, name=name) if known is None else known]
        return self._texts(name) or [Unknown("a key")]


def _listed(entry: Any) -> list[str] | None:
    """Return the items of an entry of a mapping, or None if it isn't a list of texts and numbers."""
    items = entry if isinstance(entry, list) else [entry]
    return [str(item) for item in items] if all(isinstance(item, str | int) for item in items) else None


def _sometimes(made: Any, condition: str) -> Any:
    """Return what a loop makes with a condition, if it is a resource that has none."""
    if isinstance(made, dict) and "Type" in made:
        return {"Condition": condition, **made}
    return made


def _substituted(text: str, bound: dict[str, str]) -> str:
    for name, value in bound.items():
        text = text.replace(f"${{{name}}}", value)
        text = text.replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
