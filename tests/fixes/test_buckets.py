"""S3, and HTTPS of buckets: what the fixes of rules about buckets say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3express as s3express
from aws_cdk import aws_s3tables as s3tables
from aws_cdk import aws_s3vectors as s3vectors

from tests.fixes.following import Fix
from tts_constructs import DataSensitivity, TtsBucket, TtsGuardrails, TtsSystem
from tts_constructs.system_metadata import Environment

_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"


def _bucket(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads")


def _bucket_of_a_system(stack: cdk.Stack) -> None:
    system = TtsSystem(
        stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="benefits@example.gov"
    )
    TtsBucket(system, "Uploads")


# TTS-S3-001


def _blocked(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", block_public_access=s3.BlockPublicAccess.BLOCK_ALL)


def _public_acl(stack: cdk.Stack) -> None:
    s3.Bucket(
        stack,
        "Uploads",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        access_control=s3.BucketAccessControl.PUBLIC_READ,
    )


def _granted(stack: cdk.Stack) -> None:
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    bucket = s3.Bucket(stack, "Uploads", block_public_access=s3.BlockPublicAccess.BLOCK_ALL)
    bucket.grant_read(reader)


def _public_policy(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Uploads", block_public_access=s3.BlockPublicAccess.BLOCK_ALL)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AnyPrincipal()], actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]
        )
    )


def _site(stack: cdk.Stack, origin: cloudfront.IOrigin) -> None:
    cloudfront.Distribution(
        stack,
        "Site",
        default_behavior=cloudfront.BehaviorOptions(
            origin=origin,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
        ),
        domain_names=["www.example.gov"],
        certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE),
        minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        log_bucket=s3.Bucket.from_bucket_name(stack, "Logs", "benefits-logs"),
    )


def _served_by_cloudfront(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Uploads", block_public_access=s3.BlockPublicAccess.BLOCK_ALL)
    _site(stack, origins.S3BucketOrigin.with_origin_access_control(bucket))


# TTS-S3-002


def _of_a_key(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))


def _of_public_data(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(
        TtsGuardrails(
            project="benefits", owner="benefits@example.gov", data_sensitivity=DataSensitivity.PUBLIC
        )
    )
    s3.Bucket(stack, "Uploads", encryption=s3.BucketEncryption.S3_MANAGED)


def _other_buckets(stack: cdk.Stack) -> None:
    fast = s3express.CfnDirectoryBucket(
        stack, "Fast", data_redundancy="SingleAvailabilityZone", location_name="use1-az4"
    )
    tables = s3tables.CfnTableBucket(stack, "Tables", table_bucket_name="visits")
    vectors = s3vectors.CfnVectorBucket(stack, "Vectors")
    for bucket in (fast, tables, vectors):
        bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


def _other_buckets_of_a_key(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    by_default = s3express.CfnDirectoryBucket.ServerSideEncryptionByDefaultProperty(
        sse_algorithm="aws:kms", kms_master_key_id=key.key_arn
    )
    rule = s3express.CfnDirectoryBucket.ServerSideEncryptionRuleProperty(
        server_side_encryption_by_default=by_default
    )
    fast = s3express.CfnDirectoryBucket(
        stack,
        "Fast",
        data_redundancy="SingleAvailabilityZone",
        location_name="use1-az4",
        bucket_encryption=s3express.CfnDirectoryBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[rule]
        ),
    )
    tables = s3tables.CfnTableBucket(
        stack,
        "Tables",
        table_bucket_name="visits",
        encryption_configuration=s3tables.CfnTableBucket.EncryptionConfigurationProperty(
            sse_algorithm="aws:kms", kms_key_arn=key.key_arn
        ),
    )
    vectors = s3vectors.CfnVectorBucket(
        stack,
        "Vectors",
        encryption_configuration=s3vectors.CfnVectorBucket.EncryptionConfigurationProperty(
            sse_type="aws:kms", kms_key_arn=key.key_arn
        ),
    )
    for bucket in (fast, tables, vectors):
        bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


def _other_buckets_of_public_data(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(
        TtsGuardrails(
            project="benefits", owner="benefits@example.gov", data_sensitivity=DataSensitivity.PUBLIC
        )
    )
    _other_buckets(stack)


# TTS-S3-003


def _versioned(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", versioned=True)


# TTS-S3-004


def _logged(stack: cdk.Stack) -> None:
    logs = s3.Bucket(
        stack,
        "Logs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
    )
    s3.Bucket(stack, "Uploads", server_access_logs_bucket=logs)


# TTS-TLS-006


def _in_tls(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", enforce_ssl=True)


def _website(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", enforce_ssl=True, website_index_document="index.html")


def _website_behind_cloudfront(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Uploads", enforce_ssl=True)
    _site(stack, origins.S3BucketOrigin.with_origin_access_control(bucket))


FIXES = (
    Fix("TTS-S3-001", _bucket, (_blocked, _bucket_of_a_system)),
    Fix("TTS-S3-001", _public_acl, _granted),
    Fix("TTS-S3-001", _public_policy, (_granted, _served_by_cloudfront)),
    Fix("TTS-S3-002", _bucket, (_of_a_key, _of_public_data, _bucket_of_a_system)),
    Fix("TTS-S3-002", _other_buckets, (_other_buckets_of_a_key, _other_buckets_of_public_data)),
    Fix("TTS-S3-003", _bucket, (_versioned, _bucket_of_a_system)),
    Fix("TTS-S3-004", _bucket, (_logged, _bucket_of_a_system)),
    Fix("TTS-TLS-006", _bucket, (_in_tls, _bucket_of_a_system)),
    Fix("TTS-TLS-006", _website, _website_behind_cloudfront),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
