"""`tts_app`: an app as the `cdk` command runs it, without AWS's validation."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tts_constructs import Environment, TtsApp
from tts_constructs.errors import InputError, InvalidArgumentError
from tts_constructs.synth.plugin import Plugin
from tts_constructs.testing import findings
from tts_constructs.testing.apps import app_of

ROOT = Path(__file__).parents[2]
ERRORS_FAIL = {"@aws-cdk/core:validateAgainstDefaultRules": True}


def write(folder: Path, **files: Any) -> None:
    for name, content in files.items():
        (folder / f"{name.replace('_', '.')}.json").write_text(json.dumps(content), encoding="utf-8")


def test_it_has_the_context_of_the_project(tts_app: Callable[..., TtsApp]) -> None:
    app = tts_app()
    configured = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    recorded = json.loads((ROOT / "cdk.context.json").read_text(encoding="utf-8"))
    assert app.node.get_all_context().items() >= (configured | recorded).items()


def test_what_a_test_states_counts_before_the_files(tmp_path: Path) -> None:
    write(tmp_path, cdk={"context": {"a": "file", "b": "file"}}, cdk_context={"b": "record", "c": "record"})
    app = app_of(tmp_path, {"c": "test"})
    assert [app.node.try_get_context(key) for key in "abc"] == ["file", "record", "test"]


def test_a_folder_without_files_is_enough(tmp_path: Path) -> None:
    assert isinstance(app_of(tmp_path), TtsApp)


@pytest.mark.parametrize("content", [[], {"context": []}])
def test_a_configuration_that_holds_no_context_is_named(tmp_path: Path, content: Any) -> None:
    write(tmp_path, cdk=content)
    with pytest.raises(InputError, match=r"cdk\.json: holds no context"):
        app_of(tmp_path)


def test_its_arguments_are_those_of_an_app(tts_app: Callable[..., TtsApp]) -> None:
    stack = cdk.Stack(tts_app(environment=Environment.SANDBOX), "Stack")
    cdk.CfnResource(stack, "Instance", type="AWS::EC2::Instance")
    assert {found.level for found in findings(stack) if found.rule_id == "TTS-EC2-001"} == {"warn"}
    with pytest.raises(InvalidArgumentError, match="project and owner go together"):
        tts_app(project="forms")


def test_it_is_judged_as_at_a_synth(tts_app: Callable[..., TtsApp]) -> None:
    app = tts_app()
    cdk.CfnResource(cdk.Stack(app, "Stack"), "Instance", type="AWS::EC2::Instance")
    with pytest.raises(RuntimeError, match="TTS-EC2-001"):
        app.synth()


@pytest.mark.skipif(
    "builtin_cloud_formation_validation" not in inspect.signature(cdk.App.__init__).parameters,
    reason="this CDK cannot switch its validation off",
)
def test_aws_does_not_validate_it(tts_app: Callable[..., TtsApp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plugin, "validate_natively", lambda _: pytest.fail("it validates natively"))
    app = tts_app(context=ERRORS_FAIL, environment=Environment.SANDBOX)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    cdk.CfnResource(stack, "Files", type="AWS::Nonsense::Nothing")
    report = json.loads(Path(app.synth().directory, "validation-report.json").read_text(encoding="utf-8"))
    assert [one["pluginName"] for one in report["pluginReports"]] == ["tts-constructs"]
