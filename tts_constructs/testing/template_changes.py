"""How the values of two templates differ: not at all, perhaps, or surely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from tts_constructs.policy.aws.create_only import update_behaviors

MISSING = object()
"""The value of a property that isn't stated."""

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
_KEEPS_DIFFERENCES = ("Fn::Join", "Fn::Sub", "Fn::Base64")
"""Functions whose value changes whenever an argument does."""


class Certainty(IntEnum):
    """How sure it is that a value changes."""

    NO = 0
    MAY = 1
    SURE = 2


class Change(NamedTuple):
    """The result of comparing two values.

    Args:
        certainty: How sure it is.
        causes: Logical ids of changed resources that the value refers to.
    """

    certainty: Certainty = Certainty.NO
    causes: frozenset[str] = frozenset()


def together(changes: Iterable[Change]) -> Change:
    """Returns what several changes are as one."""
    changes = list(changes)
    causes: frozenset[str] = frozenset().union(*(change.causes for change in changes))
    return Change(max((change.certainty for change in changes), default=Certainty.NO), causes)


class Reference(NamedTuple):
    """A name that a value mentions.

    Args:
        name: Logical id of a resource, or name of a parameter, condition, or mapping.
        attribute: The attribute of `Fn::GetAtt`; None: another reference.
        decides: Whether the value surely changes with it.
    """

    name: str
    attribute: str | None = None
    decides: bool = True


@dataclass
class Comparison:
    """Compares values of two templates of a stack.

    Args:
        before: The earlier template.
        after: The later template.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    replaced: dict[str, Certainty] = field(default_factory=dict)
    """Resources that are replaced, as far as is known; who compares adds to it."""

    modified: set[str] = field(default_factory=set)
    """Resources whose properties change; who compares adds to it."""

    def __post_init__(self) -> None:
        self.resources: Mapping[str, Any] = self.after.get("Resources") or {}
        self._of_before: Mapping[str, Any] = self.before.get("Resources") or {}
        self.redefined = set(self._redefined())

    def compare(self, before: Any, after: Any) -> Change:
        """Returns how sure it is that a property changes."""
        before, after = _stated(before), _stated(after)
        if before is MISSING or after is MISSING:
            return self._appears(before, after)
        if _function(before) or _function(after):
            return self._compare_functions(before, after)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            parts = [
                self.compare(before.get(key, MISSING), after.get(key, MISSING)) for key in {**before, **after}
            ]
        elif isinstance(before, list) and isinstance(after, list):
            if len(before) != len(after):
                return Change(Certainty.SURE)
            if before != after and sorted(map(repr, before)) == sorted(map(repr, after)):
                return Change(Certainty.MAY)  # the order of some lists means nothing
            parts = list(map(self.compare, before, after))
        else:
            return Change(Certainty.NO if _scalar(before) == _scalar(after) else Certainty.SURE)
        return together(parts)

    def _appears(self, before: Any, after: Any) -> Change:
        if before is after:
            return Change()
        stated = after if before is MISSING else before
        return Change(Certainty.MAY if _function(stated) == "Fn::If" else Certainty.SURE)

    def _compare_functions(self, before: Any, after: Any) -> Change:
        if _normalized(before) == _normalized(after):
            return together(map(self._follows, references(after)))
        return Change(Certainty.SURE if self._are_two_resources(before, after) else Certainty.MAY)

    def _are_two_resources(self, before: Any, after: Any) -> bool:
        if not _function(before) == _function(after) == "Ref":
            return False
        old, new = before["Ref"], after["Ref"]
        named = isinstance(old, str) and isinstance(new, str)
        return named and old in self._of_before and new in self.resources

    def _follows(self, reference: Reference) -> Change:
        """Returns what an unchanged reference says about its value."""
        name, attribute, decides = reference
        certainty = Certainty.NO
        if name in self.redefined:
            certainty = Certainty.MAY
        elif name in self.resources:
            certainty = self.replaced.get(name, Certainty.NO)
            if not self._identifies(name, attribute):
                certainty = Certainty.MAY if certainty or name in self.modified else Certainty.NO
            elif certainty and not decides:
                certainty = Certainty.MAY
        return Change(certainty, frozenset({name}) if certainty else frozenset())

    def _identifies(self, name: str, attribute: str | None) -> bool:
        """Returns whether a resource and no other has this value, as long as it lives."""
        if attribute is None:
            return True
        kind = str(self.resources[name].get("Type"))
        behavior = update_behaviors().get(kind)
        noun = kind.rpartition("::")[2]
        known = behavior is not None and attribute in behavior.identifier
        return known or f"{noun}Id".endswith(attribute) or f"{noun}Arn".endswith(attribute)

    def _redefined(self) -> Iterator[str]:
        """Yields parameters and mappings with another definition, and conditions that may change."""
        for section in ("Parameters", "Mappings", "Conditions"):
            old, new = self.before.get(section) or {}, self.after.get(section) or {}
            yield from (name for name in {**old, **new} if old.get(name) != new.get(name))
        conditions = self.after.get("Conditions") or {}
        known = {
            name for name in conditions if conditions[name] != (self.before.get("Conditions") or {}).get(name)
        }
        while follow := {
            name
            for name, value in conditions.items()
            if name not in known and any(reference.name in known for reference in references(value))
        }:
            known |= follow
            yield from follow


def references(value: Any, *, decides: bool = True) -> Iterator[Reference]:
    """Yields the resources, parameters, conditions and mappings that a value mentions."""
    function = _function(value)
    if function is not None:
        yield from _references_of(function, value[function], decides=decides)
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from references(item, decides=decides)


def _references_of(function: str, argument: Any, *, decides: bool) -> Iterator[Reference]:
    if function in {"Ref", "Condition"} and isinstance(argument, str):
        yield Reference(argument, None, decides)
    elif function == "Fn::GetAtt":
        name, _, attribute = _dotted(argument).partition(".")
        yield Reference(name, attribute, decides)
    elif function == "Fn::Sub":
        yield from _substituted(argument, decides=decides)
    else:
        if function in {"Fn::If", "Fn::FindInMap"} and isinstance(argument, list):
            yield from (
                Reference(name, None, decides=False) for name in argument[:1] if isinstance(name, str)
            )
        yield from references(argument, decides=decides and function in _KEEPS_DIFFERENCES)


def value_at(properties: Any, path: str) -> Any:
    """Returns what a path leads to: a value, a list for each `*`, the function before its end, or MISSING."""
    key, _, rest = path.partition("/")
    properties = _stated(properties)
    if properties is MISSING or _function(properties):
        return properties
    if key == "*":
        if not isinstance(properties, list):
            return MISSING
        found = [value_at(item, rest) if rest else item for item in properties]
        return [value for value in found if value is not MISSING] or MISSING
    if not isinstance(properties, Mapping) or key not in properties:
        return MISSING
    return value_at(properties[key], rest) if rest else properties[key]


def _function(value: Any) -> str | None:
    """Returns the intrinsic function that a value is."""
    if isinstance(value, Mapping) and len(value) == 1:
        (key,) = value
        if key in {"Ref", "Condition"} or str(key).startswith("Fn::"):
            return str(key)
    return None


def _stated(value: Any) -> Any:
    return MISSING if isinstance(value, Mapping) and dict(value) == {"Ref": "AWS::NoValue"} else value


def _scalar(value: Any) -> Any:
    """Returns a scalar as CloudFormation compares it: `80` and `"80"` are the same."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _normalized(value: Any) -> Any:
    """Returns a value with each `Fn::GetAtt` in one form."""
    if _function(value) == "Fn::GetAtt":
        return {"Fn::GetAtt": _dotted(value["Fn::GetAtt"])}
    if isinstance(value, Mapping):
        return {key: _normalized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalized(item) for item in value]
    return _scalar(value)


def _dotted(argument: Any) -> str:
    return ".".join(map(str, argument)) if isinstance(argument, list) else str(argument)


def _substituted(argument: Any, *, decides: bool) -> Iterator[Reference]:
    text, given = argument, dict[str, Any]()
    if isinstance(argument, list) and len(argument) > 1 and isinstance(argument[1], Mapping):
        text, given = argument[0], dict(argument[1])
    for name in _PLACEHOLDER.findall(str(text)):
        if name in given:
            yield from references(given[name], decides=decides)
        else:
            logical_id, _, attribute = name.partition(".")
            yield Reference(logical_id, attribute or None, decides)
