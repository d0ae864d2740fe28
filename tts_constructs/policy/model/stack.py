"""What is judged: an assembly of stacks, each a template with its resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tts_constructs import standards
from tts_constructs.files import Files
from tts_constructs.policy.model.branches import Explorer
from tts_constructs.policy.model.intrinsics import fold, is_call
from tts_constructs.policy.model.node import Node, Undecided
from tts_constructs.policy.model.origin import Origin, Origins
from tts_constructs.policy.model.values import ABSENT
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    from tts_constructs.policy.settings.model import Settings


T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
K = TypeVar("K", bound=Hashable)


class Resource:
    """A resource of a template; `resource["BucketName"]` is one of its properties."""

    __slots__ = ("_computed", "_properties", "body", "logical_id", "stack", "type")

    def __init__(self, stack: Stack, logical_id: str, body: dict[str, Any]) -> None:
        self.stack = stack
        self.logical_id = logical_id
        self.type: str = body["Type"]
        self.body = body
        self._properties: Node | None = None
        self._computed: dict[Callable[[Resource], Any], Any] = {}

    def __getitem__(self, key: str) -> Node:
        return self.properties[key]

    def __repr__(self) -> str:
        return f"<{self.type} {self.stack.name}/{self.logical_id}>"

    @property
    def properties(self) -> Node:
        """The node `Properties`."""
        return self._read_properties() if self._properties is None else self._properties

    def _read_properties(self) -> Node:
        raw = self.body.get("Properties", {})
        node = Node.of(self, "Properties", raw)
        if not is_call(raw):  # what a call comes to can differ from run to run
            self._properties = node
        return node

    def once(self, compute: Callable[[Resource], T]) -> T:
        """What a function of the module level makes of the resource, computed once: nothing with choices."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        computed: T = self._computed[compute]
        return computed

    def attribute(self, name: str) -> Node:
        """A node beside `Properties`: `DeletionPolicy`, `UpdatePolicy`, `Metadata`."""
        return Node.of(self, name, self.body.get(name, ABSENT))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What tools wrote beside the properties; it is no part of what is deployed."""
        metadata = self.body.get("Metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def condition(self) -> str | None:
        """Name of the condition under which the resource is made; None: always."""
        condition = self.body.get("Condition")
        return None if condition is None else str(condition)

    def stands_with(self, other: Resource) -> bool:
        """Whether this resource is there whenever `other` is, as far as their conditions say.

        The conditions of the nested stacks that hold them count too.
        """
        own = self.conditions
        return not own or own <= other.conditions

    @property
    def conditions(self) -> frozenset[tuple[Stack, str]]:
        """The conditions under which the resource is made, with those of the nested stacks that hold it."""
        return _conditions_of(self)

    @property
    def origin(self) -> Origin:
        """Where the resource comes from."""
        return _origin_of(self)


def _conditions_of(resource: Resource) -> frozenset[tuple[Stack, str]]:
    stack = resource.stack
    held = stack.parent.conditions if stack.parent else frozenset()
    return held if resource.condition is None else held | {(stack, resource.condition)}


def _origin_of(resource: Resource) -> Origin:
    known = resource.stack.origins.of(resource.stack.name, resource.logical_id)
    if known.construct_path is None:
        path = resource.metadata.get("aws:cdk:path")
        return Origin(path) if isinstance(path, str) else known
    return known


class Stack:
    """One template, with what is known of the place where it will be deployed.

    Args:
        assembly: All that is judged together.
        name: Construct path or, without a manifest, the file's name less its ending; a nested stack's is
            `<parent>/<logical id>` where its construct path is not known.
        body: The template.
        region, account: None where the template can be deployed anywhere.
        given: Raw values of parameters, each with the stack in whose template it stands; None: a literal.
        parent: The resource that makes this nested stack or StackSet.
        stack_name: What `AWS::StackName` is; None where CloudFormation makes it up.
        termination_protection: As the manifest says; None without a manifest.
        template_path: File of the template.
        origins: Metadata of the stack and its nested stacks.
        may_transform: Whether `Fn::Transform` or `Fn::ForEach` can stand in the template.
        text: The template as it is written; None where it was not read from a file of its own.

    Attributes:
        environment: Where it runs, for what a rule says to write instead; the judge sets it.
        nested: Stacks that resources of this one make, by logical id.
        unread: Why the template of a resource that makes a stack was not read, by logical id.
        twins: Names of further nested stacks that come out like this one, which stands for them.
        hidden: Loops and transforms that stand in place of resources.
    """

    def __init__(
        self,
        assembly: Assembly,
        name: str,
        body: dict[str, Any],
        *,
        region: str | None = None,
        account: str | None = None,
        given: Mapping[str, tuple[Any, Stack | None]] | None = None,
        parent: Resource | None = None,
        stack_name: str | None = None,
        termination_protection: bool | None = None,
        template_path: Path | None = None,
        origins: Origins | None = None,
        may_transform: bool = True,
        text: str | None = None,
    ) -> None:
        self.assembly = assembly
        self.name = name
        self.body = body
        self.region = region
        self.account = account
        self.given = dict(given or {})
        self.parent = parent
        self.stack_name = stack_name
        self.termination_protection = termination_protection
        self.template_path = template_path
        self.resources = {
            logical_id: Resource(self, logical_id, resource)
            for logical_id, resource in body.get("Resources", {}).items()
            if not logical_id.startswith("Fn::")
        }
        self.may_transform = may_transform
        self.text = text
        self.hidden = [name for name in body.get("Resources", {}) if name.startswith("Fn::")]
        self.environment = Environment.PRODUCTION
        self.nested: dict[str, Stack] = {}
        self.unread: dict[str, str] = {}
        self.twins: list[str] = []
        self.origins = origins or Origins()
        self._is_in_manifest = origins is not None

    def __repr__(self) -> str:
        return f"<Stack {self.name}>"

    @property
    def partition(self) -> str | None:
        """`aws`, `aws-us-gov`, or None where the region is not known."""
        return standards.partition(self.region) if self.region else None

    @cached_property
    def is_of_cdk(self) -> bool:
        """Whether a CDK app made the stack: a manifest names it, or its template has paths of constructs."""
        if self.parent:
            return self.parent.stack.is_of_cdk
        return self._is_in_manifest or any(
            "aws:cdk:path" in resource.metadata for resource in self.resources.values()
        )

    @property
    def stage(self) -> str:
        """Path of the stage that holds the stack; empty: the app itself."""
        return self.outermost.name.rpartition("/")[0]

    @property
    def outermost(self) -> Stack:
        """The stack that is deployed: this one, or the one that holds this nested stack."""
        return self.parent.stack.outermost if self.parent else self

    @property
    def is_deployed(self) -> bool:
        """Whether somebody deploys it: it is not part of another stack, and makes something."""
        return self.parent is None and any(
            resource.type != "AWS::CDK::Metadata" for resource in self.resources.values()
        )

    def nearest(self, resources: Iterable[Resource]) -> Resource | None:
        """Which of some resources of one name is meant in this stack; None: all are in other places.

        Stages can hold the same stacks for the same place; then those beside this one count first.
        """
        there = [resource for resource in resources if self.can_name(resource)]
        beside = [resource for resource in there if resource.stack.stage == self.stage]
        return next(iter(beside or there), None)

    def can_name(self, resource: Resource) -> bool:
        """Whether a name that stands in this stack can mean a resource: both are in the same place."""
        stack = resource.stack
        is_global = resource.type.startswith("AWS::IAM::")
        return len({stack.account, self.account} - {None}) < 2 and (
            is_global or len({stack.region, self.region} - {None}) < 2
        )

    @cached_property
    def also(self) -> tuple[str, ...]:
        """Names of the other stacks that this one stands for: its twins, and those in twins of its parent."""
        holder = self.parent.stack if self.parent else None
        below = [f"{name}{self.name.removeprefix(holder.name)}" for name in holder.also] if holder else []
        return (*self.twins, *below)

    @property
    def record(self) -> Mapping[str, Any]:
        """What the system says of itself (`Metadata.TTS`), of this template or of the one that holds it."""
        return _record_of(self)


def _record_of(stack: Stack) -> Mapping[str, Any]:
    metadata = stack.body.get("Metadata")
    record = metadata.get("TTS") if isinstance(metadata, dict) else None
    if isinstance(record, dict):
        return record
    return stack.parent.stack.record if stack.parent else {}


@dataclass
class Lookups:
    """Context lookups: results by key (`cdk.context.json`), and what the manifest says is missing."""

    recorded: Mapping[str, Any] = field(default_factory=dict)
    missing: list[Mapping[str, Any]] = field(default_factory=list)


class Assembly:
    """All that is judged at once: the stacks of all stages with their nested stacks.

    Args:
        settings: Settings of the organisation.
        lookups: Context lookups, recorded and missing.
        synthesizing: The app is being synthesized, so that a lookup may still be pending.
        in_ci: This runs in continuous integration, so that what is judged is what will be deployed.

    Attributes:
        stacks: The stacks, each before those that are nested in it.
        nested_stacks: How many of them are nested.
        resources_below: How many resources are nested in a stack that is deployed.
        alike: Nested stacks by all that decides how they come out.
        folders: The cloud assemblies among what was read.
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
        self.explorer = Explorer()
        self._by_type: dict[str, list[Resource]] | None = None
        self._indexes: dict[tuple[Key, tuple[str, ...]], Index] = {}
        self._computed: dict[Callable[[Assembly], Any], Any] = {}
        self._in_any_way: dict[tuple[Callable[..., Any], Hashable], tuple[tuple[Any, ...], bool]] = {}
        self.kept: dict[Hashable, tuple[Any, Any]] = {}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """All resources of these types."""
        if self._by_type is None:
            self._by_type = {}
            for stack in self.stacks:
                for resource in stack.resources.values():
                    self._by_type.setdefault(resource.type, []).append(resource)
        for name in types:
            yield from self._by_type.get(name, ())

    def index(self, by: Key, *types: str) -> Index:
        """Resources of these types by a key; made once for an assembly.

        Args:
            by: Yields the keys of a resource, such as the resources that it refers to.
            types: Types of the resources to look at.
        """
        index = self._indexes.get((by, types))
        if index is None:
            index = self._indexes[by, types] = Index(self, by, types)
        return index

    def exports(self, importer: Stack, name: str) -> list[tuple[Stack, Any]]:
        """Stacks that export this name where `importer` is deployed, with the raw value.

        Stages can hold the same stacks for the same place; then only those beside the importer count.
        """
        place = (importer.account, importer.region)
        found = [
            (stack, raw)
            for stack, raw in self.once(_exports).get(name, ())
            if (stack.account, stack.region) == place
        ]
        beside = [(stack, raw) for stack, raw in found if stack.stage == importer.stage]
        return beside or found

    def stacks_named(
        self, reader: Stack, name: str, region: str | None, *, other_account: bool = False
    ) -> list[Stack]:
        """Stacks of this name in a region, in the account of `reader` unless it reads from another one.

        Stages can hold the same stacks for the same place; then only those beside the reader count.
        """
        found = [
            stack
            for stack in self.once(_by_name).get(name, ())
            if stack.region == region and (other_account or stack.account == reader.account)
        ]
        beside = [stack for stack in found if stack.stage == reader.stage]
        return beside or found

    def once(self, compute: Callable[[Assembly], T]) -> T:
        """What a function of the module level makes of the assembly, computed once."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        computed: T = self._computed[compute]
        return computed

    def in_any_way(self, compute: Callable[[Assembly, K], H], key: K) -> tuple[tuple[H, ...], bool]:
        """What a function of the module level makes of a key in each way in which the templates can turn out.

        It is computed once, apart from the run that is under way: where many resources share what the key
        names, reading it anew for each of them would take the square of the time.

        Returns:
            The results, each once, and whether all ways were tried.
        """
        known = self._in_any_way.get((compute, key))
        if known is None:
            results, complete = self.explorer.explore(lambda: compute(self, key))
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
        undecided: Resources of which some key cannot be decided before deployment.
    """

    def __init__(self, assembly: Assembly, by: Key, types: tuple[str, ...]) -> None:
        self._by = by
        self._candidates: dict[Hashable, list[Resource]] = {}
        self._chosen: set[Resource] = set()
        self.undecided: list[Resource] = []
        for resource in assembly.of_type(*types):
            results, complete = assembly.explorer.explore(lambda resource=resource: self._keys(resource))  # type: ignore[misc]
            if not complete or not all(decided for _, decided in results):
                self.undecided.append(resource)
            if len(results) > 1:
                self._chosen.add(resource)
            for key in dict.fromkeys(key for keys, _ in results for key in keys):
                self._candidates.setdefault(key, []).append(resource)

    def __getitem__(self, key: object) -> list[Resource]:
        """The resources that have this key in the run that is under way."""
        if isinstance(key, dict | list):  # where CloudFormation takes a name
            return []
        return [
            resource
            for resource in self._candidates.get(key, ())
            if resource not in self._chosen or key in self._keys(resource)[0]
        ]

    def __contains__(self, key: object) -> bool:
        return bool(self[key])

    def in_any_way(self, key: Hashable) -> list[Resource]:
        """The resources that have this key in some way in which the templates can turn out."""
        return self._candidates.get(key, [])

    def _keys(self, resource: Resource) -> tuple[list[Hashable], bool]:
        """The keys of a resource as far as they can be decided, and whether all can."""
        keys: list[Any] = []
        decided = True
        try:
            for key in self._by(resource):
                keys.append(key)  # noqa: PERF402 - keeps those before one that cannot be decided
        except Undecided:
            decided = False
        return [key for key in keys if not isinstance(key, dict | list)], decided
