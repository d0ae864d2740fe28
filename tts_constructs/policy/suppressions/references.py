"""Finds what a value of a template refers to: the parameters, mappings, and conditions that decide it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tts_constructs.policy.model.stack import Stack

_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_DECIDING = ("Type", "Default", "AllowedValues")
"""What decides the value of a parameter; its description does not."""


def referred(value: Any, stack: Stack) -> dict[str, Any]:
    """Return the content of all parameters, mappings, and conditions that decide a value, by a name of each.

    References are followed to the end, also to what the parent of a nested stack gives to its parameters. A
    reference to a resource is not followed: which resource it is, its logical id says.

    Args:
        value: A value of the stack's template, as written.
        stack: The stack.
    """
    found: dict[str, Any] = {}
    waiting = [(value, stack)]
    while waiting:
        value, stack = waiting.pop()
        if isinstance(value, list):
            waiting += [(item, stack) for item in value]
        elif isinstance(value, dict):
            waiting += [(item, stack) for item in value.values()]
            for section, name in _names(value):
                content = _section(stack, section).get(name)
                key = f"{stack.name} {section} {name}"
                if content is None or key in found:
                    continue
                if section == "Parameters" and isinstance(content, dict):
                    given, giver = stack.given.get(name, (None, None))
                    content = {"given": given, **{part: content.get(part) for part in _DECIDING}}
                    waiting.append((given, giver or stack))
                found[key] = content
                if section == "Conditions":
                    waiting.append((content, stack))
    return found


def _names(value: dict[Any, Any]) -> Iterator[tuple[str, str]]:
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
