"""A place in a template, as a rule reads it."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tts_constructs.policy.model.branches import MAX_RUNS
from tts_constructs.policy.model.intrinsics import MOST_DECIDED_ALONE, decide_together, fold, is_call
from tts_constructs.policy.model.transforms import TRANSFORM, makes_entries
from tts_constructs.policy.model.values import (
    ABSENT,
    Parameter,
    Reference,
    Text,
    Unknown,
    Value,
    literal_text,
    name_key,
    show,
    stands_for_another,
)
from tts_constructs.policy.result import Level, Result

if TYPE_CHECKING:
    from tts_constructs.policy.model.stack import Resource, Stack


T = TypeVar("T")


TOO_MANY_WAYS = Result(
    "unknown",
    "",
    f"This depends on more than {MAX_RUNS} combinations of conditions, so it can't be evaluated. "
    "Use fewer conditions in one resource.",
)
"""The message for when not all ways in which a template can turn out were tried."""


class UnknownValue(Exception):
    """A rule read a value that cannot be decided before deployment, or that CloudFormation would refuse."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result


def _outcome(compute: Callable[[Node], T], node: Node) -> T | UnknownValue:
    try:
        return compute(node)
    except UnknownValue as undecided:
        return undecided


@dataclass(frozen=True, slots=True)
class _ByName:
    """The key function of an index by a name, such as `BucketName`; equal for equal properties."""

    name: str

    def __call__(self, resource: Resource) -> list[Hashable]:
        node = resource[self.name]
        key = node.name_key() or node.text()
        return [key] if key else []


_KNOWN_LATER = (Reference, Text)
_OPEN = (Unknown, Reference, Text)


class Node:
    """A place in a template. `node["Key"]` and `node[0]` go deeper; `value` is ABSENT if nothing is there."""

    __slots__ = ("_key", "_parent", "resource", "stack", "value")

    def __init__(
        self, resource: Resource, stack: Stack, parent: Node | None, key: str | int, value: Value
    ) -> None:
        self.resource = resource
        self.stack = stack
        self.value = value
        self._parent = parent
        self._key = key

    @classmethod
    def of(cls, resource: Resource, name: str, raw: Any) -> Node:
        """Return the node of a resource's top level."""
        value, stack = fold(raw, resource.stack)
        return cls(resource, stack, None, name, value)

    def __repr__(self) -> str:
        return f"<Node {self.resource.logical_id} {self.location}: {show(self.value)}>"

    @property
    def location(self) -> str:
        """Path of the place in its resource, such as `Properties/Listeners/0/Protocol`."""
        return f"{self._parent.location}/{self._key}" if self._parent else str(self._key)

    @property
    def key(self) -> str | int:
        """The last part of `location`: a key of a map, or a position in a list."""
        return self._key

    @property
    def shown(self) -> str:
        """The value for a message: itself, "not set", "a map"."""
        return show(self.value)

    def __getitem__(self, key: str | int) -> Node:
        container = self.value
        if type(container) is dict:
            raw = container.get(key, ABSENT)
            if raw is ABSENT:
                raw = self._what_may_be_here(container)
        elif type(container) is list and type(key) is int:
            raw = container[key] if key < len(container) else ABSENT
        elif container is ABSENT or isinstance(container, Unknown):
            raw = container
        elif isinstance(container, _KNOWN_LATER):
            raw = Unknown(f"what {show(container)} is")
        else:
            raise self._refused("a map" if type(key) is str else "a list")
        # Nothing else can be folded.
        if (type(raw) is str and "{{" in raw) or (type(raw) is dict and len(raw) == 1):
            value, stack = fold(raw, self.stack)
            return Node(self.resource, stack, self, key, value)
        return Node(self.resource, self.stack, self, key, raw)

    def __contains__(self, key: str) -> bool:
        """Return whether the map here may have a key."""
        container = self.value
        return (
            type(container) is not dict
            or key in container
            or self.stack.may_transform
            or isinstance(container.get(TRANSFORM), Unknown)
        )

    def _what_may_be_here(self, container: dict[str, Any]) -> Value:
        """Return what a key that a map does not state holds: it is unknown if there may be more entries."""
        more = container.get(TRANSFORM)
        if isinstance(more, Unknown):  # in a text
            return more
        if self.stack.may_transform and any(map(makes_entries, container)):
            return Unknown("what a transform puts here")
        return ABSENT

    def holding(self, value: Value) -> Node:
        """Return this place with another value, such as the content of a text that is parsed."""
        return Node(self.resource, self.stack, self._parent, self._key, value)

    def cached(self, compute: Callable[[Node], T]) -> T:
        """Return the result of `compute` for this place, computed once unless it depends on a choice.

        Raises:
            UnknownValue: `compute` raised it; that too is found out once.
        """
        kept = self.stack.assembly.kept
        key = (compute, self.resource, id(self.value))
        if key not in kept:
            outcome, is_fixed = self.stack.assembly.explorer.run_once(lambda: _outcome(compute, self))
            if not is_fixed:
                return compute(self)
            kept[key] = (self.value, outcome)  # the value is kept alive, so its id is not reused
        outcome = kept[key][1]
        if isinstance(outcome, UnknownValue):
            raise UnknownValue(outcome.result)
        return cast("T", outcome)

    def at(self, path: str) -> Node:
        """Return the node at a path of map keys, such as `LaunchTemplateData/MetadataOptions`."""
        node = self
        for key in path.split("/"):
            node = node[key]
        return node

    def find_all(self, path: str) -> Iterator[Node]:
        """Yield the nodes at a path with wildcards, such as `Users/*/Password`.

        Args:
            path: Map keys; `*` means each item of a list, or each entry of a map.

        Raises:
            UnknownValue: A list or map on the way is not known.
        """
        first, star, rest = path.partition("*")
        start = self.at(first.strip("/")) if first else self
        if not star:
            yield start
            return
        held = [entry for _, entry in start.entries()] if isinstance(start.value, dict) else start.items()
        for entry in held:
            yield from entry.find_all(rest)

    @property
    def exists(self) -> bool:
        """True if a value is here, known or not."""
        return self.value is not ABSENT

    @property
    def is_unknown(self) -> bool:
        """True if the value here cannot be decided before deployment."""
        return isinstance(self.value, Unknown)

    def text(self) -> str | None:
        """Return the text here, trimmed, or None if there is none.

        Raises:
            UnknownValue: It is not literal, or not a text.
        """
        value = self.value
        if type(value) is str:
            return value.strip()
        value = self._decided()
        if value is ABSENT:
            return None
        text = literal_text(value)
        if isinstance(text, Unknown):
            raise self._refused("a text")
        return text.strip()

    def number(self) -> float | None:
        """Return the number here, in any spelling, or None if there is none.

        Raises:
            UnknownValue: It is not literal, or not a number.
        """
        value = self._decided()
        if value is ABSENT:
            return None
        try:
            if not isinstance(value, bool) and isinstance(value, str | int | float):
                number = float(value)
                if math.isfinite(number):
                    return number
        except (ValueError, OverflowError):
            pass
        raise self._refused("a number")

    def boolean(self) -> bool | None:
        """Return the boolean here, in any spelling, or None if there is none.

        Raises:
            UnknownValue: It is not literal, or not a boolean.
        """
        value = self._decided()
        if value is ABSENT:
            return None
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        raise self._refused("true or false")

    def items(self) -> list[Node]:
        """Return the items of the list here, without AWS::NoValue; empty if there is no list.

        A single value counts as a list of one, as CloudFormation reads it.

        Raises:
            UnknownValue: The list itself is not known.
        """
        if isinstance(self.value, list):
            self._decide_items(self.value)
        nodes = [read() for read in self.readers()]
        return [node for node in nodes if node.exists]

    def readers(self, *, entries: bool = False) -> list[Callable[[], Node]]:
        """Return a function for each item of a list, which reads the item and makes its choices.

        A single value counts as a list of one. What is read can turn out not to exist.

        Args:
            entries: Whether a map means its entries.

        Raises:
            UnknownValue: The list itself is not known.
        """
        value = self.value
        if value is ABSENT:
            return []
        if isinstance(value, Unknown):
            raise self._undecided(value)
        if isinstance(value, list):
            return [partial(self.__getitem__, position) for position in range(len(value))]
        if isinstance(value, dict) and entries:
            return [partial(self.__getitem__, key) for key in value]
        return [lambda: self]

    def _decide_items(self, items: list[Any]) -> None:
        """Decide together which items of a long list of optional items are there; see `decide_together`."""
        if len(items) > MOST_DECIDED_ALONE:
            choices = [item["Fn::If"] for item in items if is_call(item) and "Fn::If" in item]
            names = [choice[0] for choice in choices if isinstance(choice, list) and choice]
            decide_together(names, self.stack)

    def values(self) -> list[Value]:
        """Return the values of `items()`; an unknown value is kept in the list.

        Raises:
            UnknownValue: The list itself is not known.
        """
        value = self.value
        if type(value) is not list:
            return [item.value for item in self.items()]
        stack = self.stack
        self._decide_items(value)
        return [found for found in [fold(raw, stack)[0] for raw in value] if found is not ABSENT]

    def texts(self) -> list[str]:
        """Return the texts of `items()`, trimmed.

        Raises:
            UnknownValue: The list itself is not known, or an item is not literal or not a text.
        """
        value = self.value
        if type(value) is str:
            return [value.strip()]
        return [item.text() or "" for item in self.items()]

    def entries(self) -> list[tuple[str, Node]]:
        """Return keys and nodes of the map here, without AWS::NoValue; empty if there is no map.

        Raises:
            UnknownValue: The map is not known, or the value is not a map.
        """
        value = self.value
        if value is ABSENT:
            return []
        if not isinstance(value, dict):
            raise self._undecided(value) if isinstance(value, Unknown) else self._refused("a map")
        nodes = [(key, self[key]) for key in value]
        return [(key, node) for key, node in nodes if node.exists]

    def names_something(self) -> bool:
        """Return whether a name, an id, or an ARN is here; an empty text names nothing.

        Raises:
            UnknownValue: The value here cannot be decided.
        """
        if isinstance(self.value, _KNOWN_LATER) or (isinstance(self.value, Parameter) and self.value.filled):
            return True
        return bool(self.text())

    def reference(self) -> Reference | None:
        """Return the reference here, or None for a literal or nothing.

        Raises:
            UnknownValue: The value here cannot be decided.
        """
        if isinstance(self.value, Unknown):
            raise self._undecided(self.value)
        return self.value if isinstance(self.value, Reference) else None

    def referred(self) -> Resource | None:
        """Return the resource that is referred to here, or None for a literal or nothing.

        Raises:
            UnknownValue: It cannot be decided: a custom resource or another stack may answer with any.
        """
        reference = self.reference()
        if reference and stands_for_another(reference):
            raise self._undecided(reference)
        return reference.resource if reference else None

    def name_key(self) -> Hashable:
        """Return a key for what is named here, equal for equal expressions in one stack; see `name_key`."""
        return name_key(self.value, self.resource.stack)

    def identity(self) -> Hashable:
        """Return what is named here: the resource that is referred to, or else a key for the name.

        Raises:
            UnknownValue: It cannot be decided.
        """
        if isinstance(self.value, Reference):
            return self.referred()
        return self.name_key() or self.text()

    def target(self, *types: str, name: str | None = None) -> Resource | None:
        """Return the resource of the app that this place refers to or names; None: it is plainly no such one.

        Args:
            types: Types that count; empty: all.
            name: Property that names a resource of these types, such as `BucketName`.

        Raises:
            UnknownValue: The value here cannot be decided.
        """
        key = self.name_key() if name else None
        if name and key:
            index = self.stack.assembly.index(_ByName(name), *types)
            found = self.stack.nearest(index[key])
            if found:
                return found
        if not types:
            reference = self.reference()
            return reference.resource if reference else None
        resource = self.referred()
        if not name and isinstance(self.value, Text) and isinstance(self.value.parts[0], Unknown):
            raise self._undecided(self.value)
        return resource if resource and resource.type in types else None

    def plain(self) -> Value:
        """Return the whole value here, completely folded."""
        value = self.value
        if type(value) is dict:
            return {key: self[key].plain() for key in value if self[key].exists}
        if type(value) is list:
            return [node.plain() for node in self.items()]
        return value

    def strings(self) -> Iterator[tuple[str, Node]]:
        """Yield each text below this place with its node; `${…}` marks a part that is not known."""
        value = self.value
        if type(value) is dict:
            for key in value:
                yield from self[key].strings()
        elif type(value) is list:
            for node in self.items():
                yield from node.strings()
        elif isinstance(value, str | Text):
            yield str(value), self

    def violation(
        self,
        message: str,
        *,
        fix: str | None = None,
        at_most: Level | None = None,
        template_fix: str | None = None,
    ) -> Result:
        """Return the result that this place breaks the rule."""
        return Result("violation", self.location, message, fix, at_most, template_fix)

    def unknown(
        self,
        message: str,
        *,
        fix: str | None = None,
        at_most: Level | None = None,
        template_fix: str | None = None,
    ) -> Result:
        """Return the result that the rule cannot be decided here."""
        return Result("unknown", self.location, message, fix, at_most, template_fix)

    def _decided(self) -> Value:
        value = self.value
        if isinstance(value, _OPEN):
            raise self._undecided(value)
        return value

    def _undecided(self, value: Unknown | Reference | Text) -> UnknownValue:
        if isinstance(value, Unknown):
            reason, remedy = value.reason, value.remedy
        elif isinstance(value, Text) and (unknown := value.unknown):
            reason, remedy = unknown.reason, unknown.remedy
        else:
            reason, remedy = f"{show(value)}, which is known at deployment only", "Write the value itself."
        message = f"{self._key} can't be evaluated before deployment: it depends on {reason}. {remedy}"
        return UnknownValue(Result("unknown", self.location, message))

    def _refused(self, expected: str) -> UnknownValue:
        message = (
            f"{self._key} is {show(self.value)} where {expected} belongs; CloudFormation would refuse it."
        )
        return UnknownValue(Result("unknown", self.location, message))
