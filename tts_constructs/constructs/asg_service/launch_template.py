"""The launch template of a service: image, volume, role, security group and user data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from tts_constructs.constructs.asg_service.cloudwatch_agent import (
    Agent,
    agent_commands,
    metrics_statement,
)
from tts_constructs.constructs.asg_service.fetched_at_boot import FetchedAtBoot
from tts_constructs.constructs.asg_service.fisma_ready_image import FismaReadyImage
from tts_constructs.constructs.asg_service.user_data_size import limit_user_data
from tts_constructs.constructs.system.tts_system import TtsSystem

_LARGEST_VOLUME_GIB = 65_536  # of a gp3 volume


@dataclass(frozen=True, kw_only=True)
class InstanceSettings:
    """The settings of a service's instances, besides their image.

    Args:
        instance_type: Their type.
        volume_gib: Size of the root volume in GiB. None: as large as the image's.
        volume_key: Key of the volumes. None: `aws/ebs`.
        fetched: What they fetch at boot.
        user_data: Shell commands that they run at boot, when everything is fetched.
        log_files: Files that the CloudWatch agent sends besides the system's own.
        agent: How they get the CloudWatch agent.
    """

    instance_type: ec2.InstanceType
    volume_gib: int | None
    volume_key: kms.IKey | None
    fetched: FetchedAtBoot
    user_data: Sequence[str]
    log_files: Sequence[str]
    agent: Agent

    def faults(self, image: object) -> Iterator[str]:
        """Yields one sentence for each value that instances can't have, alone or with an image."""
        architecture = self.instance_type.architecture
        if isinstance(image, FismaReadyImage) and image.architecture != architecture:
            yield (
                f"instance_type={self.instance_type.to_string()} is {architecture.name} and image= is "
                f"{image.architecture.name}; write FismaReadyImage(architecture=instance_type.architecture)"
            )
        yield from self.agent.faults(architecture)
        yield from (
            f"log_files= holds {path!r}, which is not an absolute path; write one like '/var/log/app/*.log'"
            for path in self.log_files
            if not path.startswith("/")
        )
        if self.volume_gib is not None and not 1 <= self.volume_gib <= _LARGEST_VOLUME_GIB:
            yield (
                f"volume_gib={self.volume_gib} is not a valid size; write 1 to {_LARGEST_VOLUME_GIB} GiB, or "
                "leave it out to keep the image's"
            )


def launch_template(
    scope: Construct,
    *,
    system: TtsSystem,
    image: FismaReadyImage,
    log_group: logs.ILogGroup,
    settings: InstanceSettings,
) -> ec2.LaunchTemplate:
    """Makes a launch template without a key, a public address, IMDSv1 or an unencrypted volume."""
    if settings.volume_key is not None:
        _let_groups_use(settings.volume_key, scope)
    group = ec2.SecurityGroup(
        scope,
        "InstanceSecurityGroup",
        vpc=system.vpc,
        description=f"Instances of {scope.node.path}",
        allow_all_outbound=False,
    )
    system.state_egress(group)
    role = iam.Role(scope, "InstanceRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    log_group.grant_write(role)
    role.add_to_principal_policy(metrics_statement())
    commands = ec2.UserData.for_linux()
    # First, so that what the service's own commands do is seen even if they fail.
    commands.add_commands(
        *agent_commands(
            settings.agent,
            region=cdk.Stack.of(scope).region,
            architecture=settings.instance_type.architecture,
            log_group_name=log_group.log_group_name,
            log_files=settings.log_files,
            service_name=metrics_name(scope),
        ),
        *settings.fetched.commands(cdk.Stack.of(scope)),
        *settings.user_data,
    )
    limit_user_data(scope, commands)
    return ec2.LaunchTemplate(
        scope,
        "LaunchTemplate",
        machine_image=image,
        instance_type=settings.instance_type,
        role=role,
        security_group=group,
        user_data=commands,
        block_devices=_volumes(image.devices, settings),
        require_imdsv2=True,
        associate_public_ip_address=False,
        detailed_monitoring=True,  # scaling reads its metrics every minute, not every five
    )


def metrics_name(service: Construct) -> str:
    """Returns what the metrics of a service's instances are named by: no other in the region is named so."""
    stack = cdk.Stack.of(service)
    return f"{stack.stack_name}{service.node.path.removeprefix(stack.node.path)}"


def _let_groups_use(key: kms.IKey, scope: Construct) -> None:
    """Lets auto-scaling groups of the account launch with volumes encrypted by `key`.

    It uses conditions, because KMS refuses a policy that names the service-linked role before the account's
    first group has created that role. Only the owner of an imported key can change its policy.
    """
    stack = cdk.Stack.of(scope)
    role = (
        f"arn:{stack.partition}:iam::{stack.account}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling*"
    )
    groups = {"StringEquals": {"kms:CallerAccount": stack.account}, "ArnLike": {"aws:PrincipalArn": role}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            principals=[iam.AnyPrincipal()],
            resources=["*"],
            conditions=groups,
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            principals=[iam.AnyPrincipal()],
            resources=["*"],
            conditions=groups | {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )
    )


def _volumes(devices: Sequence[str], settings: InstanceSettings) -> list[ec2.BlockDevice]:
    """Encrypts each volume of the image. The first one is the root volume, which can be larger."""
    root, *others = devices
    return [_volume(root, settings.volume_gib, settings.volume_key)] + [
        _volume(device, None, settings.volume_key) for device in others
    ]


def _volume(device: str, gib: int | None, key: kms.IKey | None) -> ec2.BlockDevice:
    # Not BlockDeviceVolume.ebs(), which wants a size: without one the volume is as large as the image's.
    volume = ec2.BlockDeviceVolume(
        ec2.EbsDeviceProps(
            encrypted=True,
            kms_key=key,
            volume_size=gib,
            volume_type=ec2.EbsDeviceVolumeType.GP3,
            delete_on_termination=True,
        )
    )
    return ec2.BlockDevice(device_name=device, volume=volume)
