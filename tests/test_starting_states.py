"""The states of a folder in which somebody first types `make synth`: each synthesizes, and asks no network.

Each test runs the recipe of the Makefile in a copy of the project, in a path with spaces, where the set-up is
marked as done; tests/test_makefile.py tests what a set-up does.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bare_machine import ROOT, BareMachine
from tests.checkout import commit_all, git
from tests.terminal import on_a_terminal
from tts_constructs import ci

pytestmark = pytest.mark.slow

TESTS_OF_THE_FOLDER = (
    "tests/policy/rules/test_cd.py",
    "tests/synth/test_git_provenance.py",
    "tests/test_docs.py",
    "tests/test_packaging.py",
    "tests/test_readme.py",
    "tests/test_sample_app.py",
)
"""Of the tests that start no other program, those that read this folder, what git says of it, or `CI`."""

FAST = {"CDK_VALIDATION": "false"}  # the CDK's own validation of templates, which takes most of a synth
PIPELINE = dict.fromkeys(ci.VARIABLES, "true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a path with spaces/tts"


def a_clone(folder: Path) -> None:
    commit_all(folder, "benefits")


def a_clone_without_origin(folder: Path) -> None:
    a_clone(folder)
    git(folder, "remote", "remove", "origin")


def an_archive(folder: Path) -> None:
    assert not (folder / ".git").exists()


@pytest.mark.parametrize(
    ("state", "has_git", "variables", "is_known"),
    [
        (a_clone, True, {}, True),
        (a_clone, True, PIPELINE, True),
        (a_clone_without_origin, True, PIPELINE, False),
        (an_archive, True, {}, False),
        (a_clone, False, PIPELINE, False),
    ],
)
def test_the_sample_synthesizes_in_each_state(
    tmp_path: Path,
    folder: Path,
    state: Callable[[Path], None],
    has_git: bool,
    variables: dict[str, str],
    is_known: bool,
) -> None:
    machine = BareMachine(tmp_path, git=has_git)
    state(machine.clone(folder))
    done = machine.sh("make synth", folder, **FAST, **variables)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[0] == "==> Synthesizing the sample app into cdk.out"
    for stack in ("Benefits-Production", "Benefits-Sandbox"):
        assert f"resources in cdk.out/{stack}.template.json" in done.stdout
        template = json.loads((folder / f"cdk.out/{stack}.template.json").read_text(encoding="utf-8"))
        assert ("repository" in template["Metadata"]["TTS"]) is is_known
    assert ("TTS-CD-001" in done.stdout) is not is_known


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
    tmp_path: Path, folder: Path, network: tuple[str, list[object]]
) -> None:
    address, callers = network
    machine = BareMachine(tmp_path, git=True)
    a_clone(machine.clone(folder))
    ways = ("HTTP_PROXY", "HTTPS_PROXY", "PIP_INDEX_URL", "npm_config_registry", "AWS_ENDPOINT_URL")
    account = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    variables = dict.fromkeys(ways, address) | account | {"CDK_HOME": str(tmp_path), "TERM": "xterm"}
    code, shown = on_a_terminal(["make", "synth"], cwd=folder, env=machine.environment | variables)
    assert code == 0, shown
    assert callers == []


def test_the_tests_of_the_folder_itself_pass_in_an_archive_on_a_machine_without_git(
    tmp_path: Path, folder: Path
) -> None:
    machine = BareMachine(tmp_path)
    machine.clone(folder)
    # A plugin of the machine's own Python may warn on several cores, and warnings are errors.
    tests = " ".join(("-p tts_constructs.testing.pytest_plugin -p no:benchmark", *TESTS_OF_THE_FOLDER))
    done = machine.sh("make test-fast", folder, PYTEST_ADDOPTS=tests, **PIPELINE)
    assert done.returncode == 0, done.stdout
    assert "git is not installed" in done.stdout  # why some are skipped


def test_ruff_leaves_what_was_made_alone_in_an_archive(tmp_path: Path, folder: Path) -> None:
    machine = BareMachine(tmp_path)
    machine.clone(folder)
    names = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    for name in names:
        if name.startswith("/"):
            (folder / name.strip("/")).mkdir(exist_ok=True)
            (folder / name.strip("/") / "made.py").touch()
    done = machine.sh("ruff check --no-cache --show-files", folder)
    assert str(folder / "noxfile.py") in done.stdout
    assert "made.py" not in done.stdout
