"""Reports say who recorded the baseline that a judgment was compared with, when, and how long it counts."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import click
import pytest

from tts_constructs.policy.engine.judgment import BaselineRecord, Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.report import formats

RECORD = BaselineRecord("tts-baseline.toml", 2, "ada@example.gov", date(2026, 3, 2), date(2027, 9, 30))


KNOWN = "known since this app adopted the rules (baseline)"


@pytest.fixture
def report(of: Callable[..., Judgment], make_finding: Callable[..., Finding]) -> Callable[..., str]:
    judgment = of(make_finding(waiver=KNOWN))

    def report(format_: str, **changes: object) -> str:
        return formats.render(replace(judgment, baseline=replace(RECORD, **changes)), format_)  # type: ignore[arg-type]

    return report


def test_the_text_says_who_recorded_the_baseline_and_when(report: Callable[..., str]) -> None:
    said = "tts-baseline.toml: recorded by ada@example.gov on 2026-03-02; counts until 2027-09-30"
    assert f"WAIVED 1 in the baseline {said}\n" in click.unstyle(report("text"))
    assert "2026-03-02\n" in report("text", until=None)


def test_the_text_says_what_the_baseline_does_not_state(report: Callable[..., str]) -> None:
    said = report("text", recorded_by=None, recorded_on=None, until=None)
    assert "the baseline tts-baseline.toml does not say who recorded it or when\n" in said
    assert "it does not say when" in report("text", recorded_on=None)
    assert "it does not say who" in report("text", recorded_by=None)


def test_no_name_of_who_recorded_it_is_obeyed(report: Callable[..., str]) -> None:
    said = click.unstyle(report("text", recorded_by="ada\x1b]0;x\x07\n::stop-commands::x"))
    assert "ada\\x1b]0;x\\x07\\n" in said
    assert "\n::" not in said


def test_the_json_holds_who_recorded_the_baseline_and_when(report: Callable[..., str]) -> None:
    assert json.loads(report("json"))["baseline"] == {
        "file": "tts-baseline.toml",
        "entries": 2,
        "recorded_by": "ada@example.gov",
        "recorded_on": "2026-03-02",
        "until": "2027-09-30",
    }
    assert json.loads(report("json", until=None, recorded_on=None))["baseline"]["until"] is None


def test_the_json_holds_nothing_where_there_is_no_baseline(of: Callable[..., Judgment]) -> None:
    assert json.loads(formats.render(of(), "json"))["baseline"] is None
