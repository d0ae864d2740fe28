"""The plot of what `make bench` measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from benchmarks.results import BARE, GUARDRAILS, JUDGES, NAG, NOTHING, Results, Rounds

# The same measurements make the same bytes, and text stays text.
_STYLE = {"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9}

# From the palette of Okabe and Ito, which people with any sight of colors tell apart; markers differ too.
_LOOKS = {
    BARE: {"color": "#000000", "marker": ".", "linestyle": ":"},
    NOTHING: {"color": "#0072B2", "marker": "^", "linestyle": "-."},
    GUARDRAILS: {"color": "#D55E00", "marker": "o", "linestyle": "-"},
    NAG: {"color": "#009E73", "marker": "s", "linestyle": "--"},
}


def write_plot(results: Results, path: Path) -> None:
    """Writes the plot as SVG; its white ground keeps it readable on a dark page."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.5, 4.8), layout="constrained", facecolor="white")
        synths, growth = figure.subplots(1, 2)
        _synths(synths, results)
        _growth(growth, results)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _synths(axes: Axes, results: Results) -> None:
    sizes = list(results.synths)
    _draw(axes, BARE, {size: results.synths[size][BARE].whole for size in sizes}, "construction and synth")
    for name in (NAG, GUARDRAILS, NOTHING):
        _draw(axes, name, {size: results.added(size, name) for size in sizes}, f"added by {JUDGES[name]}")
    _finish(axes, "What judging adds to a synth")


def _growth(axes: Axes, results: Results) -> None:
    _draw(axes, GUARDRAILS, results.growth, "reading and judging")
    smallest = min(results.growth)
    line = [results.growth[smallest].median * size / smallest for size in results.growth]
    axes.plot(list(results.growth), line, color="#000000", linestyle=":", label="a line")
    _finish(axes, "How reading and judging grow")


def _draw(axes: Axes, judge: str, times: Mapping[int, Rounds], label: str) -> None:
    """Draws medians, with bars from the lowest to the highest."""
    medians = [rounds.median for rounds in times.values()]
    below = [rounds.median - rounds.lowest for rounds in times.values()]
    above = [rounds.highest - rounds.median for rounds in times.values()]
    axes.errorbar(
        list(times), medians, yerr=(below, above), label=label, capsize=3, markersize=5, **_LOOKS[judge]
    )


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title)
    axes.set_xlabel("resources")
    axes.set_ylabel("seconds")
    axes.set_xscale("log")
    axes.set_yscale("log", nonpositive="clip")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(which="major", color="#cccccc", linewidth=0.5)
    # Below the axes, where it hides no line.
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.15))
