"""`tts baseline`: when it records, when it takes out, and when it refuses."""

import getpass
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tts_constructs.cli.main import tts
from tts_constructs.errors import TtsError
from tts_constructs.policy.review import utc_today

BAD = "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}}"
FIXED = "Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}"
FILE = "tts-baseline.toml"
TAGGED = BAD.replace("ami-1", "ami-1, Tags: [{Key: Project, Value: benefits}]")
"""No rule that takes no waiver finds anything in it."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(TAGGED)
    (tmp_path / "tts.toml").write_text(f'[baseline]\nfile = "{FILE}"')
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, arguments)


def test_what_blocks_today_is_recorded_and_blocks_no_longer(folder: Path) -> None:
    assert run("check", "app.yaml").exit_code == 1
    done = run("baseline", "app.yaml")
    assert done.exit_code == 0, done.output
    entries = (folder / FILE).read_text().count("[[finding]]")
    assert entries > 1
    assert done.output == f"{FILE}: {entries} entries recorded; from now on only new findings block.\n"
    assert run("check", "app.yaml").exit_code == 0


def test_a_rule_that_takes_no_waiver_is_not_recorded_and_still_blocks(folder: Path) -> None:
    (folder / "app.yaml").write_text(BAD)
    done = run("baseline", "app.yaml")
    assert done.exit_code == 0
    assert done.output.splitlines()[1:] == [
        "1 finding still blocks. No baseline covers these rules: TTS-TAG-001.",
        "To see where, and how to fix them, run `tts check app.yaml`.",
    ]
    assert "TTS-TAG-001" not in (folder / FILE).read_text()
    assert run("check", "app.yaml").exit_code == 1


def test_the_file_says_who_recorded_it_and_when(folder: Path) -> None:
    said = ("--recorded-by", "ada@example.gov", "--recorded-on", "2026-03-02")
    assert run("baseline", "app.yaml", *said).exit_code == 0
    written = tomllib.loads((folder / FILE).read_text())
    assert (written["recorded_by"], written["recorded_on"]) == ("ada@example.gov", date(2026, 3, 2))


@pytest.mark.parametrize(("address", "by"), [("grace@example.gov", "grace@example.gov"), (None, "keeper")])
def test_without_options_it_is_the_user_of_git_or_of_the_machine_and_today(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str | None, by: str
) -> None:
    def of_git(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, f"{address or ''}\n", "")

    monkeypatch.setattr(subprocess, "run", of_git)
    monkeypatch.setattr(getpass, "getuser", lambda: "keeper")
    assert run("baseline", "app.yaml").exit_code == 0
    written = tomllib.loads((folder / FILE).read_text())
    assert (written["recorded_by"], written["recorded_on"]) == (by, utc_today())


def test_who_is_not_known_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(subprocess, "run", nobody)
    with pytest.raises(TtsError, match="write --recorded-by with a name"):
        tts.main(["baseline", "app.yaml"], standalone_mode=False)


def test_a_baseline_that_is_not_allowed_is_not_recorded(folder: Path) -> None:
    (folder / "tts.toml").write_text("[baseline]\nallowed = false")
    with pytest.raises(TtsError, match=r"baseline\.allowed is false"):
        tts.main(["baseline", "app.yaml"], standalone_mode=False)


def test_a_baseline_that_has_ended_is_not_recorded(folder: Path) -> None:
    (folder / "tts.toml").write_text(f'[baseline]\nfile = "{FILE}"\nuntil = 2026-01-31')
    with pytest.raises(TtsError, match=r"baseline\.until is 2026-01-31, which has passed"):
        tts.main(["baseline", "app.yaml"], standalone_mode=False)
    assert not (folder / FILE).exists()


def test_recording_again_only_takes_out_what_has_been_fixed(folder: Path) -> None:
    said = ("--recorded-by", "ada@example.gov", "--recorded-on", "2026-03-02")
    run("baseline", "app.yaml", *said)
    (folder / "app.yaml").write_text(FIXED)
    assert "taken out" in run("baseline", "app.yaml").output
    assert "TTS-EC2-001" not in (folder / FILE).read_text()
    assert 'recorded_by = "ada@example.gov"' in (folder / FILE).read_text()


def test_what_is_new_blocks(folder: Path) -> None:
    run("baseline", "app.yaml")
    (folder / "app.yaml").write_text(TAGGED[:-1] + ", Api: {Type: AWS::EC2::Instance}}")
    assert run("check", "app.yaml").exit_code == 1


def test_it_is_recorded_once_and_never_again(folder: Path) -> None:
    run("baseline", "app.yaml")
    before = (folder / FILE).read_text()
    (folder / "app.yaml").write_text(TAGGED[:-1] + ", Api: {Type: AWS::EC2::Instance}}")
    with pytest.raises(TtsError, match="already exists, and it can only shrink; `tts baseline --prune`"):
        tts.main(["baseline", "app.yaml"], standalone_mode=False)
    assert (folder / FILE).read_text() == before


def test_what_has_been_mended_fails_until_it_is_taken_out(folder: Path) -> None:
    run("baseline", "app.yaml")
    entries = (folder / FILE).read_text().count("[[finding]]")
    (folder / "app.yaml").write_text(FIXED)
    result = run("check", "app.yaml", "--select", "TTS-EC2-001")
    assert result.exit_code == 1
    assert "BLOCKS TTS-BASELINE" in result.output
    done = run("baseline", "app.yaml", "--prune")
    left = (folder / FILE).read_text().count("[[finding]]")
    assert done.output == f"{FILE}: {entries - left} entries taken out, {left} left.\n"
    assert left < entries
    assert "TTS-BASELINE" not in run("check", "app.yaml").output


def test_what_a_prune_leaves_still_counts(folder: Path) -> None:
    run("baseline", "app.yaml")
    before = (folder / FILE).read_text()
    assert "0 entries taken out" in run("baseline", "app.yaml", "--prune").output
    assert (folder / FILE).read_text() == before


def test_a_prune_without_a_file_is_refused() -> None:
    with pytest.raises(TtsError, match="does not exist, so there is nothing to remove"):
        tts.main(["baseline", "app.yaml", "--prune"], standalone_mode=False)


@pytest.mark.parametrize("settings", ["", "[baseline]"])
def test_settings_that_name_no_file_are_refused(folder: Path, settings: str) -> None:
    (folder / "tts.toml").write_text(settings)
    with pytest.raises(TtsError, match=r'write file = "tts-baseline\.toml" below'):
        tts.main(["baseline", "app.yaml"], standalone_mode=False)


def test_the_environment_of_the_command_counts(folder: Path) -> None:
    run("baseline", "app.yaml", "--environment", "sandbox")
    assert 'rule = "TTS-EC2-001"' not in (folder / FILE).read_text()


def test_named_settings_hold_instead(folder: Path) -> None:
    (folder / "other.toml").write_text('[baseline]\nfile = "other-baseline.toml"')
    assert run("baseline", "app.yaml", "--settings", "other.toml").exit_code == 0
    assert (folder / "other-baseline.toml").exists()
    assert not (folder / FILE).exists()


def test_one_entry_is_an_entry(folder: Path) -> None:
    from tts_constructs.policy.suppressions.baseline_file import Entry, write_baseline

    write_baseline(folder / FILE, [Entry("TTS-EC2-001", "app", "app/Old", "", "0")])
    assert run("baseline", "app.yaml", "--prune").output == f"{FILE}: 1 entry taken out, 0 left.\n"
