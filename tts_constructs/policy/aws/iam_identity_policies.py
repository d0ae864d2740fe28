"""The policies that grant permissions to an app's own identities."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Value

MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
PERMISSION_SET = "AWS::SSO::PermissionSet"
IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
IDENTITY_POLICY_TYPES = (
    *IDENTITIES,
    MANAGED_POLICY,
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    PERMISSION_SET,
)
"""Types of resources that can hold an identity policy."""


def identity_policies(resource: Resource) -> list[Node]:
    """Return the documents of the identity policies in a resource of one of these types.

    A managed policy used only as a permissions boundary does not count: it grants nothing.

    Raises:
        UnknownValue: The inline policies of an identity are not known.
    """
    if resource.type in IDENTITIES:
        return [policy["PolicyDocument"] for policy in resource["Policies"].items()]
    if resource.type == PERMISSION_SET:
        return [resource["InlinePolicy"]]
    return [] if is_boundary_only(resource) else [resource["PolicyDocument"]]


def is_boundary_only(policy: Resource) -> bool:
    """Return whether a policy is a managed one that is used only as a permissions boundary."""
    if policy.type != MANAGED_POLICY:
        return False
    if any(policy[identities].exists for identities in ("Roles", "Users", "Groups")):
        return False
    assembly = policy.stack.assembly
    bounded = assembly.index(_bounded_by, "AWS::IAM::Role", "AWS::IAM::User")
    attached = assembly.index(_attached, *IDENTITIES, PERMISSION_SET)
    known_as = [policy, *_names(policy["ManagedPolicyName"].value)]
    return any(key in bounded for key in known_as) and not any(key in attached for key in known_as)


def _bounded_by(identity: Resource) -> Iterator[Hashable]:
    return _policies(identity["PermissionsBoundary"].value)


def _attached(identity: Resource) -> Iterator[Hashable]:
    if identity.type == PERMISSION_SET:
        for reference in identity["CustomerManagedPolicyReferences"].items():
            yield from _names(reference["Name"].value)
        return
    arns = identity["ManagedPolicyArns"]
    for arn in arns.values():
        yield from _policies(arn)
    # An ARN that is put together or taken apart may still be that of a policy that it mentions.
    for logical_id in _mentioned(arns.value):
        if logical_id in identity.stack.resources:
            yield identity.stack.resources[logical_id]


def _mentioned(raw: Any) -> Iterator[str]:
    """Yield the logical ids that an expression refers to."""
    if isinstance(raw, list):
        for item in raw:
            yield from _mentioned(item)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            named = value[0] if key == "Fn::GetAtt" and isinstance(value, list) and value else value
            if key in {"Ref", "Fn::GetAtt"} and isinstance(named, str):
                yield named.partition(".")[0]
            else:
                yield from _mentioned(value)


def _policies(arn: Value) -> Iterator[Hashable]:
    """Yield the policy that an ARN names: the resource, or its name."""
    if isinstance(arn, Reference):
        yield arn.resource
    elif isinstance(arn, str | Text):
        yield from _names(str(arn).rpartition("/")[2])


def _names(name: Value) -> Iterator[Hashable]:
    if isinstance(name, str) and name.strip():
        yield name.strip()
