"""TTS-EC2-002: Auto Scaling groups must launch from a launch template."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.launch_templates import CONFIGURATION, GROUP
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import stated


def _launch_template_used(group: Resource) -> Iterator[Result]:
    others = [key for key in ("LaunchConfigurationName", "InstanceId") if stated(group, key)]
    for key in others:
        yield group[key].violation(f"{key} is {group[key].shown}, so no launch template is used.")
    if not (others or stated(group, "LaunchTemplate") or stated(group, "MixedInstancesPolicy")):
        yield group.properties.violation("Neither LaunchTemplate nor MixedInstancesPolicy is written.")


def _launch_configuration(_: Resource) -> Iterator[Result]:
    yield Result("violation", "", "A launch configuration is not a launch template.")


def _uses_a_configuration(call: Call, parameter: str) -> Iterator[Result]:
    for place in call.at(parameter):
        yield place.violation(
            f"{call.name} gives a group a launch configuration, so no launch template is used."
        )


RULE = Rule(
    id="TTS-EC2-002",
    title="Auto Scaling groups must launch from a launch template",
    why=(
        "A launch template describes every new instance in one versioned place: image, volumes, metadata "
        "service, and tags. AWS no longer offers launch configurations to new accounts, and they can't "
        "state all of this. A group made from a running instance copies whatever that instance happens to "
        "be."
    ),
    source="Handbook, “Auto scale groups”: “all EC2 instances must be launched within an auto-scaling "
    "group from an AMI”; AWS Foundational Security Best Practices AutoScaling.9",
    section="Auto scale groups",
    fix=(
        "Use TtsAsgService. Or give the group `launch_template=` with an `ec2.LaunchTemplate`, and move the "
        "properties of its instances there: `machine_image=`, `instance_type=`, `role=`, "
        "`security_group=`, user data, `require_imdsv2=True`, and `block_devices=`. If the group made the "
        "role, write `iam.Role(…, assumed_by=…)`."
    ),
    template_fix="Write `LaunchTemplate`, or `MixedInstancesPolicy`, with an `AWS::EC2::LaunchTemplate`.",
    decides=(
        "An Auto Scaling group breaks the rule if it has LaunchConfigurationName or InstanceId, or neither "
        "LaunchTemplate nor MixedInstancesPolicy. Every AWS::AutoScaling::LaunchConfiguration breaks it. So "
        "does a call of an API that makes a group of instances or a launch configuration, or assigns one to "
        "a group. The rule can't decide about a launch template that a call makes."
    ),
    controls=("CM-2", "CM-3", "CM-6", "SI-2"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-EC2-002",
        {GROUP: _launch_template_used, CONFIGURATION: _launch_configuration},
        {"configuration": _uses_a_configuration},
    ),
)
