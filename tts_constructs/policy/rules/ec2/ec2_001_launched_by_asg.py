"""TTS-EC2-001: EC2 instances are launched only by an auto-scaling group."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tts_constructs.policy.aws.launch_templates import INSTANCE
from tts_constructs.policy.model.checks import check_each
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Text
from tts_constructs.policy.result import Result

_LAUNCHING = frozenset({"runinstances", "requestspotinstances", "requestspotfleet", "createfleet"})
_FIELD = re.compile(r'"(service|action)"\s*:\s*"([^"]*)"')
_EC2 = re.compile(r"(.*\W)?ec2(client)?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")

_PLACE = "${"
"""Marks a part of a text that is not known."""


def _launches(resource: Resource) -> Iterator[Result]:
    yield Result("violation", "", f"{resource.type} launches instances outside an auto-scaling group.")


def _sdk_calls(custom: Resource) -> Iterator[Result]:
    yield from check_each([custom[event] for event in ("Create", "Update", "Delete")], _sdk_call)


def _sdk_call(event: Node) -> Iterator[Result]:
    fields = _FIELD.findall(_call_text(event))
    services = [value.strip() for name, value in fields if name == "service"]
    if not any(_EC2.fullmatch(service) or _PLACE in service for service in services):
        return
    actions = [value.strip() for name, value in fields if name == "action"]
    for action in actions:
        if action.lower().removesuffix("command") in _LAUNCHING:
            yield event.violation(f"It calls {action} of EC2, so it launches instances outside a group.")
    if not actions or any(_PLACE in action for action in actions):
        yield event.unknown("Which action of EC2 it calls cannot be decided. Write the action itself.")


def _call_text(event: Node) -> str:
    """Return the JSON text of an SDK call, which older CDK versions write as a map."""
    if isinstance(event.value, dict | list):
        return json.dumps(event.plain(), default=lambda _: _PLACE)
    text = str(event.value) if isinstance(event.value, Text) else event.text() or ""
    try:
        return json.dumps(json.loads(text))  # so that no escape hides a name
    except (ValueError, RecursionError):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


RULE = Rule(
    id="TTS-EC2-001",
    title="EC2 instances are launched only by an auto-scaling group",
    why="When hardware fails, AWS ends the machines on it. A group starts new ones by itself; an "
    "instance that was launched alone is gone, and the system with it. That holds for bastions and "
    "NAT instances too.",
    source="Handbook, “Auto scale groups”: “In order to ensure that systems remain available even in "
    "the face of hardware failures within AWS leading to VMs being terminated, all EC2 instances must "
    "be launched within an auto-scaling group from an AMI.”",
    section="Auto scale groups",
    fix="Use TtsAsgService. Or write `autoscaling.AutoScalingGroup` with `min_capacity=2`, "
    "`vpc_subnets=` (private ones), and `launch_template=`; give the template the baseline image "
    "(`ec2.MachineImage.lookup`), `require_imdsv2=True`, and encrypted `block_devices=`. For NAT use NAT "
    "gateways. You need no bastion: nobody logs in to an instance.",
    template_fix="Write an `AWS::AutoScaling::AutoScalingGroup` with MinSize of 2 and private subnets, "
    "that launches from an `AWS::EC2::LaunchTemplate` with the baseline image, HttpTokens: required, and "
    "encrypted volumes. For NAT use NAT gateways. You need no bastion: nobody logs in to an instance.",
    decides="AWS::EC2::Instance, AWS::EC2::SpotFleet, AWS::EC2::EC2Fleet, AWS::Cloud9::EnvironmentEC2 "
    "and AWS::OpsWorks::Instance are violations. So is a custom resource (Custom::* or "
    "AWS::CloudFormation::CustomResource) whose Create, Update or Delete names the EC2 service, in "
    "any spelling of the SDKs, with an action that launches: RunInstances, RequestSpotInstances, "
    "RequestSpotFleet or CreateFleet. It is unknown where the service is EC2 and the action cannot be "
    "read.",
    controls=("CP-2", "CP-10", "SC-36", "SI-13", "CM-2"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        INSTANCE: _launches,
        "AWS::EC2::SpotFleet": _launches,
        "AWS::EC2::EC2Fleet": _launches,
        "AWS::Cloud9::EnvironmentEC2": _launches,
        "AWS::OpsWorks::Instance": _launches,
        "AWS::CloudFormation::CustomResource": _sdk_calls,
        "Custom::*": _sdk_calls,
    },
)
