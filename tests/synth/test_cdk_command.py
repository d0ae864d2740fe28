"""What the `cdk` command does with an app: which pass is the last, and who prints the report."""

import json
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.policy.model.assembly import Lookups
from tts_constructs.synth.cdk_command import ExitCode, errors_of_others, runs_again, shows_report

SYNTH = {"aws:cdk:bundling-stacks": ["**"]}
LIST: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
FAILED = {"$providerError": "no credentials"}


@pytest.fixture
def by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The `cdk` command runs the app."""
    monkeypatch.setenv("CDK_CLI_VERSION", "2.1148.1")
    monkeypatch.setenv("CDK_ERROR_FILE", "cdk.out/error.txt")


@pytest.mark.usefixtures("by_command")
@pytest.mark.parametrize(("context", "expected"), [(SYNTH, True), (LIST, False), ({}, False)])
def test_a_command_that_synthesizes_prints_the_report(context: dict[str, Any], expected: bool) -> None:
    assert shows_report(context) is expected


@pytest.mark.usefixtures("by_command")
def test_the_language_server_does_not_print_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_ERROR_FILE")
    assert not shows_report(SYNTH)


def test_python_alone_is_not_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_CLI_VERSION", raising=False)
    monkeypatch.setenv("CDK_ERROR_FILE", "cdk.out/error.txt")
    assert not shows_report(SYNTH)
    assert not runs_again(Lookups(missing=[{"key": "a"}]))


@pytest.mark.usefixtures("by_command")
@pytest.mark.parametrize(
    ("recorded", "missing", "expected"),
    [
        ({}, [], False),
        ({}, ["a"], True),
        ({"a": FAILED}, ["a"], False),
        ({"a": FAILED}, ["a", "b"], True),
        ({"a": FAILED, "b": FAILED}, ["a", "b"], False),
        ({"a": ["us-east-1a"]}, ["a"], True),
    ],
)
def test_the_command_runs_an_app_again_until_each_missing_lookup_has_failed(
    recorded: dict[str, Any], missing: list[str], expected: bool
) -> None:
    assert runs_again(Lookups(recorded, [{"key": key} for key in missing])) is expected


def report(tmp_path: Path, severity: str, plugin: str) -> Path:
    violation = {
        "ruleName": "O1",
        "severity": severity,
        "description": "Not\nso.",
        "violatingConstructs": [{"constructPath": "A/B"}],
    }
    file = tmp_path / "validation-report.json"
    file.write_text(json.dumps({"pluginReports": [{"pluginName": plugin, "violations": [violation]}]}))
    return file


@pytest.mark.parametrize("severity", ["fatal", "error"])
def test_an_error_of_another_plugin_is_one_line(tmp_path: Path, severity: str) -> None:
    said = list(errors_of_others(report(tmp_path, severity, "other"), "ours"))
    assert said == ["ERROR A/B: Not so. (other)"]


@pytest.mark.parametrize(("severity", "plugin"), [("warning", "other"), ("fatal", "ours")])
def test_a_warning_or_a_finding_of_ours_is_not_an_error_of_others(
    tmp_path: Path, severity: str, plugin: str
) -> None:
    assert list(errors_of_others(report(tmp_path, severity, plugin), "ours")) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pluginReports": [{}]}', '{"pluginReports": 1}'])
def test_a_report_that_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "validation-report.json"
    file.write_text(text)
    assert list(errors_of_others(file, "ours")) == []
    assert list(errors_of_others(tmp_path / "none.json", "ours")) == []


@pytest.mark.parametrize(("failed", "codes"), [(set(), []), ({Path("cdk.out")}, [1])])
def test_the_process_ends_with_1_if_a_synth_has_failed(failed: set[Path], codes: list[int]) -> None:
    ended: list[int] = []
    code = ExitCode(ended.append)
    code.failed |= failed
    del code
    assert ended == codes
