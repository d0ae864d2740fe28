"""The states of a folder in which somebody first types `make synth`: each synthesizes, and asks no network.

Each test runs the recipe of the Makefile in a copy of the project, in a path with spaces. The environment of
these tests takes the place of a set-up, marked as done; tests/test_makefile.py tests what a set-up does.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import commit_all, git
from tests.terminal import on_a_terminal
from tts_constructs import ci

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PROGRAMS = ("cat", "env", "git", "make", "sed", "sh")
"""All that is on the machine beside what a set-up installs."""

TESTS_OF_THE_FOLDER = (
    "tests/policy/rules/test_cd.py",
    "tests/synth/test_provenance.py",
    "tests/test_docs.py",
    "tests/test_packaging.py",
    "tests/test_readme.py",
    "tests/test_sample_app.py",
)
"""Of the tests that start no other program, those that read this folder, what git says of it, or `CI`."""

FAST = {"CDK_VALIDATION": "false"}  # the CDK's own validation of templates, which takes most of a synth
PIPELINE = dict.fromkeys(ci.VARIABLES, "true")


class Folder:
    """A copy of the project on a machine of its own, set up as far as `make synth` needs."""

    def __init__(self, place: Path) -> None:
        self.path = place / "a path with spaces/tts"
        self.bin = place / "bin"
        made = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
        shutil.copytree(
            ROOT, self.path, ignore=lambda folder, _: {*made, ".git"} if Path(folder) == ROOT else set()
        )
        self.bin.mkdir()
        for name in PROGRAMS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.environ = {
            "PATH": str(self.bin),
            "HOME": str(Path.home()),  # there jsii keeps what it has unpacked
            "GIT_CEILING_DIRECTORIES": str(place),
        }
        self._mark_as_set_up()

    def make(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.path,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def record(self, stack: str) -> dict[str, Any]:
        """What the template of a stack says of its system."""
        template = json.loads((self.path / f"cdk.out/{stack}.template.json").read_text(encoding="utf-8"))
        record: dict[str, Any] = template["Metadata"]["TTS"]
        return record

    def _mark_as_set_up(self) -> None:
        environment, modules = self.path / ".venv", self.path / "node_modules"
        venv.create(environment, symlinks=True)
        packages = sysconfig.get_path("purelib", vars={"base": str(environment)})
        (Path(packages) / "tests.pth").write_text(f"{self.path}\n{sysconfig.get_path('purelib')}\n")
        (environment / "bin/node").symlink_to(str(shutil.which("node")))
        pytest_ = environment / "bin/pytest"
        pytest_.write_text(f'#!/bin/sh\nexec "{environment}/bin/python" -m pytest "$@"\n', encoding="utf-8")
        pytest_.chmod(0o755)
        modules.mkdir()
        (modules / ".bin").symlink_to(Path(str(shutil.which("cdk"))).parent)
        for stamp in (".locked", ".ready"):
            (environment / stamp).write_text(f"{self.path.resolve()}\n", encoding="utf-8")
        (modules / ".ready").touch()


def a_clone(folder: Folder) -> None:
    commit_all(folder.path, "benefits")


def a_clone_without_origin(folder: Folder) -> None:
    a_clone(folder)
    git(folder.path, "remote", "remove", "origin")


def an_archive(folder: Folder) -> None:
    assert not (folder.path / ".git").exists()


def a_machine_without_git(folder: Folder) -> None:
    a_clone(folder)
    (folder.bin / "git").unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("state", "environ", "is_known"),
    [
        (a_clone, {}, True),
        (a_clone, PIPELINE, True),
        (a_clone_without_origin, PIPELINE, False),
        (an_archive, {}, False),
        (a_machine_without_git, PIPELINE, False),
    ],
)
def test_the_sample_synthesizes_in_each_state(
    folder: Folder, state: Callable[[Folder], None], environ: dict[str, str], is_known: bool
) -> None:
    state(folder)
    done = folder.make("synth", **FAST, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0] == "==> Synthesizing the sample app into cdk.out"
    for stack in ("Benefits-Production", "Benefits-Sandbox"):
        assert f"resources in cdk.out/{stack}.template.json" in done.stdout
        assert (folder.record(stack).get("repository") is not None) is is_known
    assert ("TTS-CD-001" in done.stdout + done.stderr) is not is_known


@pytest.fixture
def network() -> Iterator[tuple[str, list[object]]]:
    """An address at which nothing answers, and who asked there."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:  # the test is over
                    return
                callers.append(caller)
                connection.close()

        threading.Thread(target=refuse, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", callers
        server.shutdown(socket.SHUT_RDWR)


def test_a_synth_asks_no_network_after_the_set_up(
    folder: Folder, tmp_path: Path, network: tuple[str, list[object]]
) -> None:
    address, callers = network
    ways = ("HTTP_PROXY", "HTTPS_PROXY", "PIP_INDEX_URL", "npm_config_registry", "AWS_ENDPOINT_URL")
    account = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    a_clone(folder)
    environ = (
        folder.environ | dict.fromkeys(ways, address) | account | {"CDK_HOME": str(tmp_path), "TERM": "xterm"}
    )
    code, shown = on_a_terminal(["make", "synth"], cwd=folder.path, env=environ)
    assert code == 0, shown
    assert callers == []


def test_the_tests_of_the_folder_itself_pass_in_an_archive_on_a_machine_without_git(folder: Folder) -> None:
    (folder.bin / "git").unlink()
    done = folder.make("test-fast", **PIPELINE, PYTEST_ADDOPTS=" ".join(TESTS_OF_THE_FOLDER))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "git is not installed" in done.stdout  # why some are skipped


def test_ruff_leaves_what_was_made_alone_in_an_archive(folder: Folder) -> None:
    names = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    made = [folder.path / name.strip("/") for name in names if name.startswith("/")]
    for place in made:
        place.mkdir(exist_ok=True)
        (place / "made.py").touch()
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["ruff", "check", "--no-cache", "--show-files"],
        cwd=folder.path, env=folder.environ | {"PATH": tools}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(folder.path / "noxfile.py") in done.stdout
    assert "made.py" not in done.stdout
