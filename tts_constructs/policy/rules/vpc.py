"""One system, one VPC: its own, watched, joined to no other, and with its network settings stated."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from tts_constructs.policy.aws import cidr, launch_templates
from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER, LOAD_BALANCER, kind_of
from tts_constructs.policy.aws.pending_lookups import is_vpc_part
from tts_constructs.policy.aws.security_groups import (
    EGRESS,
    GROUP,
    HOLDERS,
    INGRESS,
    groups_on,
    place_of_group,
)
from tts_constructs.policy.aws.tags import PROJECT, carriers, plain_tag, tag
from tts_constructs.policy.aws.vpcs import LIVES_BY, SUBNET, VPC, named_at, vpcs_of
from tts_constructs.policy.model.checks import each, settled
from tts_constructs.policy.model.node import Node, Undecided
from tts_constructs.policy.model.rule import Check, Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import ABSENT, Reference, Text, Unknown, Value
from tts_constructs.policy.paths import places
from tts_constructs.policy.result import Result

FLOW_LOG = "AWS::EC2::FlowLog"
ACL = "AWS::EC2::NetworkAcl"
ACL_ENTRY = "AWS::EC2::NetworkAclEntry"
ACL_ASSOCIATION = "AWS::EC2::SubnetNetworkAclAssociation"

_OWN_VPC = (
    'TTS handbook: "To ensure logical partitioning of systems running within the TTS production environment, '
    'every system must be hosted within its own virtual private cloud (VPC)."'
)


# TTS-VPC-001

_MUST_LIVE_BY = {
    "AWS::AmazonMQ::Broker": ("SubnetIds",),
    "AWS::AutoScaling::AutoScalingGroup": ("VPCZoneIdentifier",),
    "AWS::DAX::Cluster": ("SubnetGroupName",),
    "AWS::DMS::ReplicationInstance": ("ReplicationSubnetGroupIdentifier",),
    "AWS::DocDB::DBCluster": ("DBSubnetGroupName",),
    "AWS::EC2::Instance": ("SubnetId", "NetworkInterfaces", "LaunchTemplate"),
    "AWS::EMR::Cluster": ("Instances/Ec2SubnetId", "Instances/Ec2SubnetIds"),
    "AWS::ElastiCache::CacheCluster": ("CacheSubnetGroupName",),
    "AWS::ElastiCache::ReplicationGroup": ("CacheSubnetGroupName",),
    "AWS::ElastiCache::ServerlessCache": ("SubnetIds",),
    "AWS::Elasticsearch::Domain": ("VPCOptions/SubnetIds",),
    "AWS::MemoryDB::Cluster": ("SubnetGroupName",),
    "AWS::Neptune::DBCluster": ("DBSubnetGroupName",),
    "AWS::OpenSearchService::Domain": ("VPCOptions/SubnetIds",),
    "AWS::RDS::DBCluster": ("DBSubnetGroupName",),
    # An instance of a cluster lives where the cluster does, a replica where its source does.
    "AWS::RDS::DBInstance": (
        "DBSubnetGroupName",
        "DBClusterIdentifier",
        "SourceDBInstanceIdentifier",
        "SourceDBClusterIdentifier",
    ),
    "AWS::Redshift::Cluster": ("ClusterSubnetGroupName",),
    "AWS::RedshiftServerless::Workgroup": ("SubnetIds",),
}
"""Types that run in the default VPC, or in none, unless one of these properties says otherwise."""


def _lives_in_own(resource: Resource) -> Iterator[Result]:
    if resource.type in _MUST_LIVE_BY:
        yield from settled(_lives_in_a_vpc(resource))
    for path in LIVES_BY[resource.type]:
        yield from settled(_lives_in_own_by(resource, path))


def _lives_in_a_vpc(resource: Resource) -> Iterator[Result]:
    place = _missing(resource, _MUST_LIVE_BY)
    if place:
        yield place.violation(f"{place.key} is {place.shown}, so it does not run in the system's VPC.")


def _missing(resource: Resource, table: Mapping[str, tuple[str, ...]]) -> Node | None:
    """The first of the places that a table has for a type, where nothing stands at any of them."""
    stated = [resource.properties.at(path) for path in table.get(resource.type, ())]
    return None if any(map(_says_something, stated)) else next(iter(stated), None)


def _says_something(place: Node) -> bool:
    return place.is_unknown or any(item.value != "" for item in place.items())


def _lives_in_own_by(resource: Resource, path: str) -> Iterator[Result]:
    for place in places(resource.properties, path):
        yield from each(place.items(), _is_own)


def _is_own(place: Node) -> Iterator[Result]:
    named = named_at(place)
    if named is None:
        looked_up = isinstance(place.value, str) and is_vpc_part(place.value, place.stack)
        origin = ", the placeholder of a VPC from a lookup" if looked_up else ""
        yield place.violation(f"It names {place.shown}{origin}, which the app does not make.")
        return
    for vpc in dict.fromkeys(vpcs_of(named)):
        yield from _same_project(place, vpc)


def _same_project(place: Node, vpc: Resource) -> Iterator[Result]:
    try:
        own, others = _project_of(place.resource), _project_of(vpc)
    except Undecided as undecided:
        yield place.unknown(undecided.result.message)
        return
    if own is None or others is None or own == others:
        return
    if isinstance(own, str) and isinstance(others, str):
        yield place.violation(f"It lives in {vpc.logical_id}, the VPC of Project {others}, and is of {own}.")
    else:
        yield place.unknown(
            f"Whether {vpc.logical_id} is of the same Project is not known. Write both as text."
        )


def _project_of(resource: Resource) -> Value:
    """The project of a resource by its tag, else by the record of its template; None: neither says.

    Raises:
        Undecided: Whether it has the tag is not known before deployment.
    """
    if resource.type in carriers():
        plain = plain_tag(resource, PROJECT)
        if plain is not None:
            return plain.strip()
        place = tag(resource, PROJECT)
        if place:
            return place.value
    recorded = resource.stack.record.get("project")
    return recorded.strip() if isinstance(recorded, str) else None


# TTS-VPC-002

_CLASSIC_PROPERTIES = {
    "AWS::AutoScaling::LaunchConfiguration": "ClassicLinkVPCId",
    "AWS::ElastiCache::CacheCluster": "CacheSecurityGroupNames",
    "AWS::ElastiCache::ReplicationGroup": "CacheSecurityGroupNames",
    "AWS::RDS::DBInstance": "DBSecurityGroups",
    "AWS::Redshift::Cluster": "ClusterSecurityGroups",
}
"""Properties that exist for EC2-Classic alone."""


def _is_classic(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation(f"{resource.type} exists for EC2-Classic alone.")


def _has_classic_property(resource: Resource) -> Iterator[Result]:
    place = resource[_CLASSIC_PROPERTIES[resource.type]]
    if place.is_unknown or place.items():
        yield place.violation(f"{place.key} exists for EC2-Classic alone.")


def _group_outside(group: Resource) -> Iterator[Result]:
    vpc = group["VpcId"]
    if vpc.value in ("", None, ABSENT):
        yield vpc.violation("The group names no VPC.")


def _balancer_outside(balancer: Resource) -> Iterator[Result]:
    subnets = balancer["Subnets"]
    if not subnets.is_unknown and not subnets.items():
        yield subnets.violation("The load balancer names no subnets, so it is not in a VPC.")


def _address_outside(address: Resource) -> Iterator[Result]:
    domain = address["Domain"]
    if (domain.text() or "vpc").lower() != "vpc":
        yield domain.violation(f"Domain is {domain.shown}; an address for a VPC has the domain vpc.")


_CLASSIC_CHECKS: dict[str, Check] = {
    "AWS::EC2::EIP": fixed_by(_address_outside, 'Write `domain="vpc"`.', "Write `Domain: vpc`."),
    "AWS::ElastiCache::SecurityGroup*": _is_classic,
    "AWS::RDS::DBSecurityGroup*": _is_classic,
    "AWS::Redshift::ClusterSecurityGroup*": _is_classic,
    CLASSIC_LOAD_BALANCER: fixed_by(
        _balancer_outside,
        "Use TtsAsgService, or an `elbv2.ApplicationLoadBalancer` with `vpc=`.",
        "Use an AWS::ElasticLoadBalancingV2::LoadBalancer, and name its `Subnets`.",
    ),
    GROUP: fixed_by(_group_outside, "Write `vpc_id=` with the VPC of the app.", "Write `VpcId`."),
    **dict.fromkeys(_CLASSIC_PROPERTIES, _has_classic_property),
}


# TTS-VPC-003


def _joins(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation(f"{resource.type} joins the VPC to another network.")


def _transit_gateway(resource: Resource) -> Iterator[Result]:
    if resource.type.endswith("Attachment"):
        yield from _joins(resource)


def _shares(share: Resource) -> Iterator[Result]:
    yield from each(share["ResourceArns"].items(), _is_subnet)


def _is_subnet(arn: Node) -> Iterator[Result]:
    value = arn.value
    references = value.references if isinstance(value, Text) else (value,)
    if ":subnet/" in str(value) or any(
        isinstance(part, Reference) and part.resource.type == SUBNET for part in references
    ):
        yield arn.violation("A subnet is shared with other accounts, whose systems then run in this VPC.")
    elif isinstance(value, Unknown) or (isinstance(value, Text) and "/" not in str(value)):
        arn.text()


# TTS-VPC-004


def _is_watched(vpc: Resource) -> Iterator[Result]:
    logs = vpc.stack.assembly.index(_watched, FLOW_LOG)
    doubts = [f"What {log.logical_id} watches is not known." for log in logs.undecided]
    faults = []
    for log in logs[vpc]:
        try:
            fault = _fault_of(log, vpc)
        except Undecided as undecided:
            doubts.append(f"Of {log.logical_id}: {undecided.result.message}")
        else:
            if fault is None:
                return
            faults.append(fault)
    if doubts:
        yield vpc.properties.unknown(f"No flow log of all traffic is known to watch the VPC. {doubts[0]}")
    else:
        yield vpc.properties.violation(
            faults[0] if faults else "No AWS::EC2::FlowLog of the app watches the VPC."
        )


def _watched(log: Resource) -> Iterator[Hashable]:
    reference = log["ResourceId"].reference()
    if reference and reference.attribute in {"", "VpcId"}:
        yield reference.resource


def _fault_of(log: Resource, vpc: Resource) -> str | None:
    if not log.stands_with(vpc):
        return f"The flow log {log.logical_id} stands under a condition that the VPC does not have."
    if (log["TrafficType"].text() or "").upper() != "ALL":
        return f"The flow log {log.logical_id} has the TrafficType {log['TrafficType'].shown}, not ALL."
    if not (log["LogGroupName"].exists or log["LogDestination"].exists):
        return f"The flow log {log.logical_id} has no destination."
    return None


# TTS-VPC-005


def _subnet_has_acl(subnet: Resource) -> Iterator[Result]:
    associations = subnet.stack.assembly.index(_associated, ACL_ASSOCIATION)
    if any(association.stands_with(subnet) for association in associations[subnet]):
        return
    if associations.undecided:
        doubtful = associations.undecided[0].logical_id
        yield subnet.properties.unknown(f"Whether {doubtful} gives the subnet its network ACL is not known.")
    else:
        message = "No network ACL is associated with the subnet, so the VPC's default one allows everything."
        yield subnet.properties.violation(message)


def _associated(association: Resource) -> Iterator[Hashable]:
    reference = association["SubnetId"].reference()
    if reference:
        yield reference.resource


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
    family = _family_of_all(entry)
    number = entry["RuleNumber"].number()
    if family is None or number is None:
        return
    key = (*_acl_and_direction(entry), family)
    for other in entry.stack.assembly.index(_all_traffic, ACL_ENTRY)[key]:
        if (other["RuleNumber"].number() or 0) < number and other.stands_with(entry):
            return
    direction = "out to" if key[1] else "in from"
    yield entry["RuleAction"].violation(f"The entry lets everything {direction} everywhere ({family}).")


def _all_traffic(entry: Resource) -> Iterator[Hashable]:
    family = _family_of_all(entry)
    if family:
        entry["RuleNumber"].number()
        yield (*_acl_and_direction(entry), family)


def _acl_and_direction(entry: Resource) -> tuple[Hashable, bool]:
    acl = entry["NetworkAclId"]
    reference = acl.reference()
    return reference.resource if reference else acl.text(), bool(entry["Egress"].boolean())


def _family_of_all(entry: Resource) -> str | None:
    """`IPv4` or `IPv6` where an entry speaks of all protocols from or to everywhere."""
    if entry["Protocol"].number() != -1:
        return None
    for key, family in (("CidrBlock", "IPv4"), ("Ipv6CidrBlock", "IPv6")):
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
"""Types that AWS puts on the VPC's default security group unless one of these properties says otherwise."""

_IN_A_VPC_BY = {
    "AWS::ECS::Service": "NetworkConfiguration/AwsvpcConfiguration",
    "AWS::Elasticsearch::Domain": "VPCOptions",
    "AWS::OpenSearchService::Domain": "VPCOptions",
    "AWS::Transfer::Server": "EndpointDetails",
}
"""Types that have security groups of their own only where this stands."""


def _has_own_groups(holder: Resource) -> Iterator[Result]:
    yield from settled(_names_groups(holder))
    yield from each(list(groups_on(holder)), _is_no_default_group)


def _names_groups(holder: Resource) -> Iterator[Result]:
    place = _missing(holder, _DEFAULT_GROUP_UNLESS)
    if place and _takes_groups(holder):
        yield _uses_default_group(place)


def _names_groups_in_each_vpc(cluster: Resource) -> Iterator[Result]:
    yield from _has_own_groups(cluster)
    for network in cluster["VpcConfigs"].items():
        if not _says_something(network["SecurityGroups"]):
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
    yield from each(list(launch_templates.specifications(group)), _template_names_groups)


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


RULES = (
    Rule(
        id="TTS-VPC-001",
        title="Every system runs in its own VPC",
        why=(
            "A VPC is the wall between systems. In one that is shared, an intruder in one system stands "
            "inside the network of the next, and nobody can tell whose traffic a flow log shows."
        ),
        source=_OWN_VPC,
        fix=(
            "Use TtsSystem, whose VPC is system.vpc, and put what runs in it there. Or make the VPC in the "
            "app, `ec2.Vpc(…)`, with a flow log (TTS-VPC-004) and network ACLs (TTS-VPC-005), and hand it, "
            "its subnets, or a subnet group of them over, as in `vpc=vpc`."
        ),
        template_fix=(
            "Make the `AWS::EC2::VPC` and its subnets in the app, with a flow log (TTS-VPC-004) and network "
            "ACLs (TTS-VPC-005), and refer to them by Ref, a parameter of a nested stack, or "
            "Fn::ImportValue. Give a database or cache a subnet group of these subnets."
        ),
        decides=(
            "The VPC, subnets or subnet group that a resource names must be made by the same app, by "
            "whatever path the reference goes, and the VPC must have the same Project (by tag, else by the "
            "record of the template). An id or a name that the app does not make is a violation, and so is a "
            "database, cache, search domain, warehouse, broker, instance or auto-scaling group that names "
            "none: it would run in the default VPC or outside of any."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox="warn",
        checks=dict.fromkeys(LIVES_BY, _lives_in_own),
    ),
    Rule(
        id="TTS-VPC-002",
        title="Nothing uses EC2-Classic",
        why=(
            "EC2-Classic was one flat network of all customers of AWS. It was shut down in 2022; a template "
            "that names it comes from documentation that is out of date, and what it states about the "
            "network is void."
        ),
        source=(
            'TTS handbook: "Occasionally, out-of-date documentation from third parties and Amazon itself may '
            'reference EC2 Classic. We at TTS do not support this environment."'
        ),
        fix=(
            "Use TtsSystem, which makes the VPC, and `ec2.SecurityGroup(…)` in it, in place of the security "
            "groups of RDS, ElastiCache, and Redshift."
        ),
        template_fix=(
            "Use an `AWS::EC2::SecurityGroup` with `VpcId`, in place of the security groups of RDS, "
            "ElastiCache, and Redshift."
        ),
        decides=(
            "Resource types and properties that exist for EC2-Classic alone, a security group without VpcId, "
            "a classic load balancer without Subnets, and an elastic address with a Domain other than vpc "
            "are violations."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox="block",
        checks=_CLASSIC_CHECKS,
        waivable=False,
    ),
    Rule(
        id="TTS-VPC-003",
        title="VPCs of different systems are not joined",
        why=(
            "A VPC that is joined to another is one network with it: what breaks into one system reaches the "
            "other. Systems talk to each other as the public does, over HTTPS."
        ),
        source=_OWN_VPC,
        fix=(
            "Remove it, and call the other system at its HTTPS address. Services of one system talk in the "
            "VPC of their TtsSystem, by NetworkPolicy(between=[Flow.service(…)])."
        ),
        decides=(
            "A VPC peering, an attachment to a transit gateway or a Cloud WAN, a VPC Lattice association, "
            "and a share of subnets to other accounts are violations."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox="warn",
        checks={
            "AWS::EC2::TransitGateway*": _transit_gateway,
            "AWS::EC2::VPCPeeringConnection": _joins,
            "AWS::NetworkManager::VpcAttachment": _joins,
            "AWS::RAM::ResourceShare": _shares,
            "AWS::VpcLattice::ServiceNetworkVpcAssociation": _joins,
        },
    ),
    Rule(
        id="TTS-VPC-004",
        title="Every VPC has a flow log of all traffic",
        why=(
            "After an incident the flow log is what tells who talked to whom. A VPC without one, or with one "
            "of rejected traffic alone, leaves no trace of an intruder who was let in."
        ),
        source=(
            'TTS handbook: "Everything you do on these systems is subject to monitoring and auditing." OMB '
            "M-21-31."
        ),
        fix=(
            "Use TtsSystem, which logs all traffic to CloudWatch Logs for 1096 days. Or call "
            "`add_flow_log(…, destination=ec2.FlowLogDestination.to_cloud_watch_logs(…))` on the VPC, "
            "with a log group that keeps the log long enough: "
            "`logs.LogGroup(…, retention=logs.RetentionDays.THREE_YEARS)`. Its traffic type is ALL, as by "
            "default."
        ),
        template_fix=(
            "Add an `AWS::EC2::FlowLog` with the VPC as `ResourceId`, `ResourceType: VPC`, "
            "`TrafficType: ALL`, and as `LogGroupName` a log group with `RetentionInDays: 1096` "
            "(TTS-LOG-002)."
        ),
        decides=(
            "An AWS::EC2::FlowLog of the app, which stands whenever the VPC does, names the VPC, has "
            "TrafficType ALL, and a log group or another destination."
        ),
        controls=("AU-2", "AU-3", "AU-12", "SI-4"),
        force="M",
        production="block",
        sandbox="warn",
        checks={VPC: _is_watched},
    ),
    Rule(
        id="TTS-VPC-005",
        title="Network settings are set at the VPC level",
        why=(
            "Security groups are many, and each is changed on its own. Network ACLs hold for whole subnets, "
            "so one wrong group does not open the network. The VPC's default ACL and group let everything "
            "through."
        ),
        source=(
            'TTS handbook: "Network security settings are set at the VPC level, including what ports IP '
            'addresses EC2 instances can communicate with each other and back out to the internet."'
        ),
        fix=(
            "Use TtsSystem(network=NetworkPolicy(…)), which makes an ACL for each tier. Or make one for each "
            "kind of subnet, `ec2.NetworkAcl(…, vpc=vpc, subnet_selection=ec2.SubnetSelection(…))`, and "
            "allow the ports that are needed, with `add_entry(…)`: what is called, and ports 1024 to 65535 "
            "for the answers."
        ),
        template_fix=(
            "Add an `AWS::EC2::NetworkAcl`, an `AWS::EC2::NetworkAclEntry` for each range of ports that is "
            "needed, and an `AWS::EC2::SubnetNetworkAclAssociation` for each subnet."
        ),
        decides=(
            "Each subnet is associated with a network ACL that the app makes. In no direction may the entry "
            "with the lowest number, among those that speak of all protocols and 0.0.0.0/0 (or ::/0), allow. "
            "No resource names the VPC's default security group, or is put on it because it, or the launch "
            "template of an auto-scaling group, names none."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox=None,
        checks=dict.fromkeys(HOLDERS, fixed_by(_has_own_groups, *_OWN_GROUPS))
        | dict.fromkeys((INGRESS, EGRESS), fixed_by(_rule_of_own_group, *_OWN_GROUPS))
        | {
            SUBNET: _subnet_has_acl,
            ACL_ASSOCIATION: _acl_is_explicit,
            ACL_ENTRY: fixed_by(
                _entry_allows_all,
                "Allow the ports that are needed alone, such as `traffic=ec2.AclTraffic.tcp_port(443)`.",
                "Allow the ports that are needed alone, such as `Protocol: 6` with `PortRange`.",
            ),
            launch_templates.GROUP: fixed_by(_launches_with_own_groups, *_OWN_GROUPS),
            "AWS::MSK::ServerlessCluster": fixed_by(_names_groups_in_each_vpc, *_OWN_GROUPS),
        },
    ),
)
