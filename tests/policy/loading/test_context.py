"""Recorded lookups: which file they are read from."""

import json
from pathlib import Path

import pytest

from tests.policy.on_disk import write
from tts_constructs.errors import InputError
from tts_constructs.policy.loading.context import read_context, recorded_lookups


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def record(folder: Path, **recorded: str) -> Path:
    return write(folder / "cdk.context.json", recorded)


def test_without_a_file_no_lookup_is_recorded(tmp_path: Path) -> None:
    assert recorded_lookups([tmp_path / "cdk.out"]) == {}


def test_lookups_are_recorded_beside_what_is_judged(tmp_path: Path) -> None:
    record(tmp_path / "app", zone="a")
    assert recorded_lookups([tmp_path / "app/cdk.out"]) == {"zone": "a"}


def test_a_path_without_a_folder_is_in_the_working_folder(tmp_path: Path, working_folder: Path) -> None:
    record(tmp_path, zone="above")
    record(working_folder, zone="here")
    assert recorded_lookups([Path("cdk.out")]) == {"zone": "here"}


def test_lookups_beside_several_apps_count_together_and_the_first_app_decides(tmp_path: Path) -> None:
    record(tmp_path / "a", zone="a", vpc="a")
    record(tmp_path / "b", zone="b", ami="b")
    paths = [tmp_path / "a/cdk.out", tmp_path / "none/cdk.out", tmp_path / "b/cdk.out"]
    assert recorded_lookups(paths) == {"zone": "a", "vpc": "a", "ami": "b"}


def test_the_working_folder_counts_only_where_no_app_has_recorded_lookups(
    tmp_path: Path, working_folder: Path
) -> None:
    record(working_folder, ami="here")
    paths = [tmp_path / "app/cdk.out"]
    assert recorded_lookups(paths) == {"ami": "here"}
    record(tmp_path / "app", zone="beside")
    assert recorded_lookups(paths) == {"zone": "beside"}


def test_a_named_file_counts_alone(tmp_path: Path, working_folder: Path) -> None:
    record(tmp_path / "app", zone="beside")
    record(working_folder, zone="here")
    named = write(tmp_path / "other.json", {"zone": "named"})
    assert recorded_lookups([tmp_path / "app/cdk.out"], named) == {"zone": "named"}


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        recorded_lookups([], tmp_path / "none.json")


def test_a_folder_of_that_name_is_no_record(tmp_path: Path, working_folder: Path) -> None:
    for folder in (tmp_path, working_folder):
        (folder / "cdk.context.json").mkdir()
    assert recorded_lookups([tmp_path / "cdk.out"]) == {}


@pytest.mark.parametrize("recorded", [[], "text", 3, None])
def test_recorded_lookups_are_a_map(tmp_path: Path, recorded: object) -> None:
    path = write(tmp_path / "lookups.json", json.dumps(recorded))
    with pytest.raises(InputError, match=r"lookups\.json: does not hold recorded lookups"):
        read_context(path)


def test_a_record_that_is_no_json_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "lookups.json", "{")
    with pytest.raises(InputError, match=r"lookups\.json: line 1"):
        read_context(path)
