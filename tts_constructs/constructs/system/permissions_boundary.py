"""The permissions boundary of a system, which limits each of its roles (AC-6, CM-7(5))."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from tts_constructs import standards
from tts_constructs.policy.aws.approved_services import services_of
from tts_constructs.policy.aws.iam_prefixes import open_prefixes
from tts_constructs.policy.configuration import load_settings

_IAM = ("iam:Get*", "iam:List*", "iam:PassRole", "iam:CreateServiceLinkedRole")

_NEVER = (
    "iam:CreateUser", "iam:UpdateUser", "iam:AddUserToGroup", "iam:CreateAccessKey", "iam:UpdateAccessKey",
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateServiceSpecificCredential",
    "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate", "identitystore:CreateUser",
    "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
    "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy",
)  # fmt: skip
"""Actions that create people or long-lived keys, or change boundaries, which are managed policies."""


def system_boundary(scope: Construct, id_: str) -> iam.ManagedPolicy:
    """Makes a boundary that allows each service that TTS-SVC-001 doesn't block, and never people or keys.

    These are the approved services and, unless the settings say `[services] unknown = "block"`, also those
    that nobody has decided on. So the boundary follows the list of approved services. Of IAM, it allows
    reading, passing roles, and creating service-linked roles. It denies making users, long-lived keys and
    other boundaries.

    A boundary grants nothing: a role can do what both its own policies and the boundary allow.

    Args:
        scope: Parent construct, in a stack with a concrete region.
        id_: Construct id.

    Raises:
        SettingsError: The settings or the list of approved services can't be used.
    """
    settings = load_settings()
    partition = standards.partition(cdk.Stack.of(scope).region)
    services = open_prefixes(services_of(settings), settings.services, partition)
    return iam.ManagedPolicy(
        scope,
        id_,
        description="The most that a role of the system can do",
        statements=[
            iam.PolicyStatement(
                sid="ServicesThatAreNotBlocked",
                actions=[*(f"{service}:*" for service in services), *_IAM],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="NoPeopleKeysOrBoundaries",
                effect=iam.Effect.DENY,
                actions=list(_NEVER),
                resources=["*"],
            ),
        ],
    )
