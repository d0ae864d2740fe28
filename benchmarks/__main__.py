"""Measures what judging costs and writes a page about it, with a plot: `make bench`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from benchmarks.measure import FULL, QUICK, measure
from benchmarks.page import PLOT, page
from benchmarks.plot import write_plot


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Small apps and one round: to try this, not to measure anything.")
@click.option(
    "--suite", default="", help="The command that runs the tests.  [default: they are not measured]"
)
def main(folder: Path, *, quick: bool, suite: str) -> None:
    """Writes benchmarks.md and its plot into FOLDER."""
    results = measure(QUICK if quick else FULL, shlex.split(suite))
    (folder / PLOT).parent.mkdir(parents=True, exist_ok=True)
    write_plot(results, folder / PLOT)
    (folder / "benchmarks.md").write_text(page(results), encoding="utf-8")
    click.echo(f"wrote {folder / 'benchmarks.md'} and {folder / PLOT}")


if __name__ == "__main__":
    main()
