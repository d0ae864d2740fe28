"""Where a new system installs this library from: what is accepted, and what pip recorded of this one."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tts_constructs.cli import library

COMMIT = "0123456789" * 4


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "tts constructs" / "tts_constructs-1.2.3-py3-none-any.whl"
    path.parent.mkdir()
    with ZipFile(path, "w") as archive:
        archive.writestr("tts_constructs/__init__.py", "")
    return path


@pytest.mark.parametrize(
    "url",
    [
        f"git+https://git.example.gov/tts_constructs.git@{COMMIT}",
        "git+ssh://git@git.example.gov/tts_constructs.git@v1.2.3",
        "https://packages.example.gov/tts_constructs-1.2.3-py3-none-any.whl",
    ],
)
def test_a_url_is_a_requirement_and_no_wheel_to_copy(url: str) -> None:
    assert list(library.faults(url)) == []
    assert library.requirement(url) == f"tts-constructs[testing] @ {url}"
    assert library.wheel(url) is None


def test_a_wheel_is_copied_and_required_where_it_then_lies(wheel: Path) -> None:
    assert list(library.faults(str(wheel))) == []
    assert library.requirement(str(wheel)) == "./wheels/tts_constructs-1.2.3-py3-none-any.whl[testing]"
    assert library.wheel(str(wheel)) == wheel


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("tts-constructs", "write the path of the wheel that `make wheel` builds, or git+https://"),
        ("tts-constructs~=1.2", "write the path of the wheel"),
        ("git.example.gov/tts_constructs.git", "write the path of the wheel"),
        ("http://packages.example.gov/x.zip", "write the path of the wheel"),
        ("", "write the path of the wheel"),
        ("tts_constructs-1.2.3-py3-none-any.whl", "no such file exists; build the wheel with `make wheel`"),
        ("boto3-1.0-py3-none-any.whl", "which is not a wheel of tts-constructs"),
        ("tts_constructs-empty.whl", "which is not a wheel of tts-constructs"),
    ],
)
def test_anything_else_is_refused(
    given: str, fault: str, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wheel.parent.parent)
    Path("boto3-1.0-py3-none-any.whl").write_bytes(wheel.read_bytes())
    Path("tts_constructs-empty.whl").touch()
    (found,) = library.faults(given)
    assert found.startswith(f"library is {given!r}")
    assert fault in found


# What pip recorded


def recorded(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    class Installed:
        def read_text(self, name: str) -> str | None:
            return text if name == "direct_url.json" else None

    monkeypatch.setattr(library, "distribution", lambda _: Installed())


def test_the_wheel_that_was_installed_is_found_again(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, f'{{"archive_info": {{}}, "url": "{wheel.as_uri()}"}}')
    assert "%20" in wheel.as_uri()
    assert library.installed_from() == str(wheel)


def test_the_commit_that_was_installed_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    vcs = f'{{"vcs": "git", "commit_id": "{COMMIT}", "requested_revision": "main"}}'
    recorded(monkeypatch, f'{{"vcs_info": {vcs}, "url": "https://git.example.gov/tts_constructs.git"}}')
    assert library.installed_from() == f"git+https://git.example.gov/tts_constructs.git@{COMMIT}"


def test_the_address_of_a_wheel_that_was_installed_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://packages.example.gov/tts_constructs-1.2.3-py3-none-any.whl"
    recorded(monkeypatch, f'{{"archive_info": {{}}, "url": "{url}"}}')
    assert library.installed_from() == url


@pytest.mark.parametrize(
    "text",
    [
        None,  # from an index, where anybody may own the name
        '{"dir_info": {"editable": true}, "url": "file:///src/tts_constructs"}',
        '{"archive_info": {}, "url": "file:///gone/tts_constructs-1.2.3-py3-none-any.whl"}',
        '{"vcs_info": {"vcs": "hg", "commit_id": "1"}, "url": "https://hg.example.gov/tts"}',
        "{}",
        "[]",
        "no JSON",
    ],
)
def test_what_a_new_system_could_not_install_counts_as_not_recorded(
    text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(monkeypatch, text)
    assert library.installed_from() is None


def test_a_library_that_is_not_installed_came_from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(_: str) -> Any:
        raise PackageNotFoundError

    monkeypatch.setattr(library, "distribution", not_found)
    assert library.installed_from() is None
