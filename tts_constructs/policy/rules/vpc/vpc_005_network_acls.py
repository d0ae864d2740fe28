"""TTS-VPC-005: Every subnet must have a network ACL that restricts traffic."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws import cidr, launch_templates
from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER, LOAD_BALANCER, kind_of
from tts_constructs.policy.aws.security_groups import (
    EGRESS,
    INGRESS,
    SECURITY_GROUP_PROPERTIES,
    groups_on,
    place_of_group,
)
from tts_constructs.policy.aws.vpcs import SUBNET, VPC
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import stands_for_another
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.vpc._shared import missing, says_something

ACL = "AWS::EC2::NetworkAcl"
ACL_ENTRY = "AWS::EC2::NetworkAclEntry"
ACL_ASSOCIATION = "AWS::EC2::SubnetNetworkAclAssociation"


def _subnet_has_acl(subnet: Resource) -> Iterator[Result]:
    associations = subnet.stack.assembly.index(_associated, ACL_ASSOCIATION)
    if any(association.exists_whenever(subnet) for association in associations[subnet]):
        return
    if associations.undecided:
        doubtful = associations.undecided[0].logical_id
        yield subnet.properties.unknown(
            f"{doubtful} names a subnet or network ACL that is not known, so this subnet may have none."
        )
    else:
        message = "No network ACL is associated with the subnet, so the VPC's default one allows everything."
        yield subnet.properties.violation(message)


def _associated(association: Resource) -> Iterator[Hashable]:
    subnet = association["SubnetId"].referred()
    if subnet:
        yield subnet


def _acl_is_explicit(association: Resource) -> Iterator[Result]:
    place = association["NetworkAclId"]
    reference = place.reference()
    if reference is None:
        yield place.unknown("The network ACL is not in the app, so what it allows cannot be decided.")
    elif reference.resource.type == VPC:
        yield place.violation("It is the VPC's default network ACL, which allows everything.")
    elif reference.resource.type != ACL:
        place.text()


def _entry_allows_all(entry: Resource) -> Iterator[Result]:
    if (entry["RuleAction"].text() or "").lower() != "allow":
        return
    yield from _opens_with_others(entry)
    family = _family_of_all(entry)
    number = entry["RuleNumber"].number()
    if family is None or number is None:
        return
    key = (*_acl_and_direction(entry), family)
    assembly = entry.stack.assembly
    lowest, _ = assembly.in_any_way(_lowest_without_condition, key)
    if lowest and max(lowest) < number:
        return
    for other in assembly.index(_all_traffic, ACL_ENTRY)[key]:
        if (other["RuleNumber"].number() or 0) < number and other.exists_whenever(entry):
            return
    direction = "out to" if key[1] else "in from"
    yield entry["RuleAction"].violation(f"The entry lets everything {direction} everywhere ({family}).")


def _lowest_without_condition(assembly: Assembly, key: Hashable) -> float:
    """Return the lowest number of the entries about all traffic that are always there; infinite: none is."""
    entries = assembly.index(_all_traffic, ACL_ENTRY)[key]
    return min(
        (each["RuleNumber"].number() or 0 for each in entries if not each.conditions), default=math.inf
    )


def _opens_with_others(entry: Resource) -> Iterator[Result]:
    """Yield a violation at the first of the entries that open an ACL together, where none does alone."""
    acl, is_egress = _acl_and_direction(entry)
    for family in _families(entry):
        opening, _ = entry.stack.assembly.in_any_way(_first_of_opening, (acl, is_egress, family))
        if entry in opening:
            direction = "out to" if is_egress else "in from"
            yield entry["RuleAction"].violation(
                f"The entry and others of the ACL let everything {direction} everywhere ({family}): all "
                "addresses, at all ports of TCP and UDP."
            )


def _first_of_opening(assembly: Assembly, key: tuple[Hashable, bool, str]) -> Resource | None:
    """Return the entry with the lowest number of those that open an ACL together, or None if they do not."""
    entries = sorted(assembly.index(_entries_of, ACL_ENTRY)[key], key=_number)
    allowed: list[tuple[Resource, cidr.Opening]] = []
    denied: set[str] = set()
    for entry in entries:
        opening = _opening(entry)
        if opening is None:
            continue
        (protocol, first, last), network = opening
        if denied & {protocol, cidr.ALL_PROTOCOLS}:
            continue
        is_all = cidr.is_anywhere(network) and (first, last) == cidr.ALL_PORTS
        if (entry["RuleAction"].text() or "").lower() == "allow":
            if is_all and protocol == cidr.ALL_PROTOCOLS:
                return None  # it is told alone
            allowed.append((entry, opening))
        elif is_all and not entry.conditions:
            denied.add(protocol)
    opened = cidr.internet_ports(opening for _, opening in allowed)
    if all(cidr.lies_in((protocol, 1, 65535), opened) for protocol in ("tcp", "udp")):
        return allowed[0][0]
    return None


def _number(entry: Resource) -> float:
    try:
        return entry["RuleNumber"].number() or 0
    except UnknownValue:  # told at the entry
        return 0


_PROTOCOLS = {6: "tcp", 17: "udp", -1: cidr.ALL_PROTOCOLS}


def _opening(entry: Resource) -> cidr.Opening | None:
    """Return the ports and the range that an entry is about; None if they are not known."""
    try:
        protocol = _PROTOCOLS.get(int(entry["Protocol"].number() or 0))
        text = entry["CidrBlock"].text() or entry["Ipv6CidrBlock"].text()
        network = cidr.parse(text) if text else None
        first, last = entry["PortRange"]["From"].number(), entry["PortRange"]["To"].number()
    except UnknownValue:
        return None
    if protocol is None or network is None:
        return None
    if protocol == cidr.ALL_PROTOCOLS or first is None or last is None:
        first, last = cidr.ALL_PORTS
    return (protocol, int(first), int(last)), network


def _families(entry: Resource) -> Iterator[str]:
    for key, family in _FAMILIES:
        if entry[key].exists:
            yield family


_FAMILIES = (("CidrBlock", "IPv4"), ("Ipv6CidrBlock", "IPv6"))


def _entries_of(entry: Resource) -> Iterator[Hashable]:
    for family in _families(entry):
        yield (*_acl_and_direction(entry), family)


def _all_traffic(entry: Resource) -> Iterator[Hashable]:
    family = _family_of_all(entry)
    if family:
        entry["RuleNumber"].number()
        yield (*_acl_and_direction(entry), family)


def _acl_and_direction(entry: Resource) -> tuple[Hashable, bool]:
    return entry["NetworkAclId"].identity(), bool(entry["Egress"].boolean())


def _family_of_all(entry: Resource) -> str | None:
    """Return `IPv4` or `IPv6` if an entry covers all protocols from or to everywhere."""
    if entry["Protocol"].number() != -1:
        return None
    for key, family in _FAMILIES:
        text = entry[key].text()
        network = cidr.parse(text) if text else None
        if network and cidr.is_anywhere(network):
            return family
    return None


_DEFAULT_GROUP_UNLESS = {
    "AWS::AppRunner::VpcConnector": ("SecurityGroups",),
    "AWS::DAX::Cluster": ("SecurityGroupIds",),
    "AWS::DocDB::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::EC2::Instance": ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces", "LaunchTemplate"),
    "AWS::EC2::NetworkInterface": ("GroupSet",),
    "AWS::EC2::VPCEndpoint": ("SecurityGroupIds",),
    "AWS::ECS::Service": ("NetworkConfiguration/AwsvpcConfiguration/SecurityGroups",),
    "AWS::EFS::MountTarget": ("SecurityGroups",),
    "AWS::ElastiCache::ReplicationGroup": ("SecurityGroupIds", "CacheSecurityGroupNames"),
    "AWS::ElastiCache::ServerlessCache": ("SecurityGroupIds",),
    CLASSIC_LOAD_BALANCER: ("SecurityGroups",),
    LOAD_BALANCER: ("SecurityGroups",),
    "AWS::Elasticsearch::Domain": ("VPCOptions/SecurityGroupIds",),
    "AWS::MSK::Cluster": ("BrokerNodeGroupInfo/SecurityGroups",),
    "AWS::Neptune::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::OpenSearchService::Domain": ("VPCOptions/SecurityGroupIds",),
    "AWS::RDS::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::RDS::DBInstance": ("VPCSecurityGroups", "DBClusterIdentifier", "DBSecurityGroups"),
    "AWS::RDS::DBProxy": ("VpcSecurityGroupIds",),
    "AWS::Redshift::Cluster": ("VpcSecurityGroupIds", "ClusterSecurityGroups"),
    "AWS::Transfer::Server": ("EndpointDetails/SecurityGroupIds", "EndpointDetails/VpcEndpointId"),
}
"""Types that AWS puts in the VPC's default security group unless one of these properties is set."""

_IN_A_VPC_BY = {
    "AWS::ECS::Service": "NetworkConfiguration/AwsvpcConfiguration",
    "AWS::Elasticsearch::Domain": "VPCOptions",
    "AWS::OpenSearchService::Domain": "VPCOptions",
    "AWS::Transfer::Server": "EndpointDetails",
}
"""Types that have their own security groups only if this property is set."""


def _has_own_groups(holder: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_names_groups(holder))
    yield from check_each(list(groups_on(holder)), _is_no_default_group)


def _names_groups(holder: Resource) -> Iterator[Result]:
    place = missing(holder, _DEFAULT_GROUP_UNLESS)
    if place and _takes_groups(holder):
        yield _uses_default_group(place)


def _names_groups_in_each_vpc(cluster: Resource) -> Iterator[Result]:
    yield from _has_own_groups(cluster)
    for network in cluster["VpcConfigs"].items():
        if not says_something(network["SecurityGroups"]):
            yield _uses_default_group(network["SecurityGroups"])


def _uses_default_group(place: Node) -> Result:
    return place.violation(f"{place.key} is {place.shown}, so the VPC's default security group is used.")


def _takes_groups(holder: Resource) -> bool:
    if holder.type == LOAD_BALANCER:
        return kind_of(holder) == "application"
    if holder.type == "AWS::EC2::VPCEndpoint":
        return (holder["VpcEndpointType"].text() or "Gateway").lower() == "interface"
    return holder.type not in _IN_A_VPC_BY or holder.properties.at(_IN_A_VPC_BY[holder.type]).exists


def _launches_with_own_groups(group: Resource) -> Iterator[Result]:
    yield from check_each(list(launch_templates.specifications(group)), _template_names_groups)


def _template_names_groups(specification: Node) -> Iterator[Result]:
    template = launch_templates.launch_template(specification)
    if template is None:
        yield specification.unknown(
            "The launch template is not one of the app, so its security groups cannot be seen. "
            "Make it in the app."
        )
    elif not any(groups_on(template)):
        yield specification.violation(
            f"The launch template {template.logical_id} names no security group, so instances are put on the "
            "VPC's default one."
        )


_OWN_GROUPS = (
    "Name a security group of your own, `ec2.SecurityGroup(…, allow_all_outbound=False)`.",
    "Name a security group of your own, an `AWS::EC2::SecurityGroup`.",
)


def _rule_of_own_group(rule: Resource) -> Iterator[Result]:
    yield from _is_no_default_group(place_of_group(rule))


def _is_no_default_group(name: Node) -> Iterator[Result]:
    reference = name.reference()
    if reference and reference.resource.type == VPC:
        yield name.violation("It is the VPC's default security group.")
    elif reference and stands_for_another(reference):
        yield name.unknown(
            f"The security group is {name.shown}, which may be the VPC's default one. Make it in the app."
        )
    elif reference is None and name.text():
        yield name.unknown(
            "The security group is not one of the app, so it may be the VPC's default one. Make it in the "
            "app."
        )


RULE = Rule(
    id="TTS-VPC-005",
    title="Every subnet must have a network ACL that restricts traffic",
    why=(
        "You have many security groups, and each can change on its own. A network ACL covers a whole "
        "subnet, so one wrong security group doesn't open the network. The VPC's default network ACL and "
        "security group allow too much."
    ),
    source=(
        'TTS handbook: "Network security settings are set at the VPC level, including what ports IP '
        'addresses EC2 instances can communicate with each other and back out to the internet."'
    ),
    section="VPCs",
    fix=(
        "Use TtsSystem(network=NetworkPolicy(…)), which makes an ACL for each tier. Or make one for each "
        "kind of subnet, `ec2.NetworkAcl(…, vpc=vpc, subnet_selection=ec2.SubnetSelection(…))`. Allow only "
        "the ports that you need, in each `direction=`, with `add_entry(…)`: those that are called, such as "
        "`ec2.AclTraffic.tcp_port(443)`, and `ec2.AclTraffic.tcp_port_range(1024, 65535)` for the answers."
    ),
    template_fix=(
        "Add an `AWS::EC2::NetworkAcl`, an `AWS::EC2::NetworkAclEntry` for each range of ports that you "
        "need, and an `AWS::EC2::SubnetNetworkAclAssociation` for each subnet."
    ),
    decides=(
        "Each subnet must be associated with a network ACL that the app makes. In each direction, look at "
        "the entries for all protocols and 0.0.0.0/0 (or ::/0): the one with the lowest number must not "
        "allow. Entries together must not let the internet reach all ports of TCP and UDP. No resource may "
        "name the VPC's default security group, or get it because the resource, or the launch template of "
        "an Auto Scaling group, names no group. The rule can't decide about a security group from outside "
        "the app, because it may be the default one."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox=None,
    checks=dict.fromkeys(SECURITY_GROUP_PROPERTIES, fixed_by(_has_own_groups, *_OWN_GROUPS))
    | dict.fromkeys((INGRESS, EGRESS), fixed_by(_rule_of_own_group, *_OWN_GROUPS))
    | {
        SUBNET: _subnet_has_acl,
        ACL_ASSOCIATION: _acl_is_explicit,
        ACL_ENTRY: fixed_by(
            _entry_allows_all,
            "Allow only the ports that you need, such as `traffic=ec2.AclTraffic.tcp_port(443)`.",
            "Allow only the ports that you need, such as `Protocol: 6` with `PortRange`.",
        ),
        launch_templates.GROUP: fixed_by(_launches_with_own_groups, *_OWN_GROUPS),
        "AWS::MSK::ServerlessCluster": fixed_by(_names_groups_in_each_vpc, *_OWN_GROUPS),
    },
)
