"""ACC and IAM: what the fixes of rules about logins and permissions say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from tests.fixes.following import Fix
from tts_constructs.system_metadata import Environment

# TTS-ACC-001


def _key(stack: cdk.Stack) -> None:
    key_pair = ec2.KeyPair.from_key_pair_name(stack, "Key", "admins")
    ec2.LaunchTemplate(stack, "Template", key_pair=key_pair)


def _no_key(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


def _key_pair(stack: cdk.Stack) -> None:
    ec2.KeyPair(stack, "Key")


def _endpoint(stack: cdk.Stack) -> None:
    ec2.CfnInstanceConnectEndpoint(stack, "Endpoint", subnet_id="subnet-0a1b2c3d")


def _nothing(_: cdk.Stack) -> None:
    pass


def _task(stack: cdk.Stack) -> ecs.FargateTaskDefinition:
    task = ecs.FargateTaskDefinition(stack, "Task")
    task.add_container("Web", image=ecs.ContainerImage.from_registry("example.gov/web"))
    return task


def _commands(stack: cdk.Stack) -> None:
    cluster = ecs.Cluster(stack, "Cluster", vpc=ec2.Vpc(stack, "Vpc"))
    ecs.FargateService(
        stack, "Web", cluster=cluster, task_definition=_task(stack), enable_execute_command=True
    )


def _no_commands(stack: cdk.Stack) -> None:
    cluster = ecs.Cluster(stack, "Cluster", vpc=ec2.Vpc(stack, "Vpc"))
    ecs.FargateService(stack, "Web", cluster=cluster, task_definition=_task(stack))


def _sessions(stack: cdk.Stack) -> None:
    role = _role_of_instances(stack)
    role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore"))
    actions = ["ssmmessages:CreateDataChannel", "logs:PutLogEvents"]
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=["*"]))


def _role_of_instances(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))


# TTS-IAM-001


def _user(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Reports")
    user = iam.User(stack, "Reader", password=cdk.SecretValue.secrets_manager("reader"))
    iam.AccessKey(stack, "Key", user=user)
    bucket.grant_read(user)


def _role(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Reports")
    role = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    bucket.grant_read(role)


# TTS-IAM-002


def _everything(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Reports")
    _role_of_instances(stack).add_to_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))


def _administrator(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Reports")
    policy = iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess")
    _role_of_instances(stack).add_managed_policy(policy)


def _one_bucket(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Reports")
    role = _role_of_instances(stack)
    bucket.grant_read_write(role)


def _any_role(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["iam:PassRole"], resources=["*"])
    _role_of_instances(stack).add_to_policy(statement)


def _one_role(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Task", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    role.grant_pass_role(_role_of_instances(stack))


def _trusting(stack: cdk.Stack) -> None:
    iam.Role(stack, "Role", assumed_by=iam.AnyPrincipal())


def _trusting_a_service(stack: cdk.Stack) -> None:
    iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))


FIXES = (
    Fix("TTS-ACC-001", _key, _no_key),
    Fix("TTS-ACC-001", _key_pair, _nothing),
    Fix("TTS-ACC-001", _endpoint, _nothing),
    Fix("TTS-ACC-001", _commands, _no_commands),
    Fix("TTS-ACC-001", _sessions, _role_of_instances),
    Fix("TTS-IAM-001", _user, _role),
    Fix("TTS-IAM-001", _user, _role, environment=Environment.SANDBOX, of="user_in_a_sandbox"),
    Fix("TTS-IAM-002", _everything, _one_bucket),
    Fix("TTS-IAM-002", _administrator, _one_bucket),
    Fix("TTS-IAM-002", _any_role, _one_role),
    Fix("TTS-IAM-002", _trusting, _trusting_a_service),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
