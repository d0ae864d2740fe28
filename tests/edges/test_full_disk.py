"""A disk that is full: one clear line, and no file that is half written or gone.

A limit of the process on the size of its files acts as a full disk: it fails in the middle of a write as a
full disk does, and needs no right to mount one.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import aws_cdk as cdk
import pytest

from tts_constructs.errors import InputError
from tts_constructs.files import write_text
from tts_constructs.policy.records import attestation, registration
from tts_constructs.policy.suppressions.baseline_file import Entry, prune, write_baseline
from tts_constructs.report.formats import FORMATS

Command = Callable[..., subprocess.CompletedProcess[str]]

# Python 3.11 keeps bytecode of which only a part found room, and fails when it reads it.
FULL = """
import resource, sys
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
"""


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Files can have so many bytes and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_that_has_no_room_leaves_the_last_one_whole(
    tts: Command, folder: Path, format_: str
) -> None:
    (folder / "report").write_text("the last one")
    done = tts("check", "bad.yaml", "--format", format_, "--output", "report", before=FULL)
    assert (done.returncode, done.stderr) == (2, "tts: report: cannot be written (File too large)\n")
    assert (folder / "report").read_text() == "the last one"
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "report"]


@pytest.mark.slow
def test_a_first_report_that_has_no_room_leaves_nothing(tts: Command, folder: Path) -> None:
    assert tts("check", "bad.yaml", "--output", "report", before=FULL).returncode == 2
    assert [path.name for path in folder.iterdir()] == ["bad.yaml"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("command", ["check bad.yaml", "rules", "explain TTS-EC2-001", "--help"])
def test_a_full_standard_output_is_said_in_one_line(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # a machine that sets it keeps nothing for the end
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from tts_constructs.cli import main; main()", *command.split()],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    said = "tts: standard output: cannot be written (No space left on device)\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.slow
def test_a_baseline_that_has_no_room_is_not_there(tts: Command, folder: Path) -> None:
    (folder / "tts.toml").write_text('[baseline]\nfile = "known.toml"')
    done = tts("baseline", "bad.yaml", before=FULL)
    assert done.returncode == 2
    assert done.stderr.endswith("known.toml: cannot be written (File too large)\n")
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "tts.toml"]


def test_a_baseline_that_cannot_shrink_stays_as_it_is(folder: Path) -> None:
    file = folder / "known.toml"
    entries = [Entry("TTS-EC2-001", "App", f"App/{number}", "", "0") for number in range(20)]
    write_baseline(file, entries)
    before = file.read_bytes()
    with full_disk(1000), pytest.raises(InputError, match="File too large"):
        prune(file, entries[:1])
    assert file.read_bytes() == before


def test_a_synth_that_has_no_room_for_its_attestation_fails_and_leaves_none(
    app: cdk.App, capsys: pytest.CaptureFixture[str]
) -> None:
    with full_disk(600), pytest.raises(RuntimeError, match="cannot be written"):
        app.synth()
    said = capsys.readouterr().err
    assert f"TTS-ENGINE {app.outdir}/{attestation.FILE_NAME}: cannot be written (File too large)" in said
    assert "Traceback" not in said
    written = {path.name for path in Path(app.outdir).iterdir() if path.name.startswith((".tts", "tts"))}
    assert written <= {attestation.FILE_NAME, registration.FILE_NAME}
    assert attestation.faults(Path(app.outdir))


@pytest.mark.usefixtures("capsys")  # keeps in memory what the CDK says; no file has room for it
def test_no_earlier_attestation_outlives_one_that_has_no_room(app: cdk.App) -> None:
    app.synth()
    with full_disk(100), pytest.raises(RuntimeError, match="cannot be written"):
        app.synth(force=True)
    assert not (Path(app.outdir) / attestation.FILE_NAME).exists()


def test_no_attestation_of_an_earlier_call_outlives_a_failure_that_cannot_be_attested(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(app.outdir) / attestation.FILE_NAME

    def attest(*_: object, **__: object) -> None:
        file.write_text("of an earlier call")
        cannot_be_written()

    def cannot_be_written(*_: object, **__: object) -> None:
        raise InputError(str(file), ["cannot be written"])

    monkeypatch.setattr(attestation, "attest", attest)
    monkeypatch.setattr(attestation, "attest_failure", cannot_be_written)
    with pytest.raises(RuntimeError, match="cannot be written"):
        app.synth()
    assert not file.exists()


def test_a_full_standard_error_hides_nothing_from_the_synth(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdk.CfnResource(cast(cdk.Stack, app.node.find_child("Stack")), "Key", type="AWS::EC2::KeyPair")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tts_constructs.synth.stderr.click.echo", full)
    with pytest.raises(RuntimeError, match="TTS-"):
        app.synth()
    assert any("blocked at Stack/Key" in fault for fault in attestation.faults(Path(app.outdir)))


# What takes the place of a file


def test_who_reads_a_file_while_it_is_written_reads_the_last_one_whole(folder: Path) -> None:
    (folder / "report").write_text("the last one")
    with (folder / "report").open() as reader:
        write_text(folder / "report", "new")
        assert reader.read() == "the last one"
    assert (folder / "report").read_text() == "new"


def test_what_replaces_a_file_has_its_rights(folder: Path) -> None:
    (folder / "report").touch(0o640)
    write_text(folder / "report", "new")
    assert (folder / "report").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "to").mkdir()
    (folder / "report").symlink_to("to/report")
    write_text(folder / "report", "new")
    assert (folder / "report").is_symlink()
    assert (folder / "to/report").read_text() == "new"


@pytest.mark.slow
def test_a_device_stays_a_device(tts: Command) -> None:
    assert "1 template judged" in tts("check", "bad.yaml", "--output", "/dev/stdout").stdout
    assert not Path("/dev/stdout").is_file() or Path("/dev/stdout").is_symlink()
