"""Security groups: what the examples of the rules do not say."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.judging import findings

GROUP_ID = {"Fn::GetAtt": ["Group", "GroupId"]}
BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Properties": {"SecurityGroups": [GROUP_ID]},
}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
FORWARD = {"Type": "forward", "TargetGroupArn": "arn"}


def group(*ingress: Any, egress: Any = ()) -> dict[str, Any]:
    properties = {"SecurityGroupIngress": list(ingress), "SecurityGroupEgress": list(egress)}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


def opened(first: int, last: int, cidr: str = "0.0.0.0/0", protocol: str = "tcp") -> dict[str, Any]:
    key = "CidrIpv6" if ":" in cidr else "CidrIp"
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": last, key: cidr}


def ingress(rule: dict[str, Any], group_id: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule | {"GroupId": group_id}}


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


@settings(max_examples=25)
@given(st.sampled_from(["8.0.0.0/8", "17.0.0.0/7", "2600::/16", "2600::/15"]), st.data())
def test_cutting_a_range_changes_no_verdict(whole: str, data: st.DataObject) -> None:
    parts = [ipaddress.ip_network(whole, strict=False)]
    found = bool(findings("TTS-NET-001", {"Group": group(opened(8443, 8443, str(parts[0])))}))
    for _ in range(data.draw(st.integers(1, 10))):
        parts.extend(parts.pop(data.draw(st.integers(0, len(parts) - 1))).subnets())
    resources = {
        "Group": group(*(opened(8443, 8443, str(part)) for part in parts[::2])),
        **{
            f"In{number}": ingress(opened(8443, 8443, str(part)), {"Ref": "Group"})
            for number, part in enumerate(parts[1::2])
        },
    }
    assert bool(findings("TTS-NET-001", resources)) is found


@pytest.mark.parametrize(
    ("others", "is_found"), [([], False), (["17.0.0.0/32"], True), (["8.1.0.0/16", "10.0.0.0/8"], False)]
)
def test_ranges_count_by_the_share_of_the_internet_that_they_cover(others: list[str], is_found: bool) -> None:
    rules = [opened(8443, 8443, cidr) for cidr in ("8.0.0.0/9", "8.128.0.0/9", *others)]
    assert bool(findings("TTS-NET-001", {"Group": group(*rules)})) is is_found


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


@pytest.mark.parametrize("group_id", ["sg-1", {"Fn::GetAtt": ["Maker", "GroupId"]}])
def test_rules_of_a_group_that_is_not_in_the_app_add_up(group_id: Any) -> None:
    rules = {f"In{number}": ingress(opened(8000, 8000, f"{number}.0.0.0/8"), group_id) for number in (8, 9)}
    rules |= {
        "Apart": ingress(opened(9000, 9000, "11.0.0.0/8"), group_id),
        "Maker": {"Type": "Custom::Groups"},
    }
    found = findings("TTS-NET-001", rules)
    assert [(f.logical_id, f.location) for f in found] == [
        ("In8", "Properties/GroupId"),
        ("In9", "Properties/GroupId"),
    ]


def in_the_other_branch(branch: str, first: str, second: str) -> dict[str, Any]:
    ranges = {"yes": [first, "192.0.2.0/24"], "no": ["192.0.2.0/24", second]}[branch]
    return opened(8000, 8000) | {"CidrIp": {"Fn::If": ["Live", *ranges]}}


def test_ranges_of_two_branches_do_not_add_up() -> None:
    conditions = {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}}
    parameters = {"Stage": {"Type": "String"}}
    rules = [in_the_other_branch(branch, "8.0.0.0/8", "9.0.0.0/8") for branch in ("yes", "no")]
    for resources in (
        {"Group": group(*rules)},
        {f"In{number}": ingress(rule, "sg-1") for number, rule in enumerate(rules)},
    ):
        more: dict[str, Any] = {"Conditions": conditions, "Parameters": parameters}
        assert not findings("TTS-NET-001", resources, **more)
        beside = {"Beside": ingress(opened(8000, 8000, "11.0.0.0/8"), "sg-1")}
        assert bool(findings("TTS-NET-001", resources | beside, **more)) is ("In0" in resources)


def holding(kind: str, *groups: str) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"SecurityGroups": [{"Ref": name} for name in groups]}}


def halves(port: int, *, other: int | None = None) -> dict[str, Any]:
    return {
        "One": group(opened(port, port, "8.0.0.0/8")),
        "Two": group(opened(other or port, other or port, "9.0.0.0/8")),
    }


@pytest.mark.parametrize(
    ("kind", "resources", "is_found"),
    [
        (BALANCER["Type"], halves(8443), True),
        (BALANCER["Type"], halves(443), False),
        (BALANCER["Type"], halves(8443, other=8444), False),
        ("AWS::EFS::MountTarget", halves(443), True),
    ],
)
def test_groups_of_one_holder_count_together(kind: str, resources: dict[str, Any], is_found: bool) -> None:
    found = findings("TTS-NET-001", resources | {"Holder": holding(kind, "One", "Two")})
    places = [(f.logical_id, f.location) for f in found]
    assert places == ([("Holder", "Properties/SecurityGroups/0")] if is_found else [])


def test_what_one_group_of_a_holder_opens_is_told_there_alone() -> None:
    resources = {
        "One": group(opened(8443, 8443, "8.0.0.0/8"), opened(8443, 8443, "9.0.0.0/8")),
        "Two": group(opened(8443, 8443, "11.0.0.0/8")),
        "Holder": holding("AWS::EFS::MountTarget", "One", "Two"),
    }
    (finding,) = findings("TTS-NET-001", resources)
    assert finding.logical_id == "One"


def test_more_rules_than_one_interface_may_have_leave_its_groups_undecided() -> None:
    many = [opened(8000 + number, 8000 + number, f"8.{number % 250}.0.0/16") for number in range(1000)]
    resources = {
        "One": group(*many),
        "Two": group(opened(8000, 8000, "9.0.0.0/8")),
        "Holder": holding("AWS::EFS::MountTarget", "One", "Two"),
    }
    (finding,) = findings("TTS-NET-001", resources)
    assert (finding.verdict, finding.logical_id) == ("unknown", "Holder")
    resources["One"] = group(*many[1:])
    assert not findings("TTS-NET-001", resources)


CONDITIONAL: dict[str, Any] = {
    "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
    "Parameters": {"Stage": {"Type": "String"}},
}


def test_a_condition_of_a_holder_changes_nothing() -> None:
    resources = {"Group": group(opened(443, 443)), "Balancer": BALANCER | {"Condition": "Live"}}
    assert not findings("TTS-NET-001", resources, **CONDITIONAL)
    resources["Mount"] = holding("AWS::EFS::MountTarget", "Group") | {"Condition": "Live"}
    (finding,) = findings("TTS-NET-001", resources, **CONDITIONAL)
    assert "The group is on Mount" in finding.message


def test_a_branch_in_which_something_else_has_the_group_is_enough() -> None:
    held = {"Fn::If": ["Live", [{"Ref": "Group"}], [{"Ref": "Other"}]]}
    mount = {"Type": "AWS::EFS::MountTarget", "Properties": {"SecurityGroups": held}}
    resources = {"Group": group(opened(443, 443)), "Other": group(), "Balancer": BALANCER, "Mount": mount}
    assert findings("TTS-NET-001", resources, **CONDITIONAL)


def test_too_many_combinations_for_one_group_are_said() -> None:
    names = [f"P{number}" for number in range(9)]
    parameters = {name: {"Type": "String", "AllowedValues": ["8.0.0.0/16", "8.1.0.0/16"]} for name in names}
    rules = {f"In{name}": ingress(opened(8000, 8000) | {"CidrIp": {"Ref": name}}, "sg-1") for name in names}
    found = findings("TTS-NET-001", rules, Parameters=parameters)
    assert {(f.verdict, f.location) for f in found} == {("unknown", "")}
    assert {f.logical_id for f in found} == set(rules)


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


@pytest.mark.parametrize(
    ("ports", "is_found"),
    [
        ((1, 65534), True),
        ((1024, 65535), True),
        ((0, 32768), True),
        ((0, 32767), False),
        ((32768, 65535), False),
    ],
)
def test_ports_that_leave_out_fewer_than_half_are_all_ports(ports: tuple[int, int], is_found: bool) -> None:
    assert bool(findings("TTS-NET-003", {"Group": group(egress=[opened(*ports)])})) is is_found


@given(
    st.lists(st.integers(1, 65535), max_size=6, unique=True), st.lists(st.booleans(), min_size=7, max_size=7)
)
def test_ports_of_several_rules_count_together(cuts: list[int], kept: list[bool]) -> None:
    starts = [0, *sorted(cuts)]
    ends = [start - 1 for start in starts[1:]] + [65535]
    pieces = [piece for piece, keep in zip(zip(starts, ends, strict=True), kept, strict=False) if keep]
    egress = [opened(*piece) for piece in pieces] or [opened(443, 443)]
    opened_ports = sum(last - first + 1 for first, last in pieces)
    assert bool(findings("TTS-NET-003", {"Group": group(egress=egress)})) is (opened_ports > 32768)


def test_ports_of_two_protocols_do_not_count_together() -> None:
    egress = [opened(0, 20000), opened(20001, 40001, protocol="udp")]
    assert not findings("TTS-NET-003", {"Group": group(egress=egress)})


def egress_of_a_group_elsewhere(rule: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": rule | {"GroupId": "sg-1"}}


def test_egress_of_a_group_that_is_not_in_the_app_adds_up() -> None:
    rules = {
        "Low": egress_of_a_group_elsewhere(opened(0, 20000)),
        "High": egress_of_a_group_elsewhere(opened(40000, 65535)),
    }
    assert [f.logical_id for f in findings("TTS-NET-003", rules)] == ["High", "Low"]
    assert not findings("TTS-NET-003", {"Low": rules["Low"]})


def test_egress_of_no_group_of_the_app_is_judged_alone() -> None:
    (finding,) = findings("TTS-NET-003", {"Out": egress_of_a_group_elsewhere(opened(0, 65535))})
    assert finding.location == "Properties/CidrIp"
