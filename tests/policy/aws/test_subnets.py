"""Which subnets are routed to the internet."""

from typing import Any

import pytest

from tts_constructs.policy.aws.subnets import is_routed_to_internet
from tts_constructs.policy.loading.reader import add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.settings.model import Settings


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
