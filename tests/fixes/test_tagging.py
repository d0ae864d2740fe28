"""TAG: what the fixes of rules about tags say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix
from tts_constructs.system_metadata import Environment

# TTS-TAG-001


def _other(stack: cdk.Stack) -> cdk.Stack:
    """Another stack of the app, which has no tags."""
    app = cdk.App.of(stack)
    assert isinstance(app, cdk.Stage)
    return cdk.Stack(app, "Other", env=cdk.Environment(account=stack.account, region=stack.region))


def _without_a_project(stack: cdk.Stack) -> None:
    sqs.Queue(_other(stack), "Tasks")


def _of_a_project(stack: cdk.Stack) -> None:
    stack = _other(stack)
    cdk.Tags.of(stack).add("Project", "benefits")
    sqs.Queue(stack, "Tasks")


def _of_no_real_project(stack: cdk.Stack) -> None:
    cdk.Tags.of(sqs.Queue(stack, "Tasks")).add("Project", "todo")


def _generic(stack: cdk.Stack, **more: Any) -> None:
    cdk.CfnResource(stack, "Tasks", type="AWS::SQS::Queue", properties=more)


def _generic_with_its_tag(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Project", "benefits")
    _generic(stack, Tags=[{"Key": "Project", "Value": "benefits"}])


def _helper(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads", auto_delete_objects=True, removal_policy=cdk.RemovalPolicy.DESTROY)


_PROVIDER = "Custom::S3AutoDeleteObjectsCustomResourceProvider"


def _helper_with_its_tag(stack: cdk.Stack) -> None:
    _helper(stack)
    tags = [{"Key": "Project", "Value": "benefits"}]
    for part in ("Role", "Handler"):
        made = stack.node.find_child(_PROVIDER).node.find_child(part)
        assert isinstance(made, cdk.CfnResource)
        made.add_property_override("Tags", tags)


# TTS-TAG-002


def _template_alone(stack: cdk.Stack) -> None:
    data = ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(
        metadata_options=ec2.CfnLaunchTemplate.MetadataOptionsProperty(http_tokens="required")
    )
    ec2.CfnLaunchTemplate(stack, "Template", launch_template_data=data)


def _template(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Project", "benefits")
    ec2.LaunchTemplate(stack, "Template", require_imdsv2=True)


def _group(stack: cdk.Stack, **more: Any) -> autoscaling.AutoScalingGroup:
    vpc = ec2.Vpc(stack, "Vpc")
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-0a1b2c3d"}),
        instance_type=ec2.InstanceType("t3.small"),
        security_group=ec2.SecurityGroup(stack, "Instances", vpc=vpc),
        require_imdsv2=True,
    )
    return autoscaling.AutoScalingGroup(stack, "Group", vpc=vpc, launch_template=template, **more)


def _group_whose_tags_stay(stack: cdk.Stack) -> None:
    cdk.Tags.of(_group(stack)).add("Project", "benefits", apply_to_launched_instances=False)


def _group_and_template(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Project", "benefits")
    vpc = ec2.Vpc(stack, "Vpc")
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-0a1b2c3d"}),
        instance_type=ec2.InstanceType("t3.small"),
        security_group=ec2.SecurityGroup(stack, "Instances", vpc=vpc),
        require_imdsv2=True,
    )
    autoscaling.AutoScalingGroup(stack, "Group", vpc=vpc, launch_template=template)


# TTS-TAG-003


def _of_two_projects(stack: cdk.Stack) -> None:
    for name in ("One", "Two"):
        sqs.Queue(stack, name)
    cdk.Tags.of(sqs.Queue(stack, "Tasks")).add("Project", "forms")


def _of_one_project(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Project", "benefits")
    for name in ("One", "Two", "Tasks"):
        sqs.Queue(stack, name)


# TTS-TAG-004


def _untagged(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _in_production(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Environment", "production")
    sqs.Queue(stack, "Tasks")


def _in_a_sandbox(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Environment", "sandbox")
    sqs.Queue(stack, "Tasks")


def _in_development(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("Environment", "development")
    sqs.Queue(stack, "Tasks")


_UNTAGGED = "Resources: {Tasks: {Type: 'AWS::SQS::Queue', Properties: {Tags: []}}}"
_TAGGED = """
Resources:
  Tasks: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: Environment, Value: sandbox}]}}
"""

FIXES = (
    Fix("TTS-TAG-001", _without_a_project, _of_a_project),
    Fix("TTS-TAG-001", _of_no_real_project, _of_one_project),
    Fix("TTS-TAG-001", _generic, _generic_with_its_tag),
    Fix("TTS-TAG-001", _helper, _helper_with_its_tag),
    Fix("TTS-TAG-002", _template_alone, _template),
    Fix("TTS-TAG-002", _group_whose_tags_stay, _group_and_template),
    Fix("TTS-TAG-003", _of_two_projects, _of_one_project),
    Fix("TTS-TAG-004", _untagged, _in_production),
    Fix("TTS-TAG-004", _untagged, _in_a_sandbox, environment=Environment.SANDBOX),
    Fix("TTS-TAG-004", _UNTAGGED, _TAGGED, environment=Environment.SANDBOX),
    Fix("TTS-TAG-004", _untagged, _in_development, environment=Environment.DEVELOPMENT),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
