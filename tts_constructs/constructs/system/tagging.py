"""The tags of a system (handbook, "Tagging"; CM-8)."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk

from tts_constructs.policy.aws.tags import carriers

AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
"""The type whose tags have `PropagateAtLaunch`, so that instances get them."""


def tag(stack: cdk.Stack, tags: Mapping[str, str]) -> None:
    """Tags all resources of a stack, including those that the CDK adds, and the instances of groups."""
    of_stack = cdk.Tags.of(stack)
    for name, value in tags.items():
        of_stack.add(name, value)


def tag_generic(resource: cdk.CfnResource, tags: Mapping[str, str]) -> None:
    """Tags a resource that the CDK's own `Tags` skip. Existing tags among its properties stay.

    It doesn't change a type with its tags below another property (a launch template), or tags that the
    template computes (an `Fn::If`). The guardrails judge those. It replaces tags that were written by a
    property override, because an override can't be read.
    """
    type_ = _type_of(resource)
    carrier = carriers().get(type_)
    if carrier is None or "/" in carrier.path:
        return
    stated = resource._cfn_properties.get(carrier.path)
    if carrier.is_map:
        stated = {} if stated is None else stated
        if isinstance(stated, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in stated):
            resource.add_property_override(carrier.path, {**tags, **stated})
    else:
        stated = [] if stated is None else stated
        if isinstance(stated, list) and all(map(_is_plain, stated)):
            launched = {"PropagateAtLaunch": True} if type_ == AUTO_SCALING_GROUP else {}
            missing = tags.keys() - {item["Key"] for item in stated}
            added = [{"Key": key, "Value": tags[key]} | launched for key in sorted(missing)]
            resource.add_property_override(carrier.path, [*stated, *added])


_TYPES: dict[type[cdk.CfnResource], str] = {}


def _type_of(resource: cdk.CfnResource) -> str:
    """Returns the CloudFormation type. It asks JavaScript only once for each L1 class."""
    if type(resource) is cdk.CfnResource:
        return resource.cfn_resource_type
    if type(resource) not in _TYPES:
        _TYPES[type(resource)] = resource.cfn_resource_type
    return _TYPES[type(resource)]


def _is_plain(tag_: object) -> bool:
    return isinstance(tag_, dict) and isinstance(tag_.get("Key"), str)
