"""TTS-EC2-001: EC2 instances are launched only by an auto-scaling group."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.launch_templates import INSTANCE
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def _launches(resource: Resource) -> Iterator[Result]:
    yield Result("violation", "", f"{resource.type} launches instances outside an auto-scaling group.")


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
    "and AWS::OpsWorks::Instance are violations. So is a call of an API that launches instances, such as "
    "RunInstances, RequestSpotInstances, CreateFleet, or RunJobFlow of EMR, in any spelling of the SDKs, "
    "that a custom resource (Create, Update, Delete), a state machine, a schedule, an automation document or "
    "a method of an API makes, and the run of a document of AWS that launches. It is unknown where the "
    "service is one of these and the action cannot be read.",
    controls=("CP-2", "CP-10", "SC-36", "SI-13", "CM-2"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-EC2-001",
        {
            INSTANCE: _launches,
            "AWS::EC2::SpotFleet": _launches,
            "AWS::EC2::EC2Fleet": _launches,
            "AWS::Cloud9::EnvironmentEC2": _launches,
            "AWS::OpsWorks::Instance": _launches,
        },
    ),
)
