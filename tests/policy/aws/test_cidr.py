"""Which address ranges are as wide as the internet, alone and together."""

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.aws.cidr import (
    ALL_PORTS,
    ALL_PROTOCOLS,
    Network,
    Ports,
    addresses,
    are_wide,
    first_shared,
    internet_ports,
    is_wide,
    lies_in,
    parse,
    shared,
)

EVERYTHING: Ports = (ALL_PROTOCOLS, *ALL_PORTS)


def network(text: str) -> Network:
    parsed = parse(text)
    assert parsed
    return parsed


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "8000::/1", "2000::/3", "8.0.0.0/7", "2600::/15"]
)
def test_a_public_range_wider_than_a_stated_one_is_the_internet(text: str) -> None:
    assert is_wide(network(text))


@pytest.mark.parametrize(
    "text",
    [
        "8.0.0.0/8", "2600::/16", "10.0.0.0/8", "192.0.2.0/24", "255.255.255.255/32", "fc00::/7", "fe80::/10",
        "224.0.0.0/4", "240.0.0.0/4", "10.0.0.0/7",
    ],
)  # fmt: skip
def test_a_stated_or_private_range_is_not_the_internet(text: str) -> None:
    assert not is_wide(network(text))


def test_host_bits_do_not_hide_the_internet() -> None:
    assert is_wide(network("198.51.100.7/0"))


@pytest.mark.parametrize("text", ["", "0/0", "anywhere", "0.0.0.0/33", "1.2.3", "pl-12345678"])
def test_a_text_that_is_no_range_is_none(text: str) -> None:
    assert parse(text) is None


def test_ranges_that_lie_apart_count_by_what_they_hold() -> None:
    assert not are_wide([network("8.0.0.0/9"), network("17.0.0.0/9")])
    assert are_wide([network("8.0.0.0/9"), network("17.0.0.0/9"), network("99.0.0.1/32")])
    assert are_wide([network("2600::/16"), network("2800::/128")])


def test_what_no_host_of_the_internet_has_adds_nothing() -> None:
    private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "240.0.0.0/4", "fe80::/10"]
    assert addresses(map(network, private)) == (0, 0)
    assert not are_wide([network("8.0.0.0/8"), network("2600::/16"), *map(network, private)])


def test_two_families_do_not_add_up() -> None:
    assert not are_wide([network("8.0.0.0/8"), network("2600::/16")])


@st.composite
def pieces(draw: st.DrawFn) -> list[Network]:
    """A wide public range, cut into pieces at random."""
    whole = network(draw(st.sampled_from(["0.0.0.0/0", "8.0.0.0/7", "128.0.0.0/2", "::/0", "2600::/15"])))
    parts = [whole]
    for _ in range(draw(st.integers(0, 12))):
        part = parts.pop(draw(st.integers(0, len(parts) - 1)))
        parts.extend(part.subnets())
    return draw(st.permutations(parts))


@given(pieces())
def test_the_internet_in_pieces_is_the_internet(parts: list[Network]) -> None:
    assert are_wide(parts)


def ranges_within(whole: str) -> st.SearchStrategy[Network]:
    within = network(whole)
    bits = within.max_prefixlen - within.prefixlen
    return st.builds(
        lambda offset, prefix: ipaddress.ip_network(
            (int(within.network_address) + offset, prefix), strict=False
        ),
        st.integers(0, 2**bits - 1),
        st.integers(within.prefixlen, within.max_prefixlen),
    )


@given(st.lists(ranges_within("8.8.8.0/26"), max_size=8), st.lists(ranges_within("2600::/122"), max_size=8))
def test_each_address_counts_once(ipv4: list[Network], ipv6: list[Network]) -> None:
    held = tuple(len({address for one in family for address in one}) for family in (ipv4, ipv6))
    assert addresses([*ipv4, *ipv6]) == held


narrow = ranges_within("0.0.0.0/0")


@given(st.lists(narrow, min_size=1, max_size=6), st.data())
def test_cutting_or_repeating_a_range_changes_no_count(networks: list[Network], data: st.DataObject) -> None:
    cut = data.draw(st.sampled_from(networks))
    pieces = list(cut.subnets()) if cut.prefixlen < 32 else [cut]
    others = [one for one in networks if one != cut]
    assert addresses([*others, *pieces]) == addresses(networks) == addresses([*networks, *pieces, cut])


@given(pieces())
def test_the_pieces_are_the_internet_at_a_port_that_all_of_them_open(parts: list[Network]) -> None:
    openings = [(("tcp", 443 - position, 443 + position), part) for position, part in enumerate(parts)]
    assert any(first <= 443 <= last for _, first, last in internet_ports(openings))


ranges = st.sampled_from(
    ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "9.0.0.0/8", "8.0.0.0/9", "::/0", "198.0.0.0/24"]
)
protocols = st.sampled_from(["tcp", "udp", ALL_PROTOCOLS])
openings = st.lists(st.tuples(protocols, st.tuples(st.integers(0, 9), st.integers(0, 9)), ranges), max_size=8)


def rules_of(stated: list[tuple[str, tuple[int, int], str]]) -> list[tuple[Ports, Network]]:
    return [
        (EVERYTHING if protocol == ALL_PROTOCOLS else (protocol, min(ports), max(ports)), network(text))
        for protocol, ports, text in stated
    ]


@given(openings)
def test_open_ports_are_those_at_which_the_ranges_are_wide(
    stated: list[tuple[str, tuple[int, int], str]],
) -> None:
    rules = rules_of(stated)
    found = internet_ports(rules)
    for protocol in ("tcp", "udp", "47"):
        for port in range(10):
            here = (protocol, port, port)
            open_here = [net for ports, net in rules if shared(ports, here)]
            assert lies_in(here, found) is are_wide(open_here)


@given(openings)
def test_open_ports_are_sorted_and_apart(stated: list[tuple[str, tuple[int, int], str]]) -> None:
    found = internet_ports(rules_of(stated))
    assert found == [EVERYTHING] or all(ports[0] != ALL_PROTOCOLS for ports in found)
    assert all(one[0] < other[0] or one[2] + 1 < other[1] for one, other in pairwise(found))


port = st.integers(0, 30)
some_ports = st.builds(lambda p, a, b: (p, min(a, b), max(a, b)), st.sampled_from(["tcp", "udp"]), port, port)


@given(
    st.lists(some_ports, max_size=6).map(lambda own: internet_ports((p, network("::/0")) for p in own)),
    some_ports | st.just(EVERYTHING),
)
def test_the_first_ports_that_are_shared_are_found(found: list[Ports], own: Ports) -> None:
    assert first_shared(found, own) == next((one for one in found if shared(one, own)), None)
    assert lies_in(own, found) is any(shared(own, one) == own for one in found)


@given(st.integers(0, 2**32 - 1), st.integers(8, 32))
def test_no_stated_range_of_ipv4_is_ever_wide(address: int, prefix: int) -> None:
    assert not is_wide(ipaddress.IPv4Network((address, prefix), strict=False))


def test_every_port_is_open_where_two_rules_share_the_ports() -> None:
    anywhere = network("0.0.0.0/0")
    assert internet_ports([(("udp", 0, 999), anywhere), (("udp", 1000, 65535), anywhere)]) == [
        ("udp", *ALL_PORTS)
    ]


def test_everything_covers_each_address_that_a_host_of_the_internet_can_have() -> None:
    not_public = 2**29 + 3 * 2**24 + 2**22 + 2**20 + 2**17 + 2 * 2**16 + 4 * 2**8
    assert addresses([network("0.0.0.0/0")]) == (2**32 - not_public, 0)


def test_the_last_address_of_a_range_counts_once() -> None:
    assert addresses([network("8.0.0.0/8"), network("8.255.255.255/32")]) == (2**24, 0)


def test_a_range_adds_what_the_open_ranges_within_it_do_not_cover() -> None:
    openings = [
        (("tcp", 1, 10), network("8.0.0.0/10")),
        (("tcp", 1, 10), network("8.128.0.0/10")),
        (("tcp", 5, 10), network("8.0.0.0/8")),
        (("tcp", 20, 30), network("8.0.0.0/9")),
    ]
    assert internet_ports(openings) == []
    assert internet_ports([*openings, (("tcp", 7, 8), network("9.0.0.0/32"))]) == [("tcp", 7, 8)]


TCP: Ports = ("tcp", 1, 10)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (EVERYTHING, TCP, TCP),
        (TCP, ("tcp", 5, 20), ("tcp", 5, 10)),
        (TCP, ("tcp", 10, 20), ("tcp", 10, 10)),
        (TCP, ("tcp", 11, 20), None),
        (TCP, ("udp", 1, 10), None),
    ],
)
def test_ports_are_shared_by_protocol_and_number(one: Ports, other: Ports, both: Ports | None) -> None:
    assert shared(one, other) == both == shared(other, one)


def test_all_protocols_share_the_first_ports_of_any() -> None:
    udp: Ports = ("udp", 1, 10)
    assert first_shared([TCP, udp], EVERYTHING) == TCP
    assert first_shared([EVERYTHING], udp) == first_shared([EVERYTHING], EVERYTHING) == EVERYTHING
    assert first_shared([], EVERYTHING) is None
