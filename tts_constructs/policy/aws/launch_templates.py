"""Resources that launch instances, and the launch templates that they use."""

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
"""Types that launch instances in auto-scaling groups. EKS and Batch create their own groups."""

MIXED = "MixedInstancesPolicy/LaunchTemplate"
"""The property by which a group of mixed instance types names its launch template."""


def specifications(launcher: Resource) -> Iterator[Node]:
    """Yield the places where one of `LAUNCHERS` names a launch template.

    Raises:
        UnknownValue: There may be more. It is raised after the known ones are yielded.
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
    """Return the app's launch template that a specification names, or None if it is outside the app.

    Raises:
        UnknownValue: What is named cannot be decided.
    """
    prefix = "" if specification.resource.type == NODE_GROUP else "LaunchTemplate"
    by_name = specification[f"{prefix}Name"].target(TEMPLATE, name="LaunchTemplateName")
    return by_name or specification[f"{prefix}Id"].target(TEMPLATE)


def subnets(launcher: Resource) -> Node:
    """Return the place of the subnets that one of `LAUNCHERS` launches instances into."""
    if launcher.type == GROUP:
        return launcher["VPCZoneIdentifier"]
    if launcher.type == NODE_GROUP:
        return launcher["Subnets"]
    return launcher.properties.at("ComputeResources/Subnets")


def has_no_instances(environment: Resource) -> bool:
    """Return whether a Batch compute environment manages no instances: it uses Fargate or is unmanaged.

    Raises:
        UnknownValue: Its type cannot be decided.
    """
    resources = environment["ComputeResources"]
    return not resources.exists or (resources["Type"].text() or "").upper().startswith("FARGATE")


INSTANCE = "AWS::EC2::Instance"
