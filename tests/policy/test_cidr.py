"""Which address ranges are as wide as the internet, alone and together."""

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.cidr import ALL_PORTS, Network, are_wide, internet_ports, is_wide, parse


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
    ["8.0.0.0/8", "2600::/16", "10.0.0.0/8", "192.0.2.0/24", "255.255.255.255/32", "fc00::/7", "224.0.0.0/4"],
)
def test_a_stated_or_private_range_is_not_the_internet(text: str) -> None:
    assert not is_wide(network(text))


def test_host_bits_do_not_hide_the_internet() -> None:
    assert is_wide(network("198.51.100.7/0"))


@pytest.mark.parametrize("text", ["", "0/0", "anywhere", "0.0.0.0/33", "1.2.3", "pl-12345678"])
def test_a_text_that_is_no_range_is_none(text: str) -> None:
    assert parse(text) is None


def test_ranges_that_do_not_join_are_not_the_internet() -> None:
    assert not are_wide([network("8.0.0.0/8"), network("10.0.0.0/8"), network("2600::/16")])


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


@given(pieces())
def test_the_pieces_are_the_internet_at_a_port_that_all_of_them_open(parts: list[Network]) -> None:
    openings = [((443 - position, 443 + position), part) for position, part in enumerate(parts)]
    assert any(first <= 443 <= last for first, last in internet_ports(openings))


ranges = st.sampled_from(
    ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "9.0.0.0/8", "::/0", "192.0.2.0/24"]
)
openings = st.lists(st.tuples(st.tuples(st.integers(0, 9), st.integers(0, 9)), ranges), max_size=8)


@given(openings)
def test_open_ports_are_those_at_which_the_ranges_are_wide(stated: list[tuple[tuple[int, int], str]]) -> None:
    rules = [((min(ports), max(ports)), network(text)) for ports, text in stated]
    expected = {
        port for port in range(10) if are_wide([n for (first, last), n in rules if first <= port <= last])
    }
    found = internet_ports(rules)
    assert {port for first, last in found for port in range(first, last + 1)} == expected
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


@given(st.integers(0, 2**32 - 1), st.integers(8, 32))
def test_no_stated_range_of_ipv4_is_ever_wide(address: int, prefix: int) -> None:
    assert not is_wide(ipaddress.IPv4Network((address, prefix), strict=False))


def test_every_port_is_open_where_two_rules_share_the_ports() -> None:
    anywhere = network("0.0.0.0/0")
    assert internet_ports([((0, 999), anywhere), ((1000, 65535), anywhere)]) == [ALL_PORTS]
