"""Compute: auto-scaling groups and the baseline of the operating system."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import replace

from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import (
    COMPUTE_ENVIRONMENT,
    CONFIGURATION,
    GROUP,
    LAUNCHERS,
    MIXED,
    NODE_GROUP,
    TEMPLATE,
    has_no_instances,
    launch_template,
    specifications,
    subnets,
)
from tts_constructs.policy.model.checks import each, settled, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Zones
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._image_provenance import unproven

_TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
_INSTANCE = "AWS::EC2::Instance"


def _stated(resource: Resource, key: str) -> bool:
    """Whether a property stands there, whatever its value.

    Raises:
        Undecided: A transform may put it there.
    """
    node = resource[key]
    properties = resource.properties.value
    if node.is_unknown and not (isinstance(properties, dict) and key in properties):
        node.text()
    return node.exists


def _identity(node: Node) -> Hashable:
    """What is named at a node: the resource that is referred to, or the text of an id.

    Raises:
        Undecided: It cannot be decided.
    """
    reference = node.reference()
    return reference.resource if reference else node.text()


def _outside_the_app(what: str) -> Check:
    """A check which says that `what` cannot be seen of the launch templates outside the app."""

    def check(launcher: Resource) -> Iterator[Result]:
        for specification in specifications(launcher):
            yield from settled(_unseen(specification, what))

    return check


def _unseen(specification: Node, what: str) -> Iterator[Result]:
    if launch_template(specification) is None:
        yield specification.unknown(
            f"The launch template is not one of the app, so {what} cannot be seen. Make it in the app."
        )


# TTS-EC2-001: only groups launch instances

_LAUNCHING = frozenset({"runinstances", "requestspotinstances", "requestspotfleet", "createfleet"})
_FIELD = re.compile(r'"(service|action)"\s*:\s*"([^"]*)"')
_EC2 = re.compile(r"(.*\W)?ec2(client)?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PLACE = "${"
"""What stands in a text where a part of it is not known."""


def _launches(resource: Resource) -> Iterator[Result]:
    yield Result("violation", "", f"{resource.type} launches instances outside an auto-scaling group.")


def _sdk_calls(custom: Resource) -> Iterator[Result]:
    yield from each([custom[event] for event in ("Create", "Update", "Delete")], _sdk_call)


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
    """The JSON text of an SDK call, which older versions of the CDK write as a map."""
    if isinstance(event.value, dict | list):
        return json.dumps(event.plain(), default=lambda _: _PLACE)
    text = str(event.value) if isinstance(event.value, Text) else event.text() or ""
    try:
        return json.dumps(json.loads(text))  # so that no escape hides a name
    except (ValueError, RecursionError):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


# TTS-EC2-002: groups launch from launch templates


def _launch_template_used(group: Resource) -> Iterator[Result]:
    others = [key for key in ("LaunchConfigurationName", "InstanceId") if _stated(group, key)]
    for key in others:
        yield group[key].violation(f"{key} is {group[key].shown}, so no launch template is used.")
    if not (others or _stated(group, "LaunchTemplate") or _stated(group, "MixedInstancesPolicy")):
        yield group.properties.violation("Neither LaunchTemplate nor MixedInstancesPolicy is written.")


def _launch_configuration(_: Resource) -> Iterator[Result]:
    yield Result("violation", "", "A launch configuration is not a launch template.")


# TTS-EC2-003: the baseline image

_ITS_IMAGE = "its image"


def _image(image: Node) -> Iterator[Result]:
    if image.exists:
        yield from unproven(image)


def _image_of_template(template: Resource) -> Iterator[Result]:
    yield from _image(template.properties.at("LaunchTemplateData/ImageId"))


def _image_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _image(configuration["ImageId"])


def _image_of_group(group: Resource) -> Iterator[Result]:
    for specification in specifications(group):
        yield from settled(_template_names_image(specification))
    overrides = group.properties.at(MIXED)["Overrides"].items()
    yield from each(overrides, lambda override: _image(override["ImageId"]))


def _image_of_node_group(nodes: Resource) -> Iterator[Result]:
    if nodes["LaunchTemplate"].exists:
        yield from _template_names_image(nodes["LaunchTemplate"])
    else:
        yield nodes["LaunchTemplate"].violation("Without a launch template EKS starts an image of its own.")


def _image_of_environment(environment: Resource) -> Iterator[Result]:
    if has_no_instances(environment):
        return
    resources = environment["ComputeResources"]
    configurations = resources["Ec2Configuration"].items()
    yield from settled(_image(resources["ImageId"]))
    yield from each(configurations, lambda configuration: _image(configuration["ImageIdOverride"]))
    overrides = resources["LaunchTemplate"]["Overrides"].items()
    yield from each(overrides, lambda override: _unseen(override, _ITS_IMAGE))
    overridden = bool(configurations) and all(item["ImageIdOverride"].exists for item in configurations)
    if not (overridden or resources["ImageId"].exists):
        yield from _base_image(resources)


def _base_image(resources: Node) -> Iterator[Result]:
    if resources["LaunchTemplate"].exists:
        yield from _template_names_image(resources["LaunchTemplate"])
    else:
        yield resources.violation("Neither an image nor a launch template is named; Batch starts its own.")


def _template_names_image(specification: Node) -> Iterator[Result]:
    """Whether a launch template names an image at all; the image itself is judged where it stands."""
    yield from _unseen(specification, _ITS_IMAGE)
    template = launch_template(specification)
    if template and not template.properties.at("LaunchTemplateData/ImageId").exists:
        yield specification.violation(f"The launch template {template.logical_id} names no image.")


# TTS-EC2-004: IMDSv2


def _tokens_of_template(template: Resource) -> Iterator[Result]:
    yield from _tokens(template.properties.at("LaunchTemplateData/MetadataOptions"))


def _tokens_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _tokens(configuration["MetadataOptions"])


def _tokens(options: Node) -> Iterator[Result]:
    tokens = options["HttpTokens"]
    if tokens.text() != "required":
        yield tokens.violation(f"HttpTokens is {tokens.shown}, so the metadata service answers IMDSv1.")


# TTS-EC2-005: encrypted volumes


def _volumes_of_template(template: Resource) -> Iterator[Result]:
    yield from _volumes(template.properties.at("LaunchTemplateData/BlockDeviceMappings"))


def _volumes_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _volumes(configuration["BlockDeviceMappings"])


def _volumes(mappings: Node) -> Iterator[Result]:
    yield from each(mappings.items(), _mapped_volume)
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


# TTS-EC2-006: no public address


def _addresses_of_template(template: Resource) -> Iterator[Result]:
    yield from _addresses(template.properties.at("LaunchTemplateData/NetworkInterfaces"))


def _addresses_of_instance(instance: Resource) -> Iterator[Result]:
    yield from _addresses(instance["NetworkInterfaces"])


def _addresses_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _address(configuration.properties)


def _addresses(interfaces: Node) -> Iterator[Result]:
    yield from each(interfaces.items(), _address)


def _address(interface: Node) -> Iterator[Result]:
    public = interface["AssociatePublicIpAddress"]
    if public.boolean():
        yield public.violation(f"AssociatePublicIpAddress is {public.shown}.")


def _addresses_of_launcher(launcher: Resource) -> Iterator[Result]:
    yield from settled(_outside_the_app("whether it gives public addresses")(launcher))
    if launcher.type != COMPUTE_ENVIRONMENT or not has_no_instances(launcher):
        yield from each(subnets(launcher).items(), _public_subnet)


def _public_subnet(item: Node) -> Iterator[Result]:
    subnet = item.target("AWS::EC2::Subnet")
    if subnet is None:
        yield item.unknown(
            "The subnet is not one of the app, so whether it gives public addresses cannot be seen. "
            "Make it in the app."
        )
        return
    for result in settled(_gives_addresses(subnet)):
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
    if _stated(address, "InstanceId"):
        yield address["InstanceId"].violation(
            "An Elastic IP address is given to an instance.", fix=_NO_ELASTIC_ADDRESS
        )
    elif address["NetworkInterfaceId"].exists:
        yield from _elastic_address_of_interface(address["NetworkInterfaceId"])


def _elastic_address_of_interface(interface: Node) -> Iterator[Result]:
    if _identity(interface) in interface.stack.assembly.index(_interfaces, *_INTERFACE_HOLDERS):
        yield interface.violation(
            "An Elastic IP address is given to a network interface of an instance.", fix=_NO_ELASTIC_ADDRESS
        )
    else:
        yield interface.unknown("Whether an instance has this network interface cannot be seen.")


_INTERFACE_HOLDERS = ("AWS::EC2::NetworkInterfaceAttachment", _INSTANCE, TEMPLATE)


def _interfaces(holder: Resource) -> Iterator[Hashable]:
    data = holder["LaunchTemplateData"] if holder.type == TEMPLATE else holder.properties
    for place in (data, *data["NetworkInterfaces"].items()):
        interface = place["NetworkInterfaceId"]
        if interface.exists:
            yield _identity(interface)


# TTS-ASG-001: two instances in two zones


def _two_of_each(group: Resource) -> Iterator[Result]:
    yield from settled(_at_least_two(group, "MinSize"))
    if group["DesiredCapacity"].exists:
        yield from settled(_at_least_two(group, "DesiredCapacity"))
    yield from _two_zones(group["VPCZoneIdentifier"])


_ARGUMENTS = {"MinSize": "min_capacity", "DesiredCapacity": "desired_capacity"}
"""What the CDK calls the sizes of a group."""


def _two_at_any_time(action: Resource) -> Iterator[Result]:
    for key in ("MinSize", "DesiredCapacity"):
        if action[key].exists:
            yield from settled(_at_least_two(action, key))


def _at_least_two(group: Resource, key: str) -> Iterator[Result]:
    least = standards.MIN_INSTANCES
    size = group[key]
    if not (size.number() or 0) >= least:  # so that a size which is no number is too small
        yield size.violation(
            f"{key} is {size.shown}; a group has {least} instances at least.",
            fix=f"Write `{_ARGUMENTS[key]}={least}` or more.",
            template_fix=f"Write {key} of {least} or more.",
        )


def _two_zones(places: Node) -> Iterator[Result]:
    items = _subnet_items(places)
    distinct = {_identity(item) for item in items if isinstance(item.value, str | Reference)}
    if len(distinct) < standards.MIN_ZONES:
        for item in items:
            _identity(item)  # one that cannot be decided could be another subnet
        yield _in_one_zone(places, f"Distinct subnets: {len(distinct)}.")
        return
    zones = {_zone(place) for place in distinct}
    spellings = {spelling for spelling, _ in zones}
    if len(zones) < standards.MIN_ZONES:
        yield _in_one_zone(places, "All subnets lie in one Availability Zone.")
    elif _UNTOLD not in spellings and len(spellings) == len(zones):
        yield places.unknown(
            "The zones of the subnets are written in different ways, so they may be one and the same. Write "
            "all by name, or all by their position in Fn::GetAZs."
        )


def _in_one_zone(places: Node, message: str) -> Result:
    return places.violation(
        message,
        fix="Use TtsAsgService, or choose `vpc_subnets=` in two zones or more, of a VPC with `max_azs=2` or "
        "more.",
        template_fix="Name two subnets or more, in different zones, in `VPCZoneIdentifier`.",
    )


def _subnet_items(places: Node) -> list[Node]:
    """The subnets that a list names; a text may hold several, with commas between."""
    nodes = []
    for item in places.items():
        value = item.value
        nodes += [item.holding(name) for name in value.split(",")] if isinstance(value, str) else [item]
    return nodes


_UNTOLD = ""
"""How a zone is spelled of which it is not known which one it is."""


def _zone(subnet: Hashable, seen: tuple[Resource, ...] = ()) -> tuple[str, Hashable]:
    """How a subnet's zone is spelled, and what tells it from others that are spelled so."""
    if not isinstance(subnet, Resource) or not isinstance(subnet.properties.value, dict):
        return _UNTOLD, subnet
    for spelling in ("AvailabilityZone", "AvailabilityZoneId"):
        value = subnet[spelling].value
        if isinstance(value, str):
            is_elsewhere = spelling == "AvailabilityZone" and not _is_in_own_region(subnet, value.strip())
            return (_UNTOLD if is_elsewhere else spelling), value.strip()
        if isinstance(value, Zones) and value.position is not None:
            return "Fn::GetAZs", value.position
        if isinstance(value, Reference) and value.attribute == spelling and subnet not in seen:
            return _zone(value.resource, (*seen, subnet))
        if subnet[spelling].exists:  # unknown zones are the same where they are written the same way
            written = subnet.properties.value.get(spelling)
            return _UNTOLD, (subnet.stack, json.dumps(written, sort_keys=True))
    return _UNTOLD, subnet


def _is_in_own_region(subnet: Resource, zone: str) -> bool:
    """Whether a zone can be one of those of the subnet's region; one of another region is none of them."""
    return zone.startswith(subnet.stack.region or "")


# TTS-ASG-002: the health check of the balancer


def _trusts_balancer(group: Resource) -> Iterator[Result]:
    checks = group["HealthCheckType"]
    if isinstance(checks.value, str) and _checks_balancer(checks.value):
        return
    if _is_balanced(group) and not _checks_balancer(checks.text() or ""):
        yield checks.violation(
            f"HealthCheckType is {checks.shown}, so an instance that the balancer finds unhealthy stays."
        )


def _checks_balancer(types: str) -> bool:
    return "ELB" in [name.strip() for name in types.split(",")]


def _is_balanced(group: Resource) -> bool:
    if group["TargetGroupARNs"].items() or group["LoadBalancerNames"].items():
        return True
    if any(source["Type"].text() != "vpc-lattice" for source in group["TrafficSources"].items()):
        return True
    return group in group.stack.assembly.index(_targets, _TARGET_GROUP)


def _targets(target_group: Resource) -> Iterator[Hashable]:
    for target in target_group["Targets"].items():
        yield target["Id"].target()


# TTS-ASG-003: replacement within 30 days


def _replaced_in_time(group: Resource) -> Iterator[Result]:
    lifetime = group["MaxInstanceLifetime"]
    longest = standards.MAX_INSTANCE_LIFETIME_SECONDS
    if not 0 < (lifetime.number() or 0) <= longest:  # 0 means no limit
        yield lifetime.violation(f"MaxInstanceLifetime is {lifetime.shown}; write {longest} or less.")


RULES = (
    Rule(
        id="TTS-EC2-001",
        title="EC2 instances are launched only by an auto-scaling group",
        why="When hardware fails, AWS ends the machines on it. A group starts new ones by itself; an "
        "instance that was launched alone is gone, and the system with it. That holds for bastions and "
        "NAT instances too.",
        source="Handbook, “Auto scale groups”: “In order to ensure that systems remain available even in "
        "the face of hardware failures within AWS leading to VMs being terminated, all EC2 instances must "
        "be launched within an auto-scaling group from an AMI.”",
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
            _INSTANCE: _launches,
            "AWS::EC2::SpotFleet": _launches,
            "AWS::EC2::EC2Fleet": _launches,
            "AWS::Cloud9::EnvironmentEC2": _launches,
            "AWS::OpsWorks::Instance": _launches,
            "AWS::CloudFormation::CustomResource": _sdk_calls,
            "Custom::*": _sdk_calls,
        },
    ),
    Rule(
        id="TTS-EC2-002",
        title="An auto-scaling group launches from a launch template",
        why="A launch template says in one place, in versions, what every new instance is: image, "
        "volumes, metadata service, tags. Launch configurations are closed to new accounts, cannot say "
        "all of it, and a group made from a running instance copies whatever that instance happens to be.",
        source="Handbook, “Auto scale groups”: “all EC2 instances must be launched within an auto-scaling "
        "group from an AMI”; AWS Foundational Security Best Practices AutoScaling.9",
        fix="Use TtsAsgService. Or give the group `launch_template=` with an `ec2.LaunchTemplate`, and move "
        "there what the group said of its instances: machine image, instance type, role, security group, "
        "user data, `require_imdsv2=True`, and `block_devices=`.",
        template_fix="Write `LaunchTemplate`, or `MixedInstancesPolicy`, with an `AWS::EC2::LaunchTemplate`.",
        decides="A group with LaunchConfigurationName or InstanceId is a violation, and so is one with "
        "neither LaunchTemplate nor MixedInstancesPolicy, and every "
        "AWS::AutoScaling::LaunchConfiguration.",
        controls=("CM-2", "CM-3", "CM-6", "SI-2"),
        force="M",
        production="block",
        sandbox="warn",
        checks={GROUP: _launch_template_used, CONFIGURATION: _launch_configuration},
    ),
    Rule(
        id="TTS-EC2-003",
        title="Instances start from the most recent FISMA Ready baseline image",
        why="TTS hardens one image of Ubuntu and keeps it patched. An instance from another image has "
        "none of that, and an image that merely bears the name may have been published by anybody, so "
        "that its origin has to be proven.",
        source="Handbook, “Operating system (OS) baseline”: “You should always launch new instances from "
        "this baseline. You can find them by searching for the most recent AMI with the name `FISMA Ready "
        "Baseline Ubuntu (TIMESTAMP - Packer)`”.",
        fix="Use TtsAsgService, which finds the image with FismaReadyImage. Or write "
        "`ec2.MachineImage.lookup(name=…, owners=[…])` with the name and owner from the settings ([image] in "
        "tts.toml), and commit cdk.context.json. Or read an SSM parameter that the settings name.",
        template_fix="Read the image from an SSM parameter that the settings name ([image] ssm_parameters in "
        "tts.toml): a parameter of type `AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>`, or "
        "`{{resolve:ssm:…}}`.",
        decides="Every ImageId that a launch template, a launch configuration, an override of a "
        "mixed-instances policy or a Batch compute environment states, and every template that a group or "
        "EKS node group launches from. It passes as the recorded result of a lookup by the settings' name "
        "and owner and by no other, or as an SSM parameter that the settings name. Any other literal is a "
        "violation, and so is no image where EKS or Batch would choose one. A launch template outside the "
        "app is unknown. A lookup that is still to be made warns at synth, and is unknown in tts check.",
        controls=("CM-2", "CM-3", "CM-6", "SI-2"),
        force="M",
        production="block",
        sandbox="warn",
        checks={
            TEMPLATE: _image_of_template,
            CONFIGURATION: _image_of_configuration,
            GROUP: _image_of_group,
            NODE_GROUP: _image_of_node_group,
            COMPUTE_ENVIRONMENT: _image_of_environment,
        },
    ),
    Rule(
        id="TTS-EC2-004",
        title="Instances require IMDSv2",
        why="The metadata service hands out the credentials of the instance. Version 1 gives them to "
        "whoever can make a program on the instance fetch a URL; version 2 demands a token, which such a "
        "trick cannot get.",
        source="AWS Foundational Security Best Practices EC2.8 and AutoScaling.3",
        fix="Use TtsAsgService, or give the launch template `require_imdsv2=True`.",
        template_fix="Write `HttpTokens: required` in MetadataOptions.",
        decides="MetadataOptions.HttpTokens of each launch template is required; so it is for a launch "
        "configuration. A launch template outside the app that a group, node group or compute environment "
        "uses is unknown.",
        controls=("AC-3", "AC-6", "SC-7"),
        force="P",
        production="block",
        sandbox="warn",
        checks={
            TEMPLATE: _tokens_of_template,
            CONFIGURATION: _tokens_of_configuration,
            **dict.fromkeys(LAUNCHERS, _outside_the_app("HttpTokens")),
        },
    ),
    Rule(
        id="TTS-EC2-005",
        title="Volumes are encrypted",
        why="A volume may hold the public's information at any time. Encrypted, a copy or a discarded "
        "disk tells nothing. The root volume is as its image has it, unless the launch template says "
        "otherwise.",
        source="Handbook, “Other people's information”: “Any system in AWS might have the public's "
        "information (as opposed to _public_ data) at any time.”",
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
            **dict.fromkeys(LAUNCHERS, _outside_the_app("whether volumes are encrypted")),
        },
    ),
    Rule(
        id="TTS-EC2-006",
        title="Instances have no public address",
        why="An instance with a public address can be reached from the internet past the load balancer, "
        "which serves HTTPS and writes the logs; then one wrong security group is enough.",
        source="Handbook, “VPCs”: “Network security settings are set at the VPC level, including what "
        "ports IP addresses EC2 instances can communicate with each other and back out to the internet.”; "
        "AWS Foundational Security Best Practices EC2.9 and AutoScaling.5",
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
            _INSTANCE: _addresses_of_instance,
            "AWS::EC2::EIPAssociation": _elastic_address,
            "AWS::EC2::EIP": _elastic_address,
            **dict.fromkeys(LAUNCHERS, _addresses_of_launcher),
        },
    ),
    Rule(
        id="TTS-ASG-001",
        title="At least two instances in at least two Availability Zones",
        why="One instance is a system that stops when it stops, and one Availability Zone is a system "
        "that stops when a data centre does. Two of each go on while the missing one is replaced.",
        source="Handbook, “Auto scale groups”: “In order to ensure that systems remain available even in "
        "the face of hardware failures within AWS leading to VMs being terminated, all EC2 instances must "
        "be launched within an auto-scaling group from an AMI.”",
        fix="Use TtsAsgService, which launches into the private subnets of TtsSystem. Or write "
        "`min_capacity=2` or more, and `vpc_subnets=` of two zones or more.",
        template_fix="Write MinSize and DesiredCapacity of 2 or more, and subnets of two zones in "
        "`VPCZoneIdentifier`.",
        decides="MinSize, and DesiredCapacity where it stands, are 2 or more, in scheduled actions too, and "
        "VPCZoneIdentifier names two or more distinct subnets that are not known to lie in one zone. "
        "Zones that are written in different ways, such as us-east-1a beside the first of Fn::GetAZs, can be "
        "one, and are unknown.",
        controls=("CP-2", "CP-10", "SC-36", "SI-13"),
        force="M",
        production="block",
        sandbox=None,
        checks={GROUP: _two_of_each, "AWS::AutoScaling::ScheduledAction": _two_at_any_time},
    ),
    Rule(
        id="TTS-ASG-002",
        title="A group behind a load balancer uses its health check",
        why="By default a group replaces an instance only when the machine fails. One whose program hangs "
        "gets no more requests from the balancer, but it stays and counts, until none is left that "
        "answers.",
        source="AWS Foundational Security Best Practices AutoScaling.1",
        fix="Use TtsAsgService, or write `health_checks=autoscaling.HealthChecks.with_additional_checks(…)` "
        "with `autoscaling.AdditionalHealthCheckType.ELB` and a `grace_period=` in which an instance starts.",
        template_fix="Write `HealthCheckType: ELB`, and a HealthCheckGracePeriod in which an instance "
        "starts.",
        decides="HealthCheckType names ELB where the group has TargetGroupARNs, LoadBalancerNames or "
        "TrafficSources other than VPC Lattice, or where a target group refers to the group.",
        controls=("CP-2", "CP-10", "SI-13"),
        force="P",
        production="block",
        sandbox=None,
        checks={GROUP: _trusts_balancer},
    ),
    Rule(
        id="TTS-ASG-003",
        title="Instances are replaced at least every 30 days, so that they start from a current image",
        why="An image is patched, a running instance is not. Replaced every month, an instance is never "
        "further behind than that, and nothing that crept onto it stays.",
        source="Handbook, “Operating system (OS) baseline”: “You should always launch new instances from "
        "this baseline”, “the most recent AMI”; NIST SP 800-53 SI-2",
        fix="Use TtsAsgService (replace_after of 1 to 30 days), or write "
        "`max_instance_lifetime=cdk.Duration.days(30)`.",
        template_fix=f"Write `MaxInstanceLifetime: {standards.MAX_INSTANCE_LIFETIME_SECONDS}` (seconds), or "
        "less.",
        decides=f"MaxInstanceLifetime is more than 0 and at most {standards.MAX_INSTANCE_LIFETIME_SECONDS} "
        "seconds; 0 and nothing mean no limit.",
        controls=("CM-2", "CM-3", "SI-2"),
        force="P",
        production="warn",
        sandbox=None,
        checks={GROUP: _replaced_in_time},
    ),
)
