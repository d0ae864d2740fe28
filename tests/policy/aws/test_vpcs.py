"""Which VPCs a resource lives in."""

from collections.abc import Callable

from tts_constructs.policy.aws.vpcs import vpcs_of
from tts_constructs.policy.model.stack import Stack

StackMaker = Callable[..., Stack]

NETWORK = """
Resources:
  One: {Type: "AWS::EC2::VPC"}
  Two: {Type: "AWS::EC2::VPC"}
  First: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref One}}
  Second: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref One}}
"""


def test_a_resource_can_live_in_more_than_one_vpc(make_stack: StackMaker) -> None:
    zone = """  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {VPCs: [{VPCId: !Ref One}, {VPCId: !Ref Two}]}
"""
    app = make_stack(NETWORK + zone).resources
    assert set(vpcs_of(app["Zone"])) == {app["One"], app["Two"]}


def test_a_vpc_of_several_subnets_is_named_once(make_stack: StackMaker) -> None:
    function = """  Function:
    Type: AWS::Lambda::Function
    Properties: {VpcConfig: {SubnetIds: [!Ref First, !Ref Second]}}
"""
    app = make_stack(NETWORK + function).resources
    assert list(vpcs_of(app["Function"])) == [app["One"]]


def test_subnets_that_one_text_names_tell_the_vpc(make_stack: StackMaker) -> None:
    schedule = """  Schedule:
    Type: AWS::SecretsManager::RotationSchedule
    Properties: {HostedRotationLambda: {VpcSubnetIds: !Sub "${First},${Second}"}}
"""
    app = make_stack(NETWORK + schedule).resources
    assert list(vpcs_of(app["Schedule"])) == [app["One"]]
