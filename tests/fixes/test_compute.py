"""EC2 and ASG: what the fixes of rules about instances and their groups say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from tests.fixes.following import Fix


def _template(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


def _template_with_imdsv2(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", require_imdsv2=True)


FIXES = (Fix("TTS-EC2-004", before=_template, after=_template_with_imdsv2),)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
