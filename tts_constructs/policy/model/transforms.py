"""Expands `Fn::ForEach` of AWS::LanguageExtensions where its list is literal."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

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


def expand(body: dict[str, Any], given: Collection[str] = ()) -> dict[str, Any]:
    """Return the template with its loops expanded; a loop whose list is not literal stays unchanged.

    Args:
        body: The template.
        given: Names of parameters whose values differ from their defaults.
    """
    if LANGUAGE_EXTENSIONS not in names_of(body.get("Transform")):
        return body
    loops = _Loops(body.get("Parameters"), given)
    expanded: dict[str, Any] = loops.expand(body, {})
    return expanded


class _Loops:
    def __init__(self, parameters: Any, given: Collection[str]) -> None:
        declared = parameters if isinstance(parameters, dict) else {}
        self._parameters = {name: declared[name] for name in declared if name not in given}
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
        values = self._values(self.expand(loop[1], bound))
        if values is None or self._copies + len(values) > _MAX_COPIES:
            return None
        self._copies += len(values)
        copies: dict[str, Any] = {}
        for value in values:
            copies.update(self.expand(loop[2], {**bound, loop[0]: value}))
        return copies

    def _values(self, raw: Any) -> list[str] | None:
        if isinstance(raw, dict) and len(raw) == 1 and "Ref" in raw:
            parameter = self._parameters.get(raw["Ref"]) if isinstance(raw["Ref"], str) else None
            default = parameter.get("Default") if isinstance(parameter, dict) else None
            if isinstance(default, str) and isinstance(parameter, dict) and "AllowedValues" not in parameter:
                return [item.strip() for item in default.split(",")]
            return None
        if isinstance(raw, list) and all(isinstance(item, str | int) for item in raw):
            return [str(item) for item in raw]
        return None


def _substituted(text: str, bound: dict[str, str]) -> str:
    for name, value in bound.items():
        text = text.replace(f"${{{name}}}", value)
        text = text.replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
