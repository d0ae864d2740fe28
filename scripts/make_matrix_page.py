"""Says what came of each combination of noxfile.py, and renews docs/matrix.md: `make matrix`.

A combination whose Python is not on this machine and cannot be had did not run. That fails as well, unless it
is allowed: nobody must believe that it was tested.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click

_HEAD = """\
# The matrix

`make matrix` writes this page; this one tells of {machine}. Each combination has an environment of its own
from the lock files. In it ran the tests, with snapshots that are the same files for all, and the real
`cdk synth` of the sample app. With the newest library and Node.js these are all tests that start no other
program, else those of the constructs. [Record 72](adr/0072-matrix.md) says why these combinations.

"""
_SAME = "The templates of the sample app are the same, byte for byte, in all of them."
_DIFFERENT = "The templates of the sample app are **not** the same in all of them."


@dataclass(frozen=True)
class Outcome:
    """What came of a combination."""

    name: str
    result: str
    """`passed`, `failed`, or `not run` with the reason."""
    versions: Mapping[str, str]
    tests: str
    """How many passed and failed; empty where none ran."""
    templates: str | None
    """A hash of what the CDK command synthesized."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("page", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--missing-allowed", is_flag=True)
def main(folder: Path, page: Path | None, missing_allowed: bool) -> None:
    """Reads what nox left in FOLDER, prints a table, and writes the page that is named."""
    reported = json.loads((folder / "report.json").read_text(encoding="utf-8"))["sessions"]
    outcomes = [_outcome(session, folder / "results") for session in reported]
    click.echo("".join(_table(outcomes)))
    if page:
        page.write_text("".join(_page(outcomes)), encoding="utf-8")
    good = ("passed", "not run") if missing_allowed else ("passed",)
    passed = all(outcome.result.startswith(good) for outcome in outcomes)
    sys.exit(0 if passed and _same_templates(outcomes) else 1)


def _outcome(session: Mapping[str, Any], results: Path) -> Outcome:
    name = session["signatures"][0].removeprefix("matrix(").removesuffix(")")
    if session["result"] == "skipped":
        return Outcome(name, f"not run: {session['reason']}", {}, "", None)
    folder = results / name
    result = "passed" if session["result"] == "success" else "failed"
    return Outcome(name, result, _versions(folder), _tests(folder), _templates(folder))


def _versions(folder: Path) -> dict[str, str]:
    file = folder / "versions.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _tests(folder: Path) -> str:
    file = folder / "tests.xml"
    if not file.exists():
        return ""
    suite = ElementTree.parse(file).getroot()[0]  # noqa: S314 - pytest has written it
    count = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    wrong = count["failures"] + count["errors"]
    return f"{count['tests'] - wrong - count['skipped']} passed, {wrong} failed, {count['skipped']} skipped"


def _templates(folder: Path) -> str | None:
    files = sorted((folder / "cdk.out").glob("**/*.template.json"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest() if files else None


def _same_templates(outcomes: Iterable[Outcome]) -> bool:
    return len({outcome.templates for outcome in outcomes} - {None}) <= 1


def _page(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield _HEAD.format(machine=f"{platform.system()} {platform.machine()}")
    yield from _table(outcomes)
    yield f"\n{_SAME if _same_templates(outcomes) else _DIFFERENT}\n"


def _table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    yield "| combination | Python | aws-cdk-lib | Node.js | tests | result |\n|---|---|---|---|---|---|\n"
    for outcome in outcomes:
        versions = [outcome.versions.get(name, "") for name in ("python", "aws-cdk-lib", "node")]
        yield f"| {' | '.join([f'`{outcome.name}`', *versions, outcome.tests, outcome.result])} |\n"


if __name__ == "__main__":
    main()
