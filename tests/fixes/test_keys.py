"""KMS: what the fixes of rules about keys say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from tests.fixes.following import Fix


def _the_same_forever(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key")


def _rotated(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key", enable_key_rotation=True)


def _key_for_everybody(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.add_to_resource_policy(
        iam.PolicyStatement(principals=[iam.AnyPrincipal()], actions=["kms:Decrypt"], resources=["*"])
    )


def _key_for_a_role(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    key.grant_decrypt(role)


def _key_for_an_account(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AnyPrincipal()],
            actions=["kms:Decrypt"],
            resources=["*"],
            conditions={"StringEquals": {"kms:CallerAccount": stack.account}},
        )
    )


FIXES = (
    Fix("TTS-KMS-001", _the_same_forever, _rotated),
    Fix("TTS-KMS-001", _key_for_everybody, (_key_for_a_role, _key_for_an_account)),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
