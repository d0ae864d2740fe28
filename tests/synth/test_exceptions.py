"""Waivers, the baseline and the CDK's acknowledge at the door at synth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from tts_constructs import Environment, TtsGuardrails
from tts_constructs.policy.rules.builtin import BASELINE, ENVIRONMENT, WAIVER

Apps = Callable[..., cdk.App]
Reports = Callable[[cdk.App], Any]
Maker = Callable[..., Any]

ENV = cdk.Environment(account="111122223333", region="us-east-1")
INSTANCE = "TTS-EC2-001"


@pytest.fixture
def app(make_app: Apps) -> cdk.App:
    app = make_app()
    cdk.Aspects.of(app).add(TtsGuardrails())
    return app


@pytest.fixture
def stack(app: cdk.App, instance: Maker) -> cdk.Stack:
    stack = cdk.Stack(app, "Stack", env=ENV)
    instance(stack)
    return stack


def write_waiver(folder: Path, days: int = 100, **other: str) -> None:
    fields = {
        "rule": INSTANCE,
        "path": "Stack/Instance",
        "reason": "r",
        "approved_by": "Ada",
        "ticket": "T-1",
    }
    lines = [f'{name} = "{value}"' for name, value in (fields | other).items()]
    expires = datetime.now(UTC).date() + timedelta(days=days)
    (folder / "w.toml").write_text("\n".join(["[[waiver]]", *lines, f"expires = {expires}"]))
    (folder / "tts.toml").write_text('[waivers]\nfile = "w.toml"')


def described(report: Any, rule_id: str) -> list[tuple[str, str]]:
    return [(v["severity"], v["description"]) for v in report.violations if v["ruleName"] == rule_id]


def test_a_waived_finding_is_reported_and_says_who_allowed_it(
    app: cdk.App, stack: cdk.Stack, report: Reports, tmp_path: Path
) -> None:
    write_waiver(tmp_path)
    ((severity, description),) = described(report(app), INSTANCE)
    assert severity == "warning"
    assert "Waived: allowed by Ada until " in description
    assert stack.node.path == "Stack"


@pytest.mark.usefixtures("stack")
def test_an_expired_waiver_blocks_beside_its_finding(app: cdk.App, report: Reports, tmp_path: Path) -> None:
    write_waiver(tmp_path, days=-1)
    found = report(app)
    assert found.failed
    assert found.of(INSTANCE) == ["Stack/Instance"]
    assert found.of(WAIVER) == ["Stack"]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("fault", [{"rule": "TTS-XX-999"}, {"reason": ""}])
def test_a_waiver_file_that_cannot_be_used_fails_the_run(
    app: cdk.App, report: Reports, tmp_path: Path, fault: dict[str, str]
) -> None:
    write_waiver(tmp_path, 100, **fault)
    assert report(app).failed


@pytest.mark.usefixtures("stack")
def test_an_entry_of_the_baseline_that_matches_nothing_blocks(
    app: cdk.App, report: Reports, tmp_path: Path
) -> None:
    (tmp_path / "tts.toml").write_text('[baseline]\nfile = "b.toml"')
    entry = f'rule = "{INSTANCE}"\nstack = "Stack"\npath = "Stack/Gone"\nproperty = ""\nfingerprint = "0"'
    (tmp_path / "b.toml").write_text(f"version = 1\n[[finding]]\n{entry}")
    assert report(app).of(BASELINE) == ["Stack"]


@pytest.mark.usefixtures("stack")
def test_guardrails_that_contradict_the_tie_of_an_account_block(
    app: cdk.App, report: Reports, tmp_path: Path
) -> None:
    (tmp_path / "tts.toml").write_text('[accounts]\n"111122223333" = "production"')
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
    found = report(app)
    assert found.of(ENVIRONMENT) == ["Stack"]
    assert found.of(INSTANCE) == ["Stack/Instance"]


# The CDK's acknowledge, which the floor of aws-cdk-lib may not have

acknowledging = pytest.mark.skipif(
    not hasattr(cdk.Validations, "acknowledge"), reason="this CDK knows no acknowledge"
)


@acknowledging
@pytest.mark.parametrize("where", ["app", "stage", "above", "stack", "construct"])
def test_an_acknowledgment_anywhere_lets_nothing_pass_and_is_reported_once(
    app: cdk.App, report: Reports, instance: Maker, where: str
) -> None:
    stage = cdk.Stage(app, "Stage", env=ENV)
    above = Construct(stage, "Above")
    stack = cdk.Stack(above, "Stack")
    places = {"app": app, "stage": stage, "above": above, "stack": stack, "construct": instance(stack)}
    acknowledgment = cdk.Acknowledgment(id=INSTANCE, reason="because")
    cdk.Validations.of(places[where]).acknowledge(acknowledgment)
    found = report(app)
    assert found.of(INSTANCE) == ["Stage/Above/Stack/Instance"]
    ((severity, description),) = described(found, WAIVER)
    assert severity == "warning"
    path = places[where].node.path or "The app"
    assert f"{path} acknowledges {INSTANCE} in the CDK, which has no effect" in description
