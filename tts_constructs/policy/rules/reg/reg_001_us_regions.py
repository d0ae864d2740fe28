"""TTS-REG-001: Systems must run in United States regions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from tts_constructs.policy.aws.pending_lookups import is_zone, unrecorded
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.intrinsics import is_call, names_resource
from tts_constructs.policy.model.json_text import parsed
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import STACK_SET, Resource, Stack
from tts_constructs.policy.model.values import Parameter, Pseudo, Reference, Text, Unknown, Value, Zones
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.reg._regions import (
    NOT_KNOWN,
    begins_in_the_us,
    is_name,
    is_prose,
    lies_in_the_us,
    may_become_a_model_abroad,
    may_become_a_region_abroad,
    may_name_a_model,
    may_name_abroad,
    models_abroad,
    regions_abroad,
)
from tts_constructs.standards import REGIONS

_NAMES_A_PLACE = {
    "AWS::AutoScaling::AutoScalingGroup": ("AvailabilityZones", "AvailabilityZoneIds"),
    "AWS::CUR::ReportDefinition": ("S3Region",),
    "AWS::Cassandra::Keyspace": ("ReplicationSpecification/RegionList",),
    "AWS::Cassandra::Table": ("ReplicaSpecifications/*/Region",),
    "AWS::CloudFormation::StackSet": ("StackInstancesGroup/*/Regions", "OperationPreferences/RegionOrder"),
    "AWS::CloudFront::Distribution": ("DistributionConfig/Origins/*/OriginShield/OriginShieldRegion",),
    "AWS::CodePipeline::Pipeline": ("ArtifactStores/*/Region", "Stages/*/Actions/*/Region"),
    "AWS::Config::AggregationAuthorization": ("AuthorizedAwsRegion",),
    "AWS::DAX::Cluster": ("AvailabilityZones",),
    "AWS::DLM::LifecyclePolicy": ("PolicyDetails/Schedules/*/CrossRegionCopyRules/*/TargetRegion",),
    "AWS::DMS::ReplicationInstance": ("AvailabilityZone",),
    "AWS::DocDB::DBCluster": ("AvailabilityZones",),
    "AWS::DocDB::DBInstance": ("AvailabilityZone",),
    "AWS::DynamoDB::GlobalTable": ("Replicas/*/Region", "GlobalTableWitnesses/*/Region"),
    "AWS::EC2::CapacityReservation": ("AvailabilityZone", "AvailabilityZoneId"),
    "AWS::EC2::EC2Fleet": ("LaunchTemplateConfigs/*/Overrides/*/AvailabilityZone",),
    "AWS::EC2::Host": ("AvailabilityZone",),
    "AWS::EC2::IPAM": ("OperatingRegions/*/RegionName",),
    "AWS::EC2::Instance": ("AvailabilityZone",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData/Placement/AvailabilityZone",),
    "AWS::EC2::SpotFleet": (
        "SpotFleetRequestConfigData/LaunchSpecifications/*/Placement/AvailabilityZone",
        "SpotFleetRequestConfigData/LaunchTemplateConfigs/*/Overrides/*/AvailabilityZone",
    ),
    "AWS::EC2::Subnet": ("AvailabilityZone", "AvailabilityZoneId"),
    "AWS::EC2::TransitGatewayPeeringAttachment": ("PeerRegion",),
    "AWS::EC2::VPCEndpoint": ("ServiceRegion",),
    "AWS::EC2::VPCEndpointService": ("SupportedRegions",),
    "AWS::EC2::VPCPeeringConnection": ("PeerRegion",),
    "AWS::EC2::Volume": ("AvailabilityZone", "AvailabilityZoneId"),
    "AWS::ECR::ReplicationConfiguration": ("ReplicationConfiguration/Rules/*/Destinations/*/Region",),
    "AWS::EFS::FileSystem": (
        "AvailabilityZoneName",
        "ReplicationConfiguration/Destinations/*/AvailabilityZoneName",
        "ReplicationConfiguration/Destinations/*/Region",
    ),
    "AWS::EMR::Cluster": ("Instances/Placement/AvailabilityZone",),
    "AWS::ElastiCache::CacheCluster": ("PreferredAvailabilityZone", "PreferredAvailabilityZones"),
    "AWS::ElastiCache::GlobalReplicationGroup": ("Members/*/ReplicationGroupRegion",),
    "AWS::ElastiCache::ReplicationGroup": (
        "NodeGroupConfiguration/*/PrimaryAvailabilityZone",
        "NodeGroupConfiguration/*/ReplicaAvailabilityZones",
        "PreferredCacheClusterAZs",
    ),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("AvailabilityZones",),
    "AWS::GlobalAccelerator::EndpointGroup": ("EndpointGroupRegion",),
    "AWS::Neptune::DBCluster": ("AvailabilityZones",),
    "AWS::Neptune::DBInstance": ("AvailabilityZone",),
    "AWS::RDS::DBCluster": ("AvailabilityZones", "SourceRegion"),
    "AWS::RDS::DBInstance": ("AutomaticBackupReplicationRegion", "AvailabilityZone", "SourceRegion"),
    "AWS::Redshift::Cluster": ("AvailabilityZone", "DestinationRegion"),
    "AWS::Route53::HostedZone": ("VPCs/*/VPCRegion",),
    "AWS::Route53::RecordSet": ("Region",),
    "AWS::Route53::RecordSetGroup": ("RecordSets/*/Region",),
    "AWS::SNS::Subscription": ("Region",),
    "AWS::SSMIncidents::ReplicationSet": ("Regions/*/RegionName",),
    "AWS::SecretsManager::Secret": ("ReplicaRegions/*/Region",),
}
"""The properties of each type that name a region or zone; all other texts are searched."""

_REGIONS = "us-east-1, us-east-2, us-west-1, us-west-2, us-gov-east-1, or us-gov-west-1"
_STACK_FIX = f'Give the stack `env=cdk.Environment(account=…, region="us-east-1")`, or one of {_REGIONS}.'
_STACK_TEMPLATE_FIX = f"Deploy the stack to one of {_REGIONS}."


def _stack_runs_in_the_us(stack: Stack) -> Iterator[Result]:
    if not stack.is_deployed:
        return  # a nested stack runs in its parent's region, a StackSet where its resource says
    if stack.region is None and stack.termination_protection is not None:
        message = (
            "The stack has no region, so it can be deployed anywhere. Give it env with a concrete region."
        )
        yield Result("unknown", "", message, fix=_STACK_FIX, template_fix=_STACK_TEMPLATE_FIX)
    elif stack.region is not None and stack.region not in REGIONS:
        yield Result(
            "violation",
            "",
            f"The stack is deployed to {stack.region}.",
            fix=_STACK_FIX,
            template_fix=_STACK_TEMPLATE_FIX,
        )


def _names_the_us(resource: Resource) -> Iterator[Result]:
    assembly = resource.stack.assembly
    paths = _NAMES_A_PLACE.get(resource.type, ())
    is_searched = assembly.cached(_may_name_abroad)
    return _once(resource, _named_places(resource, paths, is_searched)) if paths or is_searched else iter(())


_Named = tuple[str, Result]
"""A thing that is named, such as a region abroad, and the result for the place; nothing if unknown."""


def _once(resource: Resource, named: Iterator[_Named]) -> Iterator[Result]:
    """Yield a result for each region that a resource names, but for that of its stack, which has its own."""
    found: dict[str, list[Result]] = {}
    for place, result in named:
        if not place:
            yield result
        elif place != resource.stack.outermost.region:
            found.setdefault(place, []).append(result)
    for first, *others in found.values():
        count = len(others)
        also = f" {count} other {'place names' if count == 1 else 'places name'} it too: {_listed(others)}."
        yield replace(first, message=f"{first.message}{also}") if others else first


_MOST_LISTED = 3


def _listed(others: list[Result]) -> str:
    named = [result.location for result in others[:_MOST_LISTED]]
    return ", ".join([*named, "…"] if len(others) > _MOST_LISTED else named)


def _named_places(resource: Resource, paths: Iterable[str], is_searched: bool) -> Iterator[_Named]:
    judged: set[str] = set()
    for path in paths:
        try:
            yield from _places_in_the_us(resource, path, judged)
        except UnknownValue as undecided:
            yield "", undecided.result
    for text, node in _texts_below(resource.properties) if is_searched else ():
        if not (node.location in judged or _is_judged_as_template(node)):
            yield from _names_no_region_abroad(text, node)


def _names_no_region_abroad(text: str, node: Node) -> Iterator[_Named]:
    abroad = next(regions_abroad(text), None)
    if abroad:
        yield abroad, node.violation(f"It names the region {abroad}.")
    elif isinstance(node.value, Text) and may_become_a_region_abroad(_marked(node.value)):
        yield "", node.unknown(f"It is {text}, which may name a region abroad. Write the region as a whole.")
    if model := next(models_abroad(text), None):
        message = f"{model} is a model whose requests may leave the United States."
        yield model, node.violation(message, fix=_US_MODEL)
    elif isinstance(node.value, Text) and may_become_a_model_abroad(_marked(node.value)):
        yield (
            "",
            node.unknown(
                f"It is {text}, which may be a model whose requests leave the United States. Write its name "
                "as a whole.",
                fix=_US_MODEL,
            ),
        )


_US_MODEL = "Name the model without a scope, or with the scope us."


def _marked(text: Text) -> str:
    """Return a text with marks for what is not known, except the name of a stack and similar parts."""
    return "".join(
        NOT_KNOWN if isinstance(part, Unknown) and not isinstance(part, Pseudo) else str(part)
        for part in text.parts
    )


def _is_judged_as_template(node: Node) -> bool:
    return node.resource.type == STACK_SET and node.location.startswith("Properties/TemplateBody")


def _texts_below(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield each text below a place that can name a region or a model.

    It is read in each way it alone can turn out: all together are too many.
    """
    noted: set[int] = set()
    if _note(node.value, node.stack, noted):
        yield from _noted_below(node, noted)


def _note(raw: Value, stack: Stack, noted: set[int]) -> bool:
    """Return whether a raw piece of a template must be read, and note the maps and lists that must be.

    Most hold only literal texts without a region, and references. They need no nodes.
    """
    kind = type(raw)
    if kind is str:
        return _is_suspect(raw)
    if kind is dict:
        must = is_call(raw)
        if must and names_resource(raw, stack):
            return False
        for held in raw.values():
            must |= _note(held, stack, noted)
    elif kind is list:
        must = False
        for held in raw:
            must |= _note(held, stack, noted)
    else:
        return isinstance(raw, Text)
    if must:
        noted.add(id(raw))
    return must


@lru_cache(maxsize=4096)  # templates repeat most of their texts
def _is_suspect(text: str) -> bool:
    has_escape = "\\u" in text  # of JSON, whose content says more than the text
    return "{{" in text or has_escape or may_name_abroad(text) or may_name_a_model(text)


def _noted_below(node: Node, noted: set[int]) -> Iterator[tuple[str, Node]]:
    value = node.value
    if is_prose(node.key) or _is_no_use(node):
        return
    if isinstance(value, str | Text):
        if not is_name(node.key, str(value)):
            yield from _texts_in(str(value), node)
    elif isinstance(value, dict | list) and not _is_a_denial(value):
        for key, raw in value.items() if isinstance(value, dict) else enumerate(value):
            if _must_be_read(raw, noted):
                is_folded = is_call(raw) or (type(raw) is str and "{{" in raw)
                yield from _texts_of_each_way(node, key) if is_folded else _noted_below(node[key], noted)


def _must_be_read(raw: Value, noted: set[int]) -> bool:
    if type(raw) is str:
        return _is_suspect(raw)
    return id(raw) in noted or isinstance(raw, Text)


def _texts_of_each_way(node: Node, key: str | int) -> Iterator[tuple[str, Node]]:
    ways, complete = node.stack.assembly.explorer.run_all(partial(node.__getitem__, key))
    if not complete:
        message = "It depends on too many conditions to be searched for regions. Use fewer in one text."
        raise UnknownValue(ways[0].unknown(message))
    for way in ways:
        yield from _texts_below(way)


def _is_no_use(node: Node) -> bool:
    """Return whether a place is where Amazon Route 53 checks from, which keeps nothing there."""
    return node.resource.type == "AWS::Route53::HealthCheck" and node.location.endswith("Config/Regions")


def _is_a_denial(statement: Value) -> bool:
    """Return whether a map is a statement of a policy that denies; what it names isn't a use of a region."""
    return isinstance(statement, dict) and statement.get("Effect") == "Deny"


def _texts_in(text: str, node: Node) -> Iterator[tuple[str, Node]]:
    """Yield a text, or the texts of JSON that is written as a text, without denials and prose."""
    content = parsed(node).value if text.lstrip()[:1] in {"{", "["} else None
    if not isinstance(content, dict | list):
        yield text, node
        return
    waiting: list[Value] = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str | Text):
            yield str(value), node.holding(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict) and not _is_a_denial(value):
            waiting += [part for key, held in value.items() if not is_prose(key) for part in (key, held)]


def _may_name_abroad(assembly: Assembly) -> bool:
    """Return whether any template of the assembly can name a region abroad; if not, no search is needed."""
    return any(
        may_name_abroad(text) or may_name_a_model(text)
        for stack in assembly.stacks
        for text in _texts_of(stack)
    )


def _texts_of(stack: Stack) -> Iterator[str]:
    if stack.text is not None and not stack.has_escapes:
        yield stack.text
        return
    waiting: list[Any] = [stack.body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _places_in_the_us(resource: Resource, path: str, judged: set[str]) -> Iterator[_Named]:
    """Yield results for the places at a path, and add the places to `judged`."""
    for place in resource.properties.find_all(path):
        for item in [place] if place.is_unknown else place.items():
            judged.add(item.location)
            try:
                yield from _is_in_the_us(item)
            except UnknownValue as undecided:
                yield "", undecided.result


def _is_in_the_us(place: Node) -> Iterator[_Named]:
    value = place.value.region if isinstance(place.value, Zones) else place.value
    if _is_in_own_region(value):
        return
    text = place.holding(value).text()
    if text and is_zone(text, place.stack):
        message = f"The zone is the placeholder {text}: its lookup is not recorded yet."
        yield "", unrecorded(place, message)
    elif text and not lies_in_the_us(text):
        message = f"{text} is not in a region of the United States that TTS uses."
        yield next(regions_abroad(text), text), place.violation(message)


def _is_in_own_region(value: Value) -> bool:
    """Return whether a value that is not literal is known to be in its stack's region, or in the US."""
    if isinstance(value, Text):
        first = value.parts[0]
        return begins_in_the_us(first) if isinstance(first, str) else _is_in_own_region(first)
    if isinstance(value, Reference):
        return value.attribute == "AvailabilityZone"
    if isinstance(value, Parameter):
        return value.is_zone
    return isinstance(value, Pseudo) and value.name == "AWS::Region"


_IN_THE_US = f"Name a region of the United States, or a zone, replica, or ARN there: {_REGIONS}."

RULE = Rule(
    id="TTS-REG-001",
    title="Systems must run in United States regions",
    why=(
        "The public's information must stay under United States law. The authorizations of TTS cover only "
        "regions in the United States."
    ),
    source='FedRAMP authorizations "AWS US East/West" and "AWS GovCloud", which cover these regions.',
    section="Other mandates and good practice",
    fix=_IN_THE_US,
    decides=(
        "The rule checks the region of each stack, from the manifest, and every region or zone that a "
        "resource names: zones, regions of StackSets, replicas and peers, and any text such as an ARN or an "
        "address, even if it is put together from parts. If a part of a region's name isn't known "
        "(${Area}-west-1), the rule can't decide. These don't count: a region in a policy statement that "
        "denies, in a description or comment, in a tag, or in the name of a resource, and the regions from "
        "which Route 53 checks health. A stack abroad has one finding, whatever names its region. "
        "Amazon Bedrock models with the scope of another place (eu., apac., global.) break the rule. A "
        "template alone has no region to judge. A placeholder zone (dummy1a) is pending while the manifest "
        "says that the lookup of the zones or of the VPC is missing: this warns at synth, and can't be "
        "decided later."
    ),
    controls=("CP-2", "SA-9", "SC-7"),
    force="M",
    production="block",
    sandbox="block",
    checks={"*": _names_the_us},
    stack_check=_stack_runs_in_the_us,
)
