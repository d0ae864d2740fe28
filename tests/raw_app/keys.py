"""The key of a stack."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from .policies import allow, document

_USE = ("kms:Decrypt", "kms:GenerateDataKey*")


def make_key(stack: Construct) -> kms.CfnKey:
    """A key for logs, topics, queues and buckets, which their services may use."""
    key = kms.CfnKey(
        stack,
        "Key",
        enable_key_rotation=True,
        key_policy=document(
            allow({"AWS": f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:root"}, "kms:*"),
            allow(
                f"logs.{cdk.Aws.REGION}.amazonaws.com",
                (*_USE, "kms:Encrypt", "kms:ReEncrypt*", "kms:Describe*"),
                ArnLike={
                    "kms:EncryptionContext:aws:logs:arn": (
                        f"arn:aws:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:*"
                    )
                },
            ),
            allow("cloudwatch.amazonaws.com", _USE, StringEquals={"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}),
        ),
    )
    key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    return key
