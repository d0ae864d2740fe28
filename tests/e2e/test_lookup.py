"""The `cdk` command looks the baseline image up, and `tts image` looks after the record, in the same AWS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud import Cloud, Image, Team, cloud

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OLDER = Image("ami-0f15a0b1e5ea50001", days_old=20)
NEWEST = Image("ami-0f15a0b1e5ea50002", days_old=9)
OLDEST = Image("ami-0f15a0b1e5ea50003", days_old=90)
FOREIGN = Image("ami-0bad0bad0bad00001", days_old=1, owner="999988887777")
ARM = Image("ami-0f15a0b1e5ea50004", days_old=2, architecture="arm64")
LATER = Image("ami-0f15a0b1e5ea50005", days_old=3)

IMAGES = [OLDER, NEWEST, OLDEST, FOREIGN, ARM]

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """A team that has synthesized once, with access to the account."""
    team = Team.clone(tmp_path_factory.mktemp("team"))
    with cloud(tmp_path_factory.mktemp("aws"), IMAGES) as aws:
        done = team.synthesize(aws)
    assert done.returncode == 0, done.stderr
    return team


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The same AWS some days later, with an image that is newer."""
    with cloud(tmp_path_factory.mktemp("aws"), [*IMAGES, LATER]) as aws:
        yield aws


def test_the_newest_image_of_the_owner_is_recorded_and_launched(team: Team) -> None:
    assert team.recorded_images == {NEWEST.id}
    assert team.launched_images == {NEWEST.id}


def test_a_second_synth_uses_the_record_though_a_newer_image_exists(team: Team, later: Cloud) -> None:
    before = team.context
    done = team.synthesize(later)
    assert done.returncode == 0, done.stderr
    assert "Searching for AMI" not in done.stderr
    assert team.context == before
    assert team.launched_images == {NEWEST.id}


def test_status_names_the_newer_image(team: Team, later: Cloud) -> None:
    done = team.run(later, "tts", "image", "status")
    sentence = f"{NEWEST.name} is 9 days old; a newer one is {LATER.name}; its volumes: /dev/sda1"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"us-gov-west-1: {sentence}", f"us-east-1: {sentence}"]


def test_refresh_records_the_newer_image_where_the_lookup_stood(
    team: Team, later: Cloud, tmp_path: Path
) -> None:
    renewed = Team(tmp_path)
    for name in ("cdk.context.json", "tts.toml"):
        (tmp_path / name).write_bytes((team.folder / name).read_bytes())
    done = renewed.run(later, "tts", "image", "refresh")
    assert (done.returncode, done.stderr) == (0, "")
    assert renewed.recorded_images == {LATER.id}
    assert renewed.context.keys() == team.context.keys()
    status = renewed.run(later, "tts", "image", "status")
    assert status.stdout.count(f"{LATER.name} is 3 days old; it is the newest") == 2


@pytest.fixture(scope="module")
def without_images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An AWS that has no baseline image of the owner, but somebody else's."""
    with cloud(tmp_path_factory.mktemp("aws"), [FOREIGN]) as aws:
        yield aws


def test_without_an_image_the_command_says_what_was_not_found(without_images: Cloud, tmp_path: Path) -> None:
    done = Team.clone(tmp_path).synthesize(without_images)
    assert done.returncode == 1
    assert "No AMI found that matched the search criteria" in done.stderr
    assert FOREIGN.id not in done.stdout + done.stderr


def test_without_an_image_status_says_what_to_ask(without_images: Cloud, team: Team) -> None:
    done = team.run(without_images, "tts", "image", "status")
    assert done.returncode == 2
    assert "shows no baseline image; is it shared with this account, by that owner?" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_owner_nothing_is_looked_up_and_the_error_says_what_to_write(
    without_images: Cloud, tmp_path: Path
) -> None:
    team = Team.clone(tmp_path)
    (tmp_path / "tts.toml").write_text("", encoding="utf-8")
    done = team.synthesize(without_images)
    assert done.returncode == 1
    assert 'write owners = ["<account id>"] below [image] in tts.toml' in done.stderr
    assert "Searching for AMI" not in done.stderr
