"""TTS-EC2-006: Instances must not have public addresses."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import replace

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.beanstalk import NETWORK_OPTIONS, OPTION_HOLDERS, options
from tts_constructs.policy.aws.launch_templates import (
    ALONE,
    COMPUTE_ENVIRONMENT,
    CONFIGURATION,
    GROUP,
    INSTANCE,
    LAUNCHERS,
    MANAGED_INSTANCE,
    TEMPLATE,
    has_no_instances,
    launch_template,
    settings_of,
    specifications,
    subnets,
)
from tts_constructs.policy.aws.property_tables import PUBLIC_ADDRESSES, property_table
from tts_constructs.policy.aws.subnets import SUBNET, has_private_ipv6
from tts_constructs.policy.model.checks import check_each, check_found, stop_at_unknown, with_fix
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app, stated


def _addresses_of_template(template: Resource) -> Iterator[Result]:
    launchers = template.stack.assembly.index(_templates, *LAUNCHERS, *ALONE)[template]
    launched_into = [place for launcher in launchers for place in subnets(launcher)]
    yield from _stated_addresses(template, launched_into)


def _addresses_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _is_not_public(configuration.properties)


def _addresses_of_instance(instance: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_stated_addresses(instance, subnets(instance)))
    yield from stop_at_unknown(_addresses_of_launcher(instance))
    if not any(stated(instance, name) for name in ("SubnetId", "NetworkInterfaces", "LaunchTemplate")):
        yield _in_default_subnets(instance["SubnetId"])


def _addresses_of_fleet(fleet: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_stated_addresses(fleet, subnets(fleet)))
    yield from stop_at_unknown(_addresses_of_launcher(fleet))


def _addresses_of_managed_instance(instance: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_stated_addresses(instance, subnets(instance)))
    yield from check_each(subnets(instance), _public_subnet)


def _stated_addresses(resource: Resource, launched_into: list[Node]) -> Iterator[Result]:
    """Yield what a resource says of the addresses of its instances, itself and for each network interface."""
    for settings in settings_of(resource):
        yield from stop_at_unknown(_has_no_ipv6(settings, launched_into))
        yield from stop_at_unknown(
            _of_interfaces(settings["NetworkInterfaces"], [settings["SubnetId"], *launched_into])
        )


def _of_interfaces(interfaces: Node, launched_into: list[Node]) -> Iterator[Result]:
    for interface in interfaces.items():
        own = interface["SubnetId"]
        yield from stop_at_unknown(_is_not_public(interface))
        yield from stop_at_unknown(_has_no_ipv6(interface, [own] if own.exists else launched_into))
        if own.exists:
            yield from stop_at_unknown(_public_subnet(own))


def _is_not_public(interface: Node) -> Iterator[Result]:
    for key in ("AssociatePublicIpAddress", "AssociateCarrierIpAddress"):
        public = interface[key]
        if public.boolean():
            yield public.violation(f"{key} is {public.shown}.")


_IPV6_PROPERTIES = ("Ipv6AddressCount", "Ipv6Addresses", "Ipv6PrefixCount", "Ipv6Prefixes")


def _has_no_ipv6(interface: Node, places: list[Node]) -> Iterator[Result]:
    """Yield a violation if an interface has IPv6 addresses that the internet may call."""
    given = [interface[key] for key in _IPV6_PROPERTIES if _says_some(interface[key])]
    if not given:
        return
    named = [place.target(SUBNET) for place in places if place.exists]
    if named and all(subnet and has_private_ipv6(subnet) for subnet in named):
        return
    place = min(given, key=lambda place: place.is_unknown)
    place.reference()  # raises if none of them is known
    yield place.violation(
        f"{place.key} gives an IPv6 address, and no subnet of the app is seen whose IPv6 traffic goes "
        "out through an egress-only internet gateway.",
        fix=_NO_IPV6[0],
        template_fix=_NO_IPV6[1],
    )


def _says_some(place: Node) -> bool:
    return place.exists and place.value not in (0, "0", [])


_NO_IPV6 = (
    "Give no IPv6 addresses. Or route `::/0` of private subnets through an egress-only internet gateway: "
    "`ec2.CfnEgressOnlyInternetGateway`, as `ec2.Vpc(ip_protocol=ec2.IpProtocol.DUAL_STACK)` does.",
    "Give no IPv6 addresses: `AssignIpv6AddressOnCreation: false`, and no Ipv6AddressCount. Or write an "
    "`AWS::EC2::Route` of `::/0` with `EgressOnlyInternetGatewayId` for the subnet.",
)


def _addresses_of_interface(interface: Resource) -> Iterator[Result]:
    place = interface["SubnetId"]
    yield from stop_at_unknown(_has_no_ipv6(interface.properties, [place]))
    with suppress(UnknownValue):  # TTS-VPC-001 judges subnets that are not of the app
        subnet = place.target(SUBNET)
        if subnet:
            yield from _at(place, _gives_ipv6(subnet))


def _templates(launcher: Resource) -> Iterator[Hashable]:
    for specification in specifications(launcher):
        template = launch_template(specification)
        if template:
            yield template


def _addresses_of_launcher(launcher: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(outside_the_app("whether it gives public addresses")(launcher))
    if launcher.type != COMPUTE_ENVIRONMENT or not has_no_instances(launcher):
        yield from check_each(subnets(launcher), _public_subnet)
    if launcher.type == GROUP and not stated(launcher, "VPCZoneIdentifier"):
        yield _in_default_subnets(launcher["VPCZoneIdentifier"])


def _in_default_subnets(place: Node) -> Result:
    return place.violation(
        f"{place.key} is {place.shown}, so instances are launched into the default subnets, which give "
        "each a public address."
    )


def _public_subnet(item: Node) -> Iterator[Result]:
    if not item.exists:
        return
    subnet = item.target(SUBNET)
    if subnet is None:
        yield item.unknown(
            "The subnet is not one of the app, so whether it gives public addresses cannot be seen. "
            "Make it in the app."
        )
        return
    yield from _at(item, _gives_addresses(subnet))
    yield from _at(item, _gives_ipv6(subnet))


def _at(place: Node, results: Iterator[Result]) -> Iterator[Result]:
    """Yield what is said of a subnet where a launcher or an interface names it."""
    for result in stop_at_unknown(results):
        yield replace(result, location=place.location)


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


def _gives_ipv6(subnet: Resource) -> Iterator[Result]:
    gives = subnet["AssignIpv6AddressOnCreation"]
    if gives.boolean() and not has_private_ipv6(subnet):
        yield gives.violation(
            f"{subnet.logical_id} gives each instance an IPv6 address, and its IPv6 traffic does not go out "
            "through an egress-only internet gateway.",
            fix=_NO_IPV6[0],
            template_fix=_NO_IPV6[1],
        )


def _assigned(resource: Resource) -> Iterator[Result]:
    for path in _ASSIGNED_BY[resource.type]:
        yield from check_found(resource.properties, path, _is_not_assigned)


def _is_not_assigned(assigned: Node) -> Iterator[Result]:
    if (assigned.text() or "").upper() == "ENABLED":
        yield assigned.violation(f"{assigned.key} is {assigned.shown}, so each task has a public address.")


def _assigned_by_call(call: Call, path: str) -> Iterator[Result]:
    yield from with_fix(check_each(call.at(path), _is_not_assigned), *_NO_ASSIGNED_ADDRESS)


_ASSIGNED_BY = property_table(PUBLIC_ADDRESSES)
_NO_ASSIGNED_ADDRESS = (
    "Write `assign_public_ip=False` and private subnets, and put a load balancer in front.",
    "Write `AssignPublicIp: DISABLED` and private subnets, and put a load balancer in front.",
)


def _address_options(environment: Resource) -> Iterator[Result]:
    for name, value in options(environment, NETWORK_OPTIONS):
        if name == "AssociatePublicIpAddress" and value.boolean():
            yield value.violation("Elastic Beanstalk gives each instance a public address.")


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
        yield interface.unknown("This network interface may belong to an instance; the app does not show it.")


_INTERFACE_HOLDERS = ("AWS::EC2::NetworkInterfaceAttachment", INSTANCE, TEMPLATE)


def _interfaces(holder: Resource) -> Iterator[Hashable]:
    data = holder["LaunchTemplateData"] if holder.type == TEMPLATE else holder.properties
    for place in (data, *data["NetworkInterfaces"].items()):
        interface = place["NetworkInterfaceId"]
        if interface.exists:
            yield interface.identity()


RULE = Rule(
    id="TTS-EC2-006",
    title="Instances must not have public addresses",
    why=(
        "The internet can reach an instance with a public address directly. This bypasses the load "
        "balancer, which serves HTTPS and writes the logs. A single wrong security group then exposes the "
        "instance."
    ),
    source="Handbook, “VPCs”: “Network security settings are set at the VPC level, including what "
    "ports IP addresses EC2 instances can communicate with each other and back out to the internet.”; "
    "AWS Foundational Security Best Practices EC2.9 and AutoScaling.5",
    section="VPCs",
    fix=(
        "Use TtsAsgService, which launches into the private subnets of TtsSystem. Or write "
        "`associate_public_ip_address=False`, use private subnets, and put a load balancer in front."
    ),
    template_fix=(
        "Write `AssociatePublicIpAddress: false`, use private subnets, and put a load balancer in front."
    ),
    decides=(
        "These break the rule: AssociatePublicIpAddress or AssociateCarrierIpAddress: true of a launch "
        "template, launch configuration, instance, or fleet; AssignPublicIp: ENABLED of services, tasks, "
        "and jobs; a subnet with MapPublicIpOnLaunch: true for a group, node group, compute environment, "
        "instance, or fleet; the default subnets (of a group without VPCZoneIdentifier); and an Elastic IP "
        "address of an instance. An IPv6 address, of an interface or from the subnet, counts as public, "
        "unless the subnet's routes send IPv6 through an egress-only internet gateway and not through an "
        "internet gateway. The rule can't decide about a launch template or subnet outside the app, or "
        "about an Elastic IP address of an interface if no instance of the app is known to have that "
        "interface. Calls of APIs that run ECS tasks count as far as their parameters are written."
    ),
    controls=("AC-3", "AC-4", "SC-7"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-EC2-006",
        {
            TEMPLATE: _addresses_of_template,
            CONFIGURATION: _addresses_of_configuration,
            **dict.fromkeys(ALONE, _addresses_of_fleet),
            INSTANCE: _addresses_of_instance,
            MANAGED_INSTANCE: _addresses_of_managed_instance,
            **dict.fromkeys(OPTION_HOLDERS, _address_options),
            **dict.fromkeys(_ASSIGNED_BY, fixed_by(_assigned, *_NO_ASSIGNED_ADDRESS)),
            "AWS::EC2::EIPAssociation": _elastic_address,
            "AWS::EC2::EIP": _elastic_address,
            "AWS::EC2::NetworkInterface": fixed_by(_addresses_of_interface, *_NO_IPV6),
            **dict.fromkeys(LAUNCHERS, _addresses_of_launcher),
        },
        {"assigned": _assigned_by_call},
    ),
)
