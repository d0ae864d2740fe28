"""CFN: what the fixes of the rule about what a template hides say."""

from __future__ import annotations

import json
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sam as sam
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix

_ELSEWHERE = "https://example-bucket.s3.amazonaws.com/tasks.yaml"
_CODE = "def handler(event, context): ..."
_QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"Key": "Project", "Value": "benefits"}]}}


def _template_elsewhere(stack: cdk.Stack) -> None:
    cdk.CfnStack(stack, "Tasks", template_url=_ELSEWHERE)


def _nested_stack(stack: cdk.Stack) -> None:
    sqs.Queue(cdk.NestedStack(stack, "Tasks"), "Queue", enforce_ssl=True)


def _stacks_elsewhere(stack: cdk.Stack) -> None:
    cdk.CfnStackSet(
        stack,
        "Tasks",
        stack_set_name="tasks",
        permission_model="SELF_MANAGED",
        template_url=_ELSEWHERE,
    )


def _stacks_of_a_text(stack: cdk.Stack) -> None:
    cdk.CfnStackSet(
        stack,
        "Tasks",
        stack_set_name="tasks",
        permission_model="SELF_MANAGED",
        template_body=json.dumps({"Resources": {"Queue": _QUEUE}}),
    )


def _serverless(stack: cdk.Stack) -> None:
    sam.CfnFunction(
        stack,
        "Function",
        handler="index.handler",
        runtime="python3.13",
        inline_code=_CODE,
        tags={"Project": "benefits"},
    )


def _function(stack: cdk.Stack) -> None:
    lambda_.Function(
        stack,
        "Function",
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline(_CODE),
    )


def _macro(stack: cdk.Stack) -> None:
    _queue(stack)
    stack.add_transform("Agency::Tasks")


def _module(stack: cdk.Stack) -> None:
    cdk.CfnResource(stack, "Tasks", type="Agency::Tasks::Queue::MODULE")


def _queue(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Queue", enforce_ssl=True)


FIXES = (
    Fix("TTS-CFN-001", _template_elsewhere, _nested_stack),
    Fix("TTS-CFN-001", _stacks_elsewhere, _stacks_of_a_text),
    Fix("TTS-CFN-001", _serverless, _function),
    Fix("TTS-CFN-001", _macro, _queue),
    Fix("TTS-CFN-001", _module, _queue),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
