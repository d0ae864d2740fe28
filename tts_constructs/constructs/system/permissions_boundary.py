"""The permissions boundary of a system, which limits each of its roles (AC-6, CM-7(5))."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

APPROVED = (
    # handbook
    "autoscaling", "ec2", "s3",
    # baseline of this library
    "acm", "backup", "budgets", "cloudformation", "cloudwatch", "elasticloadbalancing", "logs", "route53",
    "sns", "ssm", "sts", "wafv2",
    # GSA's published reviews of 2026-04-14 that approve
    "apigateway", "bedrock", "ecs", "elasticache", "elasticfilesystem", "execute-api", "firehose", "fms",
    "glacier", "importexport", "kms", "lambda", "quicksight", "rds", "rds-data", "rds-db", "sagemaker",
    "snowball", "ssm-contacts", "ssm-incidents",
)  # fmt: skip
"""Service prefixes of the IAM actions of approved services; a test holds them to the bundled list."""

_IAM = ("iam:Get*", "iam:List*", "iam:PassRole", "iam:CreateServiceLinkedRole")

_NEVER = (
    "iam:CreateUser", "iam:UpdateUser", "iam:AddUserToGroup", "iam:CreateAccessKey", "iam:UpdateAccessKey",
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateServiceSpecificCredential",
    "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate",
    "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
    "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy",
)  # fmt: skip
"""Actions that create people or long-lived keys, or change boundaries, which are managed policies."""


def system_boundary(scope: Construct, id_: str) -> iam.ManagedPolicy:
    """Makes a boundary that allows approved services, and never people, long-lived keys or other boundaries.

    A boundary grants nothing: a role can do what both its own policies and the boundary allow. Of IAM, it
    allows reading, passing roles, and creating service-linked roles. If your system uses a service that isn't
    on a list, give it a boundary of your own.

    Args:
        scope: Parent construct.
        id_: Construct id.
    """
    return iam.ManagedPolicy(
        scope,
        id_,
        description="The most that a role of the system can do",
        statements=[
            iam.PolicyStatement(
                sid="ApprovedServices",
                actions=[*(f"{service}:*" for service in APPROVED), *_IAM],
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
