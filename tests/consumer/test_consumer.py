"""A team's project: it installs the wheel into a clean environment, and synthesizes with the CDK command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checkout import commit_all

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "project"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a command; what it printed on standard output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked packages of this environment."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of the wheel and what it asks for, in the releases of the lock, and nothing else."""
    folder = tmp_path_factory.mktemp("consumer") / "venv"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    releases = folder.with_name("releases.txt")
    releases.write_text("\n".join(re.findall(r"^[\w.-]+==\S+(?: ; [^\\\n]+)?", lock, re.M)), encoding="utf-8")
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    run(
        *(folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-compile"),
        *("--disable-pip-version-check", "--constraint", releases, wheel),
        cwd=folder.parent,
    )
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's project, in version control as production has to be."""
    folder = tmp_path_factory.mktemp("team") / "forms"
    shutil.copytree(PROJECT, folder)
    (folder / ".gitignore").write_text("cdk.out/\n", encoding="utf-8")
    commit_all(folder, "forms")
    return folder


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tts_constructs").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == package


def test_the_wheel_says_that_it_is_typed_and_whose_it_is(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tts_constructs/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_environment_holds_none_of_our_own_tools(environment: Path) -> None:
    installed = json.loads(run(environment / "bin/python", "-m", "pip", "list", "--format=json", cwd=ROOT))
    names = {package["name"].lower() for package in installed}
    assert {"tts-constructs", "aws-cdk-lib"} <= names
    assert names.isdisjoint({"pytest", "syrupy", "cfn-lint", "ruff", "mypy"})


def test_a_new_users_app_synthesizes(environment: Path, project: Path) -> None:
    tools = (environment / "bin", Path(sys.executable).parent, ROOT / "node_modules/.bin", os.environ["PATH"])
    run("cdk", "synth", "--quiet", cwd=project, PATH=os.pathsep.join(map(str, tools)), CI="true")
    template = json.loads((project / "cdk.out/Forms.template.json").read_text(encoding="utf-8"))
    record = template["Metadata"]["TTS"]
    assert (record["project"], record["environment"], record["dirty"]) == ("forms", "production", False)
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::EC2::VPC", "AWS::AutoScaling::AutoScalingGroup", "AWS::S3::Bucket"} <= types


def test_a_new_users_app_is_of_25_lines() -> None:
    assert len((PROJECT / "app.py").read_text(encoding="utf-8").splitlines()) <= 25
