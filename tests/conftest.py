"""What the tests share: a fast App with its lookups recorded, in a clean checkout."""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest

from tts_constructs import ci, standards
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.synth import metadata
from tts_constructs.synth.git_provenance import COMMIT_VARIABLES, REPOSITORY_VARIABLES, Provenance
from tts_constructs.system_metadata import Environment

with contextlib.suppress(ModuleNotFoundError):  # the environment of the group e2e does without
    import hypothesis

    hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault
    hypothesis.settings.load_profile("unhurried")

ACCOUNT = "111122223333"

# Else jsii sends the stack of the tests, some fifty frames, with every call; who reads one asks for `traced`.
os.environ["JSII_HOST_STACK_TRACES"] = "0"

# The CDK's own validation engine takes seconds to load; the floor of aws-cdk-lib has no such argument.
_FAST: dict[str, Any] = (
    {"builtin_cloud_formation_validation": False}
    if "builtin_cloud_formation_validation" in inspect.signature(cdk.App.__init__).parameters
    else {}
)
_ZONES = {
    f"availability-zones:account={ACCOUNT}:region={region}": [f"{region}{letter}" for letter in "abc"]
    for region in standards.REGIONS
}

_LEAST_NUMBER = -1e288  # the CDK writes a number that is a token as one below


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a token in a test's ID without its number, which differs from run to run."""
    if isinstance(val, str) and "${Token[" in val:
        return re.sub(r"\$\{Token\[.*?\]\}", "token", val)
    return "token" if isinstance(val, float) and val < _LEAST_NUMBER else None


@pytest.fixture(scope="session", autouse=True)
def on_a_desk() -> Iterator[None]:
    """No CI runs the tests, as far as they and the programs that they start know."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*ci.VARIABLES, *COMMIT_VARIABLES, *(name for of in REPOSITORY_VARIABLES for name in of)):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def collecting_garbage() -> Iterator[None]:
    """Python goes on to collect garbage after a test that runs the command in this process.

    The command switches that off, as it is short. The tests are not: they would take 10 GB.
    """
    with pytest.MonkeyPatch.context() as patch:
        command = import_module("tts_constructs.cli.main")  # its name in the package is the function
        patch.setattr(command, "gc", SimpleNamespace(disable=lambda: None, freeze=gc.freeze))
        yield


@pytest.fixture(scope="session", autouse=True)
def committed() -> Iterator[Provenance]:
    """Systems stand in a clean checkout, whatever folder the tests run in."""
    origin = Provenance(
        "https://git.example.gov/benefits.git", "0123456789abcdef" * 2 + "01234567", dirty=False
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metadata, "provenance", lambda _: origin)
        yield origin


@pytest.fixture(scope="session")
def make_app() -> Callable[..., cdk.App]:
    """Makes an App with the zones of every region recorded; takes more context, and what an App takes."""

    def make(context: dict[str, Any] | None = None, **more: Any) -> cdk.App:
        return cdk.App(context=_ZONES | (context or {}), **_FAST, **more)

    return make


@pytest.fixture(scope="session")
def make_stack(make_app: Callable[..., cdk.App]) -> Callable[..., cdk.Stack]:
    """Makes a stack in a concrete account and region, in an App of its own unless it is given a scope."""

    def make(region: str = "us-east-1", *, name: str = "Stack", scope: Any = None) -> cdk.Stack:
        env = cdk.Environment(account=ACCOUNT, region=region)
        return cdk.Stack(make_app() if scope is None else scope, name, env=env)

    return make


@pytest.fixture(scope="session")
def make_system(make_stack: Callable[..., cdk.Stack]) -> Callable[..., TtsSystem]:
    """Makes a production system, in a stack of its own unless it is given one."""

    def make(stack: cdk.Stack | None = None, *, region: str = "us-east-1", **arguments: Any) -> TtsSystem:
        given = {
            "project": "benefits",
            "environment": Environment.PRODUCTION,
            "owner": "benefits@example.gov",
        } | arguments
        return TtsSystem(stack or make_stack(region), "System", **given)

    return make


@pytest.fixture
def unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems bring no guardrails along, for a test that renders what they block."""
    monkeypatch.setattr("tts_constructs.constructs.system.tts_system.attach", lambda _: None)


@pytest.fixture(scope="session")
def recorded_lookups() -> Callable[..., None]:
    """Writes into a folder what an account would answer to the lookups of a service."""

    def write(folder: Path, account: str) -> None:
        (folder / "cdk.context.json").write_text(json.dumps(_answers(account)), encoding="utf-8")

    return write


def _answers(account: str) -> dict[str, Any]:
    image = (
        f"ami:account={account}:filters.architecture.0=x86_64:filters.image-type.0=machine:filters.name.0="
        "FISMA Ready Baseline Ubuntu (* - Packer):filters.state.0=available:owners.0=777788889999:"
        "region=us-east-1"
    )
    zone = f"hosted-zone:account={account}:domainName=example.gov:region=us-east-1"
    return {
        image: "ami-0f15a0b1e5ea50002",
        f"availability-zones:account={account}:region=us-east-1": ["us-east-1a", "us-east-1b"],
        zone: {"Id": "/hostedzone/Z0123456789ABCDEFGHIJ", "Name": "example.gov."},
    }
