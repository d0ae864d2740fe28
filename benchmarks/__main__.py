"""Runs all benchmarks in turn, prints the ratios of the design, and writes them into a page: `make bench`.

Everything is measured round by round in one run, so that a noisy machine disturbs all alike. A ratio is that
of the medians; the spread of the rounds stands beside it.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import click

from benchmarks import checks
from benchmarks.growth import seconds_by_size

ROUNDS = 5
RESOURCES = "2000"
PACKAGES = ("aws-cdk-lib", "jsii", "cdk-nag", "cfn-lint", "checkov")

Lines = Iterator[str]


def main() -> None:
    """Prints each row of the design's table and writes the page that is named."""
    lines = []
    for line in _report():
        click.echo(line)
        lines.append(line)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _report() -> Lines:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield "# Benchmarks"
    yield f"\nMade by `make bench` in {ROUNDS} rounds. Ratios are of medians; times tell of one machine."
    yield f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {versions}."
    with tempfile.TemporaryDirectory() as folder:
        written = checks.write_templates(Path(folder))
        yield f"\n## {checks.TEMPLATES} templates of {written} resources, whole process\n"
        yield from _against(_rounds(checks.commands(Path(folder)), _process), "tts check")
    yield "\n## `--version`, whole process\n"
    yield from _against(_rounds(checks.versions(), _process), "tts")
    yield f"\n## What judging adds to the synth of {RESOURCES} resources\n"
    yield from _added()
    yield "\n## How reading and judging grow\n"
    yield from _growth()
    yield f"\n## Host stack traces, construction of {RESOURCES} resources\n"
    tracing = {"off": (RESOURCES, "bare", "0"), "on": (RESOURCES, "bare", "1")}
    yield from _against(_rounds(tracing, lambda arguments: _run(arguments)["construction"]), "off")


def _added() -> Lines:
    judges = ("bare", "guardrails", "nag")
    runs = [{judge: _run((RESOURCES, judge)) for judge in judges} for _ in range(ROUNDS)]
    whole = statistics.median(run["bare"]["construction"] + run["bare"]["synth"] for run in runs)
    added = {judge: [run[judge]["synth"] - run["bare"]["synth"] for run in runs] for judge in judges[1:]}
    names = {"guardrails": "these guardrails", "nag": "cdk-nag, NIST80053R5Checks"}
    yield "| judge | added to the synth | of construction and synth |"
    yield "|---|---|---|"
    for judge, seconds in added.items():
        share = 100 * statistics.median(seconds) / whole
        yield f"| {names[judge]} | {_spread(seconds)} | {share:.1f} % |"
    ratio = statistics.median(added["guardrails"]) / statistics.median(added["nag"])
    yield f"\nThe guardrails add {ratio:.2f} of what cdk-nag adds; construction and synth take {whole:.1f} s."


def _growth() -> Lines:
    times = seconds_by_size(ROUNDS)
    smallest = min(times)
    yield f"| resources | time | against a line from {smallest} |"
    yield "|---|---|---|"
    for size, seconds in times.items():
        line = statistics.median(seconds) / statistics.median(times[smallest]) / (size / smallest)
        yield f"| {size} | {_spread(seconds)} | {line:.2f} |"


def _rounds(
    subjects: Mapping[str, tuple[str, ...]], measure: Callable[[tuple[str, ...]], float]
) -> dict[str, list[float]]:
    """Seconds by subject, one value a round; the subjects take turns."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, arguments in subjects.items():
            times[name].append(measure(arguments))
    return times


def _process(command: tuple[str, ...]) -> float:
    return checks.seconds(*command)


def _run(arguments: tuple[str, ...]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.apps", *arguments],
        env=os.environ | {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "=20"},
        capture_output=True,
        text=True,
        check=True,
    )
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times


def _against(times: Mapping[str, list[float]], base: str) -> Lines:
    yield f"| command | time | against `{base}` |"
    yield "|---|---|---|"
    for name, values in times.items():
        ratio = statistics.median(values) / statistics.median(times[base])
        yield f"| `{name}` | {_spread(values)} | {ratio:.2f} |"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} s ({min(values):.3f} to {max(values):.3f})"


if __name__ == "__main__":
    main()
