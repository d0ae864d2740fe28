"""Finds the VPC that a resource is in."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.property_tables import NETWORKS, property_table
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"

VPC_PROPERTIES = property_table(NETWORKS, whole_lists=True)
"""The properties of each type that name its VPC, its subnets, or its subnet group."""

_DMS = ("ReplicationSubnetGroupIdentifier", "AWS::DMS::ReplicationSubnetGroup")
_SUBNET_GROUPS: dict[str | int, tuple[str, ...]] = {
    "CacheSubnetGroupName": ("CacheSubnetGroupName", "AWS::ElastiCache::SubnetGroup"),
    "DBSubnetGroupName": (
        "DBSubnetGroupName",
        "AWS::DocDB::DBSubnetGroup",
        "AWS::Neptune::DBSubnetGroup",
        "AWS::RDS::DBSubnetGroup",
    ),
    "ReplicationSubnetGroupId": _DMS,
    "ReplicationSubnetGroupIdentifier": _DMS,
    "SubnetGroupIdentifier": _DMS,
    "SubnetGroupName": ("SubnetGroupName", "AWS::DAX::SubnetGroup", "AWS::MemoryDB::SubnetGroup"),
}
"""Properties that name a subnet group, with the property that is its name there, and its types."""


def named_at(place: Node) -> Resource | None:
    """Return the resource of the app that tells where something is.

    Returns:
        A VPC, a subnet, a subnet group, or a resource in a VPC whose attribute is used; None: the place names
        something that the app does not make.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    value = place.value
    references = value.references if isinstance(value, Text) else (value,)
    for reference in references:
        if isinstance(reference, Reference) and _tells(reference.resource):
            return reference.resource
    place.text()
    if place.key not in _SUBNET_GROUPS:
        return None
    name, *groups = _SUBNET_GROUPS[place.key]
    return place.target(*groups, name=name)


def vpcs_of(resource: Resource) -> Iterator[Resource]:
    """Yield the app's known VPCs that a resource of a type in `VPC_PROPERTIES` is in."""
    waiting = [resource]
    seen = {resource}
    while waiting:
        current = waiting.pop()
        if current.type == VPC:
            yield current
            continue
        for path in VPC_PROPERTIES[current.type]:
            for named in _named_by(current, path):
                if named not in seen:
                    seen.add(named)
                    waiting.append(named)


def _named_by(resource: Resource, path: str) -> Iterator[Resource]:
    try:
        for place in resource.properties.find_all(path):
            for item in place.items():
                named = named_at(item)
                if named:
                    yield named
    except UnknownValue:
        return  # reported for the place itself


def _tells(resource: Resource) -> bool:
    return resource.type == VPC or resource.type in VPC_PROPERTIES
