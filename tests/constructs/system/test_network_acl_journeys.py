"""Packets travel through the rendered network ACLs, there and back, as they do on AWS.

An ACL is asked at each border of a subnet, knows no connection, and takes the first entry that fits.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy
from tts_constructs.constructs.system.tts_system import TtsSystem

MakeSystem = Callable[..., TtsSystem]

CLIENT, AWS_S3, MAIL = "203.0.113.9", "52.216.0.1", "192.0.2.5"
BALANCER, NAT = "10.0.0.10", "10.0.0.20"
INSTANCE, OTHER_INSTANCE, INTERNAL_BALANCER = "10.0.64.10", "10.0.80.10", "10.0.64.99"
LAST_INSTANCE = "10.0.127.254"  # of the fourth zone
DATABASE, OTHER_DATABASE = "10.0.128.10", "10.0.144.10"


@dataclass(frozen=True)
class Packet:
    source: str
    source_port: int
    target: str
    target_port: int

    def answer(self) -> Packet:
        return Packet(self.target, self.target_port, self.source, self.source_port)


Crossing = tuple[Packet, str, str]
"""A packet, the tier that it leaves and the tier that it enters; "" is outside of the subnets."""


def there_and_back(*crossings: Crossing) -> Iterator[Crossing]:
    yield from crossings
    yield from ((packet.answer(), entered, left) for packet, left, entered in reversed(crossings))


def through_nat(address: str, port: int) -> Iterator[Crossing]:
    sent = Packet(INSTANCE, 40000, address, port)
    translated = replace(sent, source=NAT, source_port=1024)
    return there_and_back((sent, "Private", "Public"), (translated, "Public", ""))


def direct(source: str, target: str, port: int, left: str, entered: str) -> Iterator[Crossing]:
    return there_and_back((Packet(source, 50000, target, port), left, entered))


class Acls:
    """The network ACLs of a template."""

    def __init__(self, template: Template) -> None:
        entries = template.find_resources("AWS::EC2::NetworkAclEntry").values()
        self._entries = sorted(
            (entry["Properties"] for entry in entries), key=lambda entry: entry["RuleNumber"]
        )

    def allow(self, journey: Iterator[Crossing]) -> bool:
        """Whether every border lets the packet pass."""
        return all(
            (not left or self._passes(left, packet.target, packet.target_port, egress=True))
            and (not entered or self._passes(entered, packet.source, packet.target_port, egress=False))
            for packet, left, entered in journey
        )

    def tell_size(self, tier: str, router: str, *, icmp: tuple[int, int] = (3, 4)) -> bool:
        """Whether a router's message about a packet's size enters and leaves a tier."""
        return all(self._admits(tier, router, _is_icmp(*icmp), egress=egress) for egress in (False, True))

    def _passes(self, tier: str, peer: str, port: int, *, egress: bool) -> bool:
        return self._admits(tier, peer, _is_tcp(port), egress=egress)

    def _admits(self, tier: str, peer: str, fits: Callable[[dict[str, Any]], bool], *, egress: bool) -> bool:
        for entry in self._entries:
            if (
                f"{tier}Acl" in entry["NetworkAclId"]["Ref"]
                and entry["Egress"] is egress
                and ipaddress.ip_address(peer) in ipaddress.ip_network(entry["CidrBlock"])
                and fits(entry)
            ):
                return bool(entry["RuleAction"] == "allow")
        return False


def _is_tcp(port: int) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: (
        entry["Protocol"] == 6 and entry["PortRange"]["From"] <= port <= entry["PortRange"]["To"]
    )


def _is_icmp(type_: int, code: int) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: entry["Protocol"] == 1 and entry["Icmp"] == {"Type": type_, "Code": code}


@pytest.fixture(scope="module")
def acls_of(make_system: MakeSystem) -> Callable[[NetworkPolicy], Acls]:
    return lambda policy: Acls(Template.from_stack(make_system(network=policy).stack))


@pytest.fixture(scope="module")
def default(acls_of: Callable[[NetworkPolicy], Acls]) -> Acls:
    return acls_of(NetworkPolicy())


@pytest.mark.parametrize("port", [443, 80])
def test_a_client_reaches_the_balancer(default: Acls, port: int) -> None:
    assert default.allow(direct(CLIENT, BALANCER, port, "", "Public"))


@pytest.mark.parametrize("port", [80, 443, 1023, 1024, 8080, 65535])
def test_a_balancer_reaches_instances_on_any_port(default: Acls, port: int) -> None:
    assert default.allow(direct(BALANCER, INSTANCE, port, "Public", "Private"))


@pytest.mark.parametrize("port", [443, 8443])
def test_instances_reach_internal_balancers_and_each_other(default: Acls, port: int) -> None:
    assert default.allow(direct(INSTANCE, INTERNAL_BALANCER, port, "Private", "Private"))
    assert default.allow(direct(INTERNAL_BALANCER, OTHER_INSTANCE, port, "Private", "Private"))


def test_instances_reach_https_outside_through_the_nat_gateway(default: Acls) -> None:
    assert default.allow(through_nat(CLIENT, 443))


def test_instances_reach_s3_through_its_gateway(default: Acls) -> None:
    assert default.allow(direct(INSTANCE, AWS_S3, 443, "Private", ""))


@pytest.mark.parametrize("port", [22, 25, 444, 1023])
def test_nothing_else_comes_in_from_the_internet(default: Acls, port: int) -> None:
    assert not default.allow(direct(CLIENT, BALANCER, port, "", "Public"))
    assert not default.allow(direct(CLIENT, INSTANCE, port, "", "Private"))


@pytest.mark.parametrize("port", [22, 80, 587, 5432])
def test_nothing_else_goes_out(default: Acls, port: int) -> None:
    assert not default.allow(through_nat(MAIL, port))


@pytest.mark.parametrize("port", [25, 587, 1023, 1024, 5432])
def test_a_declared_port_is_reached_in_its_range_and_nowhere_else(
    acls_of: Callable[[NetworkPolicy], Acls], port: int
) -> None:
    acls = acls_of(NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", port)]))
    assert acls.allow(through_nat(MAIL, port))
    assert not acls.allow(through_nat(CLIENT, port))
    assert not acls.allow(through_nat(CLIENT, 443))


def test_where_nothing_comes_in_instances_still_reach_https_outside(
    acls_of: Callable[[NetworkPolicy], Acls],
) -> None:
    acls = acls_of(NetworkPolicy(inbound=[]))
    assert acls.allow(through_nat(CLIENT, 443))
    assert not acls.allow(direct(CLIENT, BALANCER, 443, "", "Public"))
    assert not acls.allow(direct(CLIENT, BALANCER, 80, "", "Public"))


def test_where_nothing_goes_out_clients_are_still_served(acls_of: Callable[[NetworkPolicy], Acls]) -> None:
    acls = acls_of(NetworkPolicy(outbound=[]))
    assert acls.allow(direct(CLIENT, BALANCER, 443, "", "Public"))
    assert acls.allow(direct(BALANCER, INSTANCE, 443, "Public", "Private"))
    assert not acls.allow(through_nat(CLIENT, 443))
    assert not acls.allow(direct(INSTANCE, AWS_S3, 443, "Private", ""))


@pytest.mark.parametrize("instance", [INSTANCE, OTHER_INSTANCE, LAST_INSTANCE])
def test_instances_of_every_zone_reach_a_database(default: Acls, instance: str) -> None:
    assert default.allow(direct(instance, DATABASE, 5432, "Private", "Data"))


@pytest.mark.parametrize("port", [22, 443, 3306, 5431, 5433, 65535])
def test_instances_reach_no_other_port_of_the_data_tier(default: Acls, port: int) -> None:
    assert not default.allow(direct(INSTANCE, DATABASE, port, "Private", "Data"))


def test_only_the_private_tier_reaches_a_database(default: Acls) -> None:
    assert not default.allow(direct(BALANCER, DATABASE, 5432, "Public", "Data"))
    assert not default.allow(direct(CLIENT, DATABASE, 5432, "", "Data"))
    assert not default.allow(direct(OTHER_DATABASE, DATABASE, 5432, "Data", "Data"))


@pytest.mark.parametrize("target", [CLIENT, AWS_S3])
def test_a_database_reaches_nothing_outside(default: Acls, target: str) -> None:
    assert not default.allow(direct(DATABASE, target, 443, "Data", ""))


@pytest.mark.parametrize("port", [443, 5432, 8443])
def test_a_database_calls_no_one_inside(default: Acls, port: int) -> None:
    assert not default.allow(direct(DATABASE, INSTANCE, port, "Data", "Private"))


@pytest.mark.parametrize(
    ("tier", "router"), [("Public", CLIENT), ("Private", CLIENT), ("Private", NAT), ("Data", INSTANCE)]
)
def test_a_router_may_say_that_a_packet_is_too_big(default: Acls, tier: str, router: str) -> None:
    assert default.tell_size(tier, router)


@pytest.mark.parametrize("message", [(8, 0), (8, -1), (3, 3), (3, -1), (5, 1), (-1, -1)])
@pytest.mark.parametrize("tier", ["Public", "Private", "Data"])
def test_no_other_message_of_icmp_passes(default: Acls, tier: str, message: tuple[int, int]) -> None:
    assert not default.tell_size(tier, INSTANCE, icmp=message)


def test_no_router_outside_speaks_to_the_data_tier(default: Acls) -> None:
    assert not default.tell_size("Data", CLIENT)
