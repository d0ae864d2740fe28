"""The line of the app's Python that made a resource, as the CDK's metadata has it."""

import os
from pathlib import Path

import pytest

import tts_constructs
from tts_constructs.policy.model.origin import Origins

LIBRARY = Path(tts_constructs.__file__).parent / "constructs/system.py"
PYTHON = Path(os.__file__)


def source(*frames: str) -> str | None:
    """The line that is told of a resource that was made in these frames, the innermost first."""
    entries = [{"type": "aws:cdk:logicalId", "data": "Queue", "trace": [f"f ({frame})" for frame in frames]}]
    return Origins(lambda _: {"/App/Queue": entries}, "App").of("App", "Queue").source


@pytest.mark.parametrize("inner", ["/x/site-packages/aws_cdk/__init__.py:1", f"{LIBRARY}:1", f"{PYTHON}:1"])
def test_what_others_wrote_is_not_the_line_of_the_app(inner: str, tmp_path: Path) -> None:
    assert source(inner, f"{tmp_path}/app.py:7") == "app.py:7"
    assert source(inner) is None


def test_a_file_whose_name_begins_like_a_folder_of_others_is_the_apps() -> None:
    assert source(f"{LIBRARY.parent.parent}_app.py:7") == "tts_constructs_app.py:7"
    assert source("/x/my-site-packages/app.py:7") == "app.py:7"


@pytest.mark.parametrize(
    ("folder", "shown"), [("", "app/stacks/web.py:7"), ("app", "stacks/web.py:7"), ("app/stacks", "web.py:7")]
)
def test_a_file_below_the_folder_is_shown_from_there(
    folder: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app/stacks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / folder)
    assert source(f"{tmp_path}/app/stacks/web.py:7") == shown


def test_a_file_elsewhere_is_shown_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert source(f"{tmp_path}/application/web.py:7") == "web.py:7"


def test_all_files_are_below_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert source("/srv/app/web.py:7") == "srv/app/web.py:7"
