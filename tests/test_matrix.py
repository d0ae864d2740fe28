"""The matrix: which combinations there are, and what is said of each."""

import json
import runpy
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[1]

VERSIONS = {"python": "3.11.7", "aws-cdk-lib": "2.263.0", "node": "24.1.0"}
SUITE = '<testsuites><testsuite tests="9" failures="{failures}" errors="0" skipped="2" /></testsuites>'


COMBINATIONS = runpy.run_path(str(ROOT / "noxfile.py"))["COMBINATIONS"]


def test_every_python_meets_the_oldest_and_the_newest_library() -> None:
    assert {(python, library) for python, library, _ in COMBINATIONS} == {
        (python, library) for python in ("3.11", "3.12", "3.13", "3.14") for library in ("floor", "newest")
    }


def test_every_node_meets_the_oldest_and_the_newest_library() -> None:
    assert {(library, node) for _, library, node in COMBINATIONS} == {
        (library, node) for node in ("22", "24") for library in ("floor", "newest")
    }


def test_the_oldest_python_of_the_matrix_is_the_one_that_is_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={COMBINATIONS[0][0]}"


class Run:
    """What a run of nox left in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = folder / "matrix.md"
        self._sessions: list[dict[str, Any]] = []
        self._script: click.Command = runpy.run_path(str(ROOT / "scripts/make_matrix_page.py"))["main"]

    def finish(
        self, name: str, result: str = "success", *, template: str | None = "{}", failures: int = 0
    ) -> None:
        """Ends a combination, after the CDK command if there is a template."""
        folder = self.folder / "results" / name
        (folder / "cdk.out").mkdir(parents=True)
        (folder / "versions.json").write_text(json.dumps(VERSIONS))
        (folder / "tests.xml").write_text(SUITE.format(failures=failures))
        if template is not None:
            (folder / "cdk.out/App.template.json").write_text(template)
        self.report(name, result)

    def report(self, name: str, result: str, reason: str | None = None) -> None:
        self._sessions.append({"signatures": [f"matrix({name})"], "result": result, "reason": reason})

    def render(self, *options: str) -> int:
        """Writes the page; the exit code."""
        (self.folder / "report.json").write_text(json.dumps({"sessions": self._sessions}))
        return CliRunner().invoke(self._script, [str(self.folder), str(self.page), *options]).exit_code


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_combination_that_passed_says_what_ran(run: Run) -> None:
    run.finish("python3.11-floor-node24")
    assert run.render() == 0
    row = "| `python3.11-floor-node24` | 3.11.7 | 2.263.0 | 24.1.0 | 7 passed, 0 failed, 2 skipped | passed |"
    assert row in run.page.read_text()


def test_one_combination_that_failed_fails_the_matrix(run: Run) -> None:
    run.finish("a")
    run.finish("b", "failed", failures=3, template=None)
    assert run.render() == 1
    assert "| 4 passed, 3 failed, 2 skipped | failed |" in run.page.read_text()


def test_a_combination_that_could_not_be_installed_failed(run: Run) -> None:
    run.report("a", "failed")
    assert run.render() == 1
    assert "| `a` |  |  |  |  | failed |" in run.page.read_text()


@pytest.mark.parametrize(("options", "code"), [([], 1), (["--missing-allowed"], 0)])
def test_a_python_that_is_missing_fails_unless_it_is_allowed(run: Run, options: list[str], code: int) -> None:
    run.finish("a")
    run.report("b", "skipped", "Python interpreter 3.14 not found")
    assert run.render(*options) == code
    assert "not run: Python interpreter 3.14 not found" in run.page.read_text()


def test_a_failure_is_no_missing_python(run: Run) -> None:
    run.finish("a", "failed")
    assert run.render("--missing-allowed") == 1


@pytest.mark.parametrize(
    ("template", "code", "word"), [("{}", 0, "same, byte"), ("{ }", 1, "**not** the same")]
)
def test_the_templates_are_compared(run: Run, template: str, code: int, word: str) -> None:
    run.finish("a", template="{}")
    run.finish("b", template=template)
    assert run.render() == code
    assert word in run.page.read_text()
