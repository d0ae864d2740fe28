"""Patterns of construct paths: `*` matches a segment or part of one, `**` any number of segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import cached_property

_ANY = "**"
_NAMELESS = frozenset({"Resource", "Default"})
"""Ids that the CDK gives the resource in its own constructs: nearly every path ends this way."""

_COMMON = frozenset(
    {
        "ASG", "AccessLogs", "Attachment", "Bucket", "Cluster", "CustomResourceProvider", "DefaultPolicy",
        "DefaultRoute", "EIP", "ExecutionRole", "Function", "Handler", "IGW", "InlinePolicy",
        "InstanceProfile", "InstanceRole", "InstanceSecurityGroup", "Key", "LaunchConfig", "LaunchTemplate",
        "Listener", "LoadBalancer", "LogGroup", "LogRetention", "NATGateway", "Policy", "Provider", "Queue",
        "Role", "RouteTable", "RouteTableAssociation", "Secret", "SecurityGroup", "Service", "ServiceRole",
        "Subnet", "SubnetGroup", "Subnets", "Table", "TargetGroup", "TaskDef", "TaskRole", "Topic", "VPCGW",
        "Vpc",
    }
)  # fmt: skip
"""Ids that constructs of the CDK give their parts, and names of kinds of resources: many paths hold them."""


class Pattern:
    """A pattern of construct paths, or of `<stack>/<logical id>`.

    Args:
        text: Segments between slashes.
    """

    def __init__(self, text: str) -> None:
        self.segments = text.strip().split("/")

    @property
    def fault(self) -> str | None:
        """The fault of the pattern, or None if it has none."""
        return _fault_of(self.segments)

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches a path."""
        return len(self.segments) in self._after(path)

    def can_match_in(self, stack: str) -> bool:
        """Return whether the pattern can match a stack or anything below it."""
        return bool(self._after(stack))

    def ends_of(self, stacks: Iterable[str]) -> frozenset[int]:
        """Return the positions in the pattern at which the paths of stacks can end."""
        return frozenset(end for stack in stacks for end in self._after(stack))

    def is_broad(self, stacks: Iterable[str]) -> bool:
        """Return whether no segment without a wildcard names anything below a stack.

        Args:
            stacks: Paths of the stacks that it can match. Without any, its first segment counts as a stack.
        """
        return self.is_broad_after(self.ends_of(stacks))

    def is_broad_after(self, ends: frozenset[int]) -> bool:
        """Return whether no segment without a wildcard names anything after the end of a stack's path."""
        if not any("*" in segment for segment in self.segments):
            return False
        return any(not self._names_something_from(end) for end in ends or {1})

    def _names_something_from(self, position: int) -> bool:
        start = min(position, len(self.segments) - 1)
        return any(self._names_something(place) for place in range(start, len(self.segments)))

    def _names_something(self, place: int) -> bool:
        """Return whether a segment names a construct; a common id does so only at a written place."""
        segment = self.segments[place]
        if "*" in segment or segment in _NAMELESS:
            return False
        if segment not in _COMMON:
            return True
        before = self.segments[:place]
        return _ANY not in before and any(
            "*" not in one and (one not in _COMMON | _NAMELESS or position == 0)
            for position, one in enumerate(before)
        )

    def _after(self, path: str) -> set[int]:
        """Return the positions in the pattern that reading a path can reach, as in an automaton."""
        positions = set(self._skipping(0))
        for segment in path.split("/"):
            positions = {
                end
                for position in positions
                if position < len(self.segments) and self._fits(position, segment)
                for end in self._skipping(position if self.segments[position] == _ANY else position + 1)
            }
        return positions

    def _skipping(self, position: int) -> Iterator[int]:
        """Yield a position, and those after it that `**` reaches without reading a segment."""
        yield position
        while position < len(self.segments) and self.segments[position] == _ANY:
            position += 1
            yield position

    def _fits(self, position: int, segment: str) -> bool:
        written = self.segments[position]
        if "*" not in written:
            return written == segment
        return written == _ANY or self._expressions[position].match(segment) is not None

    @cached_property
    def _expressions(self) -> list[re.Pattern[str]]:
        return [_expression(segment) for segment in self.segments]


class PatternTree:
    """Patterns by their segments, so that a path is compared with all of them at once."""

    def __init__(self) -> None:
        self._ends: list[int] = []
        self._next: dict[str, PatternTree] = {}
        self._wild: dict[str, tuple[re.Pattern[str], PatternTree]] = {}
        self._any: PatternTree | None = None
        self._is_any = False

    def add(self, pattern: Pattern, value: int) -> None:
        """Add a pattern, with the value that `matching` returns for it."""
        tree = self
        for segment in pattern.segments:
            tree = tree._after(segment)
        tree._ends.append(value)

    def matching(self, path: str) -> list[int]:
        """Return the values of the patterns that match a path."""
        trees = dict.fromkeys(self._skipping())
        for segment in path.split("/"):
            trees = dict.fromkeys(
                skipped
                for tree in trees
                for reached in tree._reading(segment)
                for skipped in reached._skipping()
            )
        return [value for tree in trees for value in tree._ends]

    def _after(self, segment: str) -> PatternTree:
        if segment == _ANY:
            if self._any is None:
                self._any = PatternTree()
                self._any._is_any = True
            return self._any
        if "*" in segment:
            return self._wild.setdefault(segment, (_expression(segment), PatternTree()))[1]
        return self._next.setdefault(segment, PatternTree())

    def _skipping(self) -> Iterator[PatternTree]:
        """Yield the tree, and those after it that `**` reaches without reading a segment."""
        tree: PatternTree | None = self
        while tree:
            yield tree
            tree = tree._any

    def _reading(self, segment: str) -> Iterator[PatternTree]:
        """Yield the trees that reading a segment reaches."""
        if self._is_any:
            yield self
        if literal := self._next.get(segment):
            yield literal
        yield from (tree for expression, tree in self._wild.values() if expression.match(segment))


def _fault_of(segments: list[str]) -> str | None:
    if len(segments) > 1 and not all(segments):
        return "has an empty segment; write it without a slash at its beginning or end"
    if any(_ANY in segment and segment != _ANY for segment in segments):
        return "holds ** beside other characters; write it alone between slashes"
    return None


def _expression(segment: str) -> re.Pattern[str]:
    """Return a regular expression for a segment; only `*` is a wildcard, not the others of fnmatch."""
    return re.compile(translate(re.sub(r"([?\[])", r"[\1]", segment)))
