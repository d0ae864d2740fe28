"""The page that `make bench` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.results import BARE, GUARDRAILS, JUDGES, NAG, NOTHING, Command, Results, Rounds

PLOT = "images/benchmarks.svg"
"""Where the page finds its plot."""

Lines = Iterator[str]

_HOW = """
`make bench` measures all of this in one run and writes this page. The programs that we compare take turns,
and every other round runs in reverse order. We calculate differences and ratios for each round. A number is
the median of its rounds, with the lowest and the highest in brackets. Times are of this machine. Ratios are
similar on other machines.
"""

_SYNTHS = """
The apps have buckets, topics, alarms, roles and log groups, with 400 resources in each stack. The CDK's own
validation is off. cdk-nag uses its pack `NIST80053R5Checks`. We measure how much longer `app.synth()` takes
with a judge than without one. The percentage is of construction and synth without a judge.

No judge reports anything here, because the CDK's work on a report would count as the judge's. Our rules find
nothing. cdk-nag finds something in buckets, alarms and roles by four rules, which the app acknowledges. So
cdk-nag still checks everything, but the CDK neither prints a report nor raises an error. The plugin that does
nothing shows what the CDK does for any plugin: it hashes the assembly before and after, goes from Node.js to
Python and back, and asks every construct for its logical ID again. Our judge can't take less time than that.
"""

_MEMORY = """
The peak of resident memory of the app's process, and of the CDK's Node.js beside it.
"""

_CHECKS = """
Whole processes, over the same files. Memory is the peak of the largest process of a command.
"""

_GROWTH = """
The part of `tts check` that grows, in one process: reading the assembly of an app and judging it. Python's
garbage collector is off, as in the command.
"""


@dataclass(frozen=True)
class Target:
    """A row of the design's table.

    Args:
        what: What is measured.
        target: What was to be reached.
        measured: What was measured.
        reached: Whether it is reached, by the medians.
    """

    what: str
    target: str
    measured: str
    reached: bool


def page(results: Results) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(results)) + "\n"


def targets(results: Results) -> list[Target]:
    """The rows of the design's table that can be measured here."""
    row, largest = results.row, max(results.growth)
    against_nag, share = results.against_nag(row, GUARDRAILS), results.share(row, GUARDRAILS)
    of_it = f"; of it {JUDGES[NOTHING]} takes "
    line = results.against_a_line(largest)
    faster = {
        name: results.checks[name].seconds / results.checks["tts check"].seconds
        for name in ("cfn-lint", "checkov")
    }
    start = results.starts["tts"].seconds
    traces = (results.synths[row][BARE].construction - results.untraced) / results.untraced
    return [
        Target(
            f"what all rules add to a synth of {row} resources, against cdk-nag's `NIST80053R5Checks`",
            "≤ 0.25",
            ratio(against_nag) + of_it + ratio(results.against_nag(row, NOTHING)),
            against_nag.median <= 0.25,
        ),
        Target(
            "the same, as a part of construction and synth",
            "≤ 5 %",
            percent(share) + of_it + percent(results.share(row, NOTHING)),
            share.median <= 0.05,
        ),
        Target(
            f"growth of reading and judging, {min(results.growth)} to {largest} resources, against a line",
            "≤ 1.2",
            ratio(line),
            line.median <= 1.2,
        ),
        *(
            Target(
                f"`tts check` over {results.templates} templates of {results.resources} resources, "
                f"how many times faster than `{name}`",
                "≥ 40",
                ratio(times),
                times.median >= 40,
            )
            for name, times in faster.items()
        ),
        Target("`tts --version`, whole process", "≤ 0.1 s", seconds(start), start.median <= 0.1),
        Target(
            f"host stack traces, which are on by default, in the construction of {row} resources",
            "about 10 % more",
            percent(traces),
            traces.median < 0.15,
        ),
        *([_suite(results.suite.seconds)] if results.suite else []),
    ]


def _suite(took: Rounds) -> Target:
    what = "the tests that start no other program (`make test-fast`), one process"
    return Target(what, "< 60 s", seconds(took), took.median < 60)


def _lines(results: Results) -> Lines:
    yield "# Benchmarks"
    yield _HOW
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    yield f"{results.machine}; {versions}."
    yield "\n## What was to be reached\n"
    yield from _table(
        ("what", "target", "measured", "reached"),
        [
            (one.what, one.target, one.measured, "yes" if one.reached else "**no**")
            for one in targets(results)
        ],
    )
    yield "\n## What judging adds to a synth\n"
    yield f"![{_alternative(results)}]({PLOT})"
    yield _SYNTHS
    yield from _synths(results)
    yield "\nLoading a judge and attaching it takes, before the synth and at any size:\n"
    yield from _table(
        ("judge", "time"),
        [(JUDGES[name], seconds(results.synths[results.row][name].attaching)) for name in (GUARDRAILS, NAG)],
    )
    yield "\n## Memory of a synth"
    yield _MEMORY
    yield from _memory(results)
    yield f"\n## `tts check` and others over {results.templates} templates of {results.resources} resources"
    yield _CHECKS
    yield from _commands(results.checks, "tts check")
    yield "\n## Start: only `--version`\n"
    yield from _commands(results.starts, "tts")
    yield "\n## How reading and judging grow"
    yield _GROWTH
    yield from _table(
        ("resources", "time", f"against a line from {min(results.growth)}"),
        [
            (str(size), seconds(times), ratio(results.against_a_line(size)))
            for size, times in results.growth.items()
        ],
    )


def _alternative(results: Results) -> str:
    """What the plot shows, for who does not see it."""
    smallest, largest = min(results.synths), max(results.synths)
    added = "; ".join(
        f"{JUDGES[name]} {before.median:.3f} to {after.median:.3f} s"
        for name in (NOTHING, GUARDRAILS, NAG)
        for before, after in [(results.added(smallest, name), results.added(largest, name))]
    )
    growth = [results.growth[size].median for size in (min(results.growth), max(results.growth))]
    return (
        "Two plots with logarithmic axes, of seconds over the number of resources. "
        f"First, what judging adds to the synth of {smallest} to {largest} resources: {added}. "
        f"Second, reading and judging {min(results.growth)} to {max(results.growth)} resources: "
        f"{growth[0]:.3f} to {growth[1]:.3f} s, beside a straight line."
    )


def _synths(results: Results) -> Lines:
    judges = (NOTHING, GUARDRAILS, NAG)
    rows = []
    for size, synths in results.synths.items():
        added = [
            f"{seconds(results.added(size, name))}, {100 * results.share(size, name).median:.1f} %"
            for name in judges
        ]
        against = ratio(results.against_nag(size, GUARDRAILS))
        rows.append((str(size), seconds(synths[BARE].whole), *added, against))
    titles = [f"added by {JUDGES[name]}" for name in judges]
    yield from _table(("resources", "construction and synth", *titles, "guardrails against cdk-nag"), rows)


def _memory(results: Results) -> Lines:
    sizes = (results.row, max(results.synths))
    rows = []
    for name, title in JUDGES.items():
        synths = [results.synths[size][name] for size in sizes]
        rows.append((title, *(megabytes(peak) for one in synths for peak in (one.python, one.node))))
    titles = [f"{process}, {size} resources" for size in sizes for process in ("Python", "Node.js")]
    yield from _table(("judge", *titles), rows)


def _commands(commands: Mapping[str, Command], ours: str) -> Lines:
    yield from _table(
        ("command", "time", f"against `{ours}`", "memory"),
        [
            (
                f"`{name}`",
                seconds(one.seconds),
                ratio(one.seconds / commands[ours].seconds),
                megabytes(one.memory),
            )
            for name, one in commands.items()
        ],
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def seconds(times: Rounds) -> str:
    """Seconds to a thousandth, with their spread."""
    return f"{times.median:.3f} s ({times.lowest:.3f} to {times.highest:.3f})"


def ratio(ratios: Rounds) -> str:
    """Ratios to a hundredth, with their spread."""
    return f"{ratios.median:.2f} ({ratios.lowest:.2f} to {ratios.highest:.2f})"


def percent(parts: Rounds) -> str:
    """Parts as percents, with their spread."""
    low, middle, high = (100 * part for part in (parts.lowest, parts.median, parts.highest))
    return f"{middle:.1f} % ({low:.1f} to {high:.1f})"


def megabytes(peaks: Rounds) -> str:
    """Bytes as megabytes, with their spread."""
    low, middle, high = (size / 1e6 for size in (peaks.lowest, peaks.median, peaks.highest))
    return f"{middle:.0f} MB ({low:.0f} to {high:.0f})"
