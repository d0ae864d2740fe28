"""TTS-VPC-001: Every system must run in its own VPC."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.beanstalk import NETWORK_OPTIONS, OPTION_HOLDERS, options
from tts_constructs.policy.aws.pending_lookups import is_vpc_part
from tts_constructs.policy.aws.tags import PROJECT, carriers, plain_tag, tag
from tts_constructs.policy.aws.vpcs import VPC_PROPERTIES, named_at, vpcs_of
from tts_constructs.policy.model.checks import check_each, check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Value
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.vpc._shared import OWN_VPC, missing

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
    # An instance is in its cluster's VPC, a replica in its source's.
    "AWS::RDS::DBInstance": (
        "DBSubnetGroupName",
        "DBClusterIdentifier",
        "SourceDBInstanceIdentifier",
        "SourceDBClusterIdentifier",
    ),
    "AWS::Redshift::Cluster": ("ClusterSubnetGroupName",),
    "AWS::RedshiftServerless::Workgroup": ("SubnetIds",),
}
"""Types that run in the default VPC, or in none, unless one of these properties is set."""


def _lives_in_own(resource: Resource) -> Iterator[Result]:
    if resource.type in _MUST_LIVE_BY:
        yield from stop_at_unknown(_lives_in_a_vpc(resource))
    for path in VPC_PROPERTIES[resource.type]:
        yield from stop_at_unknown(_lives_in_own_by(resource, path))


def _lives_in_a_vpc(resource: Resource) -> Iterator[Result]:
    place = missing(resource, _MUST_LIVE_BY)
    if place:
        yield place.violation(f"{place.key} is {place.shown}, so it does not run in the system's VPC.")


def _lives_in_own_by(resource: Resource, path: str) -> Iterator[Result]:
    for place in resource.properties.find_all(path):
        yield from check_items(place, _is_own)


def _options_are_own(environment: Resource) -> Iterator[Result]:
    """Yield what Elastic Beanstalk puts elsewhere; an option holds a list as text with commas."""
    network = [value for name, value in options(environment, NETWORK_OPTIONS) if name in _NETWORK_NAMES]
    yield from check_each(network, _option_is_own)
    inherits = environment.type != "AWS::ElasticBeanstalk::Environment" or environment["TemplateName"].exists
    if not network and not inherits:
        yield environment["OptionSettings"].violation(
            "No option of aws:ec2:vpc is set, so it does not run in the system's VPC."
        )


_NETWORK_NAMES = frozenset({"VPCId", "Subnets", "ELBSubnets", "DBSubnets"})


def _option_is_own(option: Node) -> Iterator[Result]:
    value = option.value
    if isinstance(value, str):
        yield from check_each([option.holding(part.strip()) for part in value.split(",")], _is_own)
    else:
        yield from check_items(option, _is_own)


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
    except UnknownValue as undecided:
        yield place.unknown(undecided.result.message)
        return
    if own is None or others is None or own == others:
        return
    if isinstance(own, str) and isinstance(others, str):
        yield place.violation(f"It lives in {vpc.logical_id}, the VPC of Project {others}, and is of {own}.")
    else:
        yield place.unknown(
            f"{vpc.logical_id} may belong to another Project. Write both Project tags as text."
        )


def _project_of(resource: Resource) -> Value:
    """Return a resource's project by its tag, else by its template's record, or None if neither states it.

    Raises:
        UnknownValue: Whether it has the tag is not known before deployment.
    """
    if resource.type in carriers():
        plain = plain_tag(resource, PROJECT)
        if plain is not None:
            return plain.strip()
        place = tag(resource, PROJECT)
        if place:
            return place.value
    recorded = resource.stack.system_metadata.get("project")
    return recorded.strip() if isinstance(recorded, str) else None


RULE = Rule(
    id="TTS-VPC-001",
    title="Every system must run in its own VPC",
    why=(
        "A VPC separates systems. If two systems share a VPC, an intruder in one is already in the network "
        "of the other, and a flow log doesn't show whose traffic it is."
    ),
    source=OWN_VPC,
    section="VPCs",
    fix=(
        "Use TtsSystem, and put resources in its VPC (system.vpc). Or make the VPC in the app, "
        "`ec2.Vpc(…)`, with a flow log (TTS-VPC-004) and network ACLs (TTS-VPC-005). Then pass the VPC, its "
        "subnets, or a subnet group of them, as in `vpc=vpc`."
    ),
    template_fix=(
        "Make the `AWS::EC2::VPC` and its subnets in the app, with a flow log (TTS-VPC-004) and network "
        "ACLs (TTS-VPC-005). Refer to them by Ref, a parameter of a nested stack, or Fn::ImportValue. Give "
        "a database or cache a subnet group of these subnets."
    ),
    decides=(
        "The same app must make the VPC, subnets, or subnet group that a resource names, whichever way the "
        "reference goes. The VPC must have the same Project, by tag or else by the record of the template. "
        "An ID or name that the app doesn't make breaks the rule. So does a database, cache, search domain, "
        "warehouse, broker, instance, or Auto Scaling group that names none, because it would run in the "
        "default VPC or outside any VPC."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks=dict.fromkeys(VPC_PROPERTIES, _lives_in_own) | dict.fromkeys(OPTION_HOLDERS, _options_are_own),
)
