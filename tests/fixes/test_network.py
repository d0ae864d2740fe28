"""NET: what the fixes of rules about security groups say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from tests.fixes.following import Fix
from tts_constructs.system_metadata import Environment

_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"


def _balancer(stack: cdk.Stack, **more: Any) -> elbv2.ApplicationLoadBalancer:
    """A load balancer that faces the internet and serves HTTPS, with the group of its instances."""
    balancer = elbv2.ApplicationLoadBalancer(
        stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True, **more
    )
    certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE)
    balancer.add_listener(
        "Https",
        port=443,
        certificates=[certificate],
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        open=False,
        default_action=elbv2.ListenerAction.fixed_response(404),
    )
    return balancer


def _group(stack: cdk.Stack, balancer: elbv2.ApplicationLoadBalancer, **more: Any) -> ec2.SecurityGroup:
    assert balancer.vpc
    return ec2.SecurityGroup(stack, "Instances", vpc=balancer.vpc, **more)


# TTS-NET-001


def _instances_open_to_the_internet(stack: cdk.Stack) -> None:
    balancer = _balancer(stack)
    _group(stack, balancer).add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(8080))
    balancer.connections.allow_from(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))


def _instances_behind_the_balancer(stack: cdk.Stack) -> None:
    balancer = _balancer(stack)
    _group(stack, balancer).connections.allow_from(balancer, ec2.Port.tcp(8080))
    balancer.connections.allow_from(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
    balancer.add_redirect()


def _instances_behind_the_balancer_of_a_team(stack: cdk.Stack) -> None:
    balancer = _balancer(stack)
    _group(stack, balancer).connections.allow_from(balancer, ec2.Port.tcp(8080))
    balancer.connections.allow_from(ec2.Peer.ipv4("192.0.2.0/24"), ec2.Port.tcp(443))


# TTS-NET-002


def _ssh(stack: cdk.Stack) -> None:
    group = _group(stack, _balancer(stack))
    group.add_ingress_rule(ec2.Peer.ipv4("192.0.2.0/24"), ec2.Port.tcp(22))


def _no_ssh(stack: cdk.Stack) -> None:
    _group(stack, _balancer(stack))


# TTS-NET-003


def _everything_goes_out(stack: cdk.Stack) -> None:
    ec2.SecurityGroup(stack, "Instances", vpc=ec2.Vpc(stack, "Vpc"))


def _https_goes_out(stack: cdk.Stack) -> None:
    group = ec2.SecurityGroup(stack, "Instances", vpc=ec2.Vpc(stack, "Vpc"), allow_all_outbound=False)
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))


def _https_goes_out_of_an_endpoint(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "Instances", vpc=vpc, allow_all_outbound=False)
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
    vpc.add_interface_endpoint(
        "Endpoint", service=ec2.InterfaceVpcEndpointAwsService.SQS, security_groups=[group]
    )


FIXES = (
    Fix("TTS-NET-001", _instances_open_to_the_internet, _instances_behind_the_balancer),
    Fix(
        "TTS-NET-001",
        _instances_open_to_the_internet,
        _instances_behind_the_balancer_of_a_team,
        environment=Environment.SANDBOX,
        of="sandbox",
    ),
    Fix("TTS-NET-002", _ssh, _no_ssh),
    Fix("TTS-NET-003", _everything_goes_out, (_https_goes_out, _https_goes_out_of_an_endpoint)),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
