"""`tts services`: the list, and what an app uses of it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts

APP = """
Resources:
  Files: {Type: AWS::S3::Bucket}
  Share: {Type: AWS::EFS::FileSystem}
  Mount: {Type: AWS::EFS::MountTarget}
  Build: {Type: AWS::CodeBuild::Project}
  Quantum: {Type: AWS::Braket::QuantumTask}
  Helper: {Type: Custom::Helper}
  Meta: {Type: AWS::CDK::Metadata}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(APP)
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(tts, ["services", *arguments])
    assert result.exit_code == 0
    return result.output


def test_the_list_has_each_service_with_status_source_and_date() -> None:
    lines = run().splitlines()
    assert "approved      EC2  (TTS handbook, AWS, 2026-11-24)" in lines
    assert any(line.startswith("not reviewed  CodeBuild  (GSA service reviews") for line in lines)


def test_a_team_list_stands_before_the_bundled_one(folder: Path) -> None:
    (folder / "list.csv").write_text(
        "service,status,caveats,source,as_of\nBraket,not approved,,GSA IT,2026-01-01\n"
    )
    (folder / "tts.toml").write_text('[services]\napproved = "list.csv"')
    assert run().splitlines()[0] == "not approved  Braket  (GSA IT, 2026-01-01)"


def test_the_services_of_an_app_are_shown_once_each() -> None:
    used = [line for line in run("app.yaml").splitlines() if "AWS::" in line]
    assert [line[:12].strip() for line in used] == ["on no list", "not reviewed", "approved", "approved"]
    assert [line[14:].split("  ")[0] for line in used] == [
        "AWS::Braket",
        "AWS::CodeBuild",
        "AWS::EFS",
        "AWS::S3",
    ]


def test_caveats_of_what_is_used_are_printed_once() -> None:
    shown = " ".join(run("app.yaml").split())
    assert shown.count("Encryption for both in transit and at rest must be enabled") == 1
    assert "Twistlock" not in shown
