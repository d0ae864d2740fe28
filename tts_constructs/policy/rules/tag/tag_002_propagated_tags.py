"""TTS-TAG-002: Instances and volumes must get the tags of their Auto Scaling group."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.tags import PROJECT, item_of
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tag._shared import HANDBOOK, fault_in_project

_LAUNCHED = ("instance", "volume")


def _group_tags_instances(group: Resource) -> Iterator[Result]:
    item = item_of(group["Tags"].items(), PROJECT)
    if item is None:
        yield group["Tags"].violation(f"The group has no {PROJECT} tag that instances could get from it.")
        return
    propagates = item["PropagateAtLaunch"]
    if propagates.boolean() is not True:
        yield propagates.violation(
            f"PropagateAtLaunch of {PROJECT} is {propagates.shown}, so instances start without it."
        )


def _template_tags_what_it_launches(template: Resource) -> Iterator[Result]:
    specifications = template.properties.at("LaunchTemplateData/TagSpecifications")
    for kind in _LAUNCHED:
        yield from stop_at_unknown(_tags_a_kind(specifications, kind))


def _tags_a_kind(specifications: Node, kind: str) -> Iterator[Result]:
    items = [
        item
        for specification in specifications.items()
        if specification["ResourceType"].text() == kind
        for item in specification["Tags"].items()
    ]
    found = item_of(items, PROJECT)
    if found is None:
        yield specifications.violation(f"No {PROJECT} tag is given to each {kind} that this launches.")
    elif fault := fault_in_project(found["Value"].text() or "", specifications.stack.assembly.settings):
        yield found["Value"].violation(fault)


RULE = Rule(
    id="TTS-TAG-002",
    title="Instances and volumes must get the tags of their Auto Scaling group",
    why=(
        "EC2, not the template, makes instances and their volumes. They have only the tags that the group "
        "and its launch template give them, and they cost the money."
    ),
    source=HANDBOOK,
    section="Tagging",
    fix=(
        "Use TtsAsgService. Or use an autoscaling.AutoScalingGroup with an `ec2.LaunchTemplate`. "
        '`cdk.Tags.of(stack).add("Project", …)` then reaches the instances and volumes.'
    ),
    template_fix=(
        "Write `PropagateAtLaunch: true` beside the group's Project tag. Write Project in the "
        "`TagSpecifications` of the launch template's data for `ResourceType: instance` and `ResourceType: "
        "volume`."
    ),
    decides=(
        "The Project tag of each Auto Scaling group must have PropagateAtLaunch: true. LaunchTemplateData "
        "of each launch template must have TagSpecifications with a Project for instance and for volume."
    ),
    controls=("CM-8", "PM-5"),
    force="M",
    production="block",
    sandbox="block",
    checks={
        "AWS::AutoScaling::AutoScalingGroup": _group_tags_instances,
        "AWS::EC2::LaunchTemplate": _template_tags_what_it_launches,
    },
)
