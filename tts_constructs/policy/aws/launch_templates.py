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
INSTANCE = "AWS::EC2::Instance"
FLEET = "AWS::EC2::EC2Fleet"
SPOT_FLEET = "AWS::EC2::SpotFleet"
MANAGED_INSTANCE = "AWS::WorkspacesInstances::WorkspaceInstance"

ALONE = (INSTANCE, FLEET, SPOT_FLEET)
"""Types that launch instances outside a group, from launch templates or from what they say themselves."""

LAUNCHERS = (GROUP, NODE_GROUP, COMPUTE_ENVIRONMENT)
"""Types that launch instances in auto-scaling groups. EKS and Batch create their own groups."""

MIXED = "MixedInstancesPolicy/LaunchTemplate"
"""The property of a group of mixed instance types that names its launch template."""

_SETTINGS = {
    TEMPLATE: "LaunchTemplateData",
    SPOT_FLEET: "SpotFleetRequestConfigData/LaunchSpecifications/*",
    MANAGED_INSTANCE: "ManagedInstance",
}

_FLEETS = {
    FLEET: "LaunchTemplateConfigs/*/LaunchTemplateSpecification",
    SPOT_FLEET: "SpotFleetRequestConfigData/LaunchTemplateConfigs/*/LaunchTemplateSpecification",
}


def settings_of(resource: Resource) -> Iterator[Node]:
    """Yield the places where a resource says what its instances are: image, disks, network interfaces.

    Args:
        resource: A launch template, a launch configuration, an instance, or a fleet.

    Raises:
        UnknownValue: A list of them is not known before deployment.
    """
    if resource.type in _SETTINGS:
        yield from resource.properties.find_all(_SETTINGS[resource.type])
    elif resource.type == FLEET:
        yield from resource.properties.find_all("LaunchTemplateConfigs/*/Overrides/*")
    else:
        yield resource.properties


def specifications(launcher: Resource) -> Iterator[Node]:
    """Yield the places where one of `LAUNCHERS` or `ALONE` names a launch template.

    Raises:
        UnknownValue: There may be more. It is raised after the known ones are yielded.
    """
    if launcher.type == COMPUTE_ENVIRONMENT:
        named = launcher.properties.at("ComputeResources/LaunchTemplate")
        overriding = named["Overrides"].items()
    elif launcher.type in _FLEETS:
        configurations = launcher.properties.find_all(_FLEETS[launcher.type])
        yield from (node for node in configurations if node.exists)
        return
    elif launcher.type in {NODE_GROUP, INSTANCE}:
        named, overriding = launcher["LaunchTemplate"], []
    else:
        if launcher["LaunchTemplate"].exists:
            yield launcher["LaunchTemplate"]
        mixed = launcher.properties.at(MIXED)
        named = mixed["LaunchTemplateSpecification"]
        overriding = [override["LaunchTemplateSpecification"] for override in mixed["Overrides"].items()]
    yield from (node for node in (named, *overriding) if node.exists)


def launches_from_template(alone: Resource) -> bool:
    """Return whether one of `ALONE` takes from launch templates what it does not say itself."""
    return alone.type == FLEET or (alone.type == INSTANCE and alone["LaunchTemplate"].exists)


def launch_template(specification: Node) -> Resource | None:
    """Return the app's launch template that a specification names, or None if it is outside the app.

    Raises:
        UnknownValue: What is named cannot be decided.
    """
    prefix = "" if specification.resource.type == NODE_GROUP else "LaunchTemplate"
    by_name = specification[f"{prefix}Name"].target(TEMPLATE, name="LaunchTemplateName")
    return by_name or specification[f"{prefix}Id"].target(TEMPLATE)


_SUBNETS = {
    COMPUTE_ENVIRONMENT: ("ComputeResources/Subnets",),
    FLEET: ("LaunchTemplateConfigs/*/Overrides/*/SubnetId",),
    GROUP: ("VPCZoneIdentifier",),
    INSTANCE: ("SubnetId",),
    MANAGED_INSTANCE: ("ManagedInstance/SubnetId",),
    NODE_GROUP: ("Subnets",),
    SPOT_FLEET: (
        "SpotFleetRequestConfigData/LaunchSpecifications/*/SubnetId",
        "SpotFleetRequestConfigData/LaunchTemplateConfigs/*/Overrides/*/SubnetId",
    ),
}


def subnets(launcher: Resource) -> list[Node]:
    """Return the places of the subnets that one of `LAUNCHERS` or `ALONE` launches instances into.

    Raises:
        UnknownValue: The list is not known before deployment.
    """
    places = [place for path in _SUBNETS[launcher.type] for place in launcher.properties.find_all(path)]
    return [item for place in places for item in place.items()]


def has_no_instances(environment: Resource) -> bool:
    """Return whether a Batch compute environment manages no instances: it uses Fargate or is unmanaged.

    Raises:
        UnknownValue: Its type cannot be decided.
    """
    resources = environment["ComputeResources"]
    return not resources.exists or (resources["Type"].text() or "").upper().startswith("FARGATE")


INSTANCE = "AWS::EC2::Instance"
