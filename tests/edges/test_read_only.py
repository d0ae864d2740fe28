"""A folder that may not be written: one clear line, and what is there stays.

Root may write wherever it likes, and CI runs as root: the command then starts without that privilege.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest

from tts_constructs.policy.records import attestation

AS_ANYBODY = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
if os.geteuid() == 0 and ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
    sys.exit("this root cannot give up what lets it write everywhere")
os.execv(sys.executable, [sys.executable, "-c", "from tts_constructs.cli import main; main()", *sys.argv[1:]])
"""


@pytest.fixture
def read_only(folder: Path) -> Iterator[Path]:
    (folder / "tts.toml").write_text('[baseline]\nfile = "known.toml"')
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", AS_ANYBODY, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("check bad.yaml --output report", "report"),
        ("baseline bad.yaml", "known.toml"),
        ("init forms --library git+https://git.example.gov/tts-constructs@v1", "forms"),
    ],
)
def test_what_cannot_be_written_is_one_clear_line(read_only: Path, command: str, file: str) -> None:
    before = sorted(read_only.iterdir())
    done = run(read_only, *command.split())
    assert done.returncode == 2
    assert done.stderr.startswith("tts: ")
    assert done.stderr.endswith(f"{file}: cannot be written (Permission denied)\n")
    assert done.stderr.count("\n") == 1
    assert sorted(read_only.iterdir()) == before


@pytest.mark.slow
def test_a_write_protected_file_is_not_replaced(folder: Path) -> None:
    (folder / "report").write_text("the last one")
    (folder / "report").chmod(0o444)
    done = run(folder, "check", "bad.yaml", "--output", "report")
    assert (done.returncode, done.stderr) == (2, "tts: report: cannot be written (Permission denied)\n")
    assert (folder / "report").read_text() == "the last one"


@pytest.mark.slow
def test_reading_alone_needs_no_right_to_write(read_only: Path) -> None:
    done = run(read_only, "check", "bad.yaml")
    assert (done.returncode, done.stderr) == (1, "")


def test_an_old_attestation_that_cannot_be_removed_keeps_the_app_from_being_synthesized(
    app: cdk.App, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = Path(app.outdir) / attestation.FILE_NAME
    in_the_way.mkdir(parents=True)
    reason = os.strerror(21 if sys.platform == "linux" else 1)
    with pytest.raises(RuntimeError, match="cannot be removed"):
        app.synth()
    assert capsys.readouterr().err == f"TTS-ENGINE {in_the_way}: cannot be removed ({reason})\n"
    assert not (Path(app.outdir) / "Stack.template.json").exists()
