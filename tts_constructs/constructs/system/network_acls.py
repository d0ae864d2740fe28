"""The network ACLs of a system's VPC, made from its network policy for each tier and port.

An ACL is stateless, so each tier also allows the answers: to and from the ports 1024-65535, where a client, a
NAT gateway and the S3 gateway endpoint receive them. For the same reason each tier allows, in both
directions, the one message of ICMP that tells a sender that its packets are too big.

Source: Amazon VPC User Guide, "Path MTU Discovery": "If the maximum transmission unit (MTU) between hosts in
your subnets is different, or your instances communicate with peers over the internet, you must add the
following network ACL rule, both inbound and outbound."
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from aws_cdk import aws_ec2 as ec2

from tts_constructs.constructs.system.network_policy import ANYWHERE, HTTP, HTTPS, NetworkPolicy, is_ipv6

USABLE_ENTRIES = 19
"""Entries that an ACL may have in one direction and IP version. AWS's quota of 20 includes the deny entry."""

POSTGRESQL = 5432
DATA_PORTS = (POSTGRESQL,)
"""Ports of the databases in the data tier, which the private tier may call."""

_FIRST_EPHEMERAL, _LAST = 1024, 65535


@dataclass(frozen=True)
class Family:
    """A version of IP, with the ranges that the ACLs of a VPC use for it.

    Args:
        anywhere: The range of all its addresses.
        vpc: The VPC's range.
        private: The ranges of the private tier, in all zones that it may ever have.
        is_ipv6: True for version 6, whose entries have their own names and numbers.
    """

    anywhere: str
    vpc: str
    private: tuple[str, ...]
    is_ipv6: bool


def ipv4(vpc: str, private: Sequence[str]) -> Family:
    """Returns IPv4 for a VPC with the range `vpc`, of which `private` are the ranges of the private tier."""
    return Family(ANYWHERE[0], vpc, tuple(private), is_ipv6=False)


def ipv6(vpc: str, private: Sequence[str]) -> Family:
    """Returns IPv6 for a VPC with the range `vpc`, of which `private` are the ranges of the private tier."""
    return Family(ANYWHERE[1], vpc, tuple(private), is_ipv6=True)


@dataclass(frozen=True)
class Entry:
    """An ACL entry that allows TCP at some ports, or the ICMP message of path MTU discovery.

    Args:
        name: Construct id, which says what the entry is for.
        number: Rule number. None: computed from the name.
        direction: Inbound or outbound.
        ip: Version of IP.
        cidr: Source of an inbound entry, or destination of an outbound one.
        ports: First and last port. None: the message "packet too big", which has no port.
    """

    name: str
    number: int | None
    direction: ec2.TrafficDirection
    ip: Family
    cidr: str
    ports: tuple[int, int] | None


_IN, _OUT = ec2.TrafficDirection.INGRESS, ec2.TrafficDirection.EGRESS


def public_tier(policy: NetworkPolicy, ip: Family) -> Iterator[Entry]:
    """Yields the entries for the subnets of balancers and NAT gateways."""
    if policy.inbound:
        yield _fixed("InHttps", 100, _IN, ip, ip.anywhere, HTTPS)
        yield _fixed("InHttp", 110, _IN, ip, ip.anywhere, HTTP)
    yield _fixed("InReturns", 120, _IN, ip, ip.anywhere, _FIRST_EPHEMERAL, _LAST)
    yield _fixed("OutReturns", 120, _OUT, ip, ip.anywhere, _FIRST_EPHEMERAL, _LAST)
    yield _fixed("OutServices", 130, _OUT, ip, ip.vpc, 1, _FIRST_EPHEMERAL - 1)
    # What the private tier sends out passes the NAT gateway: into this tier, then out of it.
    low = [(cidr, port) for cidr, port in _outbound(policy, ip) if port < _FIRST_EPHEMERAL]
    for port in sorted({port for _, port in low} - ({HTTPS, HTTP} if policy.inbound else set())):
        yield _fixed(f"InNat{port}", 1000 + 2 * port, _IN, ip, ip.vpc, port)
    yield from (_declared(cidr, port, ip) for cidr, port in low)
    yield from _path_mtu(ip, ip.anywhere)


def private_tier(policy: NetworkPolicy, ip: Family) -> Iterator[Entry]:
    """Yields the entries for the subnets of instances."""
    yield _fixed("InVpc", 100, _IN, ip, ip.vpc, 0, _LAST)
    yield _fixed("InReturns", 120, _IN, ip, ip.anywhere, _FIRST_EPHEMERAL, _LAST)
    yield _fixed("OutVpc", 100, _OUT, ip, ip.vpc, 0, _LAST)
    yield from (_declared(cidr, port, ip) for cidr, port in _outbound(policy, ip))
    yield from _path_mtu(ip, ip.anywhere)


def data_tier(_: NetworkPolicy, ip: Family) -> Iterator[Entry]:
    """Yields the entries for the subnets of databases, which answer the private tier and call nothing."""
    for place, cidr in enumerate(ip.private):
        for port in DATA_PORTS:
            yield _fixed(f"InTcp{port}From{place}", None, _IN, ip, cidr, port)
        yield _fixed(f"OutReturnsTo{place}", 120 + 2 * place, _OUT, ip, cidr, _FIRST_EPHEMERAL, _LAST)
    yield from _path_mtu(ip, ip.vpc)


TIERS = {"Public": public_tier, "Private": private_tier, "Data": data_tier}
"""The entries of each tier, by the name of its group of subnets."""


def faults(policy: NetworkPolicy, families: Sequence[Family]) -> Iterator[str]:
    """Yields one sentence for each ACL that `policy` makes too long."""
    for tier, entries in TIERS.items():
        for ip in families:
            of_tier = list(entries(policy, ip))
            for direction, word in ((_IN, "inbound"), (_OUT, "outbound")):
                count = sum(entry.direction is direction for entry in of_tier)
                if count > USABLE_ENTRIES:
                    yield (
                        f"network: its flows need {count} {word} entries in the network ACL of the "
                        f"{tier.lower()} subnets, which holds {USABLE_ENTRIES}; state fewer outbound flows"
                    )


def add_acls(vpc: ec2.Vpc, policy: NetworkPolicy, families: Sequence[Family]) -> None:
    """Gives each tier of `vpc` (the subnet groups that `TIERS` names) its ACL."""
    # Entries share ranges and ports, and each of these is a step to JavaScript.
    ipv4_range, ipv6_range = cache(ec2.AclCidr.ipv4), cache(ec2.AclCidr.ipv6)
    traffic = cache(_traffic)
    for tier, entries in TIERS.items():
        acl = ec2.NetworkAcl(vpc, f"{tier}Acl", vpc=vpc)
        for subnet in vpc.select_subnets(subnet_group_name=tier).subnets:
            # by itself, as the one that `subnet_selection` makes has the stack's name in its logical id
            ec2.SubnetNetworkAclAssociation(acl, subnet.node.id, network_acl=acl, subnet=subnet)
        if ipv6_block := vpc.node.try_find_child("ipv6cidr"):
            acl.node.add_dependency(ipv6_block)  # until it is there, the VPC has no IPv6 range to name
        for entry, number in numbered([entry for ip in families for entry in entries(policy, ip)]):
            acl.add_entry(
                entry.name,
                rule_number=number,
                direction=entry.direction,
                cidr=(ipv6_range if entry.ip.is_ipv6 else ipv4_range)(entry.cidr),
                traffic=traffic(entry.ports, is_ipv6=entry.ip.is_ipv6),
            )


def numbered(entries: Sequence[Entry]) -> Iterator[tuple[Entry, int]]:
    """Yields each entry with its rule number.

    A changed number replaces an entry, so a number comes from the entry's name and not from its position. The
    order doesn't matter, because all entries allow.
    """
    taken = {(entry.direction, entry.number) for entry in entries}
    for entry in entries:
        number = entry.number
        if number is None:
            number = 4000 + zlib.crc32(entry.name.encode()) % 28_000
            while (entry.direction, number) in taken:
                number += 1
            taken.add((entry.direction, number))
        yield entry, number


def _fixed(
    name: str,
    number: int | None,
    direction: ec2.TrafficDirection,
    ip: Family,
    cidr: str,
    first: int,
    last: int | None = None,
) -> Entry:
    if ip.is_ipv6:
        name, number = f"{name}V6", number and number + 1
    return Entry(name, number, direction, ip, cidr, (first, last or first))


def _declared(cidr: str, port: int, ip: Family) -> Entry:
    return Entry(f"OutTcp{port}To{cidr.replace('/', '-')}", None, _OUT, ip, cidr, (port, port))


def _path_mtu(ip: Family, cidr: str) -> Iterator[Entry]:
    """Yields the entries for the message "packet too big", which any router on the way sends to a sender."""
    for word, direction in (("In", _IN), ("Out", _OUT)):
        name, number = (f"{word}PathMtuV6", 141) if ip.is_ipv6 else (f"{word}PathMtu", 140)
        yield Entry(name, number, direction, ip, cidr, None)


def _traffic(ports: tuple[int, int] | None, *, is_ipv6: bool) -> ec2.AclTraffic:
    if ports:
        return ec2.AclTraffic.tcp_port_range(*ports)
    if is_ipv6:
        return ec2.AclTraffic.icmpv6(type=2, code=-1)  # "Packet Too Big", which has one code
    return ec2.AclTraffic.icmp(type=3, code=4)  # "Fragmentation Needed and Don't Fragment was Set"


def _outbound(policy: NetworkPolicy, ip: Family) -> list[tuple[str, int]]:
    """Returns the outbound ranges and ports of a policy for one version of IP."""
    return sorted(
        {(cidr, flow.port) for flow in policy.outbound for cidr in flow.cidrs if is_ipv6(cidr) == ip.is_ipv6}
    )
