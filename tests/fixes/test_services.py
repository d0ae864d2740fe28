"""SVC: what the fixes of rules about approved services say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk import aws_timestream as timestream
from aws_cdk import aws_transfer as transfer

from tests.fixes.following import Fix

_REVIEW = """service,status,caveats,source,as_of
Timestream,approved,,GSA IT,2026-11-01
"""


def _database(stack: cdk.Stack) -> None:
    timestream.CfnDatabase(stack, "Measured")


def _log(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Measured", retention=logs.RetentionDays.THREE_YEARS)


def _database_that_was_approved_since(stack: cdk.Stack) -> None:
    Path("approved.csv").write_text(_REVIEW, encoding="utf-8")
    Path("tts.toml").write_text("[services]\napproved = 'approved.csv'\n", encoding="utf-8")
    timestream.CfnDatabase(stack, "Measured")


def _server(stack: cdk.Stack, **more: Any) -> None:
    given: dict[str, Any] = {"protocols": ["FTP"]}
    transfer.CfnServer(stack, "Files", **(given | more))


def _server_as_the_caveats_ask(stack: cdk.Stack) -> None:
    _server(stack, protocols=["SFTP"], security_policy_name="TransferSecurityPolicy-FIPS-2024-01")


FIXES = (
    Fix("TTS-SVC-001", _database, (_log, _database_that_was_approved_since)),
    Fix("TTS-SVC-002", _server, _server_as_the_caveats_ask),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
