"""CD: what the fixes of rules about deployment say. `tests/synth/test_provenance.py` runs git's commands."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import Aspects
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix
from tts_constructs import Environment, TtsGuardrails


def _without_a_record(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _with_a_record(stack: cdk.Stack) -> None:
    app = stack.node.root
    sqs.Queue(stack, "Tasks")
    Aspects.of(app).add(
        TtsGuardrails(environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    )


def _of_an_unregistered_project(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")
    Aspects.of(stack).add(TtsGuardrails(project="taxes", owner="benefits@example.gov"))


def _of_a_registered_project(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")
    Aspects.of(stack).add(TtsGuardrails(project="benefits", owner="benefits@example.gov"))


def _claiming_to_be_a_sandbox(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")
    Aspects.of(stack).add(
        TtsGuardrails(environment=Environment.SANDBOX, project="benefits", owner="benefits@example.gov")
    )


def _unprotected(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _protected(stack: cdk.Stack) -> None:
    env = cdk.Environment(account=stack.account, region=stack.region)
    app = cdk.App.of(stack)
    assert app
    protected = cdk.Stack(app, "Protected", env=env, termination_protection=True)
    cdk.Tags.of(protected).add("Project", "benefits")
    sqs.Queue(protected, "Tasks")


_QUEUE = """
Resources:
  Tasks: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: Project, Value: benefits}]}}
"""
_RECORDED = f"""
Metadata:
  TTS:
    version: 1
    project: benefits
    owner: benefits@example.gov
    environment: production
    repository: https://git.example.gov/benefits
    commit: 0123456789abcdef0123456789abcdef01234567
    dirty: false
{_QUEUE}"""

FIXES = (
    Fix("TTS-CD-001", _without_a_record, _with_a_record),
    Fix("TTS-CD-001", _QUEUE, _RECORDED),
    Fix("TTS-CD-002", _without_a_record, _with_a_record),
    Fix("TTS-CD-002", _QUEUE, _RECORDED),
    Fix(
        "TTS-CD-002",
        _of_an_unregistered_project,
        _of_a_registered_project,
        settings='projects = ["benefits"]',
    ),
    Fix(
        "TTS-CD-002",
        _claiming_to_be_a_sandbox,
        _with_a_record,
        settings='[accounts]\n"111122223333" = "production"',
    ),
    Fix("TTS-CD-003", _unprotected, _protected),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
