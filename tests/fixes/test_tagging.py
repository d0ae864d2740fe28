"""TAG: what the fixes of rules about tags say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix
from tts_constructs.policy.system import Environment

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
