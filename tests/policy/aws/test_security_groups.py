"""What is read of security groups: their rules, ports and ranges, and what they are put on."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.aws.security_groups import (
    EGRESS,
    GROUP,
    INGRESS,
    SECURITY_GROUP_PROPERTIES,
    egress_of,
    holders_of,
    ingress_of,
    name_of,
    networks_at,
    place_of_group,
    ports_of,
    ranges_of,
    rules_naming,
    undecided_holders,
    undecided_rules,
)
from tts_constructs.policy.loading.reader import add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.settings.model import Settings

GET_GROUP = {"Fn::GetAtt": ["Group", "GroupId"]}


def stack_of(parameters: dict[str, Any] | None = None, **resources: Any) -> Stack:
    body = {
        "Parameters": parameters or {},
        "Resources": {name: {"Type": kind, "Properties": held} for name, (kind, held) in resources.items()},
    }
    return add_stack(Assembly(Settings()), body, "Example")


def rule(properties: Any) -> Resource:
    return stack_of(Rule=(INGRESS, properties)).resources["Rule"]


def networks(resource: Resource) -> list[str]:
    return [str(network) for place in ranges_of(resource.properties) for network in networks_at(place)]


def test_the_rules_of_a_group_stand_inline_and_as_resources() -> None:
    stack = stack_of(
        Group=(GROUP, {"SecurityGroupIngress": [{"CidrIp": "192.0.2.0/24"}], "SecurityGroupEgress": {}}),
        In=(INGRESS, {"GroupId": GET_GROUP}),
        Out=(EGRESS, {"GroupId": {"Ref": "Group"}}),
        Other=(INGRESS, {"GroupId": "sg-1"}),
    )
    group = stack.resources["Group"]
    assert [node.resource.logical_id for node in ingress_of(group)] == ["Group", "In"]
    assert [node.resource.logical_id for node in egress_of(group)] == ["Group", "Out"]


def test_a_rule_can_name_its_group_by_name() -> None:
    stack = stack_of(Group=(GROUP, {}), In=(INGRESS, {"GroupName": {"Ref": "Group"}}))
    assert len(ingress_of(stack.resources["Group"])) == 1


def test_two_groups_that_one_resource_makes_are_two() -> None:
    stack = stack_of(
        Maker=("Custom::Groups", {}),
        Web=(INGRESS, {"GroupId": {"Fn::GetAtt": ["Maker", "WebGroup"]}}),
        Data=(INGRESS, {"GroupId": {"Fn::GetAtt": ["Maker", "DataGroup"]}}),
    )
    web = stack.resources["Web"]
    group = name_of(place_of_group(web))
    assert group
    assert rules_naming(group, INGRESS, stack.assembly) == [web]


@pytest.mark.parametrize("kind", sorted(SECURITY_GROUP_PROPERTIES))
def test_a_group_is_on_what_names_it(kind: str) -> None:
    properties: Any = GET_GROUP
    for key in reversed(SECURITY_GROUP_PROPERTIES[kind][0].split("/")):
        properties = [properties] if key == "*" else {key: properties}
    stack = stack_of(Group=(GROUP, {}), Holder=(kind, properties))
    assert holders_of(stack.resources["Group"], stack.assembly) == [stack.resources["Holder"]]


def test_what_may_have_a_group_is_known_as_undecided() -> None:
    stack = stack_of(
        {"Group": {"Type": "String"}},
        Holder=("AWS::EFS::MountTarget", {"SecurityGroups": [{"Ref": "Group"}]}),
        In=(INGRESS, {"GroupId": {"Ref": "Group"}}),
    )
    assert undecided_holders(stack.assembly, "AWS::EFS::MountTarget") == [stack.resources["Holder"]]
    assert undecided_holders(stack.assembly, "AWS::EC2::Instance") == []
    assert undecided_rules(INGRESS, stack.assembly) == [stack.resources["In"]]


@pytest.mark.parametrize(
    ("properties", "ports"),
    [
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, ("tcp", 443, 443)),
        ({"IpProtocol": "TCP", "FromPort": "443", "ToPort": " 443 "}, ("tcp", 443, 443)),
        ({"IpProtocol": 6, "FromPort": 80, "ToPort": 443}, ("tcp", 80, 443)),
        ({"IpProtocol": "17", "FromPort": 53, "ToPort": 53}, ("udp", 53, 53)),
        ({"IpProtocol": "tcp"}, ("tcp", 0, 65535)),
        ({"IpProtocol": "tcp", "FromPort": -1, "ToPort": -1}, ("tcp", 0, 65535)),
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80}, ("tcp", 80, 443)),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 0}, ("tcp", 0, 0)),
        ({"IpProtocol": -1, "FromPort": 443, "ToPort": 443}, ("-1", 0, 65535)),
        ({"IpProtocol": "50", "FromPort": 443, "ToPort": 443}, ("50", 0, 65535)),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, ("icmp", 0, 65535)),
        ({}, ("-1", 0, 65535)),
    ],
)
def test_ports_are_read_as_ec2_reads_them(properties: Any, ports: tuple[str, int, int]) -> None:
    assert ports_of(rule(properties).properties) == ports


@pytest.mark.parametrize("port", ["https", "nan", "inf", [443], {"From": 443}, True])
def test_a_port_that_is_no_number_is_undecided(port: Any) -> None:
    with pytest.raises(UnknownValue):
        ports_of(rule({"IpProtocol": "tcp", "FromPort": port, "ToPort": 443}).properties)


def test_an_entry_that_is_not_known_hides_none_after_it() -> None:
    stack = stack_of(
        {"Range": {"Type": "String"}},
        Ranges=("AWS::EC2::PrefixList", {"Entries": [{"Cidr": {"Ref": "Range"}}, {"Cidr": "0.0.0.0/0"}]}),
        Rule=(INGRESS, {"SourcePrefixListId": {"Ref": "Ranges"}}),
    )
    (place,) = ranges_of(stack.resources["Rule"].properties)
    found = networks_at(place)
    assert str(next(found)) == "0.0.0.0/0"
    with pytest.raises(UnknownValue, match="Range") as undecided:
        next(found)
    assert undecided.value.result.location == "Properties/SourcePrefixListId"


@pytest.mark.parametrize("cidr", ["", "0/0", "everywhere", 0, None, [], {"a": "b"}, True])
def test_a_range_that_is_none_is_undecided(cidr: Any) -> None:
    with pytest.raises(UnknownValue):
        networks(rule({"CidrIp": cidr}))


@pytest.mark.parametrize(
    ("prefix", "is_known"), [("/32", True), ("/16", True), ("/128", True), ("/8", False), ("/0", False)]
)
def test_a_range_of_which_the_address_is_not_known_is_told_by_its_prefix(prefix: str, is_known: bool) -> None:
    stack = stack_of(
        Address=("AWS::EC2::EIP", {}), Rule=(INGRESS, {"CidrIp": {"Fn::Sub": f"${{Address}}{prefix}"}})
    )
    if is_known:
        assert networks(stack.resources["Rule"]) == []
    else:
        with pytest.raises(UnknownValue):
            networks(stack.resources["Rule"])


def test_a_range_of_which_the_middle_is_not_known_is_told_by_its_prefix() -> None:
    stack = stack_of(
        {"Octet": {"Type": "Number"}}, Rule=(INGRESS, {"CidrIp": {"Fn::Sub": "10.${Octet}.0.0/16"}})
    )
    assert networks(stack.resources["Rule"]) == []


@pytest.mark.parametrize("kind", ["AWS::EC2::VPC", "AWS::EC2::Subnet"])
def test_the_own_range_of_a_vpc_or_a_subnet_is_never_the_internet(kind: str) -> None:
    stack = stack_of(Own=(kind, {}), Rule=(INGRESS, {"CidrIp": {"Fn::GetAtt": ["Own", "CidrBlock"]}}))
    assert networks(stack.resources["Rule"]) == []


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["CidrIp", "Ref", "x"]), inner)
    ),
)


@given(
    st.dictionaries(
        st.sampled_from(["CidrIp", "CidrIpv6", "SourcePrefixListId", "IpProtocol", "FromPort"]), junk
    )
)
def test_no_rule_is_read_with_another_error_than_undecided(properties: dict[str, Any]) -> None:
    resource = rule(properties)
    with suppress(UnknownValue):
        ports_of(resource.properties)
    with suppress(UnknownValue):
        networks(resource)
