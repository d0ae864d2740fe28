from __future__ import annotations

from typing import Any

import pytest

from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy
from tts_constructs.errors import InvalidArgumentError


def fault_of(**flows: Any) -> str:
    with pytest.raises(InvalidArgumentError) as refused:
        NetworkPolicy(**flows)
    (fault,) = refused.value.faults
    return fault


def test_by_default_https_comes_in_from_the_internet_and_goes_out_to_anywhere() -> None:
    assert NetworkPolicy() == NetworkPolicy(
        inbound=[Flow.https_from_internet()], between=[], outbound=[Flow.https_anywhere()]
    )


def test_a_policy_cannot_be_changed_by_the_list_that_it_was_made_from() -> None:
    flows = [Flow.service("Web", "Api", 8443)]
    policy = NetworkPolicy(between=flows)
    flows.clear()
    assert policy.between == (Flow.service("Web", "Api", 8443),)


def test_the_port_between_services_is_443_unless_stated() -> None:
    assert Flow.service("Web", "Api") == Flow.service("Web", "Api", 443)


@pytest.mark.parametrize("port", [1, 65535])
def test_the_first_and_the_last_port_are_ports(port: int) -> None:
    assert NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", port)]).outbound[0].port == port


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_an_outbound_port_that_is_none_is_refused(port: Any) -> None:
    assert fault_of(outbound=[Flow.tcp_to("192.0.2.0/24", port)]) == (
        f"Flow.tcp_to('192.0.2.0/24', {port}) asks for port {port!r}; write one from 1 to 65535"
    )


def test_a_port_between_services_that_is_none_is_refused() -> None:
    assert fault_of(between=[Flow.service("Web", "Api", 70000)]) == (
        "Flow.service('Web', 'Api', 70000) asks for port 70000; write one from 1 to 65535"
    )


def test_services_do_not_call_each_other_at_the_port_that_redirects() -> None:
    assert fault_of(between=[Flow.service("Web", "Api", 80)]) == (
        "Flow.service('Web', 'Api', 80) asks for port 80, which only redirects; "
        "write the port of HTTPS, such as 443"
    )


@pytest.mark.parametrize("ends", [("", "Api"), ("Web", "")])
def test_a_flow_between_services_has_two_ends(ends: tuple[str, str]) -> None:
    assert fault_of(between=[Flow.service(*ends)]) == (
        f"Flow.service({ends[0]!r}, {ends[1]!r}, 443) lacks a name; "
        "write the construct ids of two services of the system"
    )


def test_a_flow_between_services_has_two_different_ends() -> None:
    assert "names one service twice" in fault_of(between=[Flow.service("Web", "Web")])


def test_a_range_out_that_is_none_is_refused_with_an_example() -> None:
    assert fault_of(outbound=[Flow.tcp_to("192.0.2.1/24", 587)]) == (
        "Flow.tcp_to('192.0.2.1/24', 587): 192.0.2.1/24 has host bits set; "
        "write a range such as '192.0.2.0/24'"
    )


def test_a_range_in_that_is_none_is_refused() -> None:
    assert fault_of(inbound=[Flow.https_from("office")]).startswith(
        "Flow.https_from('office'): 'office' does not"
    )


def test_https_from_nowhere_is_refused() -> None:
    assert fault_of(inbound=[Flow.https_from()]) == (
        "Flow.https_from() names no range; write one, such as Flow.https_from('192.0.2.0/24')"
    )


def test_a_flow_twice_is_refused() -> None:
    twice = [Flow.service("Web", "Api"), Flow.service("Web", "Api")]
    assert fault_of(between=twice) == "between states Flow.service('Web', 'Api', 443) twice"


@pytest.mark.parametrize(
    ("argument", "flow", "example"),
    [
        ("inbound", Flow.https_anywhere(), "Flow.https_from_internet()"),
        ("between", Flow.https_from_internet(), "Flow.service('Web', 'Api', 8443)"),
        ("outbound", Flow.service("Web", "Api"), "Flow.https_anywhere()"),
    ],
)
def test_a_flow_in_the_wrong_list_is_refused_with_one_that_fits(
    argument: str, flow: object, example: str
) -> None:
    fault = fault_of(**{argument: [flow]})
    assert fault.startswith(f"{argument}[0]= is a")
    assert f" {type(flow).__name__}; write {example}" in fault


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        NetworkPolicy(
            inbound=[Flow.https_from("x")],
            between=[Flow.service("A", "", 80)],
            outbound=[Flow.tcp_to("y", 0)],
        )
    assert len(refused.value.faults) == 5
    assert str(refused.value).startswith("NetworkPolicy: 5 faults:")


@pytest.mark.parametrize(
    ("stated", "asked", "admitted"),
    [
        (Flow.https_from_internet(), "0.0.0.0/0", True),
        (Flow.https_from_internet(), "::/0", True),
        (Flow.https_from("192.0.2.0/24"), "192.0.2.0/24", True),
        (Flow.https_from("192.0.2.0/24"), "192.0.2.128/25", True),
        (Flow.https_from("192.0.2.0/24"), "192.0.2.0/23", False),
        (Flow.https_from("192.0.2.0/24"), "0.0.0.0/0", False),
        (Flow.https_from("192.0.2.0/24"), "2001:db8::/32", False),
        (Flow.https_from("198.51.100.0/24", "2001:db8::/32"), "2001:db8:1::/48", True),
    ],
)
def test_what_is_admitted_lies_within_one_stated_range(stated: Any, asked: str, admitted: bool) -> None:
    assert NetworkPolicy(inbound=[stated]).admits(asked) is admitted


def test_nothing_is_admitted_where_nothing_is_stated() -> None:
    assert not NetworkPolicy(inbound=[]).admits("192.0.2.0/24")
