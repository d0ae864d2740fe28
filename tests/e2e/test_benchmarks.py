"""The benchmarks, as far as their own environment is needed to show what they measure."""

import json
from pathlib import Path

import pytest

from benchmarks.measure import synthesize
from benchmarks.plot import write_plot
from benchmarks.results import JUDGES
from tests.benchmarks.measured import results

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("judge", JUDGES)
def test_no_judge_has_anything_to_report(judge: str, tmp_path: Path) -> None:
    took = synthesize(40, judge, tmp_path)
    assert min(took.values()) > 0
    for report in tmp_path.glob("validation-report.json"):
        assert json.loads(report.read_text())["pluginReports"] == []


def test_the_same_measurements_make_the_same_plot(tmp_path: Path) -> None:
    plots = [tmp_path / name for name in ("one.svg", "two.svg")]
    for plot in plots:
        write_plot(results(), plot)
    one, two = (plot.read_bytes() for plot in plots)
    assert one == two


def test_the_plot_says_what_it_shows_as_text(tmp_path: Path) -> None:
    write_plot(results(), tmp_path / "plot.svg")
    assert ">added by these guardrails<" in (tmp_path / "plot.svg").read_text()
