"""TTS-VPC-002: EC2-Classic must not be used."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER
from tts_constructs.policy.aws.security_groups import GROUP
from tts_constructs.policy.model.rule import Check, Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import ABSENT
from tts_constructs.policy.result import Result

_CLASSIC_PROPERTIES = {
    "AWS::AutoScaling::LaunchConfiguration": "ClassicLinkVPCId",
    "AWS::ElastiCache::CacheCluster": "CacheSecurityGroupNames",
    "AWS::ElastiCache::ReplicationGroup": "CacheSecurityGroupNames",
    "AWS::RDS::DBInstance": "DBSecurityGroups",
    "AWS::Redshift::Cluster": "ClusterSecurityGroups",
}
"""Properties that exist only for EC2-Classic."""


def _is_classic(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation(f"{resource.type} exists only for EC2-Classic.")


def _has_classic_property(resource: Resource) -> Iterator[Result]:
    place = resource[_CLASSIC_PROPERTIES[resource.type]]
    if place.is_unknown or place.items():
        yield place.violation(f"{place.key} exists only for EC2-Classic.")


def _group_outside(group: Resource) -> Iterator[Result]:
    vpc = group["VpcId"]
    if vpc.value in ("", None, ABSENT):
        yield vpc.violation("The group names no VPC.")


def _balancer_outside(balancer: Resource) -> Iterator[Result]:
    subnets = balancer["Subnets"]
    if not subnets.is_unknown and not subnets.items():
        yield subnets.violation("The load balancer names no subnets, so it is not in a VPC.")


def _address_outside(address: Resource) -> Iterator[Result]:
    domain = address["Domain"]
    if (domain.text() or "vpc").lower() != "vpc":
        yield domain.violation(f"Domain is {domain.shown}; an address for a VPC has the domain vpc.")


_CLASSIC_CHECKS: dict[str, Check] = {
    "AWS::EC2::EIP": fixed_by(_address_outside, 'Write `domain="vpc"`.', "Write `Domain: vpc`."),
    "AWS::ElastiCache::SecurityGroup*": _is_classic,
    "AWS::RDS::DBSecurityGroup*": _is_classic,
    "AWS::Redshift::ClusterSecurityGroup*": _is_classic,
    CLASSIC_LOAD_BALANCER: fixed_by(
        _balancer_outside,
        "Use TtsAsgService, or an `elbv2.ApplicationLoadBalancer` with `vpc=`.",
        "Use an AWS::ElasticLoadBalancingV2::LoadBalancer, and name its `Subnets`.",
    ),
    GROUP: fixed_by(_group_outside, "Write `vpc_id=` with the VPC of the app.", "Write `VpcId`."),
    **dict.fromkeys(_CLASSIC_PROPERTIES, _has_classic_property),
}

RULE = Rule(
    id="TTS-VPC-002",
    title="EC2-Classic must not be used",
    why=(
        "EC2-Classic was one flat network that all AWS customers shared. AWS shut it down in 2022. A "
        "template that names it follows outdated documentation, and its network settings have no effect."
    ),
    source=(
        'TTS handbook: "Occasionally, out-of-date documentation from third parties and Amazon itself may '
        'reference EC2 Classic. We at TTS do not support this environment."'
    ),
    section="VPCs",
    fix=(
        "Use TtsSystem, which makes the VPC, and an `ec2.SecurityGroup(…)` in it instead of the security "
        "groups of RDS, ElastiCache, and Redshift."
    ),
    template_fix=(
        "Use an `AWS::EC2::SecurityGroup` with `VpcId` instead of the security groups of RDS, ElastiCache, "
        "and Redshift."
    ),
    decides=(
        "These break the rule: resource types and properties that exist only for EC2-Classic, a security "
        "group without VpcId, a classic load balancer without Subnets, and an Elastic IP address with a "
        "Domain other than vpc."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox="block",
    checks=_CLASSIC_CHECKS,
    waivable=False,
)
