"""The baseline file: what is written, what is read again, and its faults."""

from datetime import date
from pathlib import Path

import pytest

from tts_constructs.errors import InputError, SettingsError
from tts_constructs.policy.suppressions.baseline_file import (
    Baseline,
    Entry,
    Recorded,
    load_baseline,
    prune,
    read_baseline,
    write_baseline,
)

RECORDED = Recorded("ada@example.gov", date(2026, 3, 2))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tts-baseline.toml"


def test_what_is_written_is_read_again(file: Path) -> None:
    entries = (
        Entry("TTS-A", "S", "S/a", "Properties/*", "0123"),
        Entry("TTS-B", "S", 'S/“b”\\"\x7f', "", "4567"),
    )
    write_baseline(file, reversed(entries))
    assert read_baseline(file) == entries
    assert "S/“b”" in file.read_text(encoding="utf-8")


def test_a_file_that_may_not_be_replaced_stays(file: Path) -> None:
    write_baseline(file, [], replace=False)
    with pytest.raises(InputError, match="by another process"):
        write_baseline(file, [Entry("TTS-A", "S", "S/a", "", "0123")], replace=False)
    assert read_baseline(file) == ()


def test_the_file_says_what_it_is_for(file: Path) -> None:
    write_baseline(file, [])
    assert "tts baseline --prune" in file.read_text()
    assert read_baseline(file) == ()


def test_a_file_that_is_not_there_yet_knows_nothing(file: Path) -> None:
    assert read_baseline(file) == read_baseline(None) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "version must be 1; this version of tts reads no other"),
        ("version = 2", "line 1: version must be 1"),
        ("version = 1\nfindings = 1", "line 2: findings is not a setting"),
        ("version = 1\nrecorded_by = 3", "line 2: recorded_by must be text"),
        ("version = 1\nrecorded_on = '2026-03-02'", "line 2: recorded_on must be a date without quotes"),
        ("version = 1\nrecorded_on = 2026-03-02T01:00:00", "line 2: recorded_on must be a date"),
        ("version = 1\n[[finding]]\nrule = 3", r"line 3: finding\[0\].rule must be text"),
        ("version = 1\n[[finding]]\nrule = 'x'", r"line 2: finding\[0\].stack must be text"),
        ("version = 1\n[[finding]]\nlevel = 'x'", r"line 3: finding\[0\].level is not a setting"),
    ],
)
def test_a_fault_is_named_with_its_line(file: Path, text: str, fault: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=fault) as caught:
        read_baseline(file)
    assert caught.value.subject == str(file)


def test_the_file_says_who_recorded_it_and_when(file: Path) -> None:
    entry = Entry("TTS-A", "S", "S/a", "", "0123")
    write_baseline(file, [entry], recorded=RECORDED)
    assert load_baseline(file) == Baseline((entry,), RECORDED)
    prune(file, [entry])
    assert load_baseline(file) == Baseline((), RECORDED)


def test_a_file_that_does_not_say_so_loads(file: Path) -> None:
    write_baseline(file, [])
    assert load_baseline(file).recorded == Recorded(None, None)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(tmp_path / "none" / "file", [])
