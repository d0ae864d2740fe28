"""What launches instances, and which launch templates it does that from."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource

TEMPLATE = "AWS::EC2::LaunchTemplate"
CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
GROUP = "AWS::AutoScaling::AutoScalingGroup"
NODE_GROUP = "AWS::EKS::Nodegroup"
COMPUTE_ENVIRONMENT = "AWS::Batch::ComputeEnvironment"

LAUNCHERS = (GROUP, NODE_GROUP, COMPUTE_ENVIRONMENT)
"""Types that launch instances in auto-scaling groups: EKS and Batch make groups of their own."""

MIXED = "MixedInstancesPolicy/LaunchTemplate"
"""Where a group that mixes instance types says what it launches from."""


def specifications(launcher: Resource) -> Iterator[Node]:
    """The places where one of `LAUNCHERS` names a launch template.

    Raises:
        UnknownValue: Whether there are more cannot be decided; after those that are known.
    """
    if launcher.type == COMPUTE_ENVIRONMENT:
        named = launcher.properties.at("ComputeResources/LaunchTemplate")
        overriding = named["Overrides"].items()
    elif launcher.type == NODE_GROUP:
        named, overriding = launcher["LaunchTemplate"], []
    else:
        if launcher["LaunchTemplate"].exists:
            yield launcher["LaunchTemplate"]
        mixed = launcher.properties.at(MIXED)
        named = mixed["LaunchTemplateSpecification"]
        overriding = [override["LaunchTemplateSpecification"] for override in mixed["Overrides"].items()]
    yield from (node for node in (named, *overriding) if node.exists)


def launch_template(specification: Node) -> Resource | None:
    """The launch template of the app that a specification names; None where it is outside the app.

    Raises:
        UnknownValue: What is named cannot be decided.
    """
    prefix = "" if specification.resource.type == NODE_GROUP else "LaunchTemplate"
    by_name = specification[f"{prefix}Name"].target(TEMPLATE, name="LaunchTemplateName")
    return by_name or specification[f"{prefix}Id"].target(TEMPLATE)


def subnets(launcher: Resource) -> Node:
    """The subnets that one of `LAUNCHERS` launches instances into."""
    if launcher.type == GROUP:
        return launcher["VPCZoneIdentifier"]
    if launcher.type == NODE_GROUP:
        return launcher["Subnets"]
    return launcher.properties.at("ComputeResources/Subnets")


def has_no_instances(environment: Resource) -> bool:
    """Whether a Batch compute environment has none of its own: it runs on Fargate, or others manage it.

    Raises:
        UnknownValue: Its type cannot be decided.
    """
    resources = environment["ComputeResources"]
    return not resources.exists or (resources["Type"].text() or "").upper().startswith("FARGATE")


INSTANCE = "AWS::EC2::Instance"
