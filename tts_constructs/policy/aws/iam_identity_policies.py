"""The policies that grant permissions to an app's own identities."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

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
    for arn in identity["ManagedPolicyArns"].values():
        yield from _policies(arn)


def _policies(arn: Value) -> Iterator[Hashable]:
    """Yield the policy that an ARN names: the resource, or its name."""
    if isinstance(arn, Reference):
        yield arn.resource
    elif isinstance(arn, str | Text):
        yield from _names(str(arn).rpartition("/")[2])


def _names(name: Value) -> Iterator[Hashable]:
    if isinstance(name, str) and name.strip():
        yield name.strip()
