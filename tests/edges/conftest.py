"""What the tests of failures share: the whole command in a process of its own, and a small app."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest

from tts_constructs import Environment, TtsGuardrails

COMMAND = "from tts_constructs.cli import main; main()"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a template in which something blocks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text(
        "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}}"
    )
    return tmp_path


@pytest.fixture
def tts(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `tts`, after what `before` does in its process; more names are of its environment."""

    def run(*arguments: str, before: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"{before}\n{COMMAND}", *arguments],
            cwd=folder, env=os.environ | environ, capture_output=True, encoding="utf-8", check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@pytest.fixture
def app(make_app: Callable[..., cdk.App]) -> cdk.App:
    """An app with one stack, in which nothing blocks in a sandbox."""
    app = make_app()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    cdk.CfnWaitConditionHandle(stack, "Handle")
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
    return app
