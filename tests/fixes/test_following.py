"""Following a fix fails where the fix is not enough, breaks something, or is about something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from tests.fixes.following import Fix, unwritten


def _imdsv1(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


def _imdsv1_by_a_wrong_switch(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", http_put_response_hop_limit=1)


def _imdsv2(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", require_imdsv2=True)


def _imdsv2_in_other_words(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", http_tokens=ec2.LaunchTemplateHttpTokens.REQUIRED)


def _imdsv2_with_a_key(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", require_imdsv2=True)
    kms.Key(stack, "Key")


def _key_in_other_words(stack: cdk.Stack) -> None:
    named: dict[str, Any] = {"key_pair": ec2.KeyPair.from_key_pair_name(stack, "Key", "admins")}
    ec2.LaunchTemplate(stack, "Template", **named)


def _no_key(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


@pytest.mark.parametrize(
    ("fix", "says"),
    [
        (Fix("TTS-EC2-004", _imdsv2, _imdsv2), "TTS-EC2-004 isn't found before"),
        (Fix("TTS-EC2-004", _imdsv1, _imdsv1_by_a_wrong_switch), "TTS-EC2-004 is found after"),
        (Fix("TTS-EC2-004", _imdsv1, (_imdsv2, _imdsv1)), "TTS-EC2-004 is found after"),
        (Fix("TTS-EC2-004", _imdsv1, _imdsv2_with_a_key), "the fix breaks TTS-KMS-001"),
        (Fix("TTS-EC2-004", _imdsv1, _imdsv2_in_other_words), "doesn't say: require_imdsv2=True"),
        (
            Fix("TTS-ACC-001", _key_in_other_words, _no_key),
            "isn't there before, or is there after: key_pair=",
        ),
    ],
)
def test_a_fix_that_does_not_hold_is_told(
    fix: Fix, says: str, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    with pytest.raises(AssertionError, match=says):
        fix.follow(make_stack, make_app)


@pytest.mark.parametrize(
    ("fix", "source", "missing"),
    [
        ("Write `a=1`.", "f(a = 1)", []),
        ("Write `a=1` and `b=2`.", "f(a=1)", ["b=2"]),
        ("Write `f(…, b=2)`.", 'f(\n    "a",\n    b=2,\n)', []),
        ("Write `f(…, b=2)`.", "g(b=2)", ["f(…, b=2)"]),
        ("Write `x='y'`.", 'x="y"', []),
        ("Remove `a=1`.", "", []),
        ("See `tts services`.", "", []),
    ],
)
def test_the_words_of_a_fix_are_looked_for_as_python_reads_them(
    fix: str, source: str, missing: list[str]
) -> None:
    assert unwritten([fix], source) == missing
