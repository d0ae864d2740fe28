"""TTS-EC2-006: Instances have no public address."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from tts_constructs.policy.aws.launch_templates import (
    COMPUTE_ENVIRONMENT,
    CONFIGURATION,
    INSTANCE,
    LAUNCHERS,
    TEMPLATE,
    has_no_instances,
    subnets,
)
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app, stated


def _addresses_of_template(template: Resource) -> Iterator[Result]:
    yield from _addresses(template.properties.at("LaunchTemplateData/NetworkInterfaces"))


def _addresses_of_instance(instance: Resource) -> Iterator[Result]:
    yield from _addresses(instance["NetworkInterfaces"])


def _addresses_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _address(configuration.properties)


def _addresses(interfaces: Node) -> Iterator[Result]:
    yield from check_each(interfaces.items(), _address)


def _address(interface: Node) -> Iterator[Result]:
    public = interface["AssociatePublicIpAddress"]
    if public.boolean():
        yield public.violation(f"AssociatePublicIpAddress is {public.shown}.")


def _addresses_of_launcher(launcher: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(outside_the_app("whether it gives public addresses")(launcher))
    if launcher.type != COMPUTE_ENVIRONMENT or not has_no_instances(launcher):
        yield from check_each(subnets(launcher).items(), _public_subnet)


def _public_subnet(item: Node) -> Iterator[Result]:
    subnet = item.target("AWS::EC2::Subnet")
    if subnet is None:
        yield item.unknown(
            "The subnet is not one of the app, so whether it gives public addresses cannot be seen. "
            "Make it in the app."
        )
        return
    for result in stop_at_unknown(_gives_addresses(subnet)):
        yield replace(result, location=item.location)


def _gives_addresses(subnet: Resource) -> Iterator[Result]:
    gives = subnet["MapPublicIpOnLaunch"]
    if gives.boolean():
        yield gives.violation(
            f"{subnet.logical_id} gives each instance a public address.",
            fix="Use TtsAsgService, or launch into private subnets: "
            "`vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)`. Put a load "
            "balancer in front.",
            template_fix="Name private subnets, whose `MapPublicIpOnLaunch` is not true. Put a load balancer "
            "in front.",
        )


_NO_ELASTIC_ADDRESS = "Remove the Elastic IP address, and put a load balancer in front."


def _elastic_address(address: Resource) -> Iterator[Result]:
    if stated(address, "InstanceId"):
        yield address["InstanceId"].violation(
            "An Elastic IP address is given to an instance.", fix=_NO_ELASTIC_ADDRESS
        )
    elif address["NetworkInterfaceId"].exists:
        yield from _elastic_address_of_interface(address["NetworkInterfaceId"])


def _elastic_address_of_interface(interface: Node) -> Iterator[Result]:
    if interface.identity() in interface.stack.assembly.index(_interfaces, *_INTERFACE_HOLDERS):
        yield interface.violation(
            "An Elastic IP address is given to a network interface of an instance.", fix=_NO_ELASTIC_ADDRESS
        )
    else:
        yield interface.unknown("Whether an instance has this network interface cannot be seen.")


_INTERFACE_HOLDERS = ("AWS::EC2::NetworkInterfaceAttachment", INSTANCE, TEMPLATE)


def _interfaces(holder: Resource) -> Iterator[Hashable]:
    data = holder["LaunchTemplateData"] if holder.type == TEMPLATE else holder.properties
    for place in (data, *data["NetworkInterfaces"].items()):
        interface = place["NetworkInterfaceId"]
        if interface.exists:
            yield interface.identity()


RULE = Rule(
    id="TTS-EC2-006",
    title="Instances have no public address",
    why="An instance with a public address can be reached from the internet past the load balancer, "
    "which serves HTTPS and writes the logs; then one wrong security group is enough.",
    source="Handbook, “VPCs”: “Network security settings are set at the VPC level, including what "
    "ports IP addresses EC2 instances can communicate with each other and back out to the internet.”; "
    "AWS Foundational Security Best Practices EC2.9 and AutoScaling.5",
    section="VPCs",
    fix="Use TtsAsgService, which launches into the private subnets of TtsSystem. Or write "
    "`associate_public_ip_address=False` and private subnets, and put a load balancer in front.",
    template_fix="Write `AssociatePublicIpAddress: false` and private subnets, and put a load balancer "
    "in front.",
    decides="AssociatePublicIpAddress: true in a network interface of a launch template or instance "
    "or in a launch configuration, a group, node group or compute environment in a subnet with "
    "MapPublicIpOnLaunch: true, and an Elastic IP address of an instance are violations. A launch "
    "template or subnet outside the app is unknown, and so is an Elastic IP address of an interface "
    "that no instance of the app is seen to have.",
    controls=("AC-3", "AC-4", "SC-7"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        TEMPLATE: _addresses_of_template,
        CONFIGURATION: _addresses_of_configuration,
        INSTANCE: _addresses_of_instance,
        "AWS::EC2::EIPAssociation": _elastic_address,
        "AWS::EC2::EIP": _elastic_address,
        **dict.fromkeys(LAUNCHERS, _addresses_of_launcher),
    },
)
