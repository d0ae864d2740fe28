"""TTS-ASG-002: Auto Scaling groups behind a load balancer must use its health check."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws.launch_templates import GROUP
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def _trusts_balancer(group: Resource) -> Iterator[Result]:
    checks = group["HealthCheckType"]
    if isinstance(checks.value, str) and _checks_balancer(checks.value):
        return
    if _is_balanced(group) and not _checks_balancer(checks.text() or ""):
        yield checks.violation(f"HealthCheckType is {checks.shown}, so an unhealthy instance stays.")


def _checks_balancer(types: str) -> bool:
    return "ELB" in [name.strip() for name in types.split(",")]


def _is_balanced(group: Resource) -> bool:
    if group["TargetGroupARNs"].items() or group["LoadBalancerNames"].items():
        return True
    if any(source["Type"].text() != "vpc-lattice" for source in group["TrafficSources"].items()):
        return True
    return group in group.stack.assembly.index(_targets, _TARGET_GROUP)


def _targets(target_group: Resource) -> Iterator[Hashable]:
    for target in target_group["Targets"].items():
        yield target["Id"].target()


RULE = Rule(
    id="TTS-ASG-002",
    title="Auto Scaling groups behind a load balancer must use its health check",
    why=(
        "By default, a group replaces an instance only if the machine fails. If the program on it hangs, "
        "the load balancer sends it no more requests, but the group still counts it as healthy. This can go "
        "on until no instance answers."
    ),
    source="AWS Foundational Security Best Practices AutoScaling.1",
    section="Auto scale groups",
    fix=(
        "Use TtsAsgService, or write `health_checks=autoscaling.HealthChecks.with_additional_checks(…)` "
        "with `autoscaling.AdditionalHealthCheckType.ELB` and a `grace_period=` that is long enough for an "
        "instance to start."
    ),
    template_fix=(
        "Write `HealthCheckType: ELB`, and a HealthCheckGracePeriod that is long enough for an instance to "
        "start."
    ),
    decides=(
        "HealthCheckType must name ELB if the group has TargetGroupARNs, LoadBalancerNames, or "
        "TrafficSources other than VPC Lattice, or if a target group refers to the group."
    ),
    controls=("CP-2", "CP-10", "SI-13"),
    force="P",
    production="block",
    sandbox=None,
    checks={GROUP: _trusts_balancer},
)
