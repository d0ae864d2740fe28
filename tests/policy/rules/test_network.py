"""Security groups: what the examples of the rules do not say."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_constructs.policy.assembly import add_stack
from tts_constructs.policy.engine import judge
from tts_constructs.policy.rule import Finding
from tts_constructs.policy.rules.network import RULES
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.template import Assembly

GROUP_ID = {"Fn::GetAtt": ["Group", "GroupId"]}
BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Properties": {"SecurityGroups": [GROUP_ID]},
}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
FORWARD = {"Type": "forward", "TargetGroupArn": "arn"}


def findings(rule_id: str, resources: dict[str, Any], **more: Any) -> tuple[Finding, ...]:
    assembly = Assembly(Settings())
    add_stack(assembly, {"Resources": resources, **more}, "Example", region="us-east-1")
    return judge(assembly, [rule for rule in RULES if rule.id == rule_id]).findings


def group(*ingress: Any, egress: Any = ()) -> dict[str, Any]:
    properties = {"SecurityGroupIngress": list(ingress), "SecurityGroupEgress": list(egress)}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


def opened(first: int, last: int, cidr: str = "0.0.0.0/0", protocol: str = "tcp") -> dict[str, Any]:
    key = "CidrIpv6" if ":" in cidr else "CidrIp"
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": last, key: cidr}


def on_port_80(*, rule: dict[str, Any] | None = None, **listener: Any) -> dict[str, Any]:
    properties = {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": "80", "Protocol": "HTTP"} | listener
    resources = {
        "Group": group(opened(80, 80)),
        "Balancer": BALANCER,
        "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": properties},
    }
    if rule:
        held = {"ListenerArn": {"Ref": "Listener"}, "Actions": [rule]}
        resources["Rule"] = {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": held}
    return resources


# TTS-NET-001


@given(st.integers(0, 65535), st.integers(0, 65535), st.sampled_from(["tcp", "udp", "6", "-1", "icmp", "47"]))
def test_a_load_balancer_opens_443_and_80_of_tcp_alone(first: int, last: int, protocol: str) -> None:
    resources = {"Group": group(opened(first, last, protocol=protocol)), "Balancer": BALANCER}
    is_allowed = protocol in {"tcp", "6"} and first == last and first in {80, 443}
    assert bool(findings("TTS-NET-001", resources)) is not is_allowed


WHOLE_AND_PREFIX = [
    ("0.0.0.0/0", 8),
    ("64.0.0.0/2", 9),
    ("8.0.0.0/7", 12),
    ("2600::/15", 16),
    ("2600::/15", 19),
]


@settings(max_examples=25)  # each of hundreds of ranges
@given(st.sampled_from(WHOLE_AND_PREFIX), st.data())
def test_the_internet_cut_into_narrow_rules_is_found(cut: tuple[str, int], data: st.DataObject) -> None:
    whole, prefix = cut
    parts = data.draw(st.permutations(list(ipaddress.ip_network(whole).subnets(new_prefix=prefix))))
    rules = [opened(8443, 8443 + number % 7, str(part)) for number, part in enumerate(parts)]
    (finding,) = findings("TTS-NET-001", {"Group": group(*rules)})
    assert finding.location == "Properties/SecurityGroupIngress"


@pytest.mark.parametrize(("whole", "prefix"), WHOLE_AND_PREFIX)
@pytest.mark.parametrize("first", [0, 1])
def test_ranges_that_do_not_join_up_stay_stated_ranges(whole: str, prefix: int, first: int) -> None:
    parts = list(ipaddress.ip_network(whole).subnets(new_prefix=prefix))[first::2]
    assert not findings("TTS-NET-001", {"Group": group(*(opened(8443, 8443, str(part)) for part in parts))})


def test_all_of_ipv4_in_ranges_of_8_bits_is_found_on_the_group() -> None:
    rules = [opened(22, 22, f"{number}.0.0.0/8") for number in range(256)]
    (finding,) = findings("TTS-NET-001", {"Group": group(*rules)})
    assert finding.location == "Properties/SecurityGroupIngress"


def test_the_internet_in_pieces_may_come_to_443_of_a_load_balancer() -> None:
    rules = [opened(443, 443, f"{number}.0.0.0/8") for number in range(256)]
    assert not findings("TTS-NET-001", {"Group": group(*rules), "Balancer": BALANCER})


def test_pieces_on_different_ports_do_not_add_up() -> None:
    rules = [opened(8000, 8000, "8.0.0.0/8"), opened(8001, 8001, "9.0.0.0/8")]
    assert not findings("TTS-NET-001", {"Group": group(*rules)})


def test_a_piece_of_all_traffic_adds_to_a_piece_of_one_port() -> None:
    rules = [opened(8000, 8000, "8.0.0.0/8"), opened(0, 0, "9.0.0.0/8", protocol="-1")]
    (finding,) = findings("TTS-NET-001", {"Group": group(*rules)})
    assert finding.message.startswith("tcp port 8000 is open to ranges that together are the internet.")


def test_rules_of_a_group_that_is_not_in_the_app_add_up() -> None:
    rules = {
        f"In{number}": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": opened(8000, 8000, f"{number}.0.0.0/8") | {"GroupId": "sg-1"},
        }
        for number in (8, 9)
    }
    found = findings("TTS-NET-001", rules)
    assert [(f.logical_id, f.location) for f in found] == [
        ("In8", "Properties/GroupId"),
        ("In9", "Properties/GroupId"),
    ]


@pytest.mark.parametrize(
    "resources",
    [
        on_port_80(DefaultActions=[REDIRECT]),
        on_port_80(DefaultActions=[REDIRECT], rule=REDIRECT),
        on_port_80(DefaultActions=[FORWARD], Port="8080"),
        on_port_80(DefaultActions={"Ref": "AWS::NoValue"}, Protocol={"Ref": "Protocol"}),
    ],
)
def test_a_listener_that_redirects_or_is_not_known_shows_nothing_else(resources: dict[str, Any]) -> None:
    assert not findings("TTS-NET-001", resources, Parameters={"Protocol": {"Type": "String"}})


@pytest.mark.parametrize(
    "resources",
    [
        on_port_80(DefaultActions=[FORWARD]),
        on_port_80(DefaultActions=[]),
        on_port_80(DefaultActions=[REDIRECT, FORWARD]),
        on_port_80(DefaultActions=[REDIRECT], rule=FORWARD),
        on_port_80(DefaultActions=[REDIRECT], Protocol="TCP"),
        on_port_80(DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP"}}]),
    ],
)
def test_a_listener_that_does_not_redirect_shows_it(resources: dict[str, Any]) -> None:
    (finding,) = findings("TTS-NET-001", resources)
    assert "Balancer does more on port 80" in finding.message


def test_a_classic_load_balancer_cannot_redirect() -> None:
    balancer = {
        "Type": "AWS::ElasticLoadBalancing::LoadBalancer",
        "Properties": {"SecurityGroups": [GROUP_ID], "Listeners": [{"LoadBalancerPort": "80"}]},
    }
    (finding,) = findings("TTS-NET-001", {"Group": group(opened(80, 80)), "Balancer": balancer})
    assert finding.verdict == "violation"
    assert not findings("TTS-NET-001", {"Group": group(opened(443, 443)), "Balancer": balancer})


def test_a_balancer_with_the_group_settles_it_beside_one_whose_groups_are_not_known() -> None:
    other = {"Type": BALANCER["Type"], "Properties": {"SecurityGroups": [{"Ref": "Nothing"}]}}
    resources = {"Group": group(opened(443, 443)), "Balancer": BALANCER, "Other": other}
    assert not findings("TTS-NET-001", resources)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (opened(8080, 8080), "tcp port 8080 is open"),
        (opened(1, 9, protocol="udp"), "udp from port 1 to 9 is open"),
        (opened(0, 65535, protocol="-1"), "All traffic is open"),
        (opened(0, 0, protocol="47"), "Protocol 47 is open"),
    ],
)
def test_what_is_open_is_named(rule: dict[str, Any], named: str) -> None:
    (finding,) = findings("TTS-NET-001", {"Group": group(rule)})
    assert finding.message.startswith(named)


def test_a_rule_without_a_source_is_not_passed_over() -> None:
    (finding,) = findings("TTS-NET-001", {"Group": group({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2})})
    assert finding.verdict == "unknown"


def test_an_item_that_is_not_known_hides_none_after_it() -> None:
    ingress = [{"Fn::Transform": {}}, opened(8080, 8080)]
    verdicts = {f.location: f.verdict for f in findings("TTS-NET-001", {"Group": group(*ingress)})}
    assert verdicts["Properties/SecurityGroupIngress/1/CidrIp"] == "violation"
    assert verdicts["Properties/SecurityGroupIngress/0"] == "unknown"


# TTS-NET-002


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_a_port_of_administration_in_any_range_of_ports_is_found(one: int, other: int) -> None:
    first, last = sorted((one, other))
    found = findings("TTS-NET-002", {"Group": group(opened(first, last, "192.0.2.0/24"))})
    assert bool(found) is any(first <= port <= last for port in (22, 3389, 5985, 5986))


@pytest.mark.parametrize("protocol", ["tcp", "udp", "-1"])
def test_a_port_of_administration_is_named_whatever_carries_it(protocol: str) -> None:
    (finding,) = findings("TTS-NET-002", {"Group": group(opened(3389, 3389, "192.0.2.0/24", protocol))})
    assert "3389" in finding.message.rpartition("(port ")[2]


# TTS-NET-003


@pytest.mark.parametrize("protocol", ["tcp", "udp", "6"])
def test_all_ports_but_0_are_all_ports(protocol: str) -> None:
    assert findings("TTS-NET-003", {"Group": group(egress=[opened(1, 65535, protocol=protocol)])})


@pytest.mark.parametrize("ports", [(1, 65534), (2, 65535), (1024, 65535)])
def test_most_ports_are_stated_ports(ports: tuple[int, int]) -> None:
    assert not findings("TTS-NET-003", {"Group": group(egress=[opened(*ports)])})


@given(st.lists(st.integers(2, 65535), max_size=5, unique=True), st.sampled_from(["tcp", "udp"]))
def test_all_ports_in_pieces_are_all_ports(cuts: list[int], protocol: str) -> None:
    starts = [1, *sorted(cuts)]
    ends = [start - 1 for start in starts[1:]] + [65535]
    rules = [opened(first, last, protocol=protocol) for first, last in zip(starts, ends, strict=True)]
    assert len(findings("TTS-NET-003", {"Group": group(egress=rules)})) == 1


def test_egress_of_no_group_of_the_app_is_judged_alone() -> None:
    egress = {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": opened(0, 65535) | {"GroupId": "sg-1"}}
    (finding,) = findings("TTS-NET-003", {"Out": egress})
    assert finding.location == "Properties/CidrIp"


@pytest.mark.parametrize(
    "properties", [None, [], "x", {"SecurityGroupEgress": "x", "SecurityGroupIngress": 1}]
)
@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_odd_shapes_are_found_or_unknown_and_crash_nothing(rule: Any, properties: Any) -> None:
    resources = {
        name: {"Type": f"AWS::EC2::{name}", "Properties": properties}
        for name in ("SecurityGroup", "SecurityGroupIngress", "SecurityGroupEgress")
    }
    assert {finding.rule_id for finding in findings(rule.id, resources)} <= {rule.id}
