"""What a stack keeps: a bucket of uploads, with the bucket that its logs go to."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .policies import Document, allow, deny_plain_http, document

_ACCOUNT = {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}
_LOG_SERVICES = ("logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com")


class Storage(Construct):
    """The buckets of a stack."""

    def __init__(self, scope: Construct, key: kms.CfnKey) -> None:
        super().__init__(scope, "Storage")
        self.logs = self._bucket(
            "Logs",
            encryption={"sse_algorithm": "AES256"},
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=[
                    s3.CfnBucket.RuleProperty(id="30 months", status="Enabled", expiration_in_days=913),
                ]
            ),
            # CloudFront writes its logs by an ACL.
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerPreferred")]
            ),
        )
        self.logs_policy = self._policy(
            self.logs,
            *(
                allow(service, "s3:PutObject", f"{self.logs.attr_arn}/*", StringEquals=_ACCOUNT)
                for service in _LOG_SERVICES
            ),
        )
        self.uploads = self._bucket(
            "Uploads",
            encryption={"sse_algorithm": "aws:kms", "kms_master_key_id": key.attr_arn},
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            logging_configuration=s3.CfnBucket.LoggingConfigurationProperty(
                destination_bucket_name=self.logs.ref, log_file_prefix="uploads/"
            ),
        )
        self.uploads_policy = self._policy(self.uploads)

    def _bucket(self, name: str, *, encryption: dict[str, str], **properties: Any) -> s3.CfnBucket:
        bucket = s3.CfnBucket(
            self,
            name,
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                            **encryption
                        )
                    )
                ]
            ),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            **properties,
        )
        bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return bucket

    def _policy(self, bucket: s3.CfnBucket, *statements: Document) -> s3.CfnBucketPolicy:
        tls_only = deny_plain_http("s3:*", bucket.attr_arn, f"{bucket.attr_arn}/*")
        return s3.CfnBucketPolicy(
            self,
            f"{bucket.node.id}Policy",
            bucket=bucket.ref,
            policy_document=document(tls_only, *statements),
        )
