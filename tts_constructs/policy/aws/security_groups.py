"""Security groups: their rules, inline or as separate resources, and the resources that use them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import replace

from tts_constructs.policy.aws import cidr
from tts_constructs.policy.aws.pending_lookups import is_vpc_range, unrecorded
from tts_constructs.policy.aws.property_tables import SECURITY_GROUPS, property_table
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Value

GROUP = "AWS::EC2::SecurityGroup"
INGRESS = "AWS::EC2::SecurityGroupIngress"
EGRESS = "AWS::EC2::SecurityGroupEgress"
PREFIX_LIST = "AWS::EC2::PrefixList"

INLINE = {INGRESS: "SecurityGroupIngress", EGRESS: "SecurityGroupEgress"}
"""The properties that hold the inline rules of a group."""

CIDR_PROPERTIES = ("CidrIp", "CidrIpv6")
PREFIX_LIST_PROPERTIES = ("SourcePrefixListId", "DestinationPrefixListId")
GROUP_PROPERTIES = ("SourceSecurityGroupId", "SourceSecurityGroupName", "DestinationSecurityGroupId")

SECURITY_GROUP_PROPERTIES = property_table(SECURITY_GROUPS, whole_lists=True)
"""The properties of each type that name its security groups."""

_PROTOCOLS = {"6": "tcp", "17": "udp", "all": "-1"}

_NARROW = re.compile(r"/(1[6-9]|[2-9]\d|1[01]\d|12[0-8])\s*$")
"""A prefix length that is never wide, whatever its address, in IPv4 or IPv6."""


def ingress_of(group: Resource) -> list[Node]:
    """Return the ingress rules of a group of the app; see `group_rules`."""
    return group_rules(group, INGRESS, group.stack.assembly)


def egress_of(group: Resource) -> list[Node]:
    """Return the egress rules of a group of the app; see `group_rules`."""
    return group_rules(group, EGRESS, group.stack.assembly)


def group_rules(group: Hashable, kind: str, assembly: Assembly) -> list[Node]:
    """Return the `INGRESS` or `EGRESS` rules of a group, by its `name_of`, whatever their conditions.

    Returns:
        The node of each rule: an item of `SecurityGroupIngress` or `SecurityGroupEgress`, or the properties
        of a resource of that type anywhere in the app.

    Raises:
        UnknownValue: The inline list is not known before deployment.
    """
    inline = group[INLINE[kind]].items() if isinstance(group, Resource) else []
    return [*inline, *(rule.properties for rule in rules_naming(group, kind, assembly))]


def rules_naming(group: Hashable, kind: str, assembly: Assembly) -> list[Resource]:
    """Return the resources of the type `INGRESS` or `EGRESS` that belong to a group, by its `name_of`."""
    return assembly.index(_group_of, kind)[group]


def holders_of(group: Hashable, assembly: Assembly) -> list[Resource]:
    """Return the resources that a group may be attached to, by its `name_of`, whatever their conditions."""
    return assembly.index(_groups_on, *SECURITY_GROUP_PROPERTIES).in_any_way(group)


def undecided_holders(assembly: Assembly, *types: str) -> list[Resource]:
    """Return the resources of these types whose groups are not known before deployment."""
    return [
        holder
        for holder in assembly.index(_groups_on, *SECURITY_GROUP_PROPERTIES).undecided
        if holder.type in types
    ]


def undecided_rules(kind: str, assembly: Assembly) -> list[Resource]:
    """Return the resources of the type `INGRESS` or `EGRESS` whose group is not known before deployment."""
    return assembly.index(_group_of, kind).undecided


def name_of(place: Node) -> Hashable | None:
    """Return a key for the group that a place names: a group of the app, else a reference or a text.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    reference = place.reference()
    if reference:
        return reference.resource if reference.resource.type == GROUP else reference
    return place.text()


def place_of_group(rule: Resource) -> Node:
    """Return the place where a rule that is a resource names its group."""
    by_id = rule["GroupId"]
    return by_id if by_id.exists else rule["GroupName"]


def groups_on(resource: Resource) -> Iterator[Node]:
    """Yield the places where a resource of one of the `SECURITY_GROUP_PROPERTIES` names its groups.

    Raises:
        UnknownValue: One of its lists is not known before deployment.
    """
    for path in SECURITY_GROUP_PROPERTIES[resource.type]:
        for place in resource.properties.find_all(path):
            yield from place.items()


def names_on(resource: Resource) -> list[Hashable]:
    """Return the known groups that a resource of a type in `SECURITY_GROUP_PROPERTIES` names."""
    names: list[Hashable] = []
    with suppress(UnknownValue):
        names.extend(_groups_on(resource))
    return names


def ports_of(rule: Node) -> cidr.Ports:
    """Return the protocol of a rule, with the first and last port that it opens.

    Returns:
        `tcp` and `udp` with their ports; any other protocol as written, with all ports, as EC2 reads it.

    Raises:
        UnknownValue: They are not known before deployment.
    """
    protocol = (rule["IpProtocol"].text() or "-1").lower()
    protocol = _PROTOCOLS.get(protocol, protocol)
    first, last = cidr.ALL_PORTS
    if protocol in {"tcp", "udp"}:
        first, last = _port(rule["FromPort"], first), _port(rule["ToPort"], last)
    return protocol, min(first, last), max(first, last)


_PACKET_TOO_BIG = {"icmp": (3, {4}), "icmpv6": (2, {0, -1})}
"""Type and codes of the message that a packet is too big; where it gets lost, large packets do too."""

_ICMP_PROTOCOLS = {"1": "icmp", "icmp": "icmp", "58": "icmpv6", "icmpv6": "icmpv6"}


def is_packet_too_big(rule: Node) -> bool:
    """Return whether a rule is about the one ICMP message of path MTU discovery alone.

    Source: Elastic Load Balancing, "Security groups for your Application Load Balancer": "We recommend that
    you allow inbound ICMP traffic to support Path MTU Discovery."

    Raises:
        UnknownValue: Protocol, type or code are not known before deployment.
    """
    protocol = _ICMP_PROTOCOLS.get((rule["IpProtocol"].text() or "").lower())
    if protocol is None:
        return False
    type_, codes = _PACKET_TOO_BIG[protocol]
    return rule["FromPort"].number() == type_ and rule["ToPort"].number() in codes


def ranges_of(rule: Node) -> list[Node]:
    """Return the places where a rule names an address range or a prefix list.

    Raises:
        UnknownValue: The rule as a whole is not known before deployment.
    """
    rule.reference()  # raises once for the whole rule if it is not known
    places = [rule[key] for key in (*CIDR_PROPERTIES, *PREFIX_LIST_PROPERTIES)]
    return [place for place in places if place.exists]


def names_peer(rule: Node) -> bool:
    """Return whether a rule names its peer: a range, a prefix list, or a group."""
    return bool(ranges_of(rule)) or any(rule[key].exists for key in GROUP_PROPERTIES)


def networks_at(place: Node) -> Iterator[cidr.Network]:
    """Yield the address ranges that one of the `ranges_of` a rule means.

    A range that is not literal is left out if it can never be as wide as the internet: a VPC's own range, or
    one where only the address is not known.

    Raises:
        UnknownValue: A range is not known before deployment.
    """
    ranges = [entry["Cidr"] for entry in _entries(place)] if place.key in PREFIX_LIST_PROPERTIES else [place]
    undecided: UnknownValue | None = None
    for node in ranges:
        try:
            network = _network(node)
        except UnknownValue as error:
            undecided = undecided or error
        else:
            if network:
                yield network
    if undecided:  # last, so that it hides no other range
        raise UnknownValue(replace(undecided.result, location=place.location))


def _port(place: Node, limit: int) -> int:
    number = _port_of_endpoint(place.value)
    if number is None:
        number = place.number()
    return limit if number is None or number < 0 else int(number)


_ENDPOINTS = {
    "AWS::DocDB::DBCluster": "Port",
    "AWS::Neptune::DBCluster": "Port",
    "AWS::RDS::DBCluster": "Endpoint.Port",
    "AWS::RDS::DBInstance": "Endpoint.Port",
    "AWS::Redshift::Cluster": "Endpoint.Port",
}
"""The attribute that holds each database's port, as the CDK writes it for `allow_default_port_from`."""

_DEFAULT_PORTS: dict[str | None, int] = {
    "AWS::DocDB::DBCluster": 27017,
    "AWS::Neptune::DBCluster": 8182,
    "AWS::Redshift::Cluster": 5439,
    "aurora-mysql": 3306,
    "mariadb": 3306,
    "mysql": 3306,
    "postgres": 5432,
}
"""The default port of a new database, by its type or engine. For other databases it is not certain."""

_HAS_ITS_PORT_FROM = (
    "DBClusterIdentifier", "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier", "GlobalClusterIdentifier",
    "ReplicationSourceIdentifier", "SnapshotIdentifier", "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn", "SourceDBInstanceIdentifier", "SourceDbClusterResourceId",
    "SourceDbiResourceId",
)  # fmt: skip
"""Properties that name the source or cluster of a database, which then sets its port."""


def _port_of_endpoint(value: Value) -> float | None:
    """Return the port of an endpoint of the app, or None if the value is another thing or is not known."""
    if not isinstance(value, Reference) or _ENDPOINTS.get(value.resource.type) != value.attribute:
        return None
    database = value.resource
    try:
        stated = database["Port"].number()
        if stated is not None:
            return stated
        if any(database[name].exists for name in _HAS_ITS_PORT_FROM):
            return None
        return _DEFAULT_PORTS.get(database.type) or _DEFAULT_PORTS.get(database["Engine"].text())
    except UnknownValue:
        return None  # an unknown value is reported for the rule itself


def _network(place: Node) -> cidr.Network | None:
    value = place.value
    if isinstance(value, Text) and isinstance(value.parts[-1], str) and _NARROW.search(value.parts[-1]):
        return None
    if isinstance(value, Reference) and value.resource.type in {"AWS::EC2::VPC", "AWS::EC2::Subnet"}:
        return None
    text = place.text()
    if text and is_vpc_range(text, place.stack):
        message = f"The range is the placeholder {text}: the lookup of the VPC is not recorded yet."
        raise UnknownValue(unrecorded(place, message))
    network = cidr.parse(text) if text else None
    if network is None:
        raise UnknownValue(
            place.unknown(f"{place.shown} isn't an address range; CloudFormation would refuse it.")
        )
    return network


def _entries(place: Node) -> list[Node]:
    prefix_list = place.target(PREFIX_LIST)
    if prefix_list is None:
        message = "The prefix list is not in the app, so what it holds cannot be decided."
        raise UnknownValue(
            place.unknown(message, fix="Name the ranges, or make the AWS::EC2::PrefixList in the app.")
        )
    return prefix_list["Entries"].items()


def _group_of(rule: Resource) -> Iterator[Hashable]:
    name = name_of(place_of_group(rule))
    if name:
        yield name


def _groups_on(resource: Resource) -> Iterator[Hashable]:
    undecided: UnknownValue | None = None
    for place in groups_on(resource):
        try:
            yield name_of(place)
        except UnknownValue as error:
            undecided = undecided or error
    if undecided:  # last, so that it hides no other group
        raise undecided
