"""Who may reach a service, as a closed union."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import findings
from tts_constructs import Access
from tts_constructs.errors import InvalidArgumentError


def test_public_access_is_the_internet() -> None:
    assert Access.public().internet_facing
    assert Access.public().ranges == ("0.0.0.0/0", "::/0")


def test_restricted_access_is_its_ranges() -> None:
    access = Access.restricted(["192.0.2.0/24", "2001:db8::/32"])
    assert access.internet_facing
    assert access.ranges == ("192.0.2.0/24", "2001:db8::/32")


def test_internal_access_lets_no_range_in() -> None:
    assert not Access.internal().internet_facing
    assert Access.internal().ranges == ()


def test_no_other_access_can_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Access()  # type: ignore[abstract]  # what is tested


def test_an_access_does_not_change_once_it_is_made() -> None:
    with pytest.raises(AttributeError):
        Access.restricted(["192.0.2.0/24"]).ranges = ("0.0.0.0/0",)


def test_equal_accesses_are_equal() -> None:
    assert Access.restricted(["192.0.2.0/24"]) == Access.restricted(("192.0.2.0/24",))
    assert Access.public() != Access.internal()


@pytest.mark.parametrize(
    "range_", ["8.0.0.0/8", "2001::/16", "fc00::/7", "fe80::/10", "240.0.0.0/4", "192.0.2.7/32"]
)
def test_a_range_up_to_the_widest_may_be_stated(range_: str) -> None:
    assert Access.restricted([range_]).ranges == (range_,)


@pytest.mark.parametrize(
    ("range_", "widest"),
    [("0.0.0.0/0", 8), ("::/0", 16), ("8.0.0.0/7", 8), ("2000::/15", 16), ("128.0.0.0/1", 8)],
)
def test_a_range_as_wide_as_the_internet_is_refused(range_: str, widest: int) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted([range_])
    assert error.value.faults == (
        f"'{range_}' is wider than /{widest} and counts as the internet; "
        "name narrower ranges, or write Access.public()",
    )


@pytest.mark.parametrize(
    "ranges",
    [
        [f"{first}.0.0.0/8" for first in range(100)],
        ["8.0.0.0/8", "17.0.0.0/32"],
        ["2600::/16", "2800::/17"],
    ],
)
def test_more_than_one_of_the_widest_ranges_in_pieces_is_refused(ranges: list[str]) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted(ranges)
    assert error.value.faults == (
        "together, the ranges hold more addresses than one /8 of IPv4 or one /16 of IPv6 and count as the "
        "internet; name narrower ranges, or write Access.public()",
    )


def test_ranges_that_overlap_and_private_ones_add_nothing() -> None:
    ranges = ("8.0.0.0/8", "8.1.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "2600::/16", "2600::/24")
    assert Access.restricted(ranges).ranges == ranges


networks = st.builds(
    lambda address, prefix: str(ipaddress.ip_network((address, prefix), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(5, 10),
)


@given(st.lists(networks, min_size=1, max_size=3) | st.just(["fe80::/10"]))
def test_access_and_the_rule_agree_on_what_is_the_internet(ranges: list[str]) -> None:
    rules = [
        {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIpv6" if ":" in text else "CidrIp": text}
        for text in ranges
    ]
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": rules}}
    try:
        Access.restricted(ranges)
    except InvalidArgumentError:
        assert findings("TTS-NET-001", {"Group": group})
    else:
        assert not findings("TTS-NET-001", {"Group": group})


def test_an_address_within_a_range_is_refused_with_the_range_that_was_meant() -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted(["192.0.2.7/24"])
    assert error.value.faults == (
        "'192.0.2.7/24' is not a CIDR range (192.0.2.7/24 has host bits set); write '192.0.2.0/24'",
    )


def test_what_is_no_range_is_refused() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"^Access\.restricted: 'office' is not a CIDR range \([^;]*\)$"
    ):
        Access.restricted(["office"])


def test_no_range_at_all_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted([])
    assert error.value.faults == (
        'takes at least one range, such as ["192.0.2.0/24"]; for a service that only others of its '
        "system may reach, write Access.internal()",
    )


def test_a_text_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted("192.0.2.0/24")
    assert error.value.faults == ("ranges='192.0.2.0/24' is text; write ['192.0.2.0/24']",)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Access.restricted(["office", "0.0.0.0/0", "::/0"])
    assert len(error.value.faults) == 3
