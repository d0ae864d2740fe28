"""Every text of a template, with its name, and whether it must be a secret.

A template is walked as it is written. Each value is folded by itself, in each way in which it can turn out.
So the number of optional items in a resource doesn't matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tts_constructs.policy.model.intrinsics import fold, is_call
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.model.values import ABSENT, Text, Unknown, Value
from tts_constructs.policy.rules.sec._programs import command_of, is_kept_elsewhere, pair

Tree = Mapping[str, Any]
"""Properties that hold secrets, key by key; an empty map is such a property itself."""

_NO_PROPERTY: Tree = {"": None}

_HOLD_NAMES = frozenset(
    {
        "AirflowConfigurationOptions", "BodyParameters", "ConfigurationProperties", "ConnectionProperties",
        "ConnectorConfiguration", "CustomHeaders", "DefaultArguments", "Env", "Environment",
        "EnvironmentVariables", "HeaderParameters", "Headers", "NonOverridableArguments", "OptionSettings",
        "Options", "OriginCustomHeaders", "ParameterOverrides", "ProviderDetails", "QueryStringParameters",
        "RequestParameters", "ResponseParameters", "RuntimeEnvironmentVariables", "StageVariables",
        "Variables",
    }
)  # fmt: skip
"""Properties whose keys, or whose items with name and value, are names that somebody chose."""

_CODE = frozenset({"ZipFile", "InlineCode", "FunctionCode", "Script", "Code", "Definition"})
"""Properties that hold the code of a function, or a schema."""

_PROSE = frozenset(
    {
        "Description", "Comment", "ConstraintDescription", "AllowedPattern", "Pattern", "EmailMessage",
        "EmailSubject", "SmsMessage", "SMSMessage", "SmsVerificationMessage", "Message", "AlarmDescription",
        "GroupDescription", "FilterPattern", "description", "Documentation", "ErrorMessage", "Text",
        "LabelTemplate", "Reason", "Regex", "RegexString", "RegularExpressionList", "reason",
    }
)  # fmt: skip
"""Properties that people read, or that texts are compared with: only shapes count there."""

_SHORT_CALLS = frozenset(
    {"Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::GetAZs", "Fn::Cidr", "Fn::GetStackOutput"}
)
"""Functions whose value holds no text of the template, other than that of a parameter."""

_PLAIN = (str, int, float)
_VALUES = frozenset({"Value", "ParameterValue", "HeaderValue", "value"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a template.

    Args:
        stack: The stack whose template holds what is here.
        location: Its path, such as `Properties/UserData`.
        key: The last key of the path.
        name: The name under which a value is kept, which somebody chose; None: it has none.
        names: How many levels below hold such names; a large number: all.
        secrets: The properties below that hold secrets, by the tables; empty: this is one.
        is_code: Whether it is the code of a function.
        is_prose: Whether only shapes of secrets count here.
    """

    stack: Stack
    location: str
    key: str
    name: str | None = None
    names: int = 0
    secrets: Tree = field(default_factory=lambda: _NO_PROPERTY)
    is_code: bool = False
    is_prose: bool = False

    @property
    def must_be_secret(self) -> bool:
        """True if the tables say that this property holds a secret; a single value is a list of one."""
        return not self.secrets or (len(self.secrets) == 1 and self.secrets.get("*") == {})

    @property
    def may_hold_secrets(self) -> bool:
        """True if the tables say that a secret is here or below."""
        return self.secrets is not _NO_PROPERTY

    def below(self, key: str) -> Place:
        """Return the place of an entry of the map here."""
        return Place(
            self.stack,
            f"{self.location}/{key}",
            key,
            key if self.names > 0 else None,
            max(self.names - 1, 1 if key in _HOLD_NAMES else 0),
            self._secrets_at(key),
            key in _CODE,
            self.is_prose or key in _PROSE,
        )

    def item(self, position: int) -> Place:
        """Return the place of an item of the list here."""
        secrets = self.secrets.get("*", _NO_PROPERTY) if self.secrets else self.secrets
        return replace(self, location=f"{self.location}/{position}", key=str(position), secrets=secrets)

    def _secrets_at(self, key: str) -> Tree:
        found: Tree | None = self.secrets.get(key)
        return self.secrets.get("*", _NO_PROPERTY) if found is None else found


ALL_LEVELS = 1_000


def tree_of(paths: tuple[str, ...]) -> Tree:
    """Return paths such as `Users/*/Password` as a tree of their keys."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for key in path.split("/"):
            node = node.setdefault(key, {})
    return tree or _NO_PROPERTY


def values_at(raw: Any, place: Place) -> Iterator[tuple[Place, Value]]:
    """Yield each value below a place: a text, a number, a reference, or what is not known."""
    if type(raw) is str:
        if "{{" in raw:
            yield from _folded(raw, place)
        else:
            yield place, raw
    elif type(raw) is dict:
        if is_call(raw):
            yield from _folded(raw, place)
        else:
            yield from _entries(raw, place)
    elif type(raw) is list:
        yield from _items(raw, place)
    elif isinstance(raw, _PLAIN) and not isinstance(raw, bool) and (place.name or place.must_be_secret):
        yield place, str(raw)


def _entries(raw: dict[str, Any], place: Place) -> Iterator[tuple[Place, Value]]:
    named = pair(raw) if place.names > 0 else None
    if place.names > 0 and is_kept_elsewhere(raw):
        return
    for key, value in raw.items():
        below = place.below(str(key))
        if named and key in _VALUES:
            is_secret = str(raw.get("IsValueSecret")).lower() == "true"
            below = replace(below, name=named[0], secrets={} if is_secret else below.secrets)
        elif key == "Values" and isinstance(raw.get("HttpHeaderName"), str):
            below = replace(below, name=raw["HttpHeaderName"])
        elif key == "SearchString" and isinstance(raw.get("FieldToMatch"), dict):
            header = raw["FieldToMatch"].get("SingleHeader")
            name = header.get("Name", header.get("name")) if isinstance(header, dict) else None
            below = replace(below, name=name if isinstance(name, str) else None)
        yield from values_at(value, below)


def _items(raw: list[Any], place: Place) -> Iterator[tuple[Place, Value]]:
    for position, item in enumerate(raw):
        yield from values_at(item, place.item(position))
    if command := command_of([item if type(item) is str else "${…}" for item in raw]):
        yield replace(place, name=None, secrets=_NO_PROPERTY), command


def _folded(raw: Any, place: Place) -> Iterator[tuple[Place, Value]]:
    matters = place.name is not None or place.may_hold_secrets or place.names > 0
    if type(raw) is dict and not matters and next(iter(raw)) in _SHORT_CALLS:
        return
    stack = place.stack
    ways, complete = stack.assembly.explorer.run_all(lambda: fold(raw, stack))
    is_open = not complete
    for value, owner in ways:
        there = place if owner is stack else replace(place, stack=owner)
        if value is ABSENT:
            continue
        if isinstance(value, dict | list):
            if value is not raw:
                yield from values_at(value, there)
        else:
            is_open |= isinstance(value, Unknown)
            yield (
                there,
                value if isinstance(value, Unknown | Text) or not isinstance(value, _PLAIN) else str(value),
            )
    if is_open and type(raw) is dict:
        yield from _written(raw, replace(place, secrets=_NO_PROPERTY))


def _written(raw: dict[str, Any], place: Place) -> Iterator[tuple[Place, Value]]:
    """Yield the texts in a call whose value is not known."""
    (argument,) = raw.values()
    waiting = [argument]
    while waiting:
        held = waiting.pop()
        if type(held) is str:
            yield replace(place, name=None), held
        elif type(held) is list:
            waiting.extend(held)
        elif type(held) is dict:
            if is_call(held):
                waiting.extend(held.values())
            else:
                yield from _entries(held, replace(place, names=ALL_LEVELS))
