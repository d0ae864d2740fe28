"""VPC: what the fixes of rules about networks say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds

from tests.fixes.following import Fix
from tts_constructs import TtsSystem
from tts_constructs.system_metadata import Environment


def _vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2)


def _system(stack: cdk.Stack) -> TtsSystem:
    return TtsSystem(
        stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="benefits@example.gov"
    )


def watch(vpc: ec2.Vpc) -> None:
    """Gives a VPC the flow log that TTS-VPC-004 and TTS-LOG-002 ask for."""
    key = kms.Key(vpc, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{vpc.stack.region}.amazonaws.com"))
    kept = logs.LogGroup(vpc, "Traffic", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)
    vpc.add_flow_log("All", destination=ec2.FlowLogDestination.to_cloud_watch_logs(kept))


def control(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    """Gives each subnet of a VPC the network ACL that TTS-VPC-005 asks for."""
    for kind in (ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS):
        acl = ec2.NetworkAcl(
            stack, f"{kind.name}Acl", vpc=vpc, subnet_selection=ec2.SubnetSelection(subnet_type=kind)
        )
        for direction in (ec2.TrafficDirection.INGRESS, ec2.TrafficDirection.EGRESS):
            for number, traffic in (
                (100, ec2.AclTraffic.tcp_port(443)),
                (110, ec2.AclTraffic.tcp_port_range(1024, 65535)),
            ):
                acl.add_entry(
                    f"{direction.name}{number}",
                    cidr=ec2.AclCidr.any_ipv4(),
                    direction=direction,
                    rule_number=number,
                    traffic=traffic,
                )


# TTS-VPC-001


def _function(stack: cdk.Stack, vpc: ec2.IVpc, **more: Any) -> None:
    lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return {}"),
        vpc=vpc,
        allow_all_outbound=False,
        **more,
    )


def _in_the_vpc_of_others(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0a1b2c3d",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
    )
    _function(stack, vpc)


def _in_a_vpc_of_the_app(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
    watch(vpc)
    control(stack, vpc)
    _function(stack, vpc=vpc)


def _in_the_vpc_of_a_system(stack: cdk.Stack) -> None:
    _function(stack, _system(stack).vpc)


# TTS-VPC-002


def _classic_group(stack: cdk.Stack) -> None:
    _vpc(stack)
    rds.CfnDBSecurityGroup(
        stack, "Group", db_security_group_ingress=[], group_description="Callers", ec2_vpc_id="vpc-1"
    )


def _classic_cache_group(stack: cdk.Stack) -> None:
    _vpc(stack)
    elasticache.CfnSecurityGroup(stack, "Group", description="Callers")


def _group(stack: cdk.Stack) -> None:
    ec2.SecurityGroup(stack, "Group", vpc=_vpc(stack), allow_all_outbound=False)


def _group_without_a_vpc(stack: cdk.Stack) -> None:
    _vpc(stack)
    ec2.CfnSecurityGroup(stack, "Group", group_description="Callers")


def _group_in_a_vpc(stack: cdk.Stack) -> None:
    vpc = _vpc(stack)
    ec2.CfnSecurityGroup(stack, "Group", group_description="Callers", vpc_id=vpc.vpc_id)


def _classic_address(stack: cdk.Stack, domain: str = "standard") -> None:
    ec2.CfnEIP(stack, "Address", domain=domain)


def _address(stack: cdk.Stack) -> None:
    ec2.CfnEIP(stack, "Address", domain="vpc")


def _classic_balancer(stack: cdk.Stack) -> None:
    _vpc(stack)
    listener = elb.CfnLoadBalancer.ListenersProperty(
        instance_port="443", load_balancer_port="443", protocol="SSL", instance_protocol="SSL"
    )
    elb.CfnLoadBalancer(stack, "Balancer", listeners=[listener], availability_zones=["us-east-1a"])


def _balancer(stack: cdk.Stack) -> None:
    elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=_vpc(stack))


# TTS-VPC-003


def _peering(stack: cdk.Stack) -> None:
    ec2.CfnVPCPeeringConnection(
        stack,
        "Peering",
        vpc_id=_vpc(stack).vpc_id,
        peer_vpc_id="vpc-0a1b2c3d",
        tags=[cdk.CfnTag(key="Project", value="benefits")],
    )


def _no_peering(stack: cdk.Stack) -> None:
    _vpc(stack)


# TTS-VPC-004


def _watched_vpc(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com"))
    kept = logs.LogGroup(stack, "Traffic", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)
    _vpc(stack).add_flow_log("All", destination=ec2.FlowLogDestination.to_cloud_watch_logs(kept))


def _rejected_traffic(stack: cdk.Stack) -> None:
    kept = logs.LogGroup(stack, "Traffic", retention=logs.RetentionDays.THREE_YEARS)
    _vpc(stack).add_flow_log(
        "Rejected",
        destination=ec2.FlowLogDestination.to_cloud_watch_logs(kept),
        traffic_type=ec2.FlowLogTrafficType.REJECT,
    )


# TTS-VPC-005


def _controlled_vpc(stack: cdk.Stack) -> None:
    vpc = _vpc(stack)
    for kind in (ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS):
        acl = ec2.NetworkAcl(
            stack, f"{kind.name}Acl", vpc=vpc, subnet_selection=ec2.SubnetSelection(subnet_type=kind)
        )
        everyone = ec2.AclCidr.any_ipv4()
        for direction in (ec2.TrafficDirection.INGRESS, ec2.TrafficDirection.EGRESS):
            acl.add_entry(
                f"Https{direction.name}",
                cidr=everyone,
                direction=direction,
                rule_number=100,
                traffic=ec2.AclTraffic.tcp_port(443),
            )
            acl.add_entry(
                f"Answers{direction.name}",
                cidr=everyone,
                direction=direction,
                rule_number=110,
                traffic=ec2.AclTraffic.tcp_port_range(1024, 65535),
            )


def _acl(stack: cdk.Stack, traffic: ec2.AclTraffic) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=[])
    acl = ec2.NetworkAcl(stack, "Acl", vpc=vpc)
    acl.add_entry("In", cidr=ec2.AclCidr.any_ipv4(), rule_number=100, traffic=traffic)


def _open_acl(stack: cdk.Stack) -> None:
    _acl(stack, ec2.AclTraffic.all_traffic())


def _narrow_acl(stack: cdk.Stack) -> None:
    _acl(stack, traffic=ec2.AclTraffic.tcp_port(443))


def _endpoint_with_the_default_group(stack: cdk.Stack) -> None:
    vpc = _vpc(stack)
    control(stack, vpc)
    ec2.CfnVPCEndpoint(
        stack,
        "Endpoint",
        vpc_id=vpc.vpc_id,
        vpc_endpoint_type="Interface",
        service_name="com.amazonaws.us-east-1.logs",
        subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets],
        security_group_ids=[vpc.vpc_default_security_group],
        tags=[cdk.CfnTag(key="Project", value="benefits")],
    )


def _endpoint_with_a_group_of_its_own(stack: cdk.Stack) -> None:
    vpc = _vpc(stack)
    control(stack, vpc)
    group = ec2.SecurityGroup(stack, "Callers", vpc=vpc, allow_all_outbound=False)
    vpc.add_interface_endpoint(
        "Endpoint", service=ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS, security_groups=[group]
    )


FIXES = (
    Fix("TTS-VPC-001", _in_the_vpc_of_others, (_in_a_vpc_of_the_app, _in_the_vpc_of_a_system)),
    Fix("TTS-VPC-002", _classic_group, _group),
    Fix("TTS-VPC-002", _classic_cache_group, _group),
    Fix("TTS-VPC-002", _group_without_a_vpc, _group_in_a_vpc),
    Fix("TTS-VPC-002", _classic_address, _address),
    Fix("TTS-VPC-002", _classic_balancer, _balancer),
    Fix("TTS-VPC-003", _peering, _no_peering),
    Fix("TTS-VPC-004", _vpc, (_watched_vpc, _system)),
    Fix("TTS-VPC-004", _rejected_traffic, _watched_vpc),
    Fix("TTS-VPC-005", _vpc, (_controlled_vpc, _system)),
    Fix("TTS-VPC-005", _open_acl, _narrow_acl),
    Fix("TTS-VPC-005", _endpoint_with_the_default_group, _endpoint_with_a_group_of_its_own),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
