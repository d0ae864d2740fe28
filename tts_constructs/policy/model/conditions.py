"""What conditions say of parameters: in a branch where a condition holds, the others are ruled out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DEEPEST = 4
_MOST_PARTS = 10
_MOST_STEPS = 100_000
"""Conditions that name each other could multiply; what is not read says nothing."""

_LONGEST_PATTERN = 1_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What holds of a parameter where a condition turns out in one way.

    Args:
        condition: The name of the condition.
        choice: Which branch of `Fn::If` is meant: 0 where the condition holds, 1 where it does not.
        literal: What the parameter is compared with.
        equal: Whether the parameter has this value there; else it has another.
    """

    condition: str
    choice: int
    literal: str
    equal: bool

    def admits(self, value: Any) -> bool:
        """Return whether a parameter can have a value there."""
        return (str(value) == self.literal) is self.equal


def comparisons(conditions: Any) -> dict[str, tuple[Comparison, ...]]:
    """Return what the conditions of a template say of its parameters, by parameter."""
    found: dict[str, list[Comparison]] = {}
    if not isinstance(conditions, dict):
        return {}
    read = _Reader(conditions)
    for name, raw in conditions.items():
        for choice in (0, 1):
            for parameter, literal, equal in read.implied(raw, choice == 0):
                found.setdefault(parameter, []).append(Comparison(name, choice, literal, equal))
    return {parameter: tuple(held) for parameter, held in found.items()}


_Said = Iterator[tuple[str, str, bool]]


class _Reader:
    def __init__(self, conditions: dict[str, Any]) -> None:
        self._conditions = conditions
        self._steps = 0

    def implied(self, raw: Any, holds: bool, depth: int = 0) -> _Said:
        """Yield parameters with a literal that each has, or has not, where a condition holds or does not."""
        self._steps += 1
        if not (isinstance(raw, dict) and len(raw) == 1) or depth > _DEEPEST or self._steps > _MOST_STEPS:
            return
        ((function, argument),) = raw.items()
        if function == "Condition" and isinstance(argument, str):
            yield from self.implied(self._conditions.get(argument), holds, depth + 1)
        elif function == "Fn::Equals":
            yield from _compared(argument, holds)
        elif function == "Fn::Not" and isinstance(argument, list) and len(argument) == 1:
            yield from self.implied(argument[0], not holds, depth + 1)
        elif function == ("Fn::And" if holds else "Fn::Or") and isinstance(argument, list):
            for part in argument[:_MOST_PARTS]:
                yield from self.implied(part, holds, depth + 1)


def _compared(argument: Any, equal: bool) -> _Said:
    if not (isinstance(argument, list) and len(argument) == 2):
        return
    for one, other in (argument, argument[::-1]):
        name = one.get("Ref") if isinstance(one, dict) and len(one) == 1 else None
        if isinstance(name, str) and isinstance(other, str | int):
            yield name, str(other), equal


def takes_empty(parameter: dict[str, Any]) -> bool:
    """Return whether a parameter can be empty, by its type, its least length, and its pattern."""
    kind = str(parameter.get("Type"))
    if kind.startswith("AWS::") and not kind.startswith("AWS::SSM::Parameter::Value"):
        return False
    least = str(parameter.get("MinLength", 0)).strip()
    if least.isdecimal() and int(least) > 0:
        return False
    pattern = parameter.get("AllowedPattern")
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.fullmatch(pattern, "") is not None
    except (re.error, OverflowError, RecursionError):
        return True
