"""TTS-EC2-001: EC2 instances must be launched by an Auto Scaling group."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.launch_templates import ALONE, MANAGED_INSTANCE
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_LAUNCHING_TYPES = (
    *ALONE,
    MANAGED_INSTANCE,
    "AWS::Cloud9::EnvironmentEC2",
    "AWS::EMR::Cluster",
    "AWS::EMR::InstanceFleetConfig",
    "AWS::EMR::InstanceGroupConfig",
    "AWS::Lambda::CapacityProvider",
    "AWS::Lightsail::Instance",
    "AWS::OpsWorks::Instance",
    "AWS::PCS::ComputeNodeGroup",
    "AWS::Serverless::CapacityProvider",
    "AWSUtility::CloudFormation::CommandRunner",
)
"""Types whose instances run in the account and in no group. Where a customer never sees a service's machines,
TTS-SVC-001 judges the service."""


def _launches(resource: Resource) -> Iterator[Result]:
    yield Result("violation", "", f"{resource.type} launches instances outside an auto-scaling group.")


def _managed_by_ecs(provider: Resource) -> Iterator[Result]:
    managed = provider["ManagedInstancesProvider"]
    if managed.exists:
        managed.reference()  # it may not be there
        yield managed.violation("Amazon ECS launches instances itself, outside an auto-scaling group.")


def _managed_by_eks(cluster: Resource) -> Iterator[Result]:
    enabled = cluster["ComputeConfig"]["Enabled"]
    if enabled.boolean():
        yield enabled.violation("In auto mode EKS launches instances outside an auto-scaling group.")


RULE = Rule(
    id="TTS-EC2-001",
    title="EC2 instances must be launched by an Auto Scaling group",
    why=(
        "When hardware fails, AWS ends the instances on it. An Auto Scaling group starts new ones by "
        "itself. An instance that you launch alone is gone, and your system with it. This applies to "
        "bastions and NAT instances too."
    ),
    source="Handbook, “Auto scale groups”: “In order to ensure that systems remain available even in "
    "the face of hardware failures within AWS leading to VMs being terminated, all EC2 instances must "
    "be launched within an auto-scaling group from an AMI.”",
    section="Auto scale groups",
    fix=(
        "Use TtsAsgService. Or write `autoscaling.AutoScalingGroup` with `min_capacity=2`, `vpc_subnets=` "
        "(private ones), and `launch_template=`. Give the launch template the baseline image "
        "(`ec2.MachineImage.lookup`), `require_imdsv2=True`, and encrypted `block_devices=`. For NAT, use "
        "NAT gateways. You don't need a bastion, because people don't log in to instances."
    ),
    template_fix=(
        "Write an `AWS::AutoScaling::AutoScalingGroup` with a MinSize of 2 and private subnets. Let it "
        "launch from an `AWS::EC2::LaunchTemplate` with the baseline image, HttpTokens: required, and "
        "encrypted volumes. For NAT, use NAT gateways. You don't need a bastion, because people don't log "
        "in to instances."
    ),
    decides=(
        "These break the rule: AWS::EC2::Instance, AWS::EC2::SpotFleet, AWS::EC2::EC2Fleet, and other "
        "resources that start instances outside an Auto Scaling group: Cloud9, OpsWorks, and Lightsail "
        "instances; managed instances of WorkSpaces; EMR clusters, instance groups, and fleets; PCS node "
        "groups; capacity providers of Lambda; capacity providers of ECS with ManagedInstancesProvider; EKS "
        "clusters in auto mode; and the registry type CommandRunner. A call of an API that launches "
        "instances breaks it too, such as RunInstances, RequestSpotInstances, CreateFleet, or RunJobFlow of "
        "EMR, in any spelling of the SDKs. It counts in a custom resource (Create, Update, Delete), a state "
        "machine, a schedule, an automation document, or a method of an API, and so does running an AWS "
        "document that launches instances. The rule can't decide if the service is one of these and the "
        "action can't be read."
    ),
    controls=("CP-2", "CP-10", "SC-36", "SI-13", "CM-2"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-EC2-001",
        {
            **dict.fromkeys(_LAUNCHING_TYPES, _launches),
            "AWS::ECS::CapacityProvider": fixed_by(
                _managed_by_ecs,
                "Use `ecs.AsgCapacityProvider` with an auto-scaling group, or Fargate.",
                "Write `AutoScalingGroupProvider`, or use Fargate.",
            ),
            "AWS::EKS::Cluster": fixed_by(
                _managed_by_eks,
                "Switch auto mode off, and use node groups or Fargate profiles.",
                "Write `Enabled: false`, and use an `AWS::EKS::Nodegroup` or an `AWS::EKS::FargateProfile`.",
            ),
        },
    ),
)
