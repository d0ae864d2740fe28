"""Reads the traffic that security groups allow, in words that hold no address."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress

from tts_constructs.policy.aws import cidr
from tts_constructs.policy.aws.cidr import Ports
from tts_constructs.policy.aws.security_groups import (
    CIDR_PROPERTIES,
    GROUP_PROPERTIES,
    egress_of,
    ingress_of,
    name_of,
    networks_at,
    ports_of,
    ranges_of,
)
from tts_constructs.policy.aws.subnets import SUBNET
from tts_constructs.policy.aws.vpcs import VPC, vpcs_of
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference

INTERNET = "The internet"
RANGES = "Stated address ranges"
THIS_VPC = "Anything in this VPC"
OTHER_GROUPS = "Groups outside this app"
NOT_KNOWN = "Not known before deployment"
OUTSIDE = (INTERNET, RANGES, THIS_VPC, OTHER_GROUPS, NOT_KNOWN)
"""Ends of a flow that are not part of the app."""

Opening = tuple[Hashable, Ports]
"""A peer, which is a group of the app or one of `OUTSIDE`, and ports that are open to it."""

_EVERYTHING: Ports = (cidr.ALL_PROTOCOLS, *cidr.ALL_PORTS)
_ANYTHING: Opening = (NOT_KNOWN, _EVERYTHING)
_NOWHERE = cidr.parse("255.255.255.255/32")
"""The range that the CDK writes as egress where a group must have none."""


def inwards(group: Resource) -> set[Opening]:
    """Returns the traffic that may enter a security group, in any branch of the template."""
    return _in_any_way(group, lambda: _opened(group, ingress_of(group)))


def outwards(group: Resource) -> set[Opening]:
    """Returns the traffic that may leave a security group; without rules all may, as in CloudFormation."""

    def opened() -> set[Opening]:
        rules = egress_of(group)
        return _opened(group, rules) if rules else {(INTERNET, _EVERYTHING)}

    return _in_any_way(group, opened)


def in_words(ports: set[Ports]) -> tuple[str, ...]:
    """Writes ports for a person: `tcp 443`, `udp 1 to 9`, `all tcp`, `all traffic`."""
    if _EVERYTHING in ports:
        return ("all traffic",)
    return tuple(_word(*each) for each in sorted(ports))


def _word(protocol: str, first: int, last: int) -> str:
    if protocol not in {"tcp", "udp"}:
        return f"protocol {protocol}"
    if (first, last) == cidr.ALL_PORTS:
        return f"all {protocol}"
    return f"{protocol} {first}" if first == last else f"{protocol} {first} to {last}"


def _in_any_way(group: Resource, read: Callable[[], set[Opening]]) -> set[Opening]:
    def settled() -> set[Opening]:
        try:
            return read()
        except UnknownValue:  # the list of rules itself is not known
            return {_ANYTHING}

    runs, complete = group.stack.assembly.explorer.run_all(settled)
    opened = {opening for run in runs for opening in run}
    return opened if complete else opened | {_ANYTHING}


def _opened(group: Resource, rules: list[Node]) -> set[Opening]:
    opened: set[Opening] = set()
    literal: list[cidr.Opening] = []
    for rule in rules:
        try:
            ports = ports_of(rule)
        except UnknownValue:
            opened.add(_ANYTHING)
            continue
        opened.update((peer, ports) for peer in (*_groups_named(rule), *_ranges_in_words(rule)))
        literal += [(ports, network) for place in ranges_of(rule) for network in _networks(place)]
    return opened | set(_literal_in_words(literal, _own_networks(group)))


def _groups_named(rule: Node) -> Iterator[Hashable]:
    for place in (rule[key] for key in GROUP_PROPERTIES):
        if place.exists:
            try:
                name = name_of(place)
            except UnknownValue:
                yield NOT_KNOWN
            else:
                yield name if isinstance(name, Resource) else OTHER_GROUPS


def _ranges_in_words(rule: Node) -> Iterator[str]:
    """Names the ranges of a rule that are not literal."""
    for place in ranges_of(rule):
        value = place.value
        try:
            is_literal = any(True for _ in networks_at(place))
        except UnknownValue:
            # A prefix list that the app does not make is a list of stated ranges all the same.
            yield NOT_KNOWN if place.key in CIDR_PROPERTIES else RANGES
        else:
            if isinstance(value, Reference) and value.resource.type in {VPC, SUBNET}:
                yield THIS_VPC
            elif not is_literal:
                yield RANGES


def _networks(place: Node) -> list[cidr.Network]:
    networks: list[cidr.Network] = []
    with suppress(UnknownValue):  # `_ranges_in_words` says so
        networks.extend(network for network in networks_at(place) if network != _NOWHERE)
    return networks


def _own_networks(group: Resource) -> list[cidr.Network]:
    literal = [vpc["CidrBlock"].value for vpc in vpcs_of(group)]
    return [network for text in literal if isinstance(text, str) and (network := cidr.parse(text))]


def _literal_in_words(ranges: list[cidr.Opening], own: list[cidr.Network]) -> Iterator[tuple[str, Ports]]:
    """Names literal ranges as TTS-NET-001 reads them: pieces of the internet, together, are the internet."""
    wide = cidr.internet_ports(ranges)
    yield from ((INTERNET, ports) for ports in wide)
    for ports, network in ranges:
        if not cidr.lies_in(ports, wide):
            yield THIS_VPC if _lies_in(network, own) else RANGES, ports


def _lies_in(network: cidr.Network, own: list[cidr.Network]) -> bool:
    return any(
        network.version == vpc.version
        and network.prefixlen >= vpc.prefixlen
        and network.network_address in vpc
        for vpc in own
    )
