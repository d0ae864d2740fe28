"""`tts verify`: what it prints and how it exits; what it looks at is tested with the attestation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tts_constructs.cli.verify import verify
from tts_constructs.policy.engine.environments import NO_GUARDRAILS
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records.attestation import FILE_NAME, attest


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A judged assembly `cdk.out` in the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"App": stack}}))
    (folder / "App.template.json").write_text('{"Resources": {}}')
    attest_anew(folder)
    return folder


def attest_anew(folder: Path) -> None:
    attest(
        folder,
        read_assembly([folder]),
        [],
        rules=[],
        judged=lambda _: True,
        guardrails=lambda _: NO_GUARDRAILS,
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, arguments)


@pytest.mark.usefixtures("judged")
def test_what_was_judged_exits_with_0() -> None:
    result = run("cdk.out")
    assert result.exit_code == 0
    assert result.stdout == "cdk.out: guardrails judged these templates, and nothing blocks.\n"


def test_what_changed_exits_with_1_and_a_line_for_each_fault(judged: Path) -> None:
    (judged / "App.template.json").write_text("{}")
    (judged / "Extra.template.json").write_text("{}")
    result = run("cdk.out")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "cdk.out: App.template.json has changed since it was judged",
        "cdk.out: Extra.template.json was not judged",
    ]


def test_an_asset_that_is_not_covered_is_named(judged: Path) -> None:
    manifest = json.loads((judged / "manifest.json").read_text())
    manifest["artifacts"]["Assets"] = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    (judged / "manifest.json").write_text(json.dumps(manifest))
    asset = {"displayName": "Fn/Code", "source": {"path": "../fn", "packaging": "zip"}}
    (judged / "assets.json").write_text(json.dumps({"files": {"1": asset}}))
    attest_anew(judged)
    result = run("cdk.out")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == (
        "cdk.out: the asset Fn/Code is not covered: it lies outside of the assembly"
    )


def test_an_assembly_that_nobody_judged_exits_with_1(judged: Path) -> None:
    (judged / FILE_NAME).unlink()
    assert run("cdk.out").exit_code == 1


def test_no_settings_are_read(judged: Path) -> None:
    (judged.parent / "tts.toml").write_text("not = [valid")
    assert run("cdk.out").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "message"),
    [("none", "manifest.json: cannot be read"), ("cdk.out/App.template.json", "cannot be read")],
)
def test_what_is_no_assembly_exits_with_2_and_one_line(judged: Path, path: str, message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tts_constructs.cli import main; main()", "verify", path],
        cwd=judged.parent, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("tts: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
