"""The tags of a system (handbook, "Tagging"; CM-8)."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk

from tts_constructs.policy.aws.tags import carriers

AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
"""Its tags say whether instances get them."""


def tag(stack: cdk.Stack, tags: Mapping[str, str]) -> None:
    """Tags a whole stack: what its constructs make, what the CDK makes for them, and what groups launch."""
    of_stack = cdk.Tags.of(stack)
    for name, value in tags.items():
        of_stack.add(name, value)


def tag_generic(resource: cdk.CfnResource, tags: Mapping[str, str]) -> None:
    """Tags a resource that the CDK's own `Tags` skip. A tag among its properties stays as it is.

    Left as it is, for the guardrails to judge, is a type that carries tags below another property (a launch
    template), and tags that the template computes (an `Fn::If`). Tags that were written by a property
    override, which cannot be read, give way.
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
    """The CloudFormation type, asked of JavaScript once for each class that stands for one."""
    if type(resource) is cdk.CfnResource:
        return resource.cfn_resource_type
    if type(resource) not in _TYPES:
        _TYPES[type(resource)] = resource.cfn_resource_type
    return _TYPES[type(resource)]


def _is_plain(tag_: object) -> bool:
    return isinstance(tag_, dict) and isinstance(tag_.get("Key"), str)
