"""Runs all benchmarks in turn and prints the ratios of the design: `make bench`.

Everything is measured round by round in one run, so that a noisy machine disturbs all alike; a ratio is that
of the medians, with the spread of the rounds beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from benchmarks import checks
from benchmarks.growth import seconds_by_size

ROUNDS = 5


def main() -> None:
    """Prints a section for each row of the design's table."""
    with tempfile.TemporaryDirectory() as folder:
        written = checks.write_templates(Path(folder))
        _section(f"{checks.TEMPLATES} templates of {written} resources, whole process")
        _against(_rounds(checks.commands(Path(folder)), _process), "tts check")
    _section("--version, whole process")
    _against(_rounds(checks.versions(), _process), "tts")
    _section("what judging adds to the synth of 2000 resources")
    _added()
    _section("growth of reading and judging")
    _growth()
    _section("host stack traces: construction of 2000 resources")
    _against(_rounds({"off": ("2000", "bare", "0"), "on": ("2000", "bare", "1")}, _construction), "off")


def _added() -> None:
    judges = ("bare", "guardrails", "nag")
    runs = [{judge: _run(("2000", judge)) for judge in judges} for _ in range(ROUNDS)]
    whole = statistics.median(run["bare"]["construction"] + run["bare"]["synth"] for run in runs)
    added = {
        judge: statistics.median(run[judge]["synth"] - run["bare"]["synth"] for run in runs)
        for judge in judges[1:]
    }
    click.echo(f"  bare         {whole:7.3f} s of construction and synth")
    for judge, seconds in added.items():
        share = f"{100 * seconds / whole:.1f} % of construction and synth"
        click.echo(f"  {judge:12} {seconds:7.3f} s more, {share}")
    click.echo(
        f"  guardrails add {added['guardrails'] / added['nag']:.2f} of what cdk-nag's NIST80053R5Checks adds"
    )


def _growth() -> None:
    times = {size: statistics.median(values) for size, values in seconds_by_size(ROUNDS).items()}
    smallest = min(times)
    for size, seconds in times.items():
        line = seconds / times[smallest] / (size / smallest)
        click.echo(f"  {size:6} resources {seconds:7.3f} s  {line:5.2f} x a line from {smallest}")


def _section(title: str) -> None:
    click.echo(f"\n{title}")


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


def _construction(arguments: tuple[str, ...]) -> float:
    return _run(arguments)["construction"]


def _against(times: Mapping[str, list[float]], base: str) -> None:
    for name, values in times.items():
        ratio = statistics.median(values) / statistics.median(times[base])
        click.echo(f"  {name:12} {_spread(values)}  {ratio:6.2f} x {base}")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):7.3f} s ({min(values):.3f} to {max(values):.3f})"


if __name__ == "__main__":
    main()
