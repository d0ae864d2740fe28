"""The waiver file: what is read, and its faults."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.policy.suppressions.waiver_text import INSTANCE, TODAY, waiver
from tts_constructs.errors import SettingsError
from tts_constructs.policy.settings.model import WaiverSettings
from tts_constructs.policy.suppressions.waiver_file import Waiver, read_waivers


def test_a_waiver_is_read_with_all_that_it_says(write: Callable[[str], WaiverSettings]) -> None:
    (read,) = read_waivers(write(waiver(expires=date(2026, 5, 1))), TODAY)
    assert read == Waiver(
        rule=INSTANCE,
        path="Example/Web",
        reason="moves in May",
        approved_by="ada@example.gov",
        ticket="OPS-7",
        expires=date(2026, 5, 1),
        place="tts-waivers.toml:1",
    )


def test_settings_without_a_file_have_no_waivers() -> None:
    assert read_waivers(WaiverSettings(), TODAY) == ()


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_waivers(WaiverSettings(file=tmp_path / "none.toml"), TODAY)


@pytest.mark.parametrize(
    ("field", "example"),
    [
        ("rule", "TTS-EC2-002"),
        ("path", "Benefits-Production/Legacy/*"),
        ("reason", "why the rule need not be kept"),
        ("approved_by", "who allowed it"),
        ("ticket", "where that can be read"),
    ],
)
def test_a_missing_field_is_a_fault(write: Callable[[str], WaiverSettings], field: str, example: str) -> None:
    text = "\n".join(line for line in waiver().splitlines() if not line.startswith(f"{field} ="))
    settings = write(text)
    with pytest.raises(SettingsError) as caught:
        read_waivers(settings, TODAY)
    assert caught.value.subject == str(settings.file)
    assert caught.value.faults[0] == f"line 1: waiver[0].{field} is missing; write {field} = {example!r}"


@pytest.mark.parametrize("field", ["rule", "path", "reason", "approved_by", "ticket"])
def test_an_empty_field_is_a_fault(write: Callable[[str], WaiverSettings], field: str) -> None:
    with pytest.raises(SettingsError, match=rf"line \d: waiver\[0\]\.{field} must be text"):
        read_waivers(write(waiver(TODAY, **{field: " "})), TODAY)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (waiver(rule="TTS-EC2-999"), r"line 2: waiver\[0\].rule is 'TTS-EC2-999', which isn't a rule"),
        (waiver(rule="TTS-ENGINE"), "isn't a rule"),
        (waiver(path="/Example"), r"line 3: waiver\[0\].path has an empty segment"),
        (waiver(path="A**/b"), r"waiver\[0\].path holds \*\* beside other characters"),
        (waiver(until="May"), r"line 7: waiver\[0\].until is not a setting; write one of: rule, path"),
        (waiver() + 'expired = "no"', r"waiver\[0\].expired is not a setting"),
        (waiver().replace("expires =", "expire ="), r"waiver\[0\].expires is missing; write expires = 2026"),
        (waiver().replace("= 2026-06-09", '= "2026-06-09"'), "line 7: .* must be a date without quotes"),
        (waiver().replace("= 2026-06-09", "= 2026-06-09T00:00:00Z"), "must be a date without quotes"),
        ("\nwaiver = [{rule = 'x'}]", r"line 2: waiver\[0\].rule is 'x', which isn't a rule"),
        ("waiver = 1", "line 1: waiver must be a list of tables"),
        ("[waiver]\nrule = 'x'", r"line 1: waiver must be a list of tables; write \[\[waiver\]\]"),
        ("[[waivers]]\nrule = 'x'", "line 1: waivers is not a setting; write one of: waiver"),
        ("[[waiver]\n", "is not valid TOML"),
    ],
)
def test_a_fault_is_named_with_its_line(
    write: Callable[[str], WaiverSettings], text: str, fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        read_waivers(write(text), TODAY)


def test_all_faults_of_all_waivers_are_named_at_once(write: Callable[[str], WaiverSettings]) -> None:
    text = waiver(rule="x") + waiver(path="a//b", ticket="") + waiver(expires=date(2030, 1, 1))
    with pytest.raises(SettingsError) as caught:
        read_waivers(write(text), TODAY)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "line 2",
        "line 10",
        "line 13",
        "line 21",
    ]


@pytest.mark.parametrize("days", [180, 30])
def test_a_waiver_may_last_so_many_days_and_no_more(
    write: Callable[[str], WaiverSettings], days: int
) -> None:
    last = TODAY + timedelta(days=days)
    settings = replace(write(waiver(expires=last)), max_days=days)
    assert read_waivers(settings, TODAY)[0].expires == last
    with pytest.raises(SettingsError, match=f"a waiver can end on {last - timedelta(1)} at the latest"):
        read_waivers(settings, TODAY - timedelta(days=1))


def test_a_text_over_several_lines_shifts_no_line(write: Callable[[str], WaiverSettings]) -> None:
    text = waiver().replace('"moves in May"', '"""\n[[waiver]]\nrule = "no"\n"""') + waiver(rule="x")
    with pytest.raises(SettingsError, match=r"line 12: waiver\[1\].rule is 'x'"):
        read_waivers(write(text), TODAY)


def test_a_waiver_may_name_its_rule_in_any_case(write: Callable[[str], WaiverSettings]) -> None:
    (read,) = read_waivers(write(waiver(TODAY, rule="tts-ec2-002")), TODAY)
    assert read.rule == "TTS-EC2-002"
