"""What the tests of the help for tests share."""

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2


@pytest.fixture(autouse=True)
def without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings hold in the folder of a test but its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stack(make_stack: Callable[..., cdk.Stack]) -> cdk.Stack:
    """A stack of an App of its own that breaks rules: it launches an instance outside a group."""
    stack = make_stack()
    ec2.CfnInstance(stack, "Instance", image_id="ami-1", instance_type="t3.small")
    return stack
