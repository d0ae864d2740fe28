"""Subnets and their routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference

SUBNET = "AWS::EC2::Subnet"
_TABLE_OF = "AWS::EC2::SubnetRouteTableAssociation"
_ROUTE = "AWS::EC2::Route"


def is_routed_to_internet(subnet: Resource) -> bool:
    """Return whether a route table of a subnet has a route to an internet gateway, or to a carrier gateway.

    A subnet without a route table uses the main one of its VPC, which has no such route. A gateway that is
    outside the app, or not known, counts as an internet gateway.

    Args:
        subnet: An `AWS::EC2::Subnet`.
    """
    return _is_routed(subnet, _tables_to_internet)


def has_private_ipv6(subnet: Resource) -> bool:
    """Return whether the IPv6 addresses of a subnet cannot be called from the internet.

    They can, unless its routes of IPv6 go through an egress-only internet gateway.

    Args:
        subnet: An `AWS::EC2::Subnet`.
    """
    return not _is_routed(subnet, _tables_of_ipv6_to_internet) and _is_routed(subnet, _tables_to_egress_only)


def _is_routed(subnet: Resource, tables_of: Callable[[Resource], Iterator[object]]) -> bool:
    assembly = subnet.stack.assembly
    associations = assembly.index(_subnets, _TABLE_OF)
    routed = assembly.index(tables_of, _ROUTE)
    if associations.undecided or routed.undecided:
        return True
    tables = [association["RouteTableId"].value for association in associations[subnet]]
    return any(_key(table) in routed for table in tables)


def _subnets(association: Resource) -> Iterator[object]:
    subnet = association["SubnetId"].referred()
    if subnet:
        yield subnet


def _tables_to_internet(route: Resource) -> Iterator[object]:
    if _goes_to_internet(route["GatewayId"]) or route["CarrierGatewayId"].exists:
        yield _key(route["RouteTableId"].value)


def _tables_of_ipv6_to_internet(route: Resource) -> Iterator[object]:
    # A prefix list may hold ranges of IPv6.
    if route["DestinationIpv6CidrBlock"].exists or route["DestinationPrefixListId"].exists:
        yield from _tables_to_internet(route)


def _tables_to_egress_only(route: Resource) -> Iterator[object]:
    if route["EgressOnlyInternetGatewayId"].exists:
        yield _key(route["RouteTableId"].value)


def _goes_to_internet(gateway: Node) -> bool:
    value = gateway.value
    return gateway.exists and not (
        _is_of_type(value, "AWS::EC2::VPNGateway") or (isinstance(value, str) and value.startswith(_PRIVATE))
    )


_PRIVATE = ("vgw-", "vpce-", "local")
"""How other values of GatewayId than internet gateways start."""


def _is_of_type(value: object, kind: str) -> bool:
    return isinstance(value, Reference) and value.resource.type == kind


def _key(value: object) -> object:
    return value.resource if isinstance(value, Reference) else value
