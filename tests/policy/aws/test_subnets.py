"""Which subnets are routed to the internet."""

from typing import Any

import pytest

from tts_constructs.policy.aws.subnets import has_private_ipv6, is_routed_to_internet
from tts_constructs.policy.loading.reader import add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.settings.model import Settings

EGRESS_ONLY = {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": {"Ref": "Egress"}}
TO_INTERNET = {"GatewayId": {"Ref": "Gateway"}}
NOWHERE = {"Ref": "Nothing"}


def routed(associated: Any, routed_by: Any) -> bool:
    resources = {
        "Subnet": {"Type": "AWS::EC2::Subnet"},
        "Table": {"Type": "AWS::EC2::RouteTable"},
        "Gateway": {"Type": "AWS::EC2::InternetGateway"},
        "Association": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": associated},
        },
        "Route": {
            "Type": "AWS::EC2::Route",
            "Properties": {"RouteTableId": routed_by, "GatewayId": {"Ref": "Gateway"}},
        },
    }
    stack = add_stack(Assembly(Settings()), {"Resources": resources}, "Example")
    return is_routed_to_internet(stack.resources["Subnet"])


@pytest.mark.parametrize("table", [{"Ref": "Table"}, {"Fn::GetAtt": ["Table", "RouteTableId"]}], ids=str)
def test_a_table_is_the_same_however_it_is_referred_to(table: Any) -> None:
    assert routed(table, {"Ref": "Table"})


def test_a_table_outside_of_the_app_is_known_by_its_id() -> None:
    assert routed("rtb-1", "rtb-1")
    assert not routed("rtb-1", "rtb-2")


@pytest.mark.parametrize(
    ("routes", "private"),
    [
        ([EGRESS_ONLY], True),
        ([EGRESS_ONLY, {"DestinationCidrBlock": "0.0.0.0/0", **TO_INTERNET}], True),
        ([EGRESS_ONLY, {"DestinationIpv6CidrBlock": "2600::/12", **TO_INTERNET}], False),
        ([EGRESS_ONLY, {"DestinationPrefixListId": "pl-1", **TO_INTERNET}], False),
        ([EGRESS_ONLY, {"DestinationIpv6CidrBlock": "::/0", "CarrierGatewayId": "cagw-1"}], False),
        ([EGRESS_ONLY, {"DestinationPrefixListId": "pl-1", "GatewayId": "vgw-1"}], True),
        ([{"DestinationIpv6CidrBlock": "::/0", **TO_INTERNET}], False),
        ([], False),
        ([{**EGRESS_ONLY, "RouteTableId": "rtb-other"}], False),
    ],
    ids=str,
)
def test_ipv6_is_private_where_it_leaves_through_an_egress_only_gateway_alone(
    routes: list[dict[str, Any]], private: bool
) -> None:
    assert ipv6_is_private(routes, {"Ref": "Subnet"}) is private


def test_ipv6_is_not_private_where_the_subnet_s_table_is_not_known() -> None:
    assert not ipv6_is_private([EGRESS_ONLY], NOWHERE)


def ipv6_is_private(routes: list[dict[str, Any]], associated: Any) -> bool:
    association = {"SubnetId": associated, "RouteTableId": "rtb-1"}
    resources: dict[str, Any] = {
        "Subnet": {"Type": "AWS::EC2::Subnet"},
        "Gateway": {"Type": "AWS::EC2::InternetGateway"},
        "Egress": {"Type": "AWS::EC2::EgressOnlyInternetGateway"},
        "Association": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": association},
    }
    for number, route in enumerate(routes):
        properties = {"RouteTableId": "rtb-1", **route}
        resources[f"Route{number}"] = {"Type": "AWS::EC2::Route", "Properties": properties}
    stack = add_stack(Assembly(Settings()), {"Resources": resources}, "Example")
    return has_private_ipv6(stack.resources["Subnet"])
