"""What the tests of the door at synth share."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from tts_constructs.synth.plugin import NAME


@dataclass(frozen=True)
class Report:
    """What the CDK wrote of the guardrails: rule and construct path of each violation, by severity."""

    failed: bool
    violations: list[dict[str, Any]]

    def of(self, rule_id: str, severity: str = "fatal") -> list[str]:
        return [
            construct["constructPath"]
            for violation in self.violations
            if violation["ruleName"] == rule_id and violation["severity"] == severity
            for construct in violation["violatingConstructs"]
        ]


@pytest.fixture(autouse=True)
def without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings hold in the folder of a test but its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constructs know the line that makes them, as they do in an app."""
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "1")


@pytest.fixture(scope="session")
def report() -> Callable[[cdk.App], Report]:
    """Synthesizes an app and reads the CDK's report of its guardrails."""

    def synthesize(app: cdk.App) -> Report:
        failed = True
        with contextlib.suppress(RuntimeError):
            app.synth(force=True)  # an app that was synthesized before may have changed
            failed = False
        path = Path(app.outdir) / "validation-report.json"
        reports = json.loads(path.read_text())["pluginReports"] if path.exists() else []
        own = [report for report in reports if report["pluginName"] == NAME]
        return Report(failed, [violation for report in own for violation in report["violations"]])

    return synthesize


@pytest.fixture
def instance() -> Callable[..., ec2.CfnInstance]:
    """Makes the plainest thing that blocks in production: an instance outside a group (TTS-EC2-001)."""
    return lambda scope, name="Instance": ec2.CfnInstance(
        scope, name, image_id="ami-1", instance_type="t3.small"
    )
