"""TTS-EC2-005: Volumes are encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import CONFIGURATION, LAUNCHERS, TEMPLATE
from tts_constructs.policy.model.checks import check_each, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app


def _volumes_of_template(template: Resource) -> Iterator[Result]:
    yield from _volumes(template.properties.at("LaunchTemplateData/BlockDeviceMappings"))


def _volumes_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _volumes(configuration["BlockDeviceMappings"])


def _volumes(mappings: Node) -> Iterator[Result]:
    yield from check_each(mappings.items(), _mapped_volume)
    yield from _root_volume(mappings)


def _mapped_volume(mapping: Node) -> Iterator[Result]:
    if mapping["Ebs"].exists:
        yield from _encrypted(mapping["Ebs"])


def _encrypted(volume: Node) -> Iterator[Result]:
    encrypted = volume["Encrypted"]
    if not encrypted.boolean():
        yield encrypted.violation(f"Encrypted is {encrypted.shown}.")


def _root_volume(mappings: Node) -> Iterator[Result]:
    root = mappings.stack.assembly.settings.image.root_device
    devices = [mapping["DeviceName"] for mapping in mappings.items() if mapping["Ebs"].exists]
    if any(device.value.strip() == root for device in devices if isinstance(device.value, str)):
        return
    named = ", ".join(filter(None, [device.text() for device in devices])) or "none"
    yield mappings.violation(
        f"Volumes mapped: {named}. So the root volume {root} stays as the image has it: not encrypted.",
        fix="Use TtsAsgService, or add to `block_devices=` an "
        f'`ec2.BlockDevice(device_name="{root}", volume=ec2.BlockDeviceVolume.ebs(…, encrypted=True))`. '
        f"{root} is {_THE_ROOT}.",
        template_fix=f"Write a mapping with `DeviceName: {root}` and `Ebs: {{Encrypted: true}}`. {root} is "
        f"{_THE_ROOT}.",
    )


_THE_ROOT = "the root device of the baseline image (settings: [image] root_device)"


def _volume(volume: Resource) -> Iterator[Result]:
    yield from with_fix(_encrypted(volume.properties), "Write `encrypted=True`.", "Write `Encrypted: true`.")


RULE = Rule(
    id="TTS-EC2-005",
    title="Volumes are encrypted",
    why="A volume may hold the public's information at any time. Encrypted, a copy or a discarded "
    "disk tells nothing. The root volume is as its image has it, unless the launch template says "
    "otherwise.",
    source="Handbook, “Other people's information”: “Any system in AWS might have the public's "
    "information (as opposed to _public_ data) at any time.”",
    section="Other people's information",
    fix="Use TtsAsgService. Or write `ec2.BlockDeviceVolume.ebs(…, encrypted=True)` for each of "
    "`block_devices=`, with the root device among them.",
    template_fix="Write `Encrypted: true` in Ebs of each block device mapping, with the root device "
    "among them.",
    decides="In each launch template (and launch configuration) every mapping with Ebs has Encrypted: "
    "true, and one of them is for the root device of the baseline image (settings: [image] "
    f"root_device, default {standards.ROOT_DEVICE}). AWS::EC2::Volume has Encrypted: true. A launch "
    "template outside the app that a group, node group or compute environment uses is unknown.",
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        TEMPLATE: _volumes_of_template,
        CONFIGURATION: _volumes_of_configuration,
        "AWS::EC2::Volume": _volume,
        **dict.fromkeys(LAUNCHERS, outside_the_app("whether volumes are encrypted")),
    },
)
