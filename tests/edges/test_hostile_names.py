"""Names and values that want to be obeyed: no terminal and no CI system does, whatever shows them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from click.testing import CliRunner, Result

from tts_constructs import Environment, TtsGuardrails
from tts_constructs.cli.main import main
from tts_constructs.cli.main import tts as tts_command
from tts_constructs.errors import InputError

EVIL = "\n::stop-commands::x\r##[error]y\n##vso[task.setvariable variable=z]\x1b[2K\x1b]8;;u\x07\x9b1A\u202e"
COMMAND = re.compile(r"^\s*::(?!(?:error|warning|notice) (?:file|title)=)\w|##\w*\[", re.M)
"""What CI systems obey, but for the annotations that the GitHub format is made of."""

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def assert_harmless(text: str) -> None:
    assert "stop-commands" in text
    assert not COMMAND.search(text)
    assert not CONTROL.search(text)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts_command, arguments)


@pytest.fixture
def evil(folder: Path) -> Path:
    """A template of which each name and value is hostile."""
    bad = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": EVIL, EVIL: EVIL}}
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Metadata": {"aws:cdk:path": f"App/{EVIL}"},
        "Properties": {"Protocol": EVIL, "SslPolicy": EVIL, "Port": EVIL},
    }
    record = {"project": EVIL, "owner": EVIL, "system": EVIL, "environment": "production"}
    path = folder / f"{EVIL.replace('/', '')}.json"
    path.write_text(json.dumps({"Metadata": {"TTS": record}, "Resources": {f"A{EVIL}": bad, "B": listener}}))
    return path


@pytest.mark.parametrize("format_", ["text", "github"])
def test_no_report_that_people_read_is_obeyed(evil: Path, format_: str) -> None:
    done = run("check", evil.name, "--format", format_)
    assert done.exit_code == 1
    assert_harmless(done.stdout)


@pytest.mark.parametrize("format_", ["json", "sarif", "oscal"])
def test_no_json_is_obeyed(evil: Path, format_: str) -> None:
    done = run("check", evil.name, "--format", format_)
    assert done.exit_code == 1
    assert_harmless(done.stdout)


def test_no_name_of_a_file_that_is_skipped_is_obeyed(evil: Path) -> None:
    (evil.parent / f"no{EVIL.replace('/', '')}").write_text("x")
    assert_harmless(run("check", ".", "--verbose").stderr)


def test_no_error_is_obeyed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["tts", "check", EVIL.replace("/", "")])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    assert_harmless(capsys.readouterr().err)


def test_each_of_several_faults_is_one_line() -> None:
    error = InputError(EVIL, [EVIL, EVIL])
    assert len(str(error).splitlines()) == 3
    assert error.faults == (EVIL, EVIL)


def test_no_waiver_is_obeyed(evil: Path) -> None:
    quoted = json.dumps(EVIL).replace("\x7f", "")
    Path("tts.toml").write_text('[waivers]\nfile = "waivers.toml"')
    Path("waivers.toml").write_text(
        f'[[waiver]]\nrule = "TTS-EC2-001"\npath = {json.dumps(f"**/A{EVIL}")}\nreason = {quoted}\n'
        f"approved_by = {quoted}\nticket = {quoted}\nexpires = 2000-01-01\n"
    )
    assert_harmless(run("waivers").stdout)
    assert_harmless(run("waivers", evil.name).stdout)
    assert_harmless(run("check", evil.name).stdout)


def test_no_registration_is_obeyed(evil: Path) -> None:
    done = run("register", evil.name)
    assert done.exit_code == 0
    assert_harmless(done.stdout)


def test_no_list_of_services_is_obeyed(folder: Path) -> None:
    (folder / "t.json").write_text(json.dumps({"Resources": {"A": {"Type": f"AWS::{EVIL}::B"}}}))
    assert_harmless(run("services", "t.json").stdout)


def test_nothing_that_speaks_against_an_assembly_is_obeyed(folder: Path) -> None:
    root = folder / "cdk.out"
    root.mkdir()
    (root / "manifest.json").write_text(json.dumps({"artifacts": {}}))
    blocking = {"rule_id": "TTS-X", "place": EVIL, "title": EVIL}
    document: dict[str, Any] = {"templates": {EVIL: "0"}, "manifests": {}, "stacks": {}, "pending": [EVIL]}
    (root / "tts-attestation.json").write_text(
        json.dumps({"version": 1, "tool": {}, "blocking": [blocking], **document})
    )
    done = run("verify", "cdk.out")
    assert done.exit_code == 1
    assert_harmless(done.stderr)


def test_nothing_that_a_synth_says_is_obeyed(
    make_app: Callable[..., cdk.App], capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    cdk.CfnResource(stack, f"A{EVIL}", type="AWS::EC2::Instance", properties={"ImageId": EVIL})
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.PRODUCTION))
    with pytest.raises(RuntimeError):
        app.synth()
    _, ours, said = capfd.readouterr().err.partition("BLOCKS ")  # what comes before is the CDK's own report
    assert_harmless(ours + said)
