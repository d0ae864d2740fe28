"""Fingerprints of values in templates: another value, also one behind a reference, has another one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Stack

_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_DECIDING = ("Type", "Default", "AllowedValues")
"""Keys that decide the value of a parameter; its description does not."""


class Name(NamedTuple):
    """The name of a parameter, mapping, or condition of a stack."""

    stack: Stack
    section: str
    name: str

    def __str__(self) -> str:
        return f"{self.section} {self.name}"


class Fingerprints:
    """The fingerprints of one assembly; what many findings share is read once.

    A fingerprint covers the value, and the parameters, mappings, and conditions that decide it. References
    are followed to the end, also to what the parent of a nested stack gives to its parameters. A reference to
    a resource is not followed: which resource it is, its logical id says.
    """

    def __init__(self, _: Assembly) -> None:
        self._known: dict[tuple[int, Stack | None], tuple[Any, str]] = {}
        self._digests: dict[Name, str] = {}
        self._begun: set[Name] = set()

    def of(self, body: Mapping[str, Any], location: str, stack: Stack | None = None) -> str:
        """Return the fingerprint of the value at a place.

        Args:
            body: The resource that has the value, or the template.
            location: The place, such as `Properties/Tags/0`.
            stack: The stack whose names the value may refer to; None: references are not followed.
        """
        value = value_at(body, location)
        key = id(value), stack
        if key not in self._known:
            text = json.dumps(value, sort_keys=True, default=str)
            if stack and (digests := self._digests_of(names_in(value, stack))):
                text += json.dumps(digests, sort_keys=True)
            self._known[key] = value, _digest(text)  # the value is kept, so that its id stays its own
        return self._known[key][1]

    def _digests_of(self, names: Iterable[Name]) -> dict[str, str]:
        """Return a digest of all that decides each name; names first on which others depend."""
        wanted = list(names)
        waiting = list(wanted)
        while waiting:
            name = waiting[-1]
            if name in self._digests:
                waiting.pop()
                continue
            content, below = _content(name)
            self._begun.add(name)  # conditions in a circle, which AWS refuses, must not wait for each other
            if unread := [one for one in below if one not in self._digests and one not in self._begun]:
                waiting += unread
                continue
            deciding = {str(one): self._digests.get(one, "") for one in below}
            self._digests[name] = _digest(json.dumps([content, deciding], sort_keys=True, default=str))
        return {str(name): self._digests[name] for name in wanted}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content(name: Name) -> tuple[Any, list[Name]]:
    """Return what a template says of a name, and the names that it refers to."""
    stack = name.stack
    content = _section(stack, name.section)[name.name]
    if name.section == "Parameters" and isinstance(content, dict):
        given, giver = stack.given.get(name.name, (None, None))
        deciding = {"given": given, **{part: content.get(part) for part in _DECIDING}}
        return deciding, list(names_in(given, giver or stack))
    return content, list(names_in(content, stack)) if name.section == "Conditions" else []


def names_in(value: Any, stack: Stack) -> Iterator[Name]:
    """Yield the parameters, mappings, and conditions of a stack that a value refers to; without recursion."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            for section, name in _reference(value):
                if _section(stack, section).get(name) is not None:
                    yield Name(stack, section, name)


def _reference(value: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield the section and name of each reference that a map itself is."""
    if len(value) != 1:
        return
    ((function, argument),) = value.items()
    first = argument[0] if isinstance(argument, list) and argument else argument
    if not isinstance(first, str):
        return
    if function == "Ref":
        yield "Parameters", first
    elif function == "Condition" or function == "Fn::If":
        yield "Conditions", first
    elif function == "Fn::FindInMap":
        yield "Mappings", first
    elif function == "Fn::Sub":
        yield from (("Parameters", name) for name in _IN_TEXT.findall(first))


def _section(stack: Stack, name: str) -> dict[str, Any]:
    section = stack.body.get(name)
    return section if isinstance(section, dict) else {}


def value_at(body: Any, location: str) -> Any:
    """Return the raw value at a place, or None if there is none or the place is the whole resource.

    In a list of maps it is the whole map: whether an address is wrong depends on the port beside it.
    """
    parts = location.split("/")
    if len(parts) < 2:
        return None
    value, item = body, None
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
            item = value if isinstance(value, dict) else item
        else:
            return item or (value if _is_function(value) else None)
    return item or value


def _is_function(value: Any) -> bool:
    """Return whether a CloudFormation function decides the values below."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))
