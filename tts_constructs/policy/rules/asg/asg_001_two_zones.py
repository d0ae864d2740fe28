"""TTS-ASG-001: Auto Scaling groups must run at least two instances in at least two Availability Zones."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import GROUP, NODE_GROUP
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Zones
from tts_constructs.policy.result import Result


def _two_of_each(group: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_at_least_two(group["MinSize"], "min_capacity"))
    yield from stop_at_unknown(_two_if_stated(group["DesiredCapacity"], "desired_capacity"))
    yield from _two_zones(group["VPCZoneIdentifier"])


def _two_nodes_of_each(nodes: Resource) -> Iterator[Result]:
    sizes = nodes["ScalingConfig"]
    yield from stop_at_unknown(_at_least_two(sizes["MinSize"], "min_size"))
    yield from stop_at_unknown(_two_if_stated(sizes["DesiredSize"], "desired_size"))
    yield from _two_zones(nodes["Subnets"])


def _two_at_any_time(action: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_two_if_stated(action["MinSize"], "min_capacity"))
    yield from _two_if_stated(action["DesiredCapacity"], "desired_capacity")


_OF_A_GROUP = "autoscaling:autoScalingGroup:DesiredCapacity"
"""The dimension by which a scaling plan changes an auto-scaling group; others change tables, tasks, and the
like."""


def _two_by_plan(plan: Resource) -> Iterator[Result]:
    yield from check_each(plan["ScalingInstructions"].items(), _two_by_instruction)


def _two_by_instruction(instruction: Node) -> Iterator[Result]:
    if instruction["ScalableDimension"].text() == _OF_A_GROUP:
        yield from _at_least_two(instruction["MinCapacity"], "min_capacity")


def _two_if_stated(size: Node, argument: str) -> Iterator[Result]:
    if size.exists:
        yield from _at_least_two(size, argument)


def _at_least_two(size: Node, argument: str) -> Iterator[Result]:
    """Yield a violation if the size of a group is less than two.

    Args:
        size: The place of the size.
        argument: Its name in the CDK.
    """
    least = standards.MIN_INSTANCES
    if not (size.number() or 0) >= least:  # so that a size that is not a number is too small
        yield size.violation(
            f"{size.key} is {size.shown}; a group must have {least} instances or more.",
            fix=f"Write `{argument}={least}` or more.",
            template_fix=f"Write {size.key} of {least} or more.",
        )


def _two_zones(places: Node) -> Iterator[Result]:
    items = _subnet_items(places)
    distinct = {item.identity() for item in items if isinstance(item.value, str | Reference)}
    if len(distinct) < standards.MIN_ZONES:
        for item in items:
            if not item.reference():
                item.text()  # an undecided subnet could be a different one
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
        fix="Use TtsAsgService, or choose subnets in two zones or more (`vpc_subnets=`; `subnets=` of nodes "
        "of EKS), of a VPC with `max_azs=2` or more.",
        template_fix=f"Name two subnets or more, in different zones, in `{places.key}`.",
    )


def _subnet_items(places: Node) -> list[Node]:
    """Return the subnets that a list names; a text may hold several, separated by commas."""
    nodes = []
    for item in places.items():
        value = item.value
        nodes += [item.holding(name) for name in value.split(",")] if isinstance(value, str) else [item]
    return nodes


_UNTOLD = ""
"""The spelling of a zone that is not known."""


def _zone(subnet: Hashable, seen: tuple[Resource, ...] = ()) -> tuple[str, Hashable]:
    """Return the spelling of a subnet's zone, and what tells it from others of that spelling."""
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
        if subnet[spelling].exists:  # unknown zones are equal if they are written the same way
            written = subnet.properties.value.get(spelling)
            return _UNTOLD, (subnet.stack, json.dumps(written, sort_keys=True))
    return _UNTOLD, subnet


def _is_in_own_region(subnet: Resource, zone: str) -> bool:
    """Return whether a zone can be in the subnet's region."""
    return zone.startswith(subnet.stack.region or "")


RULE = Rule(
    id="TTS-ASG-001",
    title="Auto Scaling groups must run at least two instances in at least two Availability Zones",
    why=(
        "If your only instance stops, your system stops. If all instances are in one Availability Zone, an "
        "outage of that zone stops your system. With two instances in two zones, your system keeps running "
        "while the group replaces what failed."
    ),
    source="Handbook, “Auto scale groups”: “In order to ensure that systems remain available even in "
    "the face of hardware failures within AWS leading to VMs being terminated, all EC2 instances must "
    "be launched within an auto-scaling group from an AMI.”",
    section="Auto scale groups",
    fix=(
        "Use TtsAsgService, which launches into the private subnets of TtsSystem. Or write `min_capacity=2` "
        "or more, and `vpc_subnets=` with subnets in two or more zones."
    ),
    template_fix=(
        "Write MinSize and DesiredCapacity of 2 or more, and subnets of two zones in `VPCZoneIdentifier`."
    ),
    decides=(
        "MinSize must be 2 or more. If DesiredCapacity is set, it must be 2 or more, and scheduled actions "
        "must keep to this too. VPCZoneIdentifier must name two or more different subnets that aren't known "
        "to be in one zone. The same holds for ScalingConfig and Subnets of an EKS node group. A scaling "
        "plan must not go below 2. The rule can't decide if the zones are written in different ways, such as "
        "us-east-1a and the first of Fn::GetAZs, because they can be the same zone."
    ),
    controls=("CP-2", "CP-10", "SC-36", "SI-13"),
    force="M",
    production="block",
    sandbox=None,
    checks={
        GROUP: _two_of_each,
        NODE_GROUP: _two_nodes_of_each,
        "AWS::AutoScaling::ScheduledAction": _two_at_any_time,
        "AWS::AutoScalingPlans::ScalingPlan": _two_by_plan,
    },
)
