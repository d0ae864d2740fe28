"""`TtsBucket`: a private bucket with encryption, versions and access logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tts_constructs.arguments import checked, refuse
from tts_constructs.constructs.system.removal import removal_faults
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.configuration import load_settings
from tts_constructs.system_metadata import METADATA_KEY, DataSensitivity, Environment

_LEAST_TLS = 1.2
_LOGS_BY_POLICY = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"
_ABANDONED = Duration.days(7)


class TtsBucket(Construct):
    """A private, encrypted bucket of a system.

    You can't change these: all public access blocked, plain HTTP and TLS below 1.2 refused, encryption,
    versions, retention when the stack is deleted, access logs in the system's log bucket. Set event
    notifications, CORS and the like on the L2, `bucket`.

    Args:
        scope: Parent construct: a `TtsSystem` or a construct below one. Elsewhere, give `system`.
        id: Construct id.
        system: The system that it belongs to. Default: the `TtsSystem` above `scope`.
        data_sensitivity: Sensitivity that the owner of this bucket's data has declared. Default: as the
            system's. Objects are encrypted with the system's key (SSE-KMS), public ones with S3's own
            (SSE-S3).
        lifecycle_rules: Rules that move objects to colder storage, or expire them. Default: objects stay.
            Parts of an upload that is not finished after 7 days are always removed.
        log_target: True if an AWS service, such as a load balancer, delivers logs to it. Such a bucket has
            S3's own encryption, as most services can't write to another, no versions and no access logs.
            Logs expire after 913 days, or when `lifecycle_rules` say, but not sooner. The L2 that logs here
            adds the statement to the bucket policy that it needs.
        remove_with_stack: True to empty and delete the bucket when the stack is deleted, by the CDK's helper
            function (a Lambda function). Only in a sandbox. Default: the bucket stays.

    Attributes:
        bucket: The L2.

    Raises:
        InvalidArgumentError: An argument is wrong. The message lists all faults.

    Source: handbook, "Other people's information" and "HTTPS Everywhere". Controls: AC-3, AU-11, CP-9, SC-8,
    SC-28.
    """

    @checked(values=True)
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        system: TtsSystem | None = None,
        data_sensitivity: DataSensitivity | None = None,
        lifecycle_rules: Sequence[s3.LifecycleRule] = (),
        log_target: bool = False,
        remove_with_stack: bool = False,
    ) -> None:
        faults = list(_retention_faults(lifecycle_rules)) if log_target else []
        try:
            environment = (system or TtsSystem.of(scope)).environment
            faults += _data_faults(environment, data_sensitivity)
            faults += removal_faults("remove_with_stack", environment, removed=remove_with_stack)
        except InvalidArgumentError as error:
            faults += error.faults
        refuse(f'TtsBucket "{id}"', faults)
        system = system or TtsSystem.of(scope)

        super().__init__(scope, id)
        # An L2 that logs here is let in by the bucket policy; by an ACL, as the CDK does it without this flag
        # of an app, nobody gets in.
        self.node.set_context(_LOGS_BY_POLICY, True)
        system.admit(self)
        self._system = system
        public = data_sensitivity is DataSensitivity.PUBLIC or (
            data_sensitivity is None and system.data_is_public
        )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=_LEAST_TLS,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.DESTROY if remove_with_stack else RemovalPolicy.RETAIN,
            auto_delete_objects=remove_with_stack,
            versioned=not log_target,
            lifecycle_rules=_lifecycle(lifecycle_rules, log_target=log_target),
            **_encryption(None if public or log_target else system.key),
        )
        resource = cast(s3.CfnBucket, self.bucket.node.default_child)
        if not log_target:
            # Not by the L2, which would name this bucket in the policy of the log bucket: the two of them
            # could then not be in different stacks, and the policy outgrow its limit.
            resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
                destination_bucket_name=system.log_bucket.bucket_name, log_file_prefix=f"s3/{self.node.path}/"
            )
        if data_sensitivity is not None:
            resource.add_metadata(METADATA_KEY, {"data_sensitivity": data_sensitivity.value})

    @staticmethod
    @checked(tokens=("bucket_name",))
    def from_bucket_name(
        scope: Construct, id_: str, bucket_name: str, *, encryption_key: kms.IKey | None = None
    ) -> s3.IBucket:
        """Imports a bucket that another stack or team manages.

        Args:
            scope: Parent construct.
            id_: Construct id.
            bucket_name: Name of the bucket.
            encryption_key: Key of the bucket, so that its `grant_*` methods allow use of the key too.
                Default: none, as for a bucket with SSE-S3.
        """
        return s3.Bucket.from_bucket_attributes(
            scope, id_, bucket_name=bucket_name, encryption_key=encryption_key
        )

    @property
    def bucket_name(self) -> str:
        """Name of the bucket, known when it is deployed."""
        return self.bucket.bucket_name

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket, known when it is deployed."""
        return self.bucket.bucket_arn

    @checked(tokens=("pattern",))
    def grant_read(self, identity: iam.IGrantable, pattern: str = "*") -> iam.Grant:
        """Lets an identity read objects whose key matches, and list them."""
        return self.bucket.grant_read(self._grantee(identity), pattern)

    @checked(tokens=("pattern",))
    def grant_write(self, identity: iam.IGrantable, pattern: str = "*") -> iam.Grant:
        """Lets an identity write and delete objects whose key matches."""
        return self.bucket.grant_write(self._grantee(identity), pattern)

    @checked(tokens=("pattern",))
    def grant_read_write(self, identity: iam.IGrantable, pattern: str = "*") -> iam.Grant:
        """Lets an identity read, list, write and delete objects whose key matches."""
        return self.bucket.grant_read_write(self._grantee(identity), pattern)

    @checked(tokens=("pattern",))
    def grant_put(self, identity: iam.IGrantable, pattern: str = "*") -> iam.Grant:
        """Lets an identity write objects whose key matches, but not read or delete them."""
        return self.bucket.grant_put(self._grantee(identity), pattern)

    @checked(tokens=("pattern",))
    def grant_delete(self, identity: iam.IGrantable, pattern: str = "*") -> iam.Grant:
        """Lets an identity delete objects whose key matches."""
        return self.bucket.grant_delete(self._grantee(identity), pattern)

    def _grantee(self, identity: iam.IGrantable) -> iam.IGrantable:
        """Returns an identity such that the policy of a grant is in a stack that may need the other.

        A role's policy is in the role's stack, which then needs the bucket's. If the bucket's stack needs
        the role's already, as all need the system's own, the policy has to be here.
        """
        role = identity.grant_principal
        here, there = cdk.Stack.of(self), cdk.Stack.of(role) if isinstance(role, iam.Role) else None
        if not isinstance(role, iam.Role) or there is None or self._system.stack_order.lets(there, here):
            return identity
        self._system.stack_order.lets(here, there)
        id_ = f"Grantee{role.node.addr[-8:]}"
        known = self.node.try_find_child(id_)
        return cast(iam.IRole, known) if known else iam.Role.from_role_name(self, id_, role.role_name)


def _encryption(key: kms.IKey | None) -> dict[str, Any]:
    if key is None:
        return {"encryption": s3.BucketEncryption.S3_MANAGED}
    return {"encryption": s3.BucketEncryption.KMS, "encryption_key": key, "bucket_key_enabled": True}


def _lifecycle(rules: Sequence[s3.LifecycleRule], *, log_target: bool) -> list[s3.LifecycleRule]:
    always = [s3.LifecycleRule(id="Abandoned", abort_incomplete_multipart_upload_after=_ABANDONED)]
    if log_target and not any(rule.expiration for rule in rules):
        kept = Duration.days(load_settings().retention.log_buckets)
        always.append(s3.LifecycleRule(id="Logs", expiration=kept))
    return [*rules, *always]


def _retention_faults(rules: Sequence[s3.LifecycleRule]) -> Iterator[str]:
    least = load_settings().retention.log_buckets
    for rule in rules:
        if rule.expiration and rule.expiration.to_days() < least:
            yield (
                f"lifecycle_rules= expire logs after {rule.expiration.to_days()} days; write {least} or more "
                "(OMB M-21-31), or leave the expiration out"
            )


def _data_faults(environment: Environment, declared: DataSensitivity | None) -> Iterator[str]:
    if environment is Environment.SANDBOX and declared is DataSensitivity.SENSITIVE:
        yield (
            "data_sensitivity=DataSensitivity.SENSITIVE has no place in a sandbox (TTS-SBX-002); keep only "
            "public or synthetic data there, and write PUBLIC or SYNTHETIC"
        )
