"""`tts waivers`: the state of each waiver, and what it covers."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tts_constructs.cli.main import tts
from tts_constructs.errors import TtsError
from tts_constructs.policy import review

BAD = "Resources: {Web: {Type: AWS::EC2::Instance}, Api: {Type: AWS::EC2::Instance}}"


def waiver(expires: str, path: str = "app/Web", rule: str = "TTS-EC2-001") -> str:
    return (
        f'[[waiver]]\nrule = "{rule}"\npath = "{path}"\nreason = "moves"\napproved_by = "Ada"\n'
        f'ticket = "OPS-7"\nexpires = {expires}\n'
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(review, "utc_today", lambda: date(2026, 3, 1))
    (tmp_path / "app.yaml").write_text(BAD)
    (tmp_path / "tts.toml").write_text('[waivers]\nfile = "tts-waivers.toml"')
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["waivers", *arguments])


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        ("2026-02-28", "expired"),
        ("2026-03-01", "expiring"),
        ("2026-03-31", "expiring"),
        ("2026-04-01", "active"),
    ],
)
def test_a_waiver_is_listed_with_its_state(folder: Path, expires: str, state: str) -> None:
    (folder / "tts-waivers.toml").write_text(waiver(expires))
    result = run()
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"{state:8} TTS-EC2-001 app/Web",
        f"  tts-waivers.toml:1: allowed by Ada until {expires} (OPS-7): moves",
    ]


def test_all_waivers_are_listed(folder: Path) -> None:
    (folder / "tts-waivers.toml").write_text(waiver("2026-05-01") + waiver("2026-02-01", "app/Api"))
    assert [line.split()[0] for line in run().output.splitlines()[::2]] == ["active", "expired"]


def test_with_a_path_it_says_what_each_covers(folder: Path) -> None:
    (folder / "tts-waivers.toml").write_text(waiver("2026-05-01", "**/Web") + waiver("2026-05-01", "app/Old"))
    lines = run("app.yaml").output.splitlines()
    assert lines[2] == "  covers app/Web"
    assert lines[5:] == ["  covers nothing here", "  it matches no finding. Remove it."]


def test_with_a_path_it_says_what_is_wrong_with_a_waiver(folder: Path) -> None:
    (folder / "tts-waivers.toml").write_text(waiver("2026-05-01", "**"))
    assert "  it is too broad: it names nothing below the stack. Write the path" in run("app.yaml").output


def test_a_file_without_waivers_and_no_file_are_said(folder: Path) -> None:
    (folder / "tts-waivers.toml").write_text("")
    assert run().output == "There are no waivers.\n"
    (folder / "tts.toml").write_text("")
    assert run().output == "The settings name no waiver file.\n"


def test_a_waiver_file_that_cannot_be_used_is_an_error(folder: Path) -> None:
    (folder / "tts-waivers.toml").write_text(waiver("2026-05-01", rule="x"))
    with pytest.raises(TtsError, match=r"line 2: waiver\[0\].rule is 'x'"):
        tts.main(["waivers"], standalone_mode=False)
