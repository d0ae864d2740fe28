"""`TtsBucket`: what it makes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template
from syrupy.assertion import SnapshotAssertion

from tts_constructs import DataSensitivity, Environment, TtsBucket, TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.testing import findings

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture
def system(make_system: MakeSystem) -> TtsSystem:
    return make_system()


@pytest.fixture(scope="module")
def uploads(make_system: MakeSystem) -> TtsBucket:
    """A bucket that only says what has to be said, for tests that read it."""
    return TtsBucket(make_system(), "Uploads")


def _resource(bucket: TtsBucket) -> dict[str, Any]:
    """The rendered bucket."""
    stack = cdk.Stack.of(bucket)
    resource = bucket.bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    return dict(Template.from_stack(stack).to_json()["Resources"][stack.resolve(resource.logical_id)])


def _encryption(bucket: TtsBucket) -> dict[str, Any]:
    (rule,) = _resource(bucket)["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return dict(rule)


def _statements(bucket: TtsBucket) -> list[dict[str, Any]]:
    stack = cdk.Stack.of(bucket)
    policies = Template.from_stack(stack).find_resources(
        "AWS::S3::BucketPolicy", {"Properties": {"Bucket": stack.resolve(bucket.bucket_name)}}
    )
    (policy,) = policies.values()
    return list(policy["Properties"]["PolicyDocument"]["Statement"])


def test_objects_are_encrypted_with_the_key_of_the_system(uploads: TtsBucket) -> None:
    system = TtsSystem.of(uploads)
    assert _encryption(uploads) == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "KMSMasterKeyID": system.stack.resolve(system.key.key_arn),
            "SSEAlgorithm": "aws:kms",
        },
    }


@pytest.mark.parametrize(
    ("of_system", "of_bucket", "algorithm"),
    [
        (None, DataSensitivity.PUBLIC, "AES256"),
        (DataSensitivity.PUBLIC, None, "AES256"),
        (DataSensitivity.PUBLIC, DataSensitivity.SENSITIVE, "aws:kms"),
        (DataSensitivity.SYNTHETIC, None, "aws:kms"),
        (DataSensitivity.SENSITIVE, None, "aws:kms"),
    ],
)
def test_only_public_data_needs_no_key(
    make_system: MakeSystem,
    of_system: DataSensitivity | None,
    of_bucket: DataSensitivity | None,
    algorithm: str,
) -> None:
    bucket = TtsBucket(make_system(data_sensitivity=of_system), "Uploads", data_sensitivity=of_bucket)
    assert _encryption(bucket)["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm


def test_a_bucket_says_what_its_data_are_where_its_owner_has_said(system: TtsSystem) -> None:
    declared = TtsBucket(system, "Forms", data_sensitivity=DataSensitivity.PUBLIC)
    undeclared = TtsBucket(system, "Uploads")
    assert _resource(declared)["Metadata"]["TTS"] == {"data_sensitivity": "public"}
    assert "TTS" not in _resource(undeclared).get("Metadata", {})


def test_all_public_access_is_blocked(uploads: TtsBucket) -> None:
    assert _resource(uploads)["Properties"]["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_no_object_has_an_acl(uploads: TtsBucket) -> None:
    assert _resource(uploads)["Properties"]["OwnershipControls"] == {
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
    }


def test_versions_are_kept(uploads: TtsBucket) -> None:
    assert _resource(uploads)["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_objects_outlive_their_stack(uploads: TtsBucket) -> None:
    resource = _resource(uploads)
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(
    "condition",
    [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": 1.2}}],
)
def test_a_bucket_refuses_plain_http_and_old_tls(uploads: TtsBucket, condition: dict[str, Any]) -> None:
    arn = cdk.Stack.of(uploads).resolve(uploads.bucket_arn)
    assert {
        "Action": "s3:*",
        "Condition": condition,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
    } in _statements(uploads)


def test_access_is_logged_in_a_folder_of_its_own(uploads: TtsBucket) -> None:
    system = TtsSystem.of(uploads)
    assert _resource(uploads)["Properties"]["LoggingConfiguration"] == {
        "DestinationBucketName": system.stack.resolve(system.log_bucket.bucket_name),
        "LogFilePrefix": "s3/Stack/System/Uploads/",
    }


def test_what_abandoned_uploads_leave_is_removed(uploads: TtsBucket) -> None:
    assert _resource(uploads)["Properties"]["LifecycleConfiguration"] == {
        "Rules": [
            {
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "Id": "Abandoned",
                "Status": "Enabled",
            }
        ]
    }


def test_a_team_says_when_objects_expire(system: TtsSystem) -> None:
    rule = s3.LifecycleRule(id="Expire", expiration=cdk.Duration.days(30))
    rules = _resource(TtsBucket(system, "Uploads", lifecycle_rules=[rule]))["Properties"]
    assert {"ExpirationInDays": 30, "Id": "Expire", "Status": "Enabled"} in rules["LifecycleConfiguration"][
        "Rules"
    ]


@pytest.mark.parametrize(
    ("grant", "some", "never"),
    [
        ("grant_read", {"s3:GetObject*"}, {"s3:PutObject", "s3:DeleteObject*"}),
        ("grant_write", {"s3:PutObject", "s3:DeleteObject*"}, {"s3:GetObject*"}),
        ("grant_read_write", {"s3:GetObject*", "s3:PutObject", "s3:DeleteObject*"}, set()),
        ("grant_put", {"s3:PutObject"}, {"s3:GetObject*", "s3:DeleteObject*"}),
        ("grant_delete", {"s3:DeleteObject*"}, {"s3:GetObject*", "s3:PutObject"}),
    ],
)
def test_grants_are_those_of_the_bucket(
    system: TtsSystem, grant: str, some: set[str], never: set[str]
) -> None:
    role = iam.Role(system, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    getattr(TtsBucket(system, "Uploads"), grant)(role, "in/*")
    (policy,) = Template.from_stack(system.stack).find_resources(
        "AWS::IAM::Policy", {"Properties": {"Roles": [system.stack.resolve(role.role_name)]}}
    ).values()  # fmt: skip
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    s3_statement = next(one for one in statements if "s3:" in str(one["Action"]))
    actions = (
        {s3_statement["Action"]} if isinstance(s3_statement["Action"], str) else set(s3_statement["Action"])
    )
    assert some <= actions
    assert not never & actions
    assert "/in/*" in str(s3_statement["Resource"])


def test_a_grant_lets_the_key_be_used(system: TtsSystem) -> None:
    role = iam.Role(system, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    TtsBucket(system, "Uploads").grant_read(role)
    decrypts = {
        "Action": Match.array_with(["kms:Decrypt"]),
        "Resource": system.stack.resolve(system.key.key_arn),
    }
    Template.from_stack(system.stack).has_resource_properties(
        "AWS::IAM::Policy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(decrypts)])}},
    )


def test_a_bucket_stands_in_another_stack_of_the_system(
    system: TtsSystem, make_stack: Callable[..., cdk.Stack]
) -> None:
    data = make_stack(name="Data", scope=cdk.App.of(system))
    template = Template.from_stack(cdk.Stack.of(TtsBucket(data, "Uploads", system=system)))
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "Tags": Match.array_with([{"Key": "Project", "Value": "benefits"}]),
            "LoggingConfiguration": {"LogFilePrefix": "s3/Data/Uploads/"},
        },
    )
    assert template.to_json()["Metadata"]["TTS"]["project"] == "benefits"


@pytest.mark.usefixtures("unjudged")
def test_a_log_target_is_what_balancers_can_write_to(system: TtsSystem) -> None:
    bucket = TtsBucket(system, "Logs", log_target=True)
    properties = _resource(bucket)["Properties"]
    assert _encryption(bucket)["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "VersioningConfiguration" not in properties
    assert "LoggingConfiguration" not in properties
    assert {"ExpirationInDays": 913, "Id": "Logs", "Status": "Enabled"} in properties[
        "LifecycleConfiguration"
    ]["Rules"]


@pytest.mark.usefixtures("unjudged")
def test_a_bucket_of_the_cdk_logs_into_a_log_target_by_its_policy(system: TtsSystem) -> None:
    logs = TtsBucket(system, "Logs", log_target=True)
    s3.Bucket(system, "Other", server_access_logs_bucket=logs.bucket)
    assert "AccessControl" not in _resource(logs)["Properties"]
    (allowed,) = (one for one in _statements(logs) if one["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Action"] == "s3:PutObject"


@pytest.mark.usefixtures("unjudged")
def test_a_log_target_may_keep_logs_longer(system: TtsSystem) -> None:
    rule = s3.LifecycleRule(expiration=cdk.Duration.days(2000))
    bucket = TtsBucket(system, "Logs", log_target=True, lifecycle_rules=[rule])
    rules = _resource(bucket)["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [one["ExpirationInDays"] for one in rules if "ExpirationInDays" in one] == [2000]


def test_a_log_target_may_not_keep_logs_shorter(system: TtsSystem) -> None:
    rule = s3.LifecycleRule(expiration=cdk.Duration.days(912))
    with pytest.raises(InvalidArgumentError) as error:
        TtsBucket(system, "Logs", log_target=True, lifecycle_rules=[rule])
    assert error.value.faults == (
        "lifecycle_rules= expire logs after 912 days; write 913 or more (OMB M-21-31), "
        "or leave the expiration out",
    )


def test_a_bucket_belongs_to_a_system(make_stack: Callable[..., cdk.Stack]) -> None:
    with pytest.raises(InvalidArgumentError, match=r'^TtsBucket "Uploads": .*not in a TtsSystem.*system='):
        TtsBucket(make_stack(), "Uploads")


def test_no_sensitive_bucket_stands_in_a_sandbox(make_system: MakeSystem) -> None:
    system = make_system(environment=Environment.SANDBOX, data_sensitivity=DataSensitivity.SYNTHETIC)
    with pytest.raises(InvalidArgumentError) as error:
        TtsBucket(system, "Uploads", data_sensitivity=DataSensitivity.SENSITIVE)
    assert error.value.faults == (
        "data_sensitivity=DataSensitivity.SENSITIVE has no place in a sandbox (TTS-SBX-002); keep only "
        "public or synthetic data there, and write PUBLIC or SYNTHETIC",
    )


SANDBOX = {"environment": Environment.SANDBOX, "data_sensitivity": DataSensitivity.SYNTHETIC}


def test_a_bucket_of_a_sandbox_goes_with_its_stack_if_told(make_system: MakeSystem) -> None:
    bucket = TtsBucket(make_system(**SANDBOX), "Uploads", remove_with_stack=True)
    assert _resource(bucket)["DeletionPolicy"] == "Delete"
    template = Template.from_stack(cdk.Stack.of(bucket))
    template.has_resource_properties(
        "Custom::S3AutoDeleteObjects", {"BucketName": cdk.Stack.of(bucket).resolve(bucket.bucket_name)}
    )


def test_a_bucket_of_a_sandbox_stays_by_default(make_system: MakeSystem) -> None:
    assert _resource(TtsBucket(make_system(**SANDBOX), "Uploads"))["DeletionPolicy"] == "Retain"


def test_the_helper_that_empties_a_bucket_meets_every_rule(make_system: MakeSystem) -> None:
    system = make_system(**SANDBOX, remove_logs_with_stack=True)
    TtsBucket(system, "Uploads", remove_with_stack=True)
    assert findings(system.stack) == []
    roles = Template.from_stack(system.stack).find_resources("AWS::IAM::Role")
    (helper,) = (one["Properties"] for id_, one in roles.items() if "S3AutoDelete" in id_)
    assert helper["PermissionsBoundary"] == system.stack.resolve(
        system.permissions_boundary.managed_policy_arn
    )
    assert {"Key": "Project", "Value": system.project} in helper["Tags"]


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.DEVELOPMENT])
def test_a_bucket_goes_with_its_stack_in_a_sandbox_alone(
    make_system: MakeSystem, environment: Environment
) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        TtsBucket(make_system(environment=environment), "Uploads", remove_with_stack=True)
    assert error.value.faults == (
        f"remove_with_stack=True deletes the objects together with the stack, and in {environment} a system "
        "must keep its data and logs (TTS-DATA-003, OMB M-21-31); leave it out, and empty the bucket "
        "yourself when you may",
    )


def test_what_is_no_sensitivity_is_refused(system: TtsSystem) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        TtsBucket(system, "Uploads", data_sensitivity="public")  # type: ignore[arg-type]  # what is tested
    assert error.value.faults == ("data_sensitivity='public' is text; write DataSensitivity.PUBLIC",)


def test_all_faults_are_named_at_once(make_stack: Callable[..., cdk.Stack]) -> None:
    rule = s3.LifecycleRule(expiration=cdk.Duration.days(1))
    with pytest.raises(InvalidArgumentError) as error:
        TtsBucket(make_stack(), "Logs", log_target=True, lifecycle_rules=[rule])
    assert len(error.value.faults) == 2


def test_an_existing_bucket_is_imported_with_its_key(system: TtsSystem) -> None:
    key = kms.Key.from_key_arn(system, "Theirs", "arn:aws:kms:us-east-1:111122223333:key/theirs")
    role = iam.Role(system, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    TtsBucket.from_bucket_name(system, "Archive", "their-archive", encryption_key=key).grant_read(role)
    text = str(Template.from_stack(system.stack).find_resources("AWS::IAM::Policy"))
    assert ":s3:::their-archive" in text
    assert "arn:aws:kms:us-east-1:111122223333:key/theirs" in text


def test_logical_ids_of_a_bucket_stay(uploads: TtsBucket) -> None:
    template = Template.from_stack(cdk.Stack.of(uploads))
    assert "SystemUploadsBucketFDDBA86C" in template.find_resources("AWS::S3::Bucket")


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_the_default_bucket(
    make_stack: Callable[..., cdk.Stack],
    make_system: MakeSystem,
    tts_snapshot: SnapshotAssertion,
    region: str,
) -> None:
    system = make_system(region=region)
    data = make_stack(region, name="Data", scope=cdk.App.of(system))
    TtsBucket(data, "Uploads", system=system)
    assert data == tts_snapshot
