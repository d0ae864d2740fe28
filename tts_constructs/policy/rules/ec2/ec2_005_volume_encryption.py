"""TTS-EC2-005: Volumes must be encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import (
    ALONE,
    CONFIGURATION,
    LAUNCHERS,
    MANAGED_INSTANCE,
    TEMPLATE,
    launches_from_template,
    settings_of,
)
from tts_constructs.policy.model.checks import check_each, check_items, stop_at_unknown, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app


def _stated_volumes(resource: Resource) -> Iterator[Result]:
    places = [settings["BlockDeviceMappings"] for settings in settings_of(resource)]
    yield from check_each(places, _volumes)


def _volumes_of_launch(resource: Resource) -> Iterator[Result]:
    """Yield what an instance or a fleet says itself, and whether its launch template cannot be seen."""
    places = [settings["BlockDeviceMappings"] for settings in settings_of(resource)]
    yield from check_each(places, _mapped_volumes if launches_from_template(resource) else _volumes)
    yield from _OUTSIDE(resource)


_OUTSIDE = outside_the_app("whether volumes are encrypted")


def _volumes(mappings: Node) -> Iterator[Result]:
    yield from _mapped_volumes(mappings)
    yield from stop_at_unknown(_volumes_of_image(mappings))
    if mappings.stack.assembly.settings.image.volumes_are_guessed:
        yield _unnamed_volumes(mappings)


def _mapped_volumes(mappings: Node) -> Iterator[Result]:
    yield from check_items(mappings, _mapped_volume)


def _mapped_volume(mapping: Node) -> Iterator[Result]:
    if mapping["Ebs"].exists:
        yield from _encrypted(mapping["Ebs"])


def _encrypted(volume: Node) -> Iterator[Result]:
    encrypted = volume["Encrypted"]
    if not encrypted.boolean():
        yield encrypted.violation(f"Encrypted is {encrypted.shown}.")


def _volumes_of_image(mappings: Node) -> Iterator[Result]:
    """Yield a violation if a volume of the image isn't mapped, so that it stays as the image has it."""
    expected = mappings.stack.assembly.settings.image.volumes
    devices = [mapping["DeviceName"] for mapping in mappings.items() if _decides_the_volume(mapping)]
    written = {device.value.strip() for device in devices if isinstance(device.value, str)}
    missing = [device for device in expected if device not in written]
    if not missing:
        return
    mapped = ", ".join(filter(None, [device.text() for device in devices])) or "none"
    constructs = (
        f'`ec2.BlockDevice(device_name="{device}", volume=ec2.BlockDeviceVolume.ebs(…, encrypted=True))`'
        for device in missing
    )
    templates = (f"`DeviceName: {device}` with `Ebs: {{Encrypted: true}}`" for device in missing)
    yield mappings.violation(
        f"Volumes mapped: {mapped}; not mapped: {', '.join(missing)}. A volume that is not mapped stays as "
        "the image has it: not encrypted.",
        fix=f"Use TtsAsgService, or add to `block_devices=`: {', '.join(constructs)}. {_DEVICES}",
        template_fix=f"Write a mapping for each: {', '.join(templates)}. {_DEVICES}",
    )


_DEVICES = "These are devices of the baseline image (settings: [image] devices)."


def _decides_the_volume(mapping: Node) -> bool:
    """Return whether a mapping says how its volume is made, or that there is none."""
    return mapping["Ebs"].exists or mapping["NoDevice"].value in ("", True, "true")


def _unnamed_volumes(mappings: Node) -> Result:
    return mappings.unknown(
        "The settings name another image than the FISMA Ready default, and not which devices it has. Volumes "
        f"other than {standards.ROOT_DEVICE} stay as the image has them.",
        fix='Write `devices = ["/dev/sda1", …]` below [image] in tts.toml, the root device first. The image '
        "has those in `BlockDeviceMappings` of `aws ec2 describe-images`; `tts image status` shows those of "
        "a recorded image.",
        at_most="warn",
    )


def _volume(volume: Resource) -> Iterator[Result]:
    yield from with_fix(_encrypted(volume.properties), "Write `encrypted=True`.", "Write `Encrypted: true`.")


def _volumes_of_service(service: Resource) -> Iterator[Result]:
    yield from check_items(service["VolumeConfigurations"], _managed_volume)


def _managed_volume(configuration: Node) -> Iterator[Result]:
    if configuration["ManagedEBSVolume"].exists:
        yield from with_fix(
            _encrypted(configuration["ManagedEBSVolume"]),
            "Write `encrypted=True` in `ecs.ServiceManagedEBSVolumeConfiguration`.",
            "Write `Encrypted: true` in ManagedEBSVolume.",
        )


RULE = Rule(
    id="TTS-EC2-005",
    title="Volumes must be encrypted",
    why=(
        "A volume may hold the public's information at any time. If it is encrypted, a copy or a discarded "
        "disk reveals nothing. A volume of the image stays as the image has it, unless the launch template "
        "encrypts it."
    ),
    source="Handbook, “Other people's information”: “Any system in AWS might have the public's "
    "information (as opposed to _public_ data) at any time.”",
    section="Other people's information",
    fix=(
        "Use TtsAsgService. Or write `ec2.BlockDeviceVolume.ebs(…, encrypted=True)` for each of "
        "`block_devices=`, and include each device of the image."
    ),
    template_fix=(
        "Write `Encrypted: true` in Ebs of each block device mapping, and include each device of the image."
    ),
    decides=(
        "In each launch template, every mapping with Ebs must have Encrypted: true, and each device of the "
        "baseline image must have a mapping or say NoDevice. The devices come from the settings ([image] "
        f"devices); the default, {' and '.join(standards.IMAGE_DEVICES)}, is from the public sources of the "
        "FISMA Ready image. If the settings name another image or SSM parameters, and no devices, only "
        f"{standards.ROOT_DEVICE} is expected, and a warning asks you for the devices. The same applies to a "
        "launch configuration, and to an instance or fleet that names no launch template. AWS::EC2::Volume "
        "and the managed volumes of AWS::ECS::Service must have Encrypted: true. The rule can't decide "
        "about a launch template outside the app that a group, node group, or compute environment uses."
    ),
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        **dict.fromkeys((TEMPLATE, CONFIGURATION, MANAGED_INSTANCE), _stated_volumes),
        **dict.fromkeys(ALONE, _volumes_of_launch),
        "AWS::EC2::Volume": _volume,
        "AWS::ECS::Service": _volumes_of_service,
        **dict.fromkeys(LAUNCHERS, _OUTSIDE),
    },
)
