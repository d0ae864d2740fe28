from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template
from constructs import Construct
from syrupy.assertion import SnapshotAssertion

from tts_constructs import standards
from tts_constructs.constructs.bucket import TtsBucket
from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.aws.iam_prefixes import iam_prefixes
from tts_constructs.synth.git_provenance import Provenance
from tts_constructs.system_metadata import DataSensitivity, Environment

MakeStack = Callable[..., cdk.Stack]
MakeSystem = Callable[..., TtsSystem]

SANDBOX = {"environment": Environment.SANDBOX, "data_sensitivity": DataSensitivity.SYNTHETIC}


@jsii.implements(ec2.IConnectable)
class Service(Construct):
    """A service as the system sees it, which notes who it lets in."""

    def __init__(self, scope: Construct, name: str, *, system: TtsSystem | None = None) -> None:
        super().__init__(scope, name)
        system = system or TtsSystem.of(self)
        self.group = ec2.SecurityGroup(self, "Group", vpc=system.vpc, allow_all_outbound=False)
        self.connections = ec2.Connections(security_groups=[self.group])
        self.accepted: list[tuple[ec2.IConnectable, int]] = []
        system.join(name, self)

    def accept(self, caller: ec2.IConnectable, port: int) -> None:
        self.accepted.append((caller, port))


@pytest.fixture(scope="module")
def production(make_system: MakeSystem) -> Template:
    return Template.from_stack(make_system().stack)


@pytest.fixture(scope="module")
def sandbox(make_system: MakeSystem) -> Template:
    return Template.from_stack(make_system(**SANDBOX).stack)


def logical_ids(template: Template) -> set[str]:
    return set(template.to_json()["Resources"])


def test_a_commercial_sandbox_stays_as_it_is(
    make_system: MakeSystem,
    tts_snapshot: SnapshotAssertion,
) -> None:
    system = make_system(**SANDBOX)
    assert system.log_bucket
    assert system.stack == tts_snapshot


@pytest.mark.usefixtures("unjudged")
def test_govcloud_production_stays_as_it_is(
    make_system: MakeSystem,
    tts_snapshot: SnapshotAssertion,
) -> None:
    system = make_system(region="us-gov-west-1")
    assert system.log_bucket
    assert system.stack == tts_snapshot


@pytest.mark.usefixtures("unjudged")
def test_logical_ids_of_what_a_change_would_replace_stay(make_system: MakeSystem) -> None:
    system = make_system(interface_endpoints=[ec2.InterfaceVpcEndpointAwsService.SSM])
    assert system.log_bucket
    assert logical_ids(Template.from_stack(system.stack)) >= {
        "SystemKey6081C7A2",
        "SystemLogBucket668468A6",
        "SystemBoundaryC46A40CF",
        "SystemVpc960C8DDB",
        "SystemVpcFlowLogsC9522E3D",
        "SystemVpcPublicSubnet1SubnetC4B8354B",
        "SystemVpcPublicSubnet2SubnetC688628E",
        "SystemVpcPrivateSubnet1Subnet60F4FCD7",
        "SystemVpcPrivateSubnet2Subnet7300EFF1",
        "SystemVpcPublicSubnet1NATGateway996002EA",
        "SystemVpcPublicSubnet2NATGateway02957D96",
        "SystemVpcPublicAclInHttps5EA00B86",
        "SystemVpcPublicAclInHttp5889DE39",
        "SystemVpcPublicAclInReturnsF3B28C3E",
        "SystemVpcPublicAclOutReturns4B71CACD",
        "SystemVpcPublicAclOutServicesBD2630BB",
        "SystemVpcPublicAclOutTcp443To0000067278214",
        "SystemVpcPublicAclPublicSubnet135530649",
        "SystemVpcPrivateAclInVpc00C2B5CD",
        "SystemVpcPrivateAclInReturnsD7630FF2",
        "SystemVpcPrivateAclOutVpc780AACB2",
        "SystemVpcPrivateAclOutTcp443To0000029168BC4",
        "SystemVpcPrivateAclPrivateSubnet164A10B1C",
        "SystemVpcDataSubnet1SubnetE855BE40",
        "SystemVpcDataSubnet2SubnetE15C9EB3",
        "SystemVpcDataAclC676095B",
        "SystemVpcEndpointGroup6428C448",
        "SystemVpcssmendpointFA14DAB4",
    }


def test_logical_ids_do_not_depend_on_the_stack(make_stack: MakeStack, make_system: MakeSystem) -> None:
    one, other = make_system(make_stack(name="One")), make_system(make_stack(name="Other"))
    assert logical_ids(Template.from_stack(one.stack)) == logical_ids(Template.from_stack(other.stack))


def test_two_commits_differ_in_nothing_but_the_record(
    make_system: MakeSystem, monkeypatch: pytest.MonkeyPatch, production: Template
) -> None:
    later = Provenance("https://git.example.gov/other.git", "f" * 40, dirty=True)
    monkeypatch.setattr("tts_constructs.synth.metadata.provenance", lambda _: later)
    changed = Template.from_stack(make_system().stack).to_json()
    before = production.to_json()
    assert changed["Metadata"]["TTS"].items() >= {"commit": "f" * 40, "dirty": True}.items()
    assert {name: changed[name] for name in changed if name != "Metadata"} == {
        name: before[name] for name in before if name != "Metadata"
    }


# The record


def record_of(stack: cdk.Stack) -> dict[str, Any]:
    metadata = stack.template_options.metadata
    assert metadata
    return dict(metadata["TTS"])


def test_a_system_writes_its_record(make_system: MakeSystem, committed: Provenance) -> None:
    template = Template.from_stack(make_system(data_sensitivity=DataSensitivity.SENSITIVE).stack).to_json()
    assert template["Metadata"]["TTS"] == {
        "version": 1,
        "system": "Stack/System",
        "project": "benefits",
        "environment": "production",
        "owner": "benefits@example.gov",
        "data_sensitivity": "sensitive",
        "repository": committed.repository,
        "commit": committed.commit,
        "dirty": False,
    }


def test_undeclared_data_is_recorded_as_undeclared_and_is_not_public(make_system: MakeSystem) -> None:
    system = make_system()
    assert not system.data_is_public
    assert record_of(system.stack)["data_sensitivity"] == "undeclared"


@pytest.mark.parametrize(
    ("declared", "public"),
    [(DataSensitivity.PUBLIC, True), (DataSensitivity.SYNTHETIC, False), (DataSensitivity.SENSITIVE, False)],
)
def test_only_public_data_is_public(make_system: MakeSystem, declared: DataSensitivity, public: bool) -> None:
    assert make_system(data_sensitivity=declared).data_is_public is public


def test_a_nested_stack_below_a_system_has_its_record(make_system: MakeSystem) -> None:
    system = make_system()
    nested = cdk.NestedStack(system, "Nested")
    deeper = cdk.NestedStack(nested, "Deeper")
    sns.Topic(deeper, "Topic", master_key=system.key)
    record = Template.from_stack(system.stack).to_json()["Metadata"]["TTS"]
    assert Template.from_stack(nested).to_json()["Metadata"]["TTS"] == record
    assert Template.from_stack(deeper).to_json()["Metadata"]["TTS"] == record


def test_what_stands_in_another_stack_brings_that_stack_into_the_system(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    system = make_system()
    other = make_stack(scope=system.node.root, name="Services")
    sns.Topic(other, "Topic", master_key=system.key)
    iam.Role(other, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    nested = cdk.NestedStack(other, "Nested")
    Service(other, "Web", system=system)
    template = Template.from_stack(other)
    assert template.to_json()["Metadata"]["TTS"]["system"] == "Stack/System"
    assert Template.from_stack(nested).to_json()["Metadata"]["TTS"]["system"] == "Stack/System"
    template.has_resource_properties(
        "AWS::SNS::Topic", {"Tags": Match.array_with([{"Key": "Project", "Value": "benefits"}])}
    )
    template.has_resource_properties("AWS::IAM::Role", {"PermissionsBoundary": Match.any_value()})
    assert other.termination_protection


def test_what_stands_in_a_nested_stack_brings_the_stack_around_it_into_the_system(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    system = make_system()
    around = make_stack(scope=system.node.root, name="Around")
    Service(cdk.NestedStack(around, "Nested"), "Web", system=system)
    assert record_of(around)["system"] == "Stack/System"
    assert around.termination_protection


@pytest.mark.usefixtures("unjudged")
def test_a_stack_that_is_none_of_the_systems_has_no_record(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    system = make_system()
    stranger = make_stack(scope=system.node.root, name="Stranger")
    sns.Topic(stranger, "Topic")
    template = Template.from_stack(stranger).to_json()
    assert "Metadata" not in template
    assert "Tags" not in template["Resources"]["TopicBFC7AF6E"].get("Properties", {})


def test_a_stack_holds_one_system(make_system: MakeSystem) -> None:
    first = make_system()
    with pytest.raises(
        InvalidArgumentError, match=r'"Stack" already holds the system "Stack/System"; give each system a'
    ):
        TtsSystem(
            first.stack,
            "Second",
            project="forms",
            environment=Environment.DEVELOPMENT,
            owner="forms@example.gov",
        )


def test_a_second_system_is_told_with_every_other_fault(make_system: MakeSystem) -> None:
    first = make_system()
    with pytest.raises(InvalidArgumentError) as refused:
        TtsSystem(
            first.stack, "Second", project="", environment=Environment.DEVELOPMENT, owner="a@example.gov"
        )
    assert len(refused.value.faults) == 2


def test_a_record_written_by_hand_gives_way_to_that_of_a_system(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    stack = make_stack()
    stack.add_metadata("TTS", {"project": "benefits"})
    make_system(stack)
    assert record_of(stack)["system"] == "Stack/System"


def test_a_stack_that_is_admitted_again_stays_as_it_is(make_system: MakeSystem) -> None:
    system = make_system()
    system.stack.termination_protection = False  # what an app decides after all
    system.admit(system.key)
    assert not system.stack.termination_protection


def test_a_part_of_one_system_does_not_stand_in_the_stack_of_another(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    system = make_system()
    other = make_system(make_stack(scope=system.node.root, name="Other"))
    with pytest.raises(InvalidArgumentError, match=r'"Other" already holds the system "Other/System"'):
        system.admit(other.key)


def test_a_part_of_a_system_stands_in_the_systems_region(
    make_stack: MakeStack, make_system: MakeSystem
) -> None:
    system = make_system()
    with pytest.raises(InvalidArgumentError, match=r'"West" lies in another account or region'):
        system.admit(make_stack("us-west-2", scope=system.node.root, name="West"))


def test_a_stack_in_a_stage_is_a_stack_too(make_app: Callable[..., cdk.App], make_system: MakeSystem) -> None:
    stage = cdk.Stage(make_app(), "Prod", env=cdk.Environment(account="111122223333", region="us-east-1"))
    system = make_system(cdk.Stack(stage, "Stack"))
    assert Template.from_stack(system.stack).to_json()["Metadata"]["TTS"]["system"] == "Prod/Stack/System"


# Tags and protection


@pytest.mark.parametrize(
    ("name", "value"),
    [("Project", "benefits"), ("Environment", "production"), ("Owner", "benefits@example.gov")],
)
def test_everything_in_the_stack_is_tagged(make_system: MakeSystem, name: str, value: str) -> None:
    system = make_system()
    sns.Topic(system.stack, "Beside", master_key=system.key)
    template = Template.from_stack(system.stack).to_json()["Resources"]
    tagged = {
        logical_id
        for logical_id, resource in template.items()
        if {"Key": name, "Value": value} in resource.get("Properties", {}).get("Tags", [])
    }
    types = {template[logical_id]["Type"] for logical_id in tagged}
    assert types == {
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::RouteTable",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
    }
    assert {logical_id for logical_id, resource in template.items() if resource["Type"] in types} == tagged


GenericProperties = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def generic_properties(make_system: MakeSystem, unjudged: None) -> GenericProperties:  # noqa: ARG001 - in force
    """The properties that a generic resource beside a system is rendered with, whatever blocks it."""

    def render(type_: str, properties: dict[str, Any]) -> dict[str, Any]:
        stack = make_system().stack
        cdk.CfnResource(stack, "Generic", type=type_, properties=properties)
        return dict(Template.from_stack(stack).to_json()["Resources"]["Generic"].get("Properties", {}))

    return render


TAGS = [
    {"Key": "Environment", "Value": "production"},
    {"Key": "Owner", "Value": "benefits@example.gov"},
    {"Key": "Project", "Value": "benefits"},
]


def test_a_generic_resource_is_tagged(generic_properties: GenericProperties) -> None:
    assert generic_properties("AWS::SNS::Topic", {"TopicName": "t"}) == {
        "TopicName": "t",
        "Tags": TAGS,
    }


def test_a_generic_resource_is_tagged_where_its_type_carries_tags(
    generic_properties: GenericProperties,
) -> None:
    properties = generic_properties("AWS::Backup::BackupVault", {"BackupVaultName": "v"})
    assert properties["BackupVaultTags"] == {tag["Key"]: tag["Value"] for tag in TAGS}
    assert "Tags" not in properties


def test_a_generic_group_hands_its_tags_to_what_it_launches(generic_properties: GenericProperties) -> None:
    tags = generic_properties("AWS::AutoScaling::AutoScalingGroup", {"MinSize": "2"})["Tags"]
    assert tags == [tag | {"PropagateAtLaunch": True} for tag in TAGS]


def test_tags_that_a_generic_resource_has_stay(generic_properties: GenericProperties) -> None:
    own = [{"Key": "Project", "Value": "forms"}, {"Key": "Team", "Value": "blue"}]
    assert generic_properties("AWS::SNS::Topic", {"Tags": own})["Tags"] == [*own, *TAGS[:2]]


def test_a_map_of_tags_that_a_generic_resource_has_stays(generic_properties: GenericProperties) -> None:
    tags = generic_properties("AWS::SSM::Parameter", {"Tags": {"Project": "forms"}})["Tags"]
    assert tags == {"Project": "forms", "Environment": "production", "Owner": "benefits@example.gov"}


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::SNS::TopicPolicy", {"Topics": []}),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateName": "t"}),
        ("AWS::SNS::Topic", {"Tags": {"Fn::If": ["Some", [], []]}}),
        ("AWS::SNS::Topic", {"Tags": [{"Fn::If": ["Some", TAGS[0], TAGS[1]]}]}),
        ("AWS::SNS::Topic", {"Tags": [{"Key": {"Ref": "Given"}, "Value": "forms"}]}),
        ("AWS::SSM::Parameter", {"Tags": [{"Key": "Project", "Value": "forms"}]}),
        ("AWS::SSM::Parameter", {"Tags": {"Fn::If": ["Some", {}, {}]}}),
        ("AWS::SSM::Parameter", {"Tags": {"Ref": "Given"}}),
    ],
)
def test_a_generic_resource_that_cannot_be_tagged_plainly_is_left_to_the_judge(
    generic_properties: GenericProperties, type_: str, properties: dict[str, Any]
) -> None:
    assert generic_properties(type_, properties) == properties


@pytest.mark.usefixtures("unjudged")
def test_a_generic_resource_in_a_nested_stack_is_tagged(make_system: MakeSystem) -> None:
    nested = cdk.NestedStack(make_system().stack, "Nested")
    cdk.CfnResource(nested, "Generic", type="AWS::SNS::Topic")
    assert Template.from_stack(nested).to_json()["Resources"]["Generic"]["Properties"] == {"Tags": TAGS}


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.DEVELOPMENT])
def test_a_stack_is_protected_from_deletion(make_system: MakeSystem, environment: Environment) -> None:
    assert make_system(environment=environment).stack.termination_protection


KEPT_FOR_LOGS = ("AWS::KMS::Key", "AWS::Logs::LogGroup")


@pytest.mark.parametrize("resource_type", KEPT_FOR_LOGS)
def test_keys_and_log_groups_of_a_sandbox_go_with_the_stack(sandbox: Template, resource_type: str) -> None:
    found = sandbox.find_resources(resource_type)
    assert found
    assert {one["DeletionPolicy"] for one in found.values()} == {"Delete"}


@pytest.mark.parametrize("resource_type", KEPT_FOR_LOGS)
def test_keys_and_log_groups_of_production_stay(production: Template, resource_type: str) -> None:
    found = production.find_resources(resource_type)
    assert found
    assert {one["DeletionPolicy"] for one in found.values()} == {"RetainExceptOnCreate"}


def test_the_key_can_be_had_back_for_as_long_as_kms_allows(sandbox: Template) -> None:
    sandbox.has_resource_properties("AWS::KMS::Key", {"PendingWindowInDays": 30})


def test_the_log_bucket_of_a_sandbox_stays_unless_told(make_system: MakeSystem) -> None:
    kept, gone = make_system(**SANDBOX), make_system(**SANDBOX, remove_logs_with_stack=True)
    for system, policy in ((kept, "RetainExceptOnCreate"), (gone, "Delete")):
        TtsBucket(system, "Uploads")  # logs there
        found = Template.from_stack(system.stack).find_resources("AWS::S3::Bucket")
        (bucket,) = (one for id_, one in found.items() if "LogBucket" in id_)
        assert bucket["DeletionPolicy"] == policy


def test_the_logs_of_production_never_go_with_the_stack(make_system: MakeSystem) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        make_system(remove_logs_with_stack=True)
    (fault,) = error.value.faults
    assert fault.startswith("remove_logs_with_stack=True deletes the objects together with the stack")


def test_the_stack_of_a_sandbox_can_be_deleted(make_system: MakeSystem) -> None:
    assert not make_system(**SANDBOX).stack.termination_protection


# Key, logs, budget


def test_the_key_rotates_and_stays(production: Template) -> None:
    production.has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True},
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        },
    )


def key_statement(template: Template, sid: str) -> dict[str, Any]:
    (key,) = template.find_resources("AWS::KMS::Key").values()
    (statement,) = (one for one in key["Properties"]["KeyPolicy"]["Statement"] if one.get("Sid") == sid)
    return dict(statement)


def test_the_key_lets_cloudwatch_logs_in_for_log_groups_of_the_account(make_system: MakeSystem) -> None:
    statement = key_statement(
        Template.from_stack(make_system(region="us-gov-west-1").stack), "CloudWatchLogs"
    )
    assert statement["Principal"] == {"Service": "logs.us-gov-west-1.amazonaws.com"}
    assert {"kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"} <= set(statement["Action"])
    assert statement["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": {
                "Fn::Join": [
                    "",
                    ["arn:", {"Ref": "AWS::Partition"}, ":logs:us-gov-west-1:111122223333:log-group:*"],
                ]
            }
        }
    }


def test_the_key_lets_alarms_of_the_account_publish(production: Template) -> None:
    statement = key_statement(production, "CloudWatchAlarms")
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_a_system_without_logs_to_keep_has_no_log_bucket(production: Template) -> None:
    production.resource_count_is("AWS::S3::Bucket", 0)


@pytest.fixture
def with_log_bucket(make_system: MakeSystem, unjudged: None) -> Template:  # noqa: ARG001 - in force
    system = make_system()
    assert system.log_bucket is system.log_bucket
    return Template.from_stack(system.stack)


def test_the_log_bucket_is_private_encrypted_by_s3_and_stays(with_log_bucket: Template) -> None:
    with_log_bucket.has_resource(
        "AWS::S3::Bucket",
        {
            "Properties": {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "AccessControl": Match.absent(),
            },
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_the_log_bucket_keeps_logs_for_thirty_months(with_log_bucket: Template) -> None:
    (bucket,) = with_log_bucket.find_resources("AWS::S3::Bucket").values()
    (rule,) = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == standards.LOG_BUCKET_RETENTION_DAYS
    assert rule["Status"] == "Enabled"


def test_the_log_bucket_takes_access_logs_of_buckets_and_no_plain_http(with_log_bucket: Template) -> None:
    (policy,) = with_log_bucket.find_resources("AWS::S3::BucketPolicy").values()
    deny, allow = policy["Properties"]["PolicyDocument"]["Statement"]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert allow == {
        "Sid": "BucketAccessLogs",
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["SystemLogBucket668468A6", "Arn"]}, "/*"]]},
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_the_retention_of_log_groups_is_that_of_the_baseline(production: Template) -> None:
    production.has_resource_properties(
        "AWS::Logs::LogGroup", {"RetentionInDays": standards.LOG_RETENTION_DAYS}
    )


def test_a_commercial_sandbox_has_a_budget_of_500_usd_a_month_that_tells_the_owner(sandbox: Template) -> None:
    (budget,) = sandbox.find_resources("AWS::Budgets::Budget").values()
    properties = budget["Properties"]
    assert properties["Budget"] == {
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": standards.SANDBOX_BUDGET_USD, "Unit": "USD"},
        "CostFilters": {"TagKeyValue": ["user:Project$benefits"]},
    }
    assert [
        (
            notice["Notification"]["NotificationType"],
            notice["Notification"]["Threshold"],
            notice["Subscribers"],
        )
        for notice in properties["NotificationsWithSubscribers"]
    ] == [
        ("ACTUAL", 80, [{"Address": "benefits@example.gov", "SubscriptionType": "EMAIL"}]),
        ("FORECASTED", 100, [{"Address": "benefits@example.gov", "SubscriptionType": "EMAIL"}]),
    ]
    assert {"Key": "Project", "Value": "benefits"} in properties["ResourceTags"]


def test_a_govcloud_sandbox_has_no_budget_as_cloudformation_has_none_there(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(region="us-gov-west-1", **SANDBOX).stack)
    template.resource_count_is("AWS::Budgets::Budget", 0)


def test_production_has_no_sandbox_budget(production: Template) -> None:
    production.resource_count_is("AWS::Budgets::Budget", 0)


# Permissions boundary


def test_every_role_is_bounded(make_system: MakeSystem) -> None:
    system = make_system()
    iam.Role(system.stack, "Beside", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    roles = Template.from_stack(system.stack).find_resources("AWS::IAM::Role")
    assert len(roles) == 2
    assert all(
        role["Properties"]["PermissionsBoundary"] == {"Ref": "SystemBoundaryC46A40CF"}
        for role in roles.values()
    )


def test_a_boundary_that_is_given_is_used_and_none_is_made(
    make_system: MakeSystem, make_stack: MakeStack
) -> None:
    stack = make_stack()
    given = iam.ManagedPolicy.from_managed_policy_name(stack, "Given", "tts-boundary")
    template = Template.from_stack(make_system(stack, permissions_boundary=given).stack)
    template.resource_count_is("AWS::IAM::ManagedPolicy", 0)
    (role,) = template.find_resources("AWS::IAM::Role").values()
    assert ":policy/tts-boundary" in str(role["Properties"]["PermissionsBoundary"])


def boundary(template: Template) -> tuple[set[str], set[str]]:
    (policy,) = template.find_resources("AWS::IAM::ManagedPolicy").values()
    allow, deny = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Effect"], deny["Effect"]) == ("Allow", "Deny")
    assert (allow["Resource"], deny["Resource"]) == ("*", "*")
    return set(allow["Action"]), set(deny["Action"])


def boundary_under(
    settings: str, make_system: MakeSystem, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> set[str]:
    (folder / "tts.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(folder)
    return boundary(Template.from_stack(make_system().stack))[0]


def test_the_boundary_allows_what_the_constructs_need_and_what_nobody_has_decided_on(
    production: Template,
) -> None:
    allowed, _ = boundary(production)
    assert {"ec2:*", "s3:*", "kms:*", "logs:*", "cloudwatch:*", "sns:*", "ssm:*", "sts:*"} <= allowed
    assert {"secretsmanager:*", "sqs:*", "dynamodb:*", "states:*", "cognito-idp:*"} <= allowed
    assert not {"*", "iam:*", "iam:CreateRole"} & allowed


@pytest.mark.usefixtures("unjudged")
def test_the_boundary_leaves_out_what_the_settings_block(
    make_system: MakeSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = boundary_under('[services]\nunknown = "block"\n', make_system, tmp_path, monkeypatch)
    assert {"ec2:*", "lambda:*", "rds-db:*", "sts:*", "iam:PassRole"} <= blocked
    assert not {"secretsmanager:*", "sqs:*", "dynamodb:*"} & blocked


@pytest.mark.usefixtures("unjudged")
def test_the_boundary_leaves_out_what_a_team_s_list_refuses(
    make_system: MakeSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_text(
        "service,status,caveats,source,as_of\nSQS,not approved,,GSA,2026-01-01\n", encoding="utf-8"
    )
    settings = '[services]\napproved = "list.csv"\n'
    allowed = boundary_under(settings, make_system, tmp_path, monkeypatch)
    assert "sqs:*" not in allowed
    assert {"sns:*", "secretsmanager:*"} <= allowed


MOST_CHARACTERS = 6_144
"""How long a managed policy may be, without white space (IAM, quotas)."""


def test_the_largest_boundary_fits_into_a_managed_policy(production: Template) -> None:
    allowed, _ = boundary(production)
    every = {prefix for prefixes in iam_prefixes().values() for prefix in prefixes} - {"iam"}
    assert {f"{prefix}:*" for prefix in every} <= allowed, "this is not the largest"
    (policy,) = production.find_resources("AWS::IAM::ManagedPolicy").values()
    document = json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))
    assert len("".join(document.split())) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:AddUserToGroup",
        "iam:PutRolePermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:DeletePolicy",
    ],
)
def test_the_boundary_denies_making_people_and_keys_and_altering_boundaries(
    production: Template, action: str
) -> None:
    _, denied = boundary(production)
    assert action in denied


# Finding the system, and joining it


def test_a_construct_below_a_system_finds_it(make_system: MakeSystem) -> None:
    system = make_system()
    assert TtsSystem.of(Construct(Construct(system, "A"), "B")) is system
    assert TtsSystem.of(system) is system


def test_the_nearest_system_is_found(make_stack: MakeStack, make_system: MakeSystem) -> None:
    outer = make_system()
    inner = make_system(make_stack(scope=outer, name="Inner"))
    assert TtsSystem.of(Construct(inner, "A")) is inner


def test_a_construct_elsewhere_is_told_to_be_given_its_system(make_system: MakeSystem) -> None:
    lost = Construct(make_system().stack, "Lost")
    with pytest.raises(InvalidArgumentError, match=r'"Stack/Lost": it is not in a TtsSystem; .* `system=`'):
        TtsSystem.of(lost)


BETWEEN = NetworkPolicy(between=[Flow.service("Web", "Api", 8443), Flow.service("Web", "Mail")])


@pytest.mark.parametrize("order", [("Web", "Api", "Mail"), ("Mail", "Api", "Web")])
def test_a_flow_opens_once_when_both_of_its_ends_are_there(
    make_system: MakeSystem, order: tuple[str, ...]
) -> None:
    system = make_system(network=BETWEEN)
    services = {name: Service(system, name) for name in order}
    assert services["Api"].accepted == [(services["Web"], 8443)]
    assert services["Mail"].accepted == [(services["Web"], 443)]
    assert services["Web"].accepted == []


def test_two_services_of_one_name_are_refused(make_stack: MakeStack, make_system: MakeSystem) -> None:
    system = make_system()
    Service(system, "Web")
    with pytest.raises(InvalidArgumentError, match=r'it has two services named "Web", .*; rename one'):
        Service(make_stack(scope=system.node.root, name="Other"), "Web", system=system)


def test_a_flow_that_names_no_service_is_an_error_at_synth(make_system: MakeSystem) -> None:
    system = make_system(network=BETWEEN)
    Service(system, "Web")
    Service(system, "Api")
    with pytest.raises(RuntimeError) as refused:
        Template.from_stack(system.stack)
    message = str(refused.value)
    assert (
        "network: Flow.service('Web', 'Mail', 443) names \"Mail\", which is not a service of the system"
        in message
    )
    assert 'its services are: "Web", "Api"' in message
    assert 'names "Web"' not in message


# Ways out of security groups


def egress(system: TtsSystem) -> list[dict[str, Any]]:
    group = ec2.SecurityGroup(system, "Group", vpc=system.vpc, allow_all_outbound=False)
    system.state_egress(group)
    groups = Template.from_stack(system.stack).find_resources(
        "AWS::EC2::SecurityGroup", {"Properties": {"GroupDescription": "Stack/System/Group"}}
    )
    (found,) = groups.values()
    return [
        {name: rule[name] for name in rule if name not in ("Description", "IpProtocol")}
        for rule in found["Properties"]["SecurityGroupEgress"]
    ]


def test_a_group_lets_out_what_the_policy_states(make_system: MakeSystem) -> None:
    policy = NetworkPolicy(outbound=[Flow.https_anywhere(), Flow.tcp_to("192.0.2.0/24", 587)])
    assert egress(make_system(network=policy)) == [
        {"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443},
        {"CidrIp": "192.0.2.0/24", "FromPort": 587, "ToPort": 587},
    ]


def test_a_group_lets_out_ipv6_where_the_vpc_speaks_it(make_system: MakeSystem) -> None:
    assert egress(make_system(ipv6=True)) == [
        {"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443},
        {"CidrIpv6": "::/0", "FromPort": 443, "ToPort": 443},
    ]


def test_a_group_states_nothing_where_the_policy_states_nothing(make_system: MakeSystem) -> None:
    (rule,) = egress(make_system(network=NetworkPolicy(outbound=[])))
    assert rule["CidrIp"] == "255.255.255.255/32"


def test_a_group_reaches_interface_endpoints_where_nothing_else_goes_out(make_system: MakeSystem) -> None:
    system = make_system(
        network=NetworkPolicy(outbound=[]), interface_endpoints=[ec2.InterfaceVpcEndpointAwsService.SSM]
    )
    group = ec2.SecurityGroup(system, "Group", vpc=system.vpc, allow_all_outbound=False)
    system.state_egress(group)
    Template.from_stack(system.stack).has_resource_properties(
        "AWS::EC2::SecurityGroupEgress",
        {
            "GroupId": system.stack.resolve(group.security_group_id),
            "DestinationSecurityGroupId": Match.any_value(),
            "FromPort": 443,
            "ToPort": 443,
        },
    )


def test_a_group_that_lets_everything_out_is_refused(make_system: MakeSystem) -> None:
    system = make_system()
    group = ec2.SecurityGroup(system, "Group", vpc=system.vpc)
    with pytest.raises(
        InvalidArgumentError, match=r'"Stack/System/Group": it lets everything out; make it with'
    ):
        system.state_egress(group)
