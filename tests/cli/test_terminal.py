"""What `tts` does on a terminal and nowhere else: color, and a bar where many templates are read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import on_a_terminal
from tts_constructs.cli.options import MANY

CLEAN = "Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}"
COLOR = "\x1b["

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(MANY):
        (tmp_path / f"t{number}.yaml").write_text(CLEAN)
    return tmp_path


def shown(folder: Path, *arguments: str, **environment: str) -> str:
    """What a person sees of `tts check` on a terminal."""
    command = [sys.executable, "-c", "from tts_constructs.cli import main; main()", "check", *arguments]
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    _, text = on_a_terminal(command, cwd=folder, env=environ | environment)
    return text


def test_the_report_is_colored_on_a_terminal(folder: Path) -> None:
    assert COLOR in shown(folder, "t0.yaml", TERM="xterm")


def test_no_color_is_kept(folder: Path) -> None:
    assert COLOR not in shown(folder, "t0.yaml", TERM="xterm", NO_COLOR="1")


def test_a_bar_shows_how_far_many_templates_are_read(folder: Path) -> None:
    assert "Reading templates" in shown(folder, ".", TERM="xterm")


def test_few_templates_show_no_bar(folder: Path) -> None:
    (folder / "t0.yaml").unlink()
    assert "Reading templates" not in shown(folder, ".", TERM="xterm")


def test_elsewhere_there_is_no_bar_and_no_color(folder: Path) -> None:
    command = [sys.executable, "-c", "from tts_constructs.cli import main; main()", "check", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert COLOR not in done.stdout
