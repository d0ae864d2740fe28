"""REG: what the fixes of the rule about regions say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix
from tts_constructs.testing import findings

_ABROAD = cdk.Environment(account="111122223333", region="eu-west-1")


def _stack(stack: cdk.Stack, env: cdk.Environment | None) -> None:
    """Another stack of the app."""
    app = cdk.App.of(stack)
    assert isinstance(app, cdk.Stage)
    other = cdk.Stack(app, "Other", env=env)
    cdk.Tags.of(other).add("Project", "benefits")
    sqs.Queue(other, "Tasks")


def _stack_abroad(stack: cdk.Stack) -> None:
    _stack(stack, _ABROAD)


def _stack_anywhere(stack: cdk.Stack) -> None:
    _stack(stack, None)


def _stack_in_the_us(stack: cdk.Stack) -> None:
    _stack(stack, env=cdk.Environment(account="111122223333", region="us-east-1"))


def _replica(stack: cdk.Stack, region: str = "eu-west-1") -> None:
    secretsmanager.Secret(stack, "Secret", replica_regions=[secretsmanager.ReplicaRegion(region=region)])


def _replica_in_the_us(stack: cdk.Stack) -> None:
    _replica(stack, "us-west-2")


FIXES = (
    Fix("TTS-REG-001", _stack_abroad, _stack_in_the_us),
    Fix("TTS-REG-001", _stack_anywhere, _stack_in_the_us),
    Fix("TTS-REG-001", _replica, _replica_in_the_us),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)


def test_who_has_not_recorded_the_zones_is_not_told_to_name_a_region(
    make_app: Callable[..., cdk.App],
) -> None:
    app = make_app()
    elsewhere = cdk.Environment(account="444455556666", region="us-east-1")
    stack = cdk.Stack(app, "Stack", env=elsewhere)
    cdk.aws_ec2.CfnVolume(stack, "Volume", availability_zone=stack.availability_zones[0], size=8)
    fixes = {finding.fix for finding in findings(app) if finding.rule_id == "TTS-REG-001"}
    assert fixes == {"Run `cdk synth` once with credentials and commit cdk.context.json."}
