"""Names in any script, and names that no encoding can write, wherever they stand and whatever shows them."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from click.testing import CliRunner

from tts_constructs import Environment, TtsGuardrails
from tts_constructs.cli.main import tts as tts_command
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation
from tts_constructs.report.formats import FORMATS

Command = Callable[..., subprocess.CompletedProcess[str]]

LOCALES = [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}]
HALF = "\ud800"
"""Half of a character that takes two, as a JSON text can hold it and no file can."""


@pytest.fixture
def place(folder: Path) -> Path:
    """A folder and a template whose names and values are in several scripts."""
    place = folder / "Büro 日本"
    place.mkdir()
    tags = [{"Key": "Owner", "Value": "Zoë 😀"}]
    web = {"Type": "AWS::EC2::Instance", "Properties": {"Tags": tags}}
    (place / "überblick.json").write_text(json.dumps({"Resources": {"Wéb": web}}, ensure_ascii=False))
    return place


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_every_report_is_written_where_output_is_ascii(
    tts: Command, place: Path, folder: Path, format_: str
) -> None:
    arguments = ("check", place.name, "--format", format_)
    shown = tts(*arguments, PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "W" in shown.stdout
    tts(*arguments, "--output", "report", PYTHONIOENCODING="ascii")
    written = (folder / "report").read_text(encoding="utf-8")
    if format_ not in {"html", "sarif", "oscal"}:  # these say when they were made
        assert written == shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize("environ", LOCALES, ids=str)
def test_names_are_shown_as_they_are(tts: Command, place: Path, environ: dict[str, str]) -> None:
    assert "überblick/Wéb: " in tts("check", place.name, **environ).stdout


@pytest.mark.slow
@pytest.mark.parametrize("environ", LOCALES, ids=str)
def test_an_error_names_the_file(tts: Command, environ: dict[str, str]) -> None:
    done = tts("check", "fehlt-ü.yaml", **environ)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "there is no such file or folder" in done.stderr


def test_an_app_in_any_script_is_judged_and_attested(
    make_app: Callable[..., cdk.App], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "Büro 日本").mkdir()
    monkeypatch.chdir(folder / "Büro 日本")
    app = make_app()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    cdk.CfnWaitConditionHandle(stack, "Gerät 日本")
    cdk.CfnResource(stack, "Schlüssel", type="AWS::EC2::KeyPair", properties={"KeyName": "Zoë 😀"})
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
    with pytest.raises(RuntimeError, match="TTS-"):
        app.synth()
    assert any("blocked at Stack/Schlüssel" in fault for fault in attestation.faults(Path(app.outdir)))


# What no encoding can write


@pytest.fixture
def half(folder: Path) -> Path:
    web = {"Type": "AWS::EC2::Instance", "Properties": {f"Image{HALF}": HALF}}
    path = folder / "half.json"
    path.write_text(json.dumps({"Resources": {f"W{HALF}": web}}))
    return path


@pytest.mark.parametrize("format_", FORMATS)
def test_half_a_character_is_reported(half: Path, format_: str) -> None:
    done = CliRunner().invoke(tts_command, ["check", half.name, "--format", format_, "--output", "report"])
    assert done.exit_code == 1
    assert "W\\ud800" in Path("report").read_text(encoding="utf-8")


def test_half_a_character_can_be_known_to_a_baseline(half: Path, folder: Path) -> None:
    (folder / "tts.toml").write_text('[baseline]\nfile = "known.toml"')
    assert CliRunner().invoke(tts_command, ["baseline", half.name]).exit_code == 0
    done = CliRunner().invoke(tts_command, ["check", half.name, "--select", "TTS-EC2-001"])
    assert done.exit_code == 0
    assert "baseline" in done.output
    assert "TTS-BASELINE" not in done.output


def test_what_has_been_mended_in_a_template_of_such_a_name_is_noticed(folder: Path) -> None:
    name = os.fsdecode(b"\xff.yaml")
    (folder / "bad.yaml").rename(folder / name)
    (folder / "tts.toml").write_text('[baseline]\nfile = "known.toml"')
    assert CliRunner().invoke(tts_command, ["baseline", name]).exit_code == 0
    (folder / name).write_text("Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}")
    assert "BLOCKS TTS-BASELINE" in CliRunner().invoke(tts_command, ["check", name]).output


@pytest.mark.slow
def test_half_a_character_in_a_type_is_shown(tts: Command, folder: Path) -> None:
    (folder / "half.json").write_text(json.dumps({"Resources": {"A": {"Type": f"AWS::{HALF}::B"}}}))
    done = tts("services", "half.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "AWS::\\ud800" in done.stdout


def test_a_file_whose_name_is_no_text_is_read(folder: Path) -> None:
    (folder / "bad.yaml").rename(folder / os.fsdecode(b"\xff.yaml"))
    assert len(read_assembly([folder]).stacks) == 1
