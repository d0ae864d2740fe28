"""The benchmarks, as far as their own environment is needed to show what they measure."""

import json
from pathlib import Path

import pytest

from benchmarks.measure import synthesize
from benchmarks.results import JUDGES
from tests.benchmarks.measured import results

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("judge", JUDGES)
def test_no_judge_has_anything_to_report(judge: str, tmp_path: Path) -> None:
    took = synthesize(40, judge, tmp_path)
    assert min(took.values()) > 0
    for report in tmp_path.glob("validation-report.json"):
        assert json.loads(report.read_text())["pluginReports"] == []


def plot(file: Path) -> bytes:
    """Draws what was measured."""
    from benchmarks.plot import write_plot  # needs matplotlib, which is in this environment alone

    write_plot(results(), file)
    return file.read_bytes()


def test_the_same_measurements_make_the_same_plot(tmp_path: Path) -> None:
    assert plot(tmp_path / "one.svg") == plot(tmp_path / "two.svg")


def test_the_plot_says_what_it_shows_as_text(tmp_path: Path) -> None:
    assert b">added by these guardrails<" in plot(tmp_path / "plot.svg")
