from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from aws_cdk import aws_ec2 as ec2

from tts_constructs.constructs.system import network_acls
from tts_constructs.constructs.system.network_acls import (
    Entry,
    data_tier,
    ipv4,
    ipv6,
    numbered,
    private_tier,
    public_tier,
)
from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy

VPC = "10.0.0.0/16"
PRIVATE = "10.0.64.0/18"
FOUR = ipv4(VPC, [PRIVATE])
SIX = ipv6("2001:db8::/56", [f"2001:db8:0:{zone}::/64" for zone in range(4, 8)])
CLOSED = NetworkPolicy(inbound=[], outbound=[])
TIERS = list(network_acls.TIERS.values())

WORDS = {ec2.TrafficDirection.INGRESS: "in", ec2.TrafficDirection.EGRESS: "out"}


def rows(entries: Iterable[Entry]) -> set[tuple[str, str, int, int]]:
    """Direction, range, first and last port of the entries for TCP."""
    return {(WORDS[entry.direction], entry.cidr, *entry.ports) for entry in entries if entry.ports}


def icmp(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Direction and range of the entries for the message of path MTU discovery."""
    return sorted((WORDS[entry.direction], entry.cidr) for entry in entries if not entry.ports)


def test_the_public_tier_serves_the_internet_and_passes_https_of_the_private_tier_on() -> None:
    assert rows(public_tier(NetworkPolicy(), FOUR)) == {
        ("in", "0.0.0.0/0", 443, 443),
        ("in", "0.0.0.0/0", 80, 80),
        ("in", "0.0.0.0/0", 1024, 65535),
        ("out", "0.0.0.0/0", 443, 443),
        ("out", "0.0.0.0/0", 1024, 65535),
        ("out", VPC, 1, 1023),
    }


def test_the_private_tier_speaks_with_the_vpc_and_gets_answers_from_outside() -> None:
    assert rows(private_tier(NetworkPolicy(), FOUR)) == {
        ("in", VPC, 0, 65535),
        ("in", "0.0.0.0/0", 1024, 65535),
        ("out", VPC, 0, 65535),
        ("out", "0.0.0.0/0", 443, 443),
    }


def test_the_data_tier_takes_databases_ports_from_the_private_tier_and_answers_it() -> None:
    assert rows(data_tier(NetworkPolicy(), FOUR)) == {
        ("in", PRIVATE, 5432, 5432),
        ("out", PRIVATE, 1024, 65535),
    }


def test_the_data_tier_knows_the_private_tier_by_its_range_in_each_zone_of_ipv6() -> None:
    assert {cidr for _, cidr, *_ in rows(data_tier(NetworkPolicy(), SIX))} == set(SIX.private)


def test_no_policy_opens_the_data_tier() -> None:
    policy = NetworkPolicy(outbound=[Flow.https_anywhere(), Flow.tcp_to("192.0.2.0/24", 5432)])
    assert rows(data_tier(policy, FOUR)) == rows(data_tier(CLOSED, FOUR))


@pytest.mark.parametrize("policy", [NetworkPolicy(), CLOSED])
@pytest.mark.parametrize("tier", [public_tier, private_tier])
@pytest.mark.parametrize("ip", [FOUR, SIX])
def test_senders_learn_from_any_router_that_a_packet_is_too_big(
    tier: Callable[[NetworkPolicy, network_acls.Family], Iterable[Entry]],
    policy: NetworkPolicy,
    ip: network_acls.Family,
) -> None:
    assert icmp(tier(policy, ip)) == [("in", ip.anywhere), ("out", ip.anywhere)]


def test_the_data_tier_learns_it_within_the_vpc_which_is_all_that_it_reaches() -> None:
    assert icmp(data_tier(NetworkPolicy(), FOUR)) == [("in", VPC), ("out", VPC)]


def test_where_nothing_comes_in_no_service_port_is_open_to_the_internet() -> None:
    policy = NetworkPolicy(inbound=[])
    assert {row for row in rows(public_tier(policy, FOUR)) if row[0] == "in"} == {
        ("in", VPC, 443, 443),  # what the NAT gateways pass on
        ("in", "0.0.0.0/0", 1024, 65535),
    }


def test_where_nothing_goes_out_no_service_port_leaves_the_vpc() -> None:
    assert ("out", "0.0.0.0/0", 443, 443) not in rows(private_tier(CLOSED, FOUR))
    assert rows(public_tier(CLOSED, FOUR)) == {
        ("in", "0.0.0.0/0", 1024, 65535),
        ("out", "0.0.0.0/0", 1024, 65535),
        ("out", VPC, 1, 1023),
    }


def test_a_declared_low_port_passes_the_nat_gateway_and_leaves_to_its_range() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", 587)])
    public = rows(public_tier(policy, FOUR))
    assert ("in", VPC, 587, 587) in public
    assert ("out", "192.0.2.0/24", 587, 587) in public
    assert ("out", "192.0.2.0/24", 587, 587) in rows(private_tier(policy, FOUR))


def test_a_declared_high_port_needs_an_entry_in_the_private_tier_only() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", 5432)])
    assert ("out", "192.0.2.0/24", 5432, 5432) in rows(private_tier(policy, FOUR))
    assert not any(row[2] == 5432 for row in rows(public_tier(policy, FOUR)))


@pytest.mark.parametrize(("port", "passes"), [(1023, True), (1024, False)])
def test_the_ports_of_answers_begin_at_1024(port: int, passes: bool) -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", port)])
    assert (("in", VPC, port, port) in rows(public_tier(policy, FOUR))) is passes


def test_two_ranges_at_one_port_pass_the_nat_gateway_by_one_entry() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", 587), Flow.tcp_to("198.51.100.0/24", 587)])
    names = [entry.name for entry in public_tier(policy, FOUR)]
    assert names.count("InNat587") == 1
    assert len(names) == len(set(names))


@pytest.mark.parametrize("tier", TIERS)
def test_ipv6_gets_the_same_entries_with_its_own_ranges(
    tier: Callable[[NetworkPolicy, network_acls.Family], Iterable[Entry]],
) -> None:
    four = rows(tier(NetworkPolicy(), ipv4("vpc", ["private"])))
    assert rows(tier(NetworkPolicy(), ipv6("vpc", ["private"]))) == {
        (direction, "::/0" if cidr == "0.0.0.0/0" else cidr, first, last)
        for direction, cidr, first, last in four
    }


def test_a_range_of_one_version_of_ip_stays_out_of_the_entries_of_the_other() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", 587), Flow.tcp_to("2001:db8::/32", 587)])
    assert "2001:db8::/32" not in {row[1] for row in rows(private_tier(policy, FOUR))}
    assert "192.0.2.0/24" not in {row[1] for row in rows(private_tier(policy, SIX))}


@pytest.mark.parametrize("tier", TIERS)
def test_no_two_entries_share_a_name_or_a_number_in_one_direction(
    tier: Callable[[NetworkPolicy, network_acls.Family], Iterable[Entry]],
) -> None:
    policy = NetworkPolicy(
        outbound=[Flow.tcp_to(f"192.0.{n}.0/24", port) for n in range(4) for port in (25, 587)]
    )
    entries = [*tier(policy, FOUR), *tier(policy, SIX)]
    assert len({entry.name for entry in entries}) == len(entries)
    assert len({(entry.direction, number) for entry, number in numbered(entries)}) == len(entries)


def test_numbers_are_ones_that_aws_takes() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to(f"192.0.{n}.0/24", 1023) for n in range(16)])
    numbers = [number for _, number in numbered(list(public_tier(policy, SIX)))]
    assert all(1 <= number <= 32766 for number in numbers)


def test_a_number_does_not_change_when_flows_are_added_or_moved() -> None:
    mail, ldap = Flow.tcp_to("192.0.2.0/24", 587), Flow.tcp_to("198.51.100.0/24", 636)
    alone = NetworkPolicy(outbound=[mail])
    more = NetworkPolicy(outbound=[ldap, Flow.https_anywhere(), mail])
    for tier in (public_tier, private_tier):
        before = {entry.name: number for entry, number in numbered(list(tier(alone, FOUR)))}
        after = {entry.name: number for entry, number in numbered(list(tier(more, FOUR)))}
        assert before.items() <= after.items()


def test_two_names_that_draw_one_number_get_two() -> None:
    (entry,) = (e for e in private_tier(NetworkPolicy(), FOUR) if e.number is None)
    assert len({number for _, number in numbered([entry, entry])}) == 2


def test_nineteen_entries_fit() -> None:
    # the private tier has two outbound entries of its own, the public tier three
    policy = NetworkPolicy(outbound=[Flow.tcp_to(f"192.0.{n}.0/24", 587) for n in range(16)])
    assert list(network_acls.faults(policy, [FOUR])) == []


def test_a_twentieth_entry_is_refused() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to(f"192.0.{n}.0/24", 587) for n in range(17)])
    assert list(network_acls.faults(policy, [FOUR])) == [
        "network: its flows need 20 outbound entries in the network ACL of the public subnets, "
        "which holds 19; state fewer outbound flows"
    ]


def test_too_many_ports_are_refused_on_the_way_in_too() -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", port) for port in range(500, 516)])
    (fault,) = network_acls.faults(policy, [FOUR])
    assert "need 20 inbound entries in the network ACL of the public subnets" in fault


def test_each_version_of_ip_has_nineteen_entries_of_its_own() -> None:
    four = [Flow.tcp_to(f"192.0.{n}.0/24", 587) for n in range(15)]
    six = [Flow.tcp_to(f"2001:db8:{n}::/48", 587) for n in range(15)]
    assert list(network_acls.faults(NetworkPolicy(outbound=[*four, *six]), [FOUR, SIX])) == []
