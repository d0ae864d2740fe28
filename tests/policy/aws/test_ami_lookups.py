"""Recorded lookups of images: what a key asked for, which are of the baseline, and the newest image."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tts_constructs.policy.aws.ami_lookups import (
    MAX_AGE_DAYS,
    Image,
    ImageRecord,
    described,
    image_records,
    is_baseline,
    newest,
    properties_of,
)
from tts_constructs.policy.settings.model import ImageSettings

OWNER, OTHER = "777788889999", "888899990000"
SETTINGS = ImageSettings(owners=(OWNER, OTHER), name="Baseline (* - Packer)")
KEY = (
    f"ami:account=111122223333:filters.name.0={SETTINGS.name}:filters.name.1=a$:b=c:"
    f"filters.image-type.0=machine:owners.0={OWNER}:owners.1={OTHER}:region=us-east-1"
)


def test_an_image_is_out_of_date_when_instances_are_replaced() -> None:
    assert MAX_AGE_DAYS == 30


# Keys of `cdk.context.json`


def test_a_key_says_what_a_lookup_asked_for() -> None:
    assert properties_of(KEY) == {
        "account": "111122223333",
        "filters.name.0": SETTINGS.name,
        "filters.name.1": "a:b=c",
        "filters.image-type.0": "machine",
        "owners.0": OWNER,
        "owners.1": OTHER,
        "region": "us-east-1",
    }


@pytest.mark.parametrize("key", ["ami", "ami:", "a=1", "ami:region", "ami:region:owners"])
def test_a_key_without_values_asked_for_nothing(key: str) -> None:
    assert properties_of(key) == {}


def test_a_record_holds_the_filters_owners_and_region_of_its_key() -> None:
    assert image_records({KEY: "ami-1"}) == [
        ImageRecord(
            KEY,
            "ami-1",
            "us-east-1",
            (OWNER, OTHER),
            {"name": (SETTINGS.name, "a:b=c"), "image-type": ("machine",)},
        )
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ami:owners.0=1:region=us-east-1", {"$dummy": True}),
        ("ami:owners.0=1:region=us-east-1", None),
        ("ami:owners.0=1", "ami-1"),
        ("vpc-provider:region=us-east-1", "vpc-1"),
        ("amigo:region=us-east-1", "x"),
    ],
)
def test_what_is_no_lookup_of_an_image_with_its_region_is_no_record(key: str, value: Any) -> None:
    assert [record.key for record in image_records({key: value, KEY: "ami-1"})] == [KEY]


# The baseline image


@pytest.mark.parametrize(
    ("names", "owners", "baseline"),
    [
        ([SETTINGS.name], [OWNER], True),
        ([SETTINGS.name, SETTINGS.name], [OTHER, OWNER], True),
        ([], [OWNER], False),
        ([SETTINGS.name], [], False),
        (["*"], [OWNER], False),
        ([SETTINGS.name, "*"], [OWNER], False),
        ([SETTINGS.name], ["amazon"], False),
        ([SETTINGS.name], [OWNER, "amazon"], False),
    ],
)
def test_a_lookup_finds_the_baseline_image_if_it_asks_for_nothing_else(
    names: list[str], owners: list[str], baseline: bool
) -> None:
    assert is_baseline({"name": names}, owners, SETTINGS) is baseline
    record = ImageRecord("", "", "", tuple(owners), {"name": tuple(names)})
    assert record.is_of_baseline(SETTINGS) is baseline


@pytest.mark.parametrize(
    ("more", "baseline"),
    [
        ("architecture", True),
        ("image-type", True),
        ("state", True),
        ("virtualization-type", True),
        ("root-device-type", True),
        ("platform", True),
        ("creation-date", False),
        ("tag:Release", False),
        ("image-id", False),
    ],
)
def test_a_lookup_by_a_filter_that_may_pick_an_older_image_is_not_of_the_baseline(
    more: str, *, baseline: bool
) -> None:
    assert is_baseline({"name": [SETTINGS.name], more: ["x"]}, [OWNER], SETTINGS) is baseline


def test_a_lookup_without_a_filter_by_name_is_not_of_the_baseline() -> None:
    assert not ImageRecord("", "", "", (OWNER,), {"architecture": ("x86_64",)}).is_of_baseline(SETTINGS)


# Images of EC2


@pytest.mark.parametrize(("named", "name"), [({"Name": "Baseline"}, "Baseline"), ({}, "")])
def test_an_image_is_read_as_ec2_describes_it(named: dict[str, str], name: str) -> None:
    answer = {"ImageId": "ami-1", "CreationDate": "2026-05-01T10:00:00.000Z", **named}
    assert described(answer) == Image("ami-1", name, datetime(2026, 5, 1, 10, tzinfo=UTC))


def test_the_devices_of_an_image_are_its_volumes_with_the_root_device_first() -> None:
    answer = {
        "ImageId": "ami-1",
        "CreationDate": "2026-05-01T10:00:00.000Z",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/sdk", "Ebs": {"VolumeSize": 40}},
            {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30}},
        ],
    }
    assert described(answer).devices == ("/dev/xvda", "/dev/sdk")


def image(day: int, name: str) -> Image:
    return Image(f"ami-{day}{name}", name, datetime(2026, 5, day, tzinfo=UTC))


def test_the_newest_image_is_that_of_the_last_date_and_then_of_the_later_name() -> None:
    images = [image(2, "b"), image(3, "a"), image(3, "b"), image(1, "z")]
    assert newest(images) == images[2]
    assert newest(reversed(images)) == images[2]


def test_of_no_images_none_is_the_newest() -> None:
    assert newest([]) is None
