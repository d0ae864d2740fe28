"""A system's VPC: three tiers of subnets, their ACLs, the endpoints and the flow log.

A subnet is a sixteenth of the VPC's range: the first four are the public tier's, one for each zone that there
may ever be, the next four the private tier's, then the data tier's. The last four stay free, so that a fourth
tier would move nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.system import network_acls
from tts_constructs.constructs.system.log_storage import kept_log_group
from tts_constructs.constructs.system.network_policy import HTTPS, NetworkPolicy
from tts_constructs.system_metadata import Environment

CIDR = "10.0.0.0/16"
MAX_ZONES = 4
"""Number of zones that the address range has room for, so that adding a zone moves no subnet."""

PENDING_ZONE = "dummy1a"
"""Name that the CDK uses for a zone before its lookup."""

SUBNET_BITS = 4
"""Bits that a subnet's prefix has more than the VPC's: a subnet is a sixteenth of the range."""

WIDEST, NARROWEST = 16, 23
"""Prefix lengths of a VPC's range: the widest of AWS, and the one whose sixteenths fit a balancer (/27)."""

PUBLIC = ec2.SubnetSelection(subnet_group_name="Public")
PRIVATE = ec2.SubnetSelection(subnet_group_name="Private")
DATA = ec2.SubnetSelection(subnet_group_name="Data")

Zones = Sequence[str] | int


def system_vpc(
    scope: Construct,
    id_: str,
    *,
    network: NetworkPolicy,
    cidr: str,
    availability_zones: Zones,
    nat_gateways: int,
    ipv6: bool,
    key: kms.IKey,
    environment: Environment,
) -> ec2.Vpc:
    """Makes a VPC. Its flow log is kept for 1096 days, and nothing uses its default security group.

    Args:
        scope: Parent construct.
        id_: Construct id.
        network: Traffic that its ACLs allow.
        cidr: IPv4 range.
        availability_zones: Names or number of zones.
        nat_gateways: Number of NAT gateways. With 0, private subnets reach only endpoints.
        ipv6: True to give it an IPv6 range too.
        key: Key of the flow log.
        environment: Environment of the system. In a sandbox the flow log's group goes with the stack.
    """
    names, count = (
        (None, availability_zones) if isinstance(availability_zones, int) else (availability_zones, None)
    )
    isolated = ec2.SubnetType.PRIVATE_ISOLATED
    private = ec2.SubnetType.PRIVATE_WITH_EGRESS if nat_gateways or ipv6 else isolated
    mask = ipaddress.IPv4Network(cidr).prefixlen + SUBNET_BITS
    vpc = ec2.Vpc(
        scope,
        id_,
        ip_addresses=ec2.IpAddresses.cidr(cidr),
        ip_protocol=ec2.IpProtocol.DUAL_STACK if ipv6 else None,
        availability_zones=names,
        max_azs=count,
        reserved_azs=MAX_ZONES - zone_count(availability_zones),
        nat_gateways=nat_gateways,
        subnet_configuration=[
            # The order is the place of a tier in the range: a further tier comes last.
            ec2.SubnetConfiguration(
                name="Public",
                subnet_type=ec2.SubnetType.PUBLIC,
                cidr_mask=mask,
                map_public_ip_on_launch=False,
            ),
            ec2.SubnetConfiguration(name="Private", subnet_type=private, cidr_mask=mask),
            ec2.SubnetConfiguration(name="Data", subnet_type=isolated, cidr_mask=mask),
        ],
        gateway_endpoints={
            "S3": ec2.GatewayVpcEndpointOptions(
                service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[PUBLIC, PRIVATE]
            )
        },
        restrict_default_security_group=False,  # the CDK does it by a Lambda function with rights of its own
    )
    network_acls.add_acls(vpc, network, families(vpc, cidr, ipv6=ipv6))
    vpc.add_flow_log(
        "FlowLog",
        destination=ec2.FlowLogDestination.to_cloud_watch_logs(
            kept_log_group(vpc, "FlowLogs", key=key, environment=environment)
        ),
        traffic_type=ec2.FlowLogTrafficType.ALL,
    )
    return vpc


def families(vpc: ec2.Vpc | None, cidr: str, *, ipv6: bool) -> list[network_acls.Family]:
    """Returns the versions of IP that a VPC has. Without a VPC, the IPv6 range is that of all addresses."""
    found = [network_acls.ipv4(cidr, [_private_tier(cidr)])]
    if ipv6:
        six = cdk.Fn.select(0, vpc.vpc_ipv6_cidr_blocks) if vpc else "::/0"
        found.append(network_acls.ipv6(six, _private_tier_ipv6(six)))
    return found


def _private_tier(cidr: str) -> str:
    """Returns the range of the private tier in all of its zones: the second quarter of the VPC's."""
    _, private, *_ = ipaddress.IPv4Network(cidr).subnets(SUBNET_BITS // 2)
    return str(private)


def _private_tier_ipv6(cidr: str) -> list[str]:
    """Returns the ranges that the subnets of the private tier have, or would have, in all of its zones."""
    subnets = cdk.Fn.cidr(cidr, 2 * MAX_ZONES, "64")
    return [cdk.Fn.select(MAX_ZONES + zone, subnets) for zone in range(MAX_ZONES)]


def add_interface_endpoints(
    vpc: ec2.Vpc, cidr: str, services: Sequence[ec2.InterfaceVpcEndpointAwsService]
) -> ec2.SecurityGroup:
    """Makes endpoints of AWS services in the private subnets, with private DNS, for all of the VPC.

    Args:
        vpc: The VPC.
        cidr: Range of the VPC, which may call the endpoints.
        services: AWS services to make endpoints for.

    Returns:
        The security group of the endpoints. It allows HTTPS from the VPC, and nothing out.
    """
    group = ec2.SecurityGroup(
        vpc, "EndpointGroup", vpc=vpc, description="Interface endpoints", allow_all_outbound=False
    )
    group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(HTTPS), "HTTPS from the VPC")
    for service in services:
        ec2.InterfaceVpcEndpoint(
            vpc,
            f"{service.short_name}-endpoint",
            vpc=vpc,
            service=service,
            subnets=PRIVATE,
            security_groups=[group],
            private_dns_enabled=True,
            open=False,
        )
    return group


def zone_count(zones: Zones) -> int:
    """Returns the number of zones."""
    return zones if isinstance(zones, int) else len(zones)


def faults(cidr: str, zones: Zones, nat_gateways: int, stack: cdk.Stack) -> Iterator[str]:
    """Yields one sentence for each wrong argument of a VPC in `stack`."""
    yield from _cidr_faults(cidr)
    yield from _zone_faults(zones, stack)
    if nat_gateways not in range(zone_count(zones) + 1):
        yield (
            f"nat_gateways is {nat_gateways!r}; write a number from 0 to {zone_count(zones)}, "
            "the number of availability zones"
        )


def _cidr_faults(cidr: str) -> Iterator[str]:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        yield f"cidr: {error}; write an IPv4 range such as {CIDR!r}"
        return
    if not WIDEST <= network.prefixlen <= NARROWEST:
        yield f"cidr is {cidr!r}; write a range from /{WIDEST} to /{NARROWEST}, such as {CIDR!r}"
    if not network.is_private:
        yield f"cidr is {cidr!r}, whose addresses are others'; write a private range such as {CIDR!r}"


def _zone_faults(zones: Zones, stack: cdk.Stack) -> Iterator[str]:
    if not standards.MIN_ZONES <= zone_count(zones) <= MAX_ZONES:
        yield (
            f"availability_zones are {zone_count(zones)}; a system uses "
            f"{standards.MIN_ZONES} to {MAX_ZONES} of them"
        )
    known = stack.availability_zones
    if cdk.Token.is_unresolved(stack.region) or PENDING_ZONE in known:
        return
    names = ", ".join(known)
    if isinstance(zones, int):
        if zones > len(known):
            yield f"availability_zones are {zones}, and the account has {len(known)} in the region: {names}"
        return
    yield from (
        f"availability_zones name {zone!r} twice" for zone in dict.fromkeys(zones) if zones.count(zone) > 1
    )
    yield from (
        f"availability_zones name {zone!r}, which the account has not in the region; it has: {names}"
        for zone in zones
        if zone not in known
    )
