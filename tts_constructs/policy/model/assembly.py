"""All stacks that are judged together, and how they are connected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_constructs.files import Files
from tts_constructs.policy.model.branches import BranchExplorer
from tts_constructs.policy.model.intrinsics import fold
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.stack import H, K, Resource, Stack, T, assumed_by

if TYPE_CHECKING:
    from tts_constructs.policy.settings.model import Settings


@dataclass
class Lookups:
    """Context lookups: results by key (`cdk.context.json`), and lookups that are missing by the manifest."""

    recorded: Mapping[str, Any] = field(default_factory=dict)
    missing: list[Mapping[str, Any]] = field(default_factory=list)


class Assembly:
    """Everything that is judged together: the stacks of all stages with their nested stacks.

    Args:
        settings: Settings of the organization.
        lookups: Context lookups, recorded and missing.
        synthesizing: The app is being synthesized, so that a lookup may still be pending.
        in_ci: This runs in continuous integration, so the judged templates will be deployed.

    Attributes:
        stacks: The stacks, each before those that are nested in it.
        nested_stacks: How many of them are nested.
        resources_below: How many resources are nested in each deployed stack.
        alike: Nested stacks by everything that decides how they turn out.
        folders: The cloud assemblies that were read.
        files: The files that they were read from.
    """

    def __init__(
        self,
        settings: Settings,
        lookups: Lookups | None = None,
        *,
        synthesizing: bool = False,
        in_ci: bool = False,
    ) -> None:
        self.settings = settings
        self.lookups = lookups or Lookups()
        self.synthesizing = synthesizing
        self.in_ci = in_ci
        self.stacks: list[Stack] = []
        self.nested_stacks = 0
        self.resources_below = Counter[Stack]()
        self.alike: dict[Hashable, Stack] = {}
        self.folders: list[Path] = []
        self.files = Files()
        self.explorer = BranchExplorer()
        self._by_type: dict[str, list[Resource]] | None = None
        self._indexes: dict[tuple[Key, tuple[str, ...]], Index] = {}
        self._computed: dict[Callable[[Assembly], Any], Any] = {}
        self._in_any_way: dict[tuple[Callable[..., Any], Hashable], tuple[tuple[Any, ...], bool]] = {}
        self.kept: dict[Hashable, tuple[Any, Any]] = {}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield all resources of these types."""
        if self._by_type is None:
            self._by_type = {}
            for stack in self.stacks:
                for resource in stack.resources.values():
                    self._by_type.setdefault(resource.type, []).append(resource)
        for name in types:
            yield from self._by_type.get(name, ())

    def index(self, by: Key, *types: str) -> Index:
        """Return an index of resources of these types by a key; built once for each assembly.

        Args:
            by: Yields the keys of a resource, such as the resources that it refers to.
            types: Types of the resources to look at.
        """
        index = self._indexes.get((by, types))
        if index is None:
            index = self._indexes[by, types] = Index(self, by, types)
        return index

    def exports(self, importer: Stack, name: str) -> list[tuple[Stack, Any]]:
        """Return the stacks that export this name where `importer` is deployed, with the raw value.

        Stages can hold the same stacks for the same place; then only those in the importer's stage count.
        """
        place = (importer.account, importer.region)
        found = [
            (stack, raw)
            for stack, raw in self.cached(_exports).get(name, ())
            if (stack.account, stack.region) == place
        ]
        beside = [(stack, raw) for stack, raw in found if stack.stage == importer.stage]
        return beside or found

    def stacks_named(
        self, reader: Stack, name: str, region: str | None, *, other_account: bool = False
    ) -> list[Stack]:
        """Return the stacks of this name in a region, in the account of `reader` or in another account.

        Stages can hold the same stacks for the same place; then only those in the reader's stage count.
        """
        found = [
            stack
            for stack in self.cached(_by_name).get(name, ())
            if stack.region == region and (other_account or stack.account == reader.account)
        ]
        beside = [stack for stack in found if stack.stage == reader.stage]
        return beside or found

    def cached(self, compute: Callable[[Assembly], T]) -> T:
        """Return the result of a module-level function for the assembly, computed once."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        computed: T = self._computed[compute]
        return computed

    def in_any_way(self, compute: Callable[[Assembly, K], H], key: K) -> tuple[tuple[H, ...], bool]:
        """Return the results of a module-level function for a key, over all ways the templates can turn out.

        It is computed once, apart from the current run. If many resources share what the key names, reading
        it again for each of them would take quadratic time.

        Returns:
            The distinct results, and whether all ways were tried.
        """
        known = self._in_any_way.get((compute, key))
        if known is None:
            results, complete = self.explorer.run_all(lambda: compute(self, key))
            known = self._in_any_way[compute, key] = tuple(dict.fromkeys(results)), complete
        return known


def _by_name(assembly: Assembly) -> dict[str, list[Stack]]:
    named: dict[str, list[Stack]] = {}
    for stack in assembly.stacks:
        if stack.stack_name is not None and stack.parent is None:
            named.setdefault(stack.stack_name, []).append(stack)
    return named


def _exports(assembly: Assembly) -> dict[str, list[tuple[Stack, Any]]]:
    exports: dict[str, list[tuple[Stack, Any]]] = {}
    for stack in assembly.stacks:
        outputs = stack.body.get("Outputs")
        for output in outputs.values() if isinstance(outputs, dict) else ():
            export = output.get("Export") if isinstance(output, dict) else None
            if isinstance(export, dict):
                name, _ = fold(export.get("Name"), stack)
                if isinstance(name, str):
                    exports.setdefault(name, []).append((stack, output.get("Value")))
    return exports


Key = Callable[[Resource], Iterable[Hashable]]


class Index:
    """Resources by a key that is read from each of them.

    Attributes:
        undecided: Resources with a key that cannot be decided before deployment.
    """

    def __init__(self, assembly: Assembly, by: Key, types: tuple[str, ...]) -> None:
        self._by = by
        self._candidates: dict[Hashable, list[Resource]] = {}
        self._chosen: set[Resource] = set()
        self.undecided: list[Resource] = []
        for resource in assembly.of_type(*types):
            results, complete = assembly.explorer.run_all(partial(self._keys, resource), assumed_by(resource))
            if not complete or not all(decided for _, decided in results):
                self.undecided.append(resource)
            if len(results) > 1:
                self._chosen.add(resource)
            for key in dict.fromkeys(key for keys, _ in results for key in keys):
                self._candidates.setdefault(key, []).append(resource)

    def __getitem__(self, key: object) -> list[Resource]:
        """Return the resources that have this key in the current run."""
        if isinstance(key, dict | list):  # where CloudFormation accepts a name
            return []
        return [
            resource
            for resource in self._candidates.get(key, ())
            if resource not in self._chosen or key in self._keys(resource)[0]
        ]

    def __contains__(self, key: object) -> bool:
        return bool(self[key])

    def in_any_way(self, key: Hashable) -> list[Resource]:
        """Return the resources that have this key in any way in which the templates can turn out."""
        return self._candidates.get(key, [])

    def _keys(self, resource: Resource) -> tuple[list[Hashable], bool]:
        """Return the known keys of a resource, and whether all are known."""
        keys: list[Any] = []
        decided = True
        try:
            for key in self._by(resource):
                keys.append(key)  # noqa: PERF402 - keeps the keys before an undecided one
        except UnknownValue:
            decided = False
        return [key for key in keys if not isinstance(key, dict | list)], decided
