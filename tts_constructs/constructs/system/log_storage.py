"""The log groups and the log bucket of a system, kept for 30 months (OMB M-21-31; AU-11)."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.system.removal import removal_of_keys_and_logs
from tts_constructs.policy.configuration import load_settings
from tts_constructs.system_metadata import Environment


def kept_log_group(scope: Construct, id_: str, *, key: kms.IKey, environment: Environment) -> logs.LogGroup:
    """Makes a log group kept for 1096 days, or longer if the settings (`[retention]`) say so.

    Args:
        scope: Parent construct.
        id_: Construct id.
        key: Key of the log group. Its policy must let CloudWatch Logs use it, as a system's key does.
        environment: Environment of the system. In a sandbox the log group goes with the stack.
    """
    return logs.LogGroup(
        scope,
        id_,
        encryption_key=key,
        retention=logs.RetentionDays[standards.LOG_RETENTION_CHOICES[load_settings().retention.log_groups]],
        removal_policy=removal_of_keys_and_logs(environment),
    )


def log_bucket(scope: Construct, id_: str, *, goes_with_stack: bool = False) -> s3.Bucket:
    """Makes a bucket for access logs of buckets and balancers, kept for 913 days or as the settings say.

    It is encrypted with S3's own key (SSE-S3), because load balancers can't write to another. Its policy lets
    S3 deliver the access logs of any bucket of the account. `log_access_logs` of a load balancer adds the
    statement that the balancer needs.

    Args:
        scope: Parent construct.
        id_: Construct id.
        goes_with_stack: True to empty and delete it with the stack, by the CDK's helper function.
    """
    bucket = s3.Bucket(
        scope,
        id_,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="KeepLogs",
                expiration=cdk.Duration.days(load_settings().retention.log_buckets),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            )
        ],
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=(
            cdk.RemovalPolicy.DESTROY if goes_with_stack else cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        ),
        auto_delete_objects=goes_with_stack,
    )
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="BucketAccessLogs",
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}},
        )
    )
    return bucket
