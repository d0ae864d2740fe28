"""The network of each system as data: its parts, and the connections that are allowed between them.

Nothing here names an address: a range is "The internet" or "Stated address ranges".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from tts_constructs.policy.aws import launch_templates
from tts_constructs.policy.aws.cidr import Ports, shared
from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER, LOAD_BALANCER
from tts_constructs.policy.aws.security_groups import GROUP, SECURITY_GROUP_PROPERTIES, groups_on, name_of
from tts_constructs.policy.aws.subnets import SUBNET, is_routed_to_internet
from tts_constructs.policy.aws.vpcs import VPC, VPC_PROPERTIES, named_at, vpcs_of
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import Zones
from tts_constructs.redaction import redact
from tts_constructs.report.formats.html.network_flows import OUTSIDE, Opening, in_words, inwards, outwards

T = TypeVar("T")

PUBLIC = "Public subnets"
PRIVATE = "Private subnets"
ISOLATED = "Isolated subnets"
IN_NO_SUBNET = "In no subnet"
TIERS = (PUBLIC, PRIVATE, ISOLATED, IN_NO_SUBNET)
"""Tiers: routed to an internet gateway; to a NAT gateway; to neither; not in a subnet."""

ZONE_NOT_KNOWN = "zone not known before deployment"

_KINDS = {
    LOAD_BALANCER: "Load balancer",
    CLASSIC_LOAD_BALANCER: "Classic load balancer",
    launch_templates.GROUP: "Auto-scaling group",
    launch_templates.NODE_GROUP: "EKS node group",
    launch_templates.COMPUTE_ENVIRONMENT: "Batch compute environment",
    "AWS::EC2::Instance": "Single instance",
    "AWS::EC2::VPCEndpoint": "VPC endpoint",
    "AWS::Lambda::Function": "Lambda function",
}
_STORES = {
    "AWS::DAX::Cluster": "DAX cache",
    "AWS::DocDB::DBCluster": "DocumentDB cluster",
    "AWS::DynamoDB::GlobalTable": "DynamoDB table",
    "AWS::DynamoDB::Table": "DynamoDB table",
    "AWS::EFS::FileSystem": "EFS file system",
    "AWS::ElastiCache::CacheCluster": "ElastiCache cluster",
    "AWS::ElastiCache::ReplicationGroup": "ElastiCache group",
    "AWS::ElastiCache::ServerlessCache": "ElastiCache cache",
    "AWS::Elasticsearch::Domain": "Elasticsearch domain",
    "AWS::FSx::FileSystem": "FSx file system",
    "AWS::MemoryDB::Cluster": "MemoryDB cluster",
    "AWS::Neptune::DBCluster": "Neptune cluster",
    "AWS::OpenSearchService::Domain": "OpenSearch domain",
    "AWS::RDS::DBCluster": "Database cluster",
    "AWS::RDS::DBInstance": "Database",
    "AWS::Redshift::Cluster": "Redshift cluster",
    "AWS::S3::Bucket": "Bucket",
}
_SHOWN = (LOAD_BALANCER, CLASSIC_LOAD_BALANCER, *launch_templates.LAUNCHERS, "AWS::EC2::Instance", *_STORES)
"""Types that a picture shows even where no security group is put on them."""

_LAUNCHED_BY = (launch_templates.TEMPLATE, launch_templates.CONFIGURATION)
_DATABASE = "AWS::RDS::DBInstance"
_MOUNT_TARGET = "AWS::EFS::MountTarget"
_ROUTE = "AWS::EC2::Route"
_TABLE_OF = "AWS::EC2::SubnetRouteTableAssociation"

_OF_AN_L2 = re.compile(r"/(Resource|ASG|Subnet)$")
"""The CDK's name for the resource itself, below the construct that a team knows."""


@dataclass(frozen=True)
class Subnet:
    """A subnet: its name in the app, its zone, and one of `TIERS`."""

    name: str
    zone: str
    tier: str


@dataclass(frozen=True)
class Member:
    """A part of a system that traffic comes to or from, or that holds its data.

    Args:
        key: Unique in an assembly; flows name it.
        name: Its name in the app.
        kind: What it is, in words.
        is_store: Whether it holds data.
        tier: One of `TIERS`.
        groups: Names of its security groups, those that the app makes.
    """

    key: str
    name: str
    kind: str
    is_store: bool
    tier: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """A connection that is allowed: keys of members, or one of `OUTSIDE`, with ports in words."""

    source: str
    target: str
    ports: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """The network of a system.

    Args:
        system: Path of the system, or of the stack where no system says its name.
        project, environment: As the system says; empty: it does not.
        region: Empty where the template can be deployed anywhere.
        vpc: Name of the VPC; None: the app makes none for these parts.
        zones: Sorted by name.
        subnets: Sorted by tier and zone.
        members: Sorted by tier and name.
        unused_groups: Names of security groups that are on no part.
        flows: Sorted: from outside first.
    """

    system: str
    project: str
    environment: str
    region: str
    vpc: str | None
    zones: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    members: tuple[Member, ...]
    unused_groups: tuple[str, ...]
    flows: tuple[Flow, ...]


def networks_of(assembly: Assembly) -> list[Network]:
    """Reads the network of each system: one for each VPC, and one for what is in no VPC of the app.

    Where a template leaves a choice, what any way of it opens counts: a picture that shows too little would
    be worse than one that shows too much. Security groups are what is read; network ACLs can only narrow it.
    """
    parts = _Parts(assembly)
    homes: dict[tuple[str, Resource | None], list[Resource]] = defaultdict(list)
    for vpc in assembly.of_type(VPC):
        homes[_system(vpc.stack), vpc] = []
    for member in parts.members:
        homes[_home(member, homes)].append(member)
    unused: dict[tuple[str, Resource | None], list[Resource]] = defaultdict(list)
    for group in assembly.of_type(GROUP):
        if group not in parts.with_group:
            unused[_home(group, homes)].append(group)
    keys = dict.fromkeys([*homes, *unused])
    networks = [_network(parts, *key, homes.get(key, []), unused.get(key, [])) for key in keys]
    return sorted(networks, key=lambda network: (network.system, network.vpc is None, network.vpc or ""))


def _home(resource: Resource, homes: Iterable[tuple[str, Resource | None]]) -> tuple[str, Resource | None]:
    """Returns the system and VPC of a resource; a bucket is shown with its system's only VPC."""
    vpc = next(iter(_explored(vpcs_of, resource)), None) if _lives(resource) else None
    if vpc:
        return _system(vpc.stack), vpc
    system = _system(resource.stack)
    own = [home for home in homes if home[0] == system and home[1]]
    return own[0] if len(own) == 1 and not _lives(resource) else (system, None)


def _lives(resource: Resource) -> bool:
    return resource.type in VPC_PROPERTIES


def _system(stack: Stack) -> str:
    named = stack.system_metadata.get("system")
    return named if isinstance(named, str) and named else stack.outermost.name


def _network(
    parts: _Parts, system: str, vpc: Resource | None, members: list[Resource], unused: list[Resource]
) -> Network:
    subnets = parts.subnets.get(vpc, []) if vpc else []
    stack = (vpc or [*members, *unused][0]).stack
    return Network(
        system=redact(system),
        project=_claim(stack, "project"),
        environment=_claim(stack, "environment"),
        region=stack.region or "",
        vpc=_name(vpc) if vpc else None,
        zones=tuple(sorted({subnet.zone for subnet in subnets})),
        subnets=tuple(sorted(subnets, key=lambda each: (TIERS.index(each.tier), each.zone, each.name))),
        members=tuple(
            sorted(map(parts.member, members), key=lambda each: (TIERS.index(each.tier), each.name))
        ),
        unused_groups=tuple(sorted(map(_name, unused))),
        flows=tuple(_sorted(parts.flows_of(members))),
    )


def _claim(stack: Stack, key: str) -> str:
    claim = stack.system_metadata.get(key)
    return redact(claim) if isinstance(claim, str) else ""


def _sorted(flows: dict[tuple[str, str], set[Ports]]) -> list[Flow]:
    ordered = sorted(flows, key=lambda ends: (ends[0] not in OUTSIDE, ends[1] in OUTSIDE, ends))
    return [Flow(source, target, in_words(flows[source, target])) for source, target in ordered]


class _Parts:
    """The parts of an assembly's networks; reads each resource once."""

    def __init__(self, assembly: Assembly) -> None:
        self._groups: dict[Resource, set[Hashable]] = defaultdict(set)
        self.with_group: dict[Hashable, list[Resource]] = defaultdict(list)
        self._read_members(assembly)
        self.members = sorted(self._groups, key=_key)
        self.subnets: dict[Resource, list[Subnet]] = defaultdict(list)
        self._tiers: dict[Resource, str] = {}
        self._read_subnets(assembly)
        self._ingress: dict[Hashable, set[Opening]] = {
            group: inwards(group) for group in assembly.of_type(GROUP)
        }
        self._egress: dict[Hashable, set[Opening]] = {
            group: outwards(group) for group in assembly.of_type(GROUP)
        }

    def _read_members(self, assembly: Assembly) -> None:
        for resource in assembly.of_type(*dict.fromkeys([*_SHOWN, *SECURITY_GROUP_PROPERTIES])):
            held = _explored(_groups_of, resource)
            for member in _explored(_shown_for, resource):
                self._groups[member].update(held)
        for member, groups in self._groups.items():
            for group in groups:
                self.with_group[group].append(member)

    def _read_subnets(self, assembly: Assembly) -> None:
        tables = assembly.index(_subnet_of, _TABLE_OF)
        nat = {table for route in assembly.of_type(_ROUTE) for table in _explored(_table_to_nat, route)}
        for subnet in assembly.of_type(SUBNET):
            if any(_explored(_is_public, subnet)):
                tier = PUBLIC
            elif any(table in nat for each in tables[subnet] for table in _explored(_table_of, each)):
                tier = PRIVATE
            else:
                tier = ISOLATED
            self._tiers[subnet] = tier
            for vpc in _explored(vpcs_of, subnet):
                self.subnets[vpc].append(Subnet(_name(subnet), _zone(subnet), tier))

    def member(self, resource: Resource) -> Member:
        """Describes a resource for the picture."""
        subnets = _explored(_subnets_of, resource) if _lives(resource) else []
        tiers = {self._tiers[subnet] for subnet in subnets if subnet in self._tiers}
        groups = {_name(group) for group in self._groups[resource] if isinstance(group, Resource)}
        return Member(
            key=_key(resource),
            name=_name(resource),
            kind=_kind(resource.type),
            is_store=resource.type in _STORES,
            tier=min(tiers, key=TIERS.index, default=IN_NO_SUBNET),
            groups=tuple(sorted(groups)),
        )

    def flows_of(self, members: list[Resource]) -> dict[tuple[str, str], set[Ports]]:
        """Collects ports, by source and target, of flows to these members, or from them out of the app."""
        flows: dict[tuple[str, str], set[Ports]] = defaultdict(set)
        for member in members:
            for group in self._groups[member]:
                for peer, ports in self._ingress.get(group, ()):
                    if peer in OUTSIDE:
                        flows[str(peer), _key(member)].add(ports)
                    for source in self.with_group.get(peer, ()):
                        flows[_key(source), _key(member)].update(self._let_out(source, group, ports))
                for peer, ports in self._egress.get(group, ()):
                    if peer in OUTSIDE:
                        flows[_key(member), str(peer)].add(ports)
        return {ends: ports for ends, ports in flows.items() if ports}

    def _let_out(self, source: Resource, target: Hashable, ports: Ports) -> Iterator[Ports]:
        """Keeps the ports at which a group of the source lets traffic out to the target."""
        for group in self._groups[source]:
            if not isinstance(group, Resource):
                yield ports  # a group that the app does not make may let out anything
            for peer, opened in self._egress.get(group, ()):
                both = shared(ports, opened)
                if both and (peer == target or peer in OUTSIDE):
                    yield both


# Members


def _shown_for(resource: Resource) -> Iterator[Resource]:
    """Yields the resources that a picture shows for a resource: itself, or the one that it is a part of."""
    if resource.type in _LAUNCHED_BY:
        yield from resource.stack.assembly.index(_launched_from, *launch_templates.LAUNCHERS)[resource]
    elif resource.type == _MOUNT_TARGET:
        yield from filter(None, [resource["FileSystemId"].target()])
    elif resource.type != _DATABASE or not resource["DBClusterIdentifier"].exists:
        yield resource


def _launched_from(launcher: Resource) -> Iterator[Hashable]:
    for specification in launch_templates.specifications(launcher):
        yield launch_templates.launch_template(specification)
    if launcher.type == launch_templates.GROUP:
        yield launcher["LaunchConfigurationName"].target(launch_templates.CONFIGURATION)


def _subnets_of(resource: Resource, visited: tuple[Resource, ...] = ()) -> Iterator[Resource]:
    if resource.type == SUBNET:
        yield resource
    elif resource.type in VPC_PROPERTIES and resource not in visited:
        for path in VPC_PROPERTIES[resource.type]:
            for place in resource.properties.find_all(path):
                for named in filter(None, map(named_at, place.items())):
                    yield from _subnets_of(named, (*visited, resource))


def _subnet_of(association: Resource) -> Iterator[Hashable]:
    yield association["SubnetId"].target(SUBNET)


def _table_of(resource: Resource) -> Iterator[Hashable]:
    """Returns the route table that a route or the association of a subnet names."""
    yield resource["RouteTableId"].target()


def _table_to_nat(route: Resource) -> Iterator[Hashable]:
    if route["NatGatewayId"].exists:
        yield from _table_of(route)


def _is_public(subnet: Resource) -> Iterator[bool]:
    yield is_routed_to_internet(subnet)


def _groups_of(resource: Resource) -> Iterator[Hashable]:
    if resource.type in SECURITY_GROUP_PROPERTIES:
        yield from filter(None, map(name_of, groups_on(resource)))


def _zone(subnet: Resource) -> str:
    return next(iter(_explored(_zones_of, subnet)), ZONE_NOT_KNOWN)


def _zones_of(subnet: Resource) -> Iterator[str]:
    place = subnet["AvailabilityZone"]
    if isinstance(place.value, Zones):  # one of the region's, known by its number alone
        if place.value.position is not None:
            yield f"zone {place.value.position + 1} of the region"
    else:
        yield from filter(None, [redact(place.text() or "")])


def _key(resource: Resource) -> str:
    return f"{resource.stack.name}/{resource.logical_id}"


def _name(resource: Resource) -> str:
    """Returns the path of a resource's construct in its system or stack, else its logical id."""
    path = resource.origin.construct_path or ""
    for above in (_system(resource.stack), resource.stack.outermost.name):
        path = path.removeprefix(f"{above}/")
    return redact(_OF_AN_L2.sub("", path) or resource.logical_id)


def _kind(resource_type: str) -> str:
    known = _KINDS.get(resource_type) or _STORES.get(resource_type)
    return known or " ".join(resource_type.split("::")[1:])


def _explored(read: Callable[[Resource], Iterable[T]], resource: Resource) -> list[T]:
    """Reads a resource in every branch of the template, as far as its values are known."""

    def settled() -> list[T]:
        found: list[T] = []
        with suppress(UnknownValue):  # the rules say so at its place
            found.extend(read(resource))
        return found

    runs, _ = resource.stack.assembly.explorer.run_all(settled)
    return list(dict.fromkeys(item for run in runs for item in run))
