"""`tts image` against moto, in this process."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from click.testing import CliRunner, Result
from moto import mock_aws
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami

from tts_constructs import standards
from tts_constructs.cli.main import tts
from tts_constructs.errors import InputError

OWNER = "123456789012"
REGION = "us-east-1"
KEY = (
    "ami:account=123456789012:filters.image-type.0=machine:"
    f"filters.name.0={standards.IMAGE_NAME}:filters.state.0=available:owners.0={OWNER}:region={REGION}"
)
TODAY = datetime.now(UTC)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    (tmp_path / "tts.toml").write_text(f'[image]\nowners = ["{OWNER}"]')
    monkeypatch.setattr(Ami, "block_device_mappings", property(_volumes))
    # A session of boto3 reads the description of EC2, of megabytes; one serves all tests.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


def _volumes(image: Ami) -> list[dict[str, object]]:
    """Volumes of an image, as `make_image` notes them; moto describes the root volume alone."""
    snapshot = {"SnapshotId": image.ebs_snapshot.id, "VolumeSize": 15}
    return [{"DeviceName": device, "Ebs": snapshot} for device in getattr(image, "devices", ())]


def make_image(
    days_ago: int,
    *,
    owner: str = OWNER,
    name: str | None = None,
    devices: tuple[str, ...] = standards.IMAGE_DEVICES,
) -> str:
    """An image of the baseline's name that was made some days ago."""
    client = boto3.client("ec2", region_name=REGION)
    made = TODAY - timedelta(days=days_ago)
    (instance,) = client.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"]
    name = name or f"FISMA Ready Baseline Ubuntu ({int(made.timestamp())} - Packer)"
    image_id = str(client.create_image(InstanceId=instance["InstanceId"], Name=name)["ImageId"])
    image = ec2_backends[OWNER][REGION].amis[image_id]
    image.creation_date = made
    image.owner_id = owner
    image.__dict__["devices"] = devices
    return image_id


def record(image_id: str, **others: object) -> None:
    Path("cdk.context.json").write_text(json.dumps({"other": ["kept"], KEY: image_id} | others))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["image", *arguments])


def test_a_young_record_that_is_the_newest_exits_with_0() -> None:
    record(make_image(5))
    result = run("status")
    assert result.exit_code == 0
    assert "is 5 days old; it is the newest" in result.output


def test_a_newer_image_is_named() -> None:
    record(make_image(20))
    make_image(3)
    result = run("status")
    assert result.exit_code == 0
    assert "20 days old; a newer one is FISMA Ready Baseline Ubuntu" in result.output


@pytest.mark.parametrize(("days", "code"), [(30, 0), (31, 1)])
def test_a_record_older_than_30_days_exits_with_1(days: int, code: int) -> None:
    record(make_image(days))
    assert run("status").exit_code == code


def test_a_recorded_image_that_is_gone_exits_with_1() -> None:
    make_image(3)
    record("ami-00000000000000000")
    result = run("status")
    assert result.exit_code == 1
    assert "no longer exists" in result.output


def test_an_image_of_another_owner_or_name_does_not_count() -> None:
    record(make_image(20))
    make_image(1, owner="999999999999")
    make_image(1, name="Something else")
    assert "it is the newest" in run("status").output


def test_the_output_holds_no_account_id_and_no_image_id() -> None:
    image_id = make_image(20)
    record(image_id)
    newest = make_image(3)
    shown = run("status").output + run("refresh").output
    assert not any(secret in shown for secret in (OWNER, image_id, newest))


def test_refresh_records_the_newest_and_keeps_the_rest() -> None:
    record(make_image(20))
    newest = make_image(3)
    result = run("refresh")
    assert result.exit_code == 0
    assert json.loads(Path("cdk.context.json").read_text()) == {"other": ["kept"], KEY: newest}


def test_a_second_refresh_changes_nothing() -> None:
    record(make_image(3))
    before = Path("cdk.context.json").read_text()
    assert run("refresh").output == "The recorded images are the newest.\n"
    assert Path("cdk.context.json").read_text() == before


def test_status_shows_the_volumes_of_the_recorded_image() -> None:
    record(make_image(5))
    assert run("status").output.endswith("its volumes: /dev/sda1, /dev/sdk\n")


@pytest.mark.parametrize("command", ["status", "refresh"])
@pytest.mark.parametrize("devices", [("/dev/sda1",), ("/dev/sda1", "/dev/sdk", "/dev/sdl")])
def test_an_image_of_other_volumes_than_the_settings_name_exits_with_1_and_says_what_to_write(
    command: str, devices: tuple[str, ...]
) -> None:
    record(make_image(5, devices=devices))
    result = run(command)
    assert result.exit_code == 1
    assert (
        f"has the volumes {', '.join(devices)}, and the settings name /dev/sda1, /dev/sdk. " in result.output
    )
    assert f"Write in tts.toml below [image]: devices = {json.dumps(devices)}" in result.output


def test_refresh_compares_the_newest_image_and_records_it_all_the_same() -> None:
    record(make_image(20, devices=("/dev/sda1",)))
    newest = make_image(3)
    result = run("refresh")
    assert (result.exit_code, json.loads(Path("cdk.context.json").read_text())[KEY]) == (0, newest)


def test_the_settings_may_name_the_volumes_in_another_order() -> None:
    Path("tts.toml").write_text(f'[image]\nowners = ["{OWNER}"]\ndevices = ["/dev/sdk", "/dev/sda1"]')
    record(make_image(5))
    assert run("status").exit_code == 0


def test_devices_that_nobody_named_are_told_as_expected() -> None:
    name = "Hardened (1490000000)"
    Path("tts.toml").write_text(f'[image]\nowners = ["{OWNER}"]\nname = "{name}"')
    key = KEY.replace(standards.IMAGE_NAME, name)
    Path("cdk.context.json").write_text(json.dumps({key: make_image(5, name=name)}))
    assert "and the settings expect /dev/sda1. Write" in run("status").output


def fault(*arguments: str) -> str:
    with pytest.raises(InputError) as caught:
        tts.main(["image", *arguments], standalone_mode=False)
    return str(caught.value)


@pytest.mark.parametrize("command", ["status", "refresh"])
def test_a_context_without_the_baseline_image_is_an_error(command: str) -> None:
    Path("cdk.context.json").write_text("{}")
    assert "records no baseline image; run cdk synth" in fault(command)


def test_a_context_that_is_not_there_is_an_error() -> None:
    assert "cannot be read" in fault("status")


def test_no_owner_in_the_settings_is_an_error_that_says_what_to_write() -> None:
    record("ami-1")
    Path("tts.toml").write_text("")
    assert 'owners = ["<account id>"]' in fault("status")


def test_no_image_at_all_is_an_error() -> None:
    record("ami-1")
    assert "shows no baseline image" in fault("status")


def test_aws_that_cannot_be_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_credentials(*_: object) -> None:
        raise NoCredentialsError

    record("ami-1")
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", no_credentials)
    assert fault("status") == f"AWS in {REGION}: does not answer: Unable to locate credentials"


def test_without_boto3_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    record("ami-1")
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert "pip install boto3" in fault("status")
