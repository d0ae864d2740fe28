"""Subnets and their routes."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference

SUBNET = "AWS::EC2::Subnet"
_TABLE_OF = "AWS::EC2::SubnetRouteTableAssociation"
_ROUTE = "AWS::EC2::Route"


def is_routed_to_internet(subnet: Resource) -> bool:
    """Return whether a route table of a subnet has a route to an internet gateway.

    A subnet without a route table uses the main one of its VPC, which has no such route. A gateway that is
    outside the app, or not known, counts as an internet gateway.

    Args:
        subnet: An `AWS::EC2::Subnet`.
    """
    assembly = subnet.stack.assembly
    associations = assembly.index(_subnets, _TABLE_OF)
    routed = assembly.index(_tables_to_internet, _ROUTE)
    if associations.undecided or routed.undecided:
        return True
    tables = [association["RouteTableId"].value for association in associations[subnet]]
    return any(_key(table) in routed for table in tables)


def _subnets(association: Resource) -> Iterator[object]:
    reference = association["SubnetId"].reference()
    if reference:
        yield reference.resource


def _tables_to_internet(route: Resource) -> Iterator[object]:
    gateway = route["GatewayId"]
    if gateway.exists and not _is_of_type(gateway.value, "AWS::EC2::VPNGateway"):
        yield _key(route["RouteTableId"].value)


def _is_of_type(value: object, kind: str) -> bool:
    return isinstance(value, Reference) and value.resource.type == kind


def _key(value: object) -> object:
    return value.resource if isinstance(value, Reference) else value
