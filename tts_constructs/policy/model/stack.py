"""Stacks, templates, and their resources."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tts_constructs import standards
from tts_constructs.policy.model.branches import Facts
from tts_constructs.policy.model.conditions import Conditions
from tts_constructs.policy.model.intrinsics import is_call, stated_text
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.origin import Origin, Origins
from tts_constructs.policy.model.values import ABSENT
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    from tts_constructs.policy.model.assembly import Assembly

NESTED_STACK = "AWS::CloudFormation::Stack"
_NOTHING = frozenset({"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"})
"""Types that make nothing; a stack that must hold something holds these."""

STACK_SET = "AWS::CloudFormation::StackSet"


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
        if not is_call(raw):  # the result of a call can differ from run to run
            self._properties = node
        return node

    def cached(self, compute: Callable[[Resource], T]) -> T:
        """Return the result of a module-level function for the resource, computed once without choices."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        computed: T = self._computed[compute]
        return computed

    def attribute(self, name: str) -> Node:
        """Return a node beside `Properties`: `DeletionPolicy`, `UpdatePolicy`, `Metadata`."""
        return Node.of(self, name, self.body.get(name, ABSENT))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata that tools wrote beside the properties; it is not deployed."""
        metadata = self.body.get("Metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def condition(self) -> str | None:
        """Name of the condition under which the resource is made; None: always."""
        condition = self.body.get("Condition")
        return None if condition is None else str(condition)

    def exists_whenever(self, other: Resource) -> bool:
        """Return whether this resource exists whenever `other` does, as far as their conditions tell.

        The conditions of their nested stacks count too.
        """
        own = self.conditions
        if not own:
            return True
        there = assumed_by(other)
        return all(
            (stack, name) in other.conditions
            or (stack in there and not stack.conditions.can_hold(name, False, there[stack]))
            for stack, name in own
        )

    @property
    def can_exist(self) -> bool:
        """False if the resource's condition, or one of a stack that holds it, never holds."""
        return all(stack.conditions.can_all_hold(facts) for stack, facts in assumed_by(self).items())

    @property
    def conditions(self) -> frozenset[tuple[Stack, str]]:
        """The conditions under which the resource exists, with those of its nested stacks."""
        return _conditions_of(self)

    @property
    def origin(self) -> Origin:
        """The origin of the resource: construct path and source."""
        return _origin_of(self)


def assumed_by(resource: Resource) -> dict[Stack, Facts]:
    """Return what holds wherever a resource exists: its condition, and those of the stacks that hold it."""
    assumed: dict[Stack, Facts] = {}
    for stack, name in resource.conditions:
        assumed.setdefault(stack, Facts()).conditions[name] = True
    return assumed


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
    """One template, with what is known about where it will be deployed.

    Args:
        assembly: Everything that is judged together.
        name: Construct path or, without a manifest, the file's name less its ending; a nested stack's is
            `<parent>/<logical id>` where its construct path is not known.
        body: The template.
        region, account: None where the template can be deployed anywhere.
        given: Raw values of parameters, each with the stack whose template it comes from; None: a literal.
        parent: The resource that makes this nested stack or StackSet.
        stack_name: What `AWS::StackName` is; None where CloudFormation makes it up.
        termination_protection: As the manifest says; None without a manifest.
        template_path: File of the template.
        origins: Metadata of the stack and its nested stacks.
        may_transform: Whether the template can have `Fn::Transform` or `Fn::ForEach`.
        has_escapes: Whether `text` can hold a word in escapes, where no search finds it.
        text: The template as written; None if it was not read from its own file.

    Attributes:
        environment: Where it runs, for the fixes of rules; the judge sets it.
        nested: Stacks that this stack's resources make, by logical id.
        unread: Why a nested template was not read, by the logical id of its resource.
        twins: Names of further nested stacks that are equal to this one, which represents them.
        hidden: Loops and transforms in place of resources.
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
        has_escapes: bool = True,
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
        self.has_escapes = has_escapes
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
        """`aws`, `aws-us-gov`, or None if the region is not known."""
        return standards.partition(self.region) if self.region else None

    @cached_property
    def conditions(self) -> Conditions:
        """The template's conditions."""
        body = self.body

        def stated(raw: Any, region: str | None) -> str | None:
            return stated_text(raw, self if region is None else self.deployed_to(region))

        return Conditions(body.get("Conditions"), body.get("Parameters"), stated)

    def deployed_to(self, region: str) -> Stack:
        """Return the stack as it is in a region if it names none; its resources stay those of this one."""
        if self.region is not None:
            return self
        there = copy(self)
        there.region = region
        return there

    @cached_property
    def is_of_cdk(self) -> bool:
        """True if a CDK app made the stack: a manifest names it, or its template has construct paths."""
        if self.parent:
            return self.parent.stack.is_of_cdk
        return self._is_in_manifest or any(
            "aws:cdk:path" in resource.metadata for resource in self.resources.values()
        )

    @cached_property
    def first_at(self) -> Mapping[str, str] | None:
        """The first logical id at each construct path that a template claims; None: a manifest names them.

        The CDK gives each resource its own path. Without a manifest, anybody can write one into a template.
        """
        if self.outermost._is_in_manifest:
            return None
        first: dict[str, str] = {}
        for logical_id, resource in self.resources.items():
            if path := resource.origin.construct_path:
                first.setdefault(path, logical_id)
        return first

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
        """True if the stack is deployed by itself: it is not nested, and makes something."""
        return self.parent is None and any(
            resource.type not in _NOTHING and resource.can_exist for resource in self.resources.values()
        )

    def nearest(self, resources: Iterable[Resource]) -> Resource | None:
        """Return which of several resources of one name this stack means, or None if all are elsewhere.

        Stages can hold the same stacks for the same place; then those in this stack's stage count first.
        """
        there = [resource for resource in resources if self.can_name(resource)]
        beside = [resource for resource in there if resource.stack.stage == self.stage]
        return next(iter(beside or there), None)

    def can_name(self, resource: Resource) -> bool:
        """Return whether a name in this stack can mean a resource: both are in the same place."""
        stack = resource.stack
        is_global = resource.type.startswith("AWS::IAM::")
        return len({stack.account, self.account} - {None}) < 2 and (
            is_global or len({stack.region, self.region} - {None}) < 2
        )

    @cached_property
    def also(self) -> tuple[str, ...]:
        """Names of the other stacks that this one represents: its twins, and those in twins of its parent."""
        holder = self.parent.stack if self.parent else None
        below = [f"{name}{self.name.removeprefix(holder.name)}" for name in holder.also] if holder else []
        return (*self.twins, *below)

    @property
    def system_metadata(self) -> Mapping[str, Any]:
        """The record of the system (`Metadata.TTS`), from this template or its parent."""
        return _record_of(self)


def _record_of(stack: Stack) -> Mapping[str, Any]:
    metadata = stack.body.get("Metadata")
    record = metadata.get("TTS") if isinstance(metadata, dict) else None
    if isinstance(record, dict):
        return record
    return stack.parent.stack.system_metadata if stack.parent else {}
