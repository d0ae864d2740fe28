"""The same thing twice at once, in the same folder: each file is whole, and nobody's work is lost unsaid."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.cli import baseline, image, scaffold
from tts_constructs.cli.main import tts
from tts_constructs.errors import InputError
from tts_constructs.policy.aws.ami_lookups import Image
from tts_constructs.policy.suppressions.baseline_file import Entry, read_baseline, write_baseline

COMMAND = [sys.executable, "-c", "from tts_constructs.cli import main; main()"]
BASELINE = "known.toml"
OWNER = "123456789012"
KEY = (
    f"ami:account={OWNER}:filters.image-type.0=machine:"
    f"filters.name.0=FISMA Ready Baseline Ubuntu (* - Packer):filters.state.0=available:owners.0={OWNER}:"
    "region=us-east-1"
)


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], object]) -> None:
    """Lets somebody else act right after a function of a command has run."""
    function = getattr(module, name)

    def and_then(*arguments: Any, **keywords: Any) -> Any:
        result = function(*arguments, **keywords)
        act()
        return result

    monkeypatch.setattr(module, name, and_then)


@pytest.mark.slow
def test_reports_into_one_file_leave_one_whole_report(folder: Path) -> None:
    command = [*COMMAND, "check", "bad.yaml", "--format", "json", "--output", "report.json"]
    running = [subprocess.Popen(command, cwd=folder) for _ in range(4)]
    assert [process.wait() for process in running] == [1] * 4
    assert json.loads((folder / "report.json").read_text())["summary"]["templates"] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "report.json"]


@pytest.fixture
def with_baseline(folder: Path) -> Path:
    (folder / "tts.toml").write_text(f'[baseline]\nfile = "{BASELINE}"')
    return folder / BASELINE


def test_the_second_of_two_baselines_does_not_replace_the_first(
    with_baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [Entry("TTS-EC2-001", "App", "App/Web", "", "0")]
    meanwhile(monkeypatch, baseline, "reviewed", lambda: write_baseline(with_baseline, first))
    with pytest.raises(
        InputError,
        match=r"known\.toml: was written by another process in the meantime; run the command again",
    ):
        tts.main(["baseline", "bad.yaml"], standalone_mode=False)
    assert list(read_baseline(with_baseline)) == first
    assert not list(with_baseline.parent.glob(".tts-*"))


def test_what_another_prune_has_taken_out_stays_out(
    with_baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other, kept = (
        Entry("TTS-EC2-001", stack, f"{stack}/Old", "", "0") for stack in ("bad", "other", "third")
    )
    write_baseline(with_baseline, [gone, other, kept])
    meanwhile(monkeypatch, baseline, "reviewed", lambda: write_baseline(with_baseline, [gone, kept]))
    tts.main(["baseline", "bad.yaml", "--prune"], standalone_mode=False)
    assert list(read_baseline(with_baseline)) == [kept]


def test_a_refresh_keeps_what_a_synth_has_recorded_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = folder / "cdk.context.json"
    (folder / "tts.toml").write_text(f'[image]\nowners = ["{OWNER}"]')
    context.write_text(json.dumps({KEY: "ami-1"}))
    newest = Image("ami-2", "FISMA Ready Baseline Ubuntu (2 - Packer)", datetime.now(UTC))
    monkeypatch.setattr("tts_constructs.cli.ec2_images.images_of", lambda _: [newest])
    meanwhile(
        monkeypatch,
        image,
        "_asked",
        lambda: context.write_text(json.dumps({KEY: "ami-1", "new": 1})) and None,
    )
    tts.main(["image", "refresh"], standalone_mode=False)
    assert json.loads(context.read_text()) == {KEY: "ami-2", "new": 1}


def test_the_second_of_two_new_systems_does_not_mix_with_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first() -> None:
        (folder / "forms").mkdir()
        (folder / "forms/app.py").write_text("first")

    meanwhile(monkeypatch, scaffold, "files", first)
    with pytest.raises(InputError, match="forms: is not empty"):
        tts.main(["init", "forms", "--library", "https://git.example.gov/tts.whl"], standalone_mode=False)
    assert [path.read_text() for path in (folder / "forms").iterdir()] == ["first"]


APP = """
import sys
import aws_cdk as cdk
from tts_constructs import Environment, TtsGuardrails
app = cdk.App(outdir="cdk.out", builtin_cloud_formation_validation=False)
stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
cdk.CfnWaitConditionHandle(stack, "Handle")
if "bad" in sys.argv:
    cdk.CfnResource(stack, "Key", type="AWS::EC2::KeyPair")
cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
app.synth()
"""


@pytest.mark.slow
def test_of_two_synths_into_one_folder_only_what_was_judged_can_be_deployed(folder: Path) -> None:
    synths = [
        subprocess.Popen([sys.executable, "-c", APP, kind], cwd=folder, stderr=subprocess.DEVNULL)
        for kind in ("clean", "bad")
    ]
    for synth in synths:
        synth.wait()  # either may judge what the other has written over its own
    verified = subprocess.run([*COMMAND, "verify", "cdk.out"], cwd=folder, capture_output=True, check=False)
    left = (folder / "cdk.out/Stack.template.json").read_text()
    assert verified.returncode == 1 or "AWS::EC2::KeyPair" not in left
