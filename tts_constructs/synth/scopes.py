"""The scopes of an app's guardrails: the parts that they judge, and the environments that they state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from constructs import IConstruct

from tts_constructs.policy.engine.environments import Guardrails
from tts_constructs.policy.engine.judge import strictest
from tts_constructs.policy.model.origin import ACKNOWLEDGED
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.suppressions.acknowledgments import Acknowledgment
from tts_constructs.system_metadata import Environment


@dataclass(frozen=True)
class Scope:
    """One `TtsGuardrails` of the app.

    Args:
        aspect: The Aspect, to recognize where it was added; None: the whole app, which needs no Aspect.
        first_visited: The first construct that it visited.
        environment: Environment that it states for the stacks below.
        minimum: True if nothing below may be laxer than `environment`.
    """

    aspect: object | None
    first_visited: IConstruct
    environment: Environment | None
    minimum: bool


@dataclass(frozen=True)
class _GuardedScope:
    path: str
    scope: Scope

    def holds(self, path: str) -> bool:
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


@dataclass(frozen=True)
class GuardedScopes:
    """The parts of an app that are judged.

    Args:
        areas: Paths, each with the guardrails that apply below it, the outermost first.
        everything: True if everything is judged, wherever the guardrails are.
    """

    areas: tuple[_GuardedScope, ...]
    everything: bool

    def cover(self, stack: Stack, resource: Resource | None) -> bool:
        """Returns True if a resource, or (None) the stack itself, is judged."""
        if self.everything or any(area.holds(stack.name) for area in self.areas):
            return True
        path = resource.origin.construct_path if resource else None
        return path is not None and any(area.holds(path) for area in self.areas)

    def guardrails(self, stack: Stack) -> Guardrails:
        """Returns what the guardrails above a stack, or else those inside it, state about its environment."""
        path = stack.outermost.name
        above = [area.scope for area in self.areas if area.holds(path)]
        inside = [area.scope for area in self.areas if _GuardedScope(path, area.scope).holds(area.path)]
        stated = [scope.environment for scope in above if scope.environment]
        minimum = [scope.environment for scope in above if scope.minimum and scope.environment]
        within = [scope.environment for scope in inside if scope.environment]
        return Guardrails(environment=stated[-1] if stated else strictest(within), minimum=strictest(minimum))


class ConstructTree:
    """The constructs from the app down to its stacks.

    It gets each from the CDK once, because every call costs as much as judging several resources.

    Args:
        root: The app.
        stack_paths: Paths of the stacks that the CDK asks about.
    """

    def __init__(self, root: IConstruct, stack_paths: Sequence[str]) -> None:
        self._stack_paths = stack_paths
        self._known: dict[str, IConstruct | None] = {"": root}

    def holders(self) -> Iterator[IConstruct]:
        """Yields the app, its stages, and other constructs that contain stacks."""
        paths = {"": None} | {path: None for stack in self._stack_paths for path in _above(stack)}
        yield from filter(None, map(self._at, paths))

    def stacks(self) -> Iterator[IConstruct]:
        """Yields the stacks."""
        yield from filter(None, map(self._at, self._stack_paths))

    def _at(self, path: str) -> IConstruct | None:
        if path not in self._known:
            above, _, name = path.rpartition("/")
            holder = self._at(above)
            self._known[path] = holder.node.try_find_child(name) if holder else None
        return self._known[path]


def areas_of(scopes: Sequence[Scope], tree: ConstructTree, *, everything: bool) -> GuardedScopes:
    """Finds where guardrails were added.

    An Aspect doesn't know which scopes it was added to. So this asks the likely ones: the app, its stages and
    stacks, and the first construct that was visited.
    """
    of_app = tuple(_GuardedScope("", scope) for scope in scopes if scope.aspect is None)
    scopes = [scope for scope in scopes if scope.aspect is not None]
    if everything and not any(scope.environment for scope in scopes):
        return GuardedScopes(of_app, everything)
    candidates = [*tree.holders(), *tree.stacks(), *(scope.first_visited for scope in scopes)]
    found = {
        (construct.node.path, scope)
        for construct in candidates
        for aspect in cdk.Aspects.of(construct).all
        for scope in scopes
        if aspect is scope.aspect
    }
    areas = sorted((_GuardedScope(path, scope) for path, scope in found), key=lambda area: len(area.path))
    return GuardedScopes((*of_app, *areas), everything)


def acknowledged_above_stacks(tree: ConstructTree) -> Iterator[Acknowledgment]:
    """Yields the acknowledgments of the app, its stages and others above stacks, which no file has."""
    for construct in tree.holders():
        if not isinstance(construct, cdk.Stack):
            for entry in construct.node.metadata:
                if entry.type == ACKNOWLEDGED:
                    yield from ((construct.node.path, rule_id) for rule_id in entry.data)


def _above(path: str) -> Iterator[str]:
    """Yields the paths above a path, the longest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
