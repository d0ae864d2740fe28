"""Tagging: what every resource says of the project that it belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial

from tts_constructs.policy.aws.tags import ENVIRONMENT, PROJECT, carriers, item_of, plain_tag, tag, tags_of
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import settled
from tts_constructs.policy.model.node import Node, Undecided
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import names_a_project

_LAUNCHED = ("instance", "volume")

_HANDBOOK = (
    'TTS handbook, AWS, "Tagging": "At a minimum, an AWS resource must have a `Project` tag defined with '
    'enough information to be able to identify a project that the AWS resource is associated with."'
)


# TTS-TAG-001


def _has_a_project(resource: Resource) -> Iterator[Result]:
    settings = resource.stack.assembly.settings
    plain = plain_tag(resource, PROJECT)
    if plain is not None and not _fault(plain, settings):
        return
    value = tag(resource, PROJECT)
    if value is None:
        yield tags_of(resource).violation(_missing(resource), fix=_reach_of_helpers(resource))
    elif fault := _fault(value.text() or "", settings):
        yield value.violation(fault)


def _missing(resource: Resource) -> str:
    for spelling in ("project", "PROJECT"):
        if tag(resource, spelling):
            return f"The key of its tag is {spelling}; write it {PROJECT}, as keys are read letter by letter."
    return f"There is no {PROJECT} tag."


_HELPER = re.compile(r"(?:^|/)([^/]+CustomResourceProvider)/([^/]+)$")
"""Where the CDK makes the function, and its role, behind a custom resource of its own."""

_MADE_LAST = "CrossRegionExport"
"""What the names of helpers hold that the CDK makes when the app's code and Aspects are done."""


def _reach_of_helpers(resource: Resource) -> str | None:
    """How a helper that the CDK makes as generic resources gets its tag; None: the resource is none."""
    helper = _HELPER.search(str(resource.origin.construct_path))
    if helper is None:
        return None
    if _MADE_LAST in helper[1]:
        return (
            "The CDK makes this helper when the code and the Aspects of the app are done, so no tag reaches "
            "it: write no cross_region_references=True, and hand the name or ARN over as a text."
        )
    return (
        "The CDK's Tags do not reach this helper. Once it is made, write "
        f"stack.node.find_child('{helper[1]}').node.find_child('{helper[2]}')"
        f".add_property_override('Tags', [{{'Key': '{PROJECT}', 'Value': '<name>'}}]), or do without what "
        "needs it, such as auto_delete_objects or restrict_default_security_group."
    )


def _fault(project: str, settings: Settings) -> str:
    """What is wrong with a value of the `Project` tag, as a sentence; empty: nothing."""
    if not names_a_project(project):
        return f"{PROJECT} is {project!r}, which names no project."
    if settings.projects and project.strip() not in settings.projects:
        return f"{PROJECT} is {project}, which is no registered project."
    return ""


# TTS-TAG-002


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
        yield from settled(_tags_a_kind(specifications, kind))


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
    elif fault := _fault(found["Value"].text() or "", specifications.stack.assembly.settings):
        yield found["Value"].violation(fault)


# TTS-TAG-003


def _has_the_project_of_its_system(resource: Resource) -> Iterator[Result]:
    expected = _project_of(resource.stack)
    if expected is None or plain_tag(resource, PROJECT) == expected:
        return
    value = tag(resource, PROJECT)
    if value and value.text() != expected:
        yield value.violation(f"{PROJECT} is {value.shown} in a system whose project is {expected}.")


def _claims_the_project_of_its_system(stack: Stack) -> Iterator[Result]:
    expected = _project_of(stack)
    claimed = stack.record.get("project")
    if claimed != expected and isinstance(claimed, str) and claimed.strip() != expected:
        message = f"The record says the project {claimed}, and another stack of the system says {expected}."
        yield Result("violation", "Metadata/TTS/project", message)


def _project_of(stack: Stack) -> str | None:
    return stack.assembly.once(_projects).get(_system_of(stack))


def _system_of(stack: Stack) -> str:
    system = stack.record.get("system")
    return system if isinstance(system, str) else stack.outermost.name


def _projects(assembly: Assembly) -> dict[str, str]:
    """The project of each system: what its first record says, else what most of its resources say."""
    projects: dict[str, str] = {}
    for stack in assembly.stacks:
        claimed = stack.record.get("project")
        if isinstance(claimed, str):
            projects.setdefault(_system_of(stack), claimed.strip())
    counts: dict[str, Counter[str]] = {}
    for stack in assembly.stacks:
        system = _system_of(stack)
        if system not in projects:
            counts.setdefault(system, Counter()).update(_said(stack))
    return projects | {system: count.most_common(1)[0][0] for system, count in counts.items() if count}


def _said(stack: Stack) -> Iterator[str]:
    for resource in stack.resources.values():
        if resource.type in carriers():
            said, _ = stack.assembly.explorer.explore(partial(_read, resource))
            yield from (project.strip() for project in said if project)


def _read(resource: Resource) -> str | None:
    plain = plain_tag(resource, PROJECT)
    if plain is not None:
        return plain
    try:
        value = tag(resource, PROJECT)
        return value.text() if value else None
    except Undecided:
        return None


# TTS-TAG-004


def _has_an_environment(resource: Resource) -> Iterator[Result]:
    plain = plain_tag(resource, ENVIRONMENT)
    if plain and not plain.isspace():
        return
    value = tag(resource, ENVIRONMENT)
    if value is None or not value.text():
        place = tags_of(resource) if value is None else value
        environment = resource.stack.environment
        yield place.violation(
            f"There is no {ENVIRONMENT} tag that says where this runs.",
            fix="Put the resource below a TtsSystem, which tags its whole stack. Or write "
            f'`cdk.Tags.of(stack).add("{ENVIRONMENT}", "{environment}")`.',
            template_fix=f"Add the tag `{ENVIRONMENT}` with the value `{environment}`.",
        )


RULES = (
    Rule(
        id="TTS-TAG-001",
        title="Every resource that can carry tags has a Project tag that names a project",
        why=(
            "Without it nobody can tell what a resource is for, who pays for it, or whom to ask before it is "
            "removed."
        ),
        source=_HANDBOOK,
        fix=(
            "Put the resource below a TtsSystem, which tags its whole stack. Or write "
            '`cdk.Tags.of(stack).add("Project", …)` with the name of the project. Tags do not reach a '
            "generic CfnResource: write the tag in its properties."
        ),
        template_fix="Add the tag `Project` with the name of the project, in the property that the type has "
        "for tags.",
        decides=(
            "Each type that is taggable by its CloudFormation schema, and launch templates and groups, have "
            "a tag with the key Project, written so. Its value is not empty, not a placeholder such as todo "
            "or test, and is one of the registered projects where the settings list them."
        ),
        controls=("CM-8", "PM-5"),
        force="M",
        production="block",
        sandbox="block",
        checks=dict.fromkeys(carriers(), _has_a_project),
        waivable=False,
    ),
    Rule(
        id="TTS-TAG-002",
        title="Tags reach what a group launches",
        why=(
            "Instances and their volumes are made by EC2, not by the template: they have no tags but those "
            "that the group and its launch template hand to them, and they are what costs money."
        ),
        source=_HANDBOOK,
        fix=(
            "Use TtsAsgService. Or use an autoscaling.AutoScalingGroup with an `ec2.LaunchTemplate`: "
            '`cdk.Tags.of(stack).add("Project", …)` reaches what these launch.'
        ),
        template_fix=(
            "Write `PropagateAtLaunch: true` beside the group's Project tag, and Project in the "
            "`TagSpecifications` of the launch template's data for `ResourceType: instance` and "
            "`ResourceType: volume`."
        ),
        decides=(
            "The Project tag of each auto-scaling group has PropagateAtLaunch: true, and LaunchTemplateData "
            "of each launch template has TagSpecifications with a Project for instance and for volume."
        ),
        controls=("CM-8", "PM-5"),
        force="M",
        production="block",
        sandbox="block",
        checks={
            "AWS::AutoScaling::AutoScalingGroup": _group_tags_instances,
            "AWS::EC2::LaunchTemplate": _template_tags_what_it_launches,
        },
    ),
    Rule(
        id="TTS-TAG-003",
        title="One system, one project",
        why=(
            "A system whose resources name different projects is billed to several, and a clean-up of one "
            "project takes parts of another's system."
        ),
        source=_HANDBOOK,
        fix=(
            'Give TtsSystem the project, or write one `cdk.Tags.of(stack).add("Project", …)` for all of the '
            "stack, and no other Project tag below. What belongs to another project goes into a system of "
            "its own."
        ),
        template_fix=(
            "Write one `Project` in all tags and in Metadata.TTS. What belongs to another project goes into "
            "a system of its own."
        ),
        decides=(
            "The Project tags of a system's resources are what its record says or, without a record, what "
            "most resources of the stack say. Stacks whose records name one system name one project."
        ),
        controls=("CM-8", "PM-5"),
        force="P",
        production="block",
        sandbox=None,
        checks=dict.fromkeys(carriers(), _has_the_project_of_its_system),
        stack_check=_claims_the_project_of_its_system,
    ),
    Rule(
        id="TTS-TAG-004",
        title="The environment is tagged",
        why="Whoever finds a resource must see whether it serves the public or is an experiment.",
        source=(
            'TTS handbook, AWS, "Tagging": a tag "aids in determining if a system is in a particular '
            'environment (ex. production)".'
        ),
        fix=(
            "Put the resource below a TtsSystem, which tags its whole stack. Or write "
            '`cdk.Tags.of(stack).add("Environment", …)` with the stack\'s environment.'
        ),
        template_fix="Add the tag `Environment` with the stack's environment.",
        decides="Each resource that can carry tags has a tag Environment that is not empty.",
        controls=("CM-8", "PM-5"),
        force="P",
        production="warn",
        sandbox="warn",
        checks=dict.fromkeys(carriers(), _has_an_environment),
    ),
)
