"""EC2 and ASG: what the fixes of rules about instances and their groups say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from tests.fixes.following import Fix
from tts_constructs import Access, Alarms, TtsAsgService, TtsSystem, standards
from tts_constructs.system_metadata import Environment

_NAME = "FISMA Ready Baseline Ubuntu (* - Packer)"
_OWNERS = '[image]\nowners = ["777788889999"]\n'
_KEYS = (
    "filters.image-type.0=machine:filters.name.0={name}:filters.state.0=available",
    "filters.architecture.0=x86_64:filters.image-type.0=machine:filters.name.0={name}:filters.state.0=available",
)
_RECORDED = {
    f"ami:account=111122223333:{key.format(name=_NAME)}:owners.0=777788889999:region=us-east-1": "ami-0f15a"
    for key in _KEYS
}
_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
_SMALL = ec2.InstanceType("t3.small")
_ANY_IMAGE = ec2.MachineImage.generic_linux({"us-east-1": "ami-0a1b2c3d"})


def _volumes(**more: Any) -> list[ec2.BlockDevice]:
    volume = ec2.BlockDeviceVolume.ebs(40, **more)
    return [ec2.BlockDevice(device_name=device, volume=volume) for device in standards.IMAGE_DEVICES]


def _template(stack: cdk.Stack, vpc: ec2.Vpc, **more: Any) -> ec2.LaunchTemplate:
    given: dict[str, Any] = {
        "machine_image": _ANY_IMAGE,
        "instance_type": _SMALL,
        "security_group": ec2.SecurityGroup(stack, "Instances", vpc=vpc),
        "require_imdsv2": True,
        "block_devices": _volumes(encrypted=True),
    }
    return ec2.LaunchTemplate(stack, "Template", **(given | more))


def _group(stack: cdk.Stack, vpc: ec2.Vpc | None = None, **more: Any) -> autoscaling.AutoScalingGroup:
    vpc = vpc or ec2.Vpc(stack, "Vpc")
    given: dict[str, Any] = {"min_capacity": 2, "max_capacity": 4, "launch_template": _template(stack, vpc)}
    return autoscaling.AutoScalingGroup(stack, "Group", vpc=vpc, **(given | more))


# TTS-EC2-001


def _instance(stack: cdk.Stack) -> ec2.Instance:
    vpc = ec2.Vpc(stack, "Vpc")
    return ec2.Instance(stack, "Bastion", vpc=vpc, machine_image=_ANY_IMAGE, instance_type=_SMALL)


def _group_of_instances(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=ec2.MachineImage.lookup(name=_NAME, owners=["777788889999"]),
        instance_type=_SMALL,
        role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
        security_group=ec2.SecurityGroup(stack, "Instances", vpc=vpc),
        require_imdsv2=True,
        block_devices=_volumes(encrypted=True),
    )
    autoscaling.AutoScalingGroup(
        stack,
        "Group",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        launch_template=template,
        min_capacity=2,
        max_capacity=4,
    )


def _service(stack: cdk.Stack) -> None:
    system = TtsSystem(
        stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="benefits@example.gov"
    )
    TtsAsgService(
        system,
        "Web",
        access=Access.internal(),
        port=8080,
        alarms=Alarms.to_email("benefits@example.gov"),
        certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE),
    )


# TTS-EC2-002


def _launch_configuration(stack: cdk.Stack) -> None:
    autoscaling.AutoScalingGroup(
        stack,
        "Group",
        vpc=ec2.Vpc(stack, "Vpc"),
        machine_image=_ANY_IMAGE,
        instance_type=_SMALL,
        require_imdsv2=True,
        block_devices=[
            autoscaling.BlockDevice(
                device_name=device, volume=autoscaling.BlockDeviceVolume.ebs(40, encrypted=True)
            )
            for device in standards.IMAGE_DEVICES
        ],
        min_capacity=2,
        max_capacity=4,
    )


def _launch_template(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=_ANY_IMAGE,
        instance_type=_SMALL,
        role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
        security_group=ec2.SecurityGroup(stack, "Instances", vpc=vpc),
        require_imdsv2=True,
        block_devices=_volumes(encrypted=True),
    )
    autoscaling.AutoScalingGroup(
        stack, "Group", vpc=vpc, launch_template=template, min_capacity=2, max_capacity=4
    )


# TTS-EC2-003


def _another_image(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", machine_image=_ANY_IMAGE)


def _baseline_image(stack: cdk.Stack) -> None:
    image = ec2.MachineImage.lookup(name=_NAME, owners=["777788889999"])
    ec2.LaunchTemplate(stack, "Template", machine_image=image)


def _baseline_image_of_an_owner(stack: cdk.Stack) -> None:
    Path("tts.toml").write_text('[image]\nowners = ["777788889999"]\n', encoding="utf-8")
    image = ec2.MachineImage.lookup(name=_NAME, owners=["777788889999"])
    ec2.LaunchTemplate(stack, "Template", machine_image=image)


# TTS-EC2-004


def _imdsv1(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


def _imdsv2(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", require_imdsv2=True)


_TEMPLATE_OF_IMDSV1 = """
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {InstanceType: t3.small}}
"""
_TEMPLATE_OF_IMDSV2 = """
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {InstanceType: t3.small, MetadataOptions: {HttpTokens: required}}}
"""


# TTS-EC2-005


def _volume_of_the_image(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template")


def _mapped_volume(stack: cdk.Stack) -> None:
    ec2.LaunchTemplate(stack, "Template", block_devices=_volumes())


def _encrypted_volumes(stack: cdk.Stack) -> None:
    root = ec2.BlockDevice(device_name="/dev/sda1", volume=ec2.BlockDeviceVolume.ebs(30, encrypted=True))
    logs = ec2.BlockDevice(device_name="/dev/sdk", volume=ec2.BlockDeviceVolume.ebs(40, encrypted=True))
    ec2.LaunchTemplate(stack, "Template", block_devices=[root, logs])


def _volume_alone(stack: cdk.Stack) -> None:
    size = cdk.Size.gibibytes(8)
    ec2.Volume(stack, "Volume", availability_zone="us-east-1a", size=size)


def _encrypted_volume_alone(stack: cdk.Stack) -> None:
    size = cdk.Size.gibibytes(8)
    ec2.Volume(stack, "Volume", availability_zone="us-east-1a", size=size, encrypted=True)


# TTS-EC2-006


def _public_address(stack: cdk.Stack) -> None:
    _template(stack, ec2.Vpc(stack, "Vpc"), associate_public_ip_address=True)


def _no_public_address(stack: cdk.Stack) -> None:
    _template(stack, ec2.Vpc(stack, "Vpc"), associate_public_ip_address=False)


def _public_subnets(stack: cdk.Stack) -> None:
    _group(stack, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))


def _private_subnets(stack: cdk.Stack) -> None:
    _group(stack, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS))


def _elastic_address(stack: cdk.Stack) -> None:
    ec2.CfnEIP(stack, "Address", instance_id=_instance(stack).instance_id)


# TTS-ASG-001


def _one_instance(stack: cdk.Stack) -> None:
    _group(stack, min_capacity=1, desired_capacity=1)


def _two_instances(stack: cdk.Stack) -> None:
    _group(stack, min_capacity=2, desired_capacity=2)


def _one_at_night(stack: cdk.Stack) -> None:
    night = autoscaling.Schedule.cron(hour="22", minute="0")
    _group(stack).scale_on_schedule("Night", schedule=night, min_capacity=1)


def _two_at_night(stack: cdk.Stack) -> None:
    night = autoscaling.Schedule.cron(hour="22", minute="0")
    _group(stack).scale_on_schedule("Night", schedule=night, min_capacity=2)


def _one_zone(stack: cdk.Stack) -> None:
    _group(stack, ec2.Vpc(stack, "Vpc", max_azs=1))


def _two_zones(stack: cdk.Stack) -> None:
    private = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    _group(stack, ec2.Vpc(stack, "Vpc", max_azs=2), vpc_subnets=private)


# TTS-ASG-002


def _balanced(stack: cdk.Stack, **more: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    targets = elbv2.ApplicationTargetGroup(
        stack, "Targets", vpc=vpc, port=8080, protocol=elbv2.ApplicationProtocol.HTTP
    )
    _group(stack, vpc, **more).attach_to_application_target_group(targets)


def _balancer_checks(stack: cdk.Stack) -> None:
    _balanced(
        stack,
        health_checks=autoscaling.HealthChecks.with_additional_checks(
            additional_types=[autoscaling.AdditionalHealthCheckType.ELB], grace_period=cdk.Duration.minutes(5)
        ),
    )


# TTS-ASG-003


def _for_ever(stack: cdk.Stack) -> None:
    _group(stack)


def _for_a_month(stack: cdk.Stack) -> None:
    _group(stack, max_instance_lifetime=cdk.Duration.days(30))


FIXES = (
    Fix("TTS-EC2-001", _instance, (_group_of_instances, _service), settings=_OWNERS, context=_RECORDED),
    Fix("TTS-EC2-002", _launch_configuration, _launch_template),
    Fix("TTS-EC2-003", _another_image, _baseline_image, settings=_OWNERS, context=_RECORDED),
    Fix("TTS-EC2-003", _baseline_image, _baseline_image_of_an_owner, context=_RECORDED),
    Fix("TTS-EC2-004", _imdsv1, _imdsv2),
    Fix("TTS-EC2-004", _TEMPLATE_OF_IMDSV1, _TEMPLATE_OF_IMDSV2),
    Fix("TTS-EC2-005", _volume_of_the_image, _encrypted_volumes),
    Fix("TTS-EC2-005", _mapped_volume, _encrypted_volumes),
    Fix("TTS-EC2-005", _volume_alone, _encrypted_volume_alone),
    Fix("TTS-EC2-006", _public_address, _no_public_address),
    Fix("TTS-EC2-006", _public_subnets, _private_subnets),
    Fix("TTS-EC2-006", _elastic_address, _instance),
    Fix("TTS-ASG-001", _one_instance, _two_instances),
    Fix("TTS-ASG-001", _one_at_night, _two_at_night),
    Fix("TTS-ASG-001", _one_zone, _two_zones),
    Fix("TTS-ASG-002", _balanced, _balancer_checks),
    Fix("TTS-ASG-003", _for_ever, _for_a_month),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
