"""Recorded lookups of the baseline image (`cdk.context.json`), and the image that they should find."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tts_constructs import standards
from tts_constructs.policy.settings.model import ImageSettings

MAX_AGE_DAYS = standards.MAX_INSTANCE_LIFETIME_SECONDS // (24 * 60 * 60)
"""Age in days at which a recorded image is out of date: instances are replaced within the same time."""

_KEEPS_THE_MOST_RECENT = frozenset(
    {
        "architecture", "image-type", "name", "owner-alias", "owner-id", "platform", "root-device-type",
        "state", "virtualization-type",
    }
)  # fmt: skip
"""Filters that leave in the most recent image. Others, such as `creation-date`, may leave it out."""

_SEPARATOR = re.compile(r"(?<!\$):")
_FILTER = re.compile(r"filters\.(.+)\.(\d+)")


@dataclass(frozen=True)
class ImageRecord:
    """A recorded lookup.

    Args:
        key: Its key in `cdk.context.json`.
        image_id: The image that it found.
        region: The region that was searched.
        owners: The owners of images that it asked for.
        filters: Values by the name of an EC2 filter, such as `name` and `architecture`.
    """

    key: str
    image_id: str
    region: str
    owners: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]

    def is_of_baseline(self, settings: ImageSettings) -> bool:
        """Return whether the lookup asked for the most recent baseline image and nothing else."""
        return is_baseline(self.filters, self.owners, settings)


@dataclass(frozen=True)
class Image:
    """An image, as EC2 describes it.

    Args:
        image_id: Its id.
        name: Its name.
        created: When it was made.
        devices: Device names of its volumes, the root device first.
    """

    image_id: str
    name: str
    created: datetime
    devices: tuple[str, ...] = ()


def is_baseline(filters: Mapping[str, Sequence[Any]], owners: Sequence[Any], settings: ImageSettings) -> bool:
    """Return whether a lookup finds the most recent baseline image and nothing else.

    Args:
        filters: Its values by the name of an EC2 filter.
        owners: The owners that it asks for.
        settings: The settings, which name the image and its owners.
    """
    names = filters.get("name", ())
    return (
        bool(names and owners)
        and _KEEPS_THE_MOST_RECENT.issuperset(filters)
        and all(name == settings.name for name in names)
        and all(owner in settings.owners for owner in owners)
    )


def properties_of(key: str) -> dict[str, str]:
    """Return what a lookup asked for, by its key in `cdk.context.json`.

    A key looks like `ami:account=…:filters.name.0=…:owners.0=…:region=…`; a colon in a value is written `$:`.
    """
    items = [item.replace("$:", ":") for item in _SEPARATOR.split(key)[1:]]
    return dict(item.split("=", 1) for item in items if "=" in item)


def image_records(context: Mapping[str, Any]) -> list[ImageRecord]:
    """Return the recorded image lookups in a `cdk.context.json`."""
    records = (_record(key, value) for key, value in context.items() if key.startswith("ami:"))
    return [record for record in records if record]


def _record(key: str, value: object) -> ImageRecord | None:
    properties = properties_of(key)
    if not isinstance(value, str) or "region" not in properties:
        return None
    filters: dict[str, tuple[str, ...]] = {}
    for name, text in properties.items():
        if match := _FILTER.fullmatch(name):
            filters[match[1]] = (*filters.get(match[1], ()), text)
    owners = tuple(text for name, text in properties.items() if name.startswith("owners."))
    return ImageRecord(key, value, properties["region"], owners, filters)


def described(image: Mapping[str, Any]) -> Image:
    """Return an image from an answer of EC2's `DescribeImages`."""
    root = image.get("RootDeviceName")
    volumes = [mapping["DeviceName"] for mapping in image.get("BlockDeviceMappings", ()) if "Ebs" in mapping]
    return Image(
        image["ImageId"],
        image.get("Name", ""),
        datetime.fromisoformat(image["CreationDate"]),
        tuple(sorted(volumes, key=lambda device: (device != root, device))),
    )


def newest(images: Iterable[Image]) -> Image | None:
    """Return the newest image, as the CDK's lookup picks it. Of equal dates, the later name wins."""
    return max(images, key=lambda image: (image.created, image.name), default=None)
