"""Where resources come from, as the CDK's metadata has it."""

import os
from pathlib import Path
from typing import Any

import pytest

import tts_constructs
from tts_constructs.policy.model.origin import ACKNOWLEDGED, Origin, Origins, nested_stack_path

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


def made(logical_id: str) -> list[dict[str, Any]]:
    return [{"type": "aws:cdk:logicalId", "data": logical_id}]


@pytest.mark.parametrize(
    ("stack", "path", "of"),
    [
        ("App", "/App/Queue", "App"),
        ("App", "/App/Deep/Down/Queue", "App"),
        ("Prod/App", "/Prod/App/Deep/Queue", "Prod/App"),
        ("", "/Prod/App/Queue", "Prod"),
        ("", "/Prod/Known/Deep/Queue", "Prod/Known"),
        ("App", "/App/Part/Deep/Queue", "App/Part"),
    ],
)
def test_a_resource_is_of_the_closest_stack_above_it(stack: str, path: str, of: str) -> None:
    metadata = {
        path: made("Queue"),
        "/Prod/Known": [{"type": "aws:cdk:templateFile", "data": "known.json"}],
        "/App/Part.NestedStack/Part.NestedStackResource": made("Nested"),
    }
    origins = Origins(lambda _: metadata, stack)
    assert origins.of(of, "Queue") == Origin(path[1:])
    assert origins.of(of, "Topic") == Origin()
    assert origins.of("Elsewhere", "Queue") == Origin()


@pytest.mark.parametrize(
    ("path", "nested"),
    [
        ("App/Part.NestedStack/Part.NestedStackResource", "App/Part"),
        ("Prod/App/Part.NestedStack/Part.NestedStackResource", "Prod/App/Part"),
        ("Part.NestedStack/Part.NestedStackResource", "Part"),
        ("App/Part.NestedStack/Other.NestedStackResource", None),
        ("App/Part", None),
        (None, None),
    ],
)
def test_a_nested_stack_is_beside_the_resource_that_makes_it(path: str | None, nested: str | None) -> None:
    assert nested_stack_path(path) == nested


@pytest.mark.parametrize(
    ("kind", "line"),
    [("aws:cdk:creationStack", "app.py:7"), ("aws:cdk:info", None), ("aws:cdk:warning", None)],
)
def test_the_stack_of_a_creation_tells_the_line_too(kind: str, line: str | None) -> None:
    entries = [*made("Queue"), {"type": kind, "data": ["f (/x/app.py:7)"]}]
    origins = Origins(lambda _: {"/App": entries, "/App/Queue": entries}, "App")
    assert origins.of("App", "Queue").source == line
    assert origins.made_at("App") == line
    assert origins.made_at("Other") is None


def test_acknowledgments_and_errors_are_told_with_their_constructs() -> None:
    def read(word: str) -> dict[str, Any]:
        entries = [
            {"type": ACKNOWLEDGED, "data": ["TTS-A-001", "TTS-B-001"]},
            {"type": ACKNOWLEDGED},
            {"type": "aws:cdk:error", "data": "No way."},
            {"type": "aws:cdk:info", "data": ["TTS-C-001"]},
        ]
        return {"/App/Web/": entries} if word in {ACKNOWLEDGED, "aws:cdk:error"} else {}

    origins = Origins(read, "App")
    assert list(origins.acknowledged()) == [("App/Web/", "TTS-A-001"), ("App/Web/", "TTS-B-001")]
    assert list(origins.errors()) == [("App/Web/", "No way.")]


def test_an_asset_of_a_legacy_stack_is_known_by_the_place_that_parameters_name() -> None:
    data = {"path": "asset.json", "s3BucketParameter": "Bucket", "s3KeyParameter": "Key"}
    entries = [{"type": "aws:cdk:asset", "data": data}, {"type": "aws:cdk:asset", "data": {"path": "image"}}]
    assert Origins(lambda _: {"/App": entries}).assets == {"${Bucket}/${Key}${Key}": "asset.json"}
