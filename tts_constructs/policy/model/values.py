"""Values of properties beyond the text, number, boolean, map, or list that a template states."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tts_constructs.policy.model.stack import Resource, Stack


class _Absent(Enum):
    ABSENT = "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent.ABSENT
"""No value at this place of the template, or `AWS::NoValue`."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be decided before deployment.

    Args:
        reason: What it depends on, as part of a sentence: "the parameter Size, which has no default".
        remedy: How to make it decidable, as a sentence.
        steps: What functions take of it, in order: a delimiter splits it, a position (None: not literal)
            selects one of its pieces. Values of different steps are not equal.
    """

    reason: str
    remedy: str = "Write the value itself."
    steps: tuple[str | int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Dynamic(Unknown):
    """A dynamic reference `{{resolve:service:key}}` to `ssm`, `ssm-secure` or `secretsmanager`."""

    service: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SsmParameter(Unknown):
    """The value of the SSM parameter `name`, through a parameter of type `AWS::SSM::Parameter::Value<…>`."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Parameter(Unknown):
    """The value of a parameter that has neither a default nor allowed values.

    Args:
        name: Its logical id.
        hidden: Whether the parameter is `NoEcho`, so its value is not shown.
        filled: Whether its value is known not to be empty.
        is_zone: Whether its type is that of Availability Zones, which are those of the stack's region.
    """

    name: str = ""
    hidden: bool = False
    filled: bool = field(default=False, compare=False)
    is_zone: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Pseudo(Unknown):
    """A pseudo parameter such as `AWS::Region` that is not known here.

    Args:
        name: Its name.
        stack: The stack that it is of, where nested stacks have others: `AWS::StackName`, `AWS::StackId`.
    """

    name: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Imported(Unknown):
    """The value of an export that no stack of the app has, or whose `name` is not literal."""

    name: Any = ""


@dataclass(frozen=True, slots=True)
class Zones(Unknown):
    """The zones of a region (`Fn::GetAZs`), or the zone at a position. `region` is a folded value."""

    region: Any = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource of the app (`attribute` is empty: `Ref`), or its attribute (`Fn::GetAtt`)."""

    resource: Resource
    attribute: str = ""

    def __str__(self) -> str:
        suffix = f".{self.attribute}" if self.attribute else ""
        return f"${{{self.resource.logical_id}{suffix}}}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text with parts that are not literal: at least two parts, and no two adjacent literal ones."""

    parts: tuple[str | Reference | Unknown, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references among the parts."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def unknown(self) -> Unknown | None:
        """The first part that is not known, or None if all others are references."""
        return next((part for part in self.parts if isinstance(part, Unknown)), None)

    def __str__(self) -> str:
        return "".join("${…}" if isinstance(part, Unknown) else str(part) for part in self.parts)


Value = Any
"""A folded value: str, int, float, bool, None, dict, list, ABSENT, Unknown, Reference or Text."""


_MAX_TEXT = 10_000_000
"""The most characters of a text; a few pieces joined again and again could fill the memory."""


def concatenate(values: list[Value]) -> Value:
    """Return folded values as one text: a str if all are literal, else what is known of it."""
    pieces = [
        part if isinstance(part, Unknown | Reference) else literal_text(part)
        for value in values
        for part in (value.parts if isinstance(value, Text) else (value,))
    ]
    if sum(len(piece) for piece in pieces if isinstance(piece, str)) > _MAX_TEXT:
        return Unknown("a text that is longer than any that CloudFormation takes")
    parts: list[str | Reference | Unknown] = []
    for is_text, run in groupby(pieces, key=lambda piece: isinstance(piece, str)):
        found = list(run)
        joined = ["".join(map(str, found))] if is_text else found
        parts += [part for part in joined if part != ""]
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(parts)) if parts else ""


def split(value: str | Text, delimiter: str) -> list[Value] | Unknown:
    """Return the pieces of a text, or Unknown if a part could contain delimiters."""
    pieces: list[list[Value]] = [[]]
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, Unknown):
            return Unknown(f"a list made of a text that holds {part.reason}")
        if isinstance(part, Reference):
            pieces[-1].append(part)
        else:
            first, *others = part.split(delimiter)
            pieces[-1].append(first)
            pieces.extend([other] for other in others)
    return [concatenate(piece) for piece in pieces]


def is_one_value(value: Value) -> bool:
    """Return whether equal values in two places of one stack are one value at deployment."""
    if isinstance(value, Text):
        return all(map(is_one_value, value.parts))
    if isinstance(value, Imported):
        return None not in value.steps and is_one_value(value.name)
    if isinstance(value, Dynamic | Parameter | Pseudo | SsmParameter):
        return None not in value.steps
    return isinstance(value, str | Reference)


def name_key(value: Value, stack: Stack) -> Hashable:
    """Return a key for what a value names, or None if that is not known.

    Keys are equal for equal texts, and for equal expressions in one stack, such as
    `Fn::Sub "${AWS::StackName}-web"`.

    Args:
        value: A folded value.
        stack: The stack whose template states it.
    """
    if isinstance(value, str):
        return value.strip() or None
    return (stack, value) if isinstance(value, Text | Unknown) and is_one_value(value) else None


_ANSWERERS = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack")


def stands_for_another(reference: Reference) -> bool:
    """Return whether a reference can name any resource: what a custom resource or another stack answers."""
    return bool(reference.attribute) and reference.resource.type.startswith(_ANSWERERS)


def after_last(value: str | Text, delimiter: str) -> Value:
    """Return what follows the last delimiter of a text, such as the name in an ARN."""
    parts = value.parts if isinstance(value, Text) else (value,)
    for place in reversed(range(len(parts))):
        part = parts[place]
        if isinstance(part, str) and delimiter in part:
            return concatenate([part.rpartition(delimiter)[2], *parts[place + 1 :]])
    return value


def may_be(text: Text, name: str) -> bool:
    """Return whether a text with unknown parts can be a name, by how it begins and ends."""
    first, last = text.parts[0], text.parts[-1]
    begin = first if isinstance(first, str) else ""
    end = last if isinstance(last, str) else ""
    return len(name) >= len(begin) + len(end) and name.startswith(begin) and name.endswith(end)


def literal_text(value: Value) -> str | Unknown:
    """Return a literal as CloudFormation writes it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return Unknown("something that isn't text, inside text")


def show(value: Value) -> str:
    """Return a value for a message."""
    if value is ABSENT:
        return "not set"
    if isinstance(value, Unknown):
        return f"an unknown value ({value.reason})"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    return str(literal_text(value)) if isinstance(value, bool) else str(value)
