"""TTS-TAG-001: Resources must have a Project tag that names a project."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.policy.aws.tags import PROJECT, carriers, plain_tag, tag, tags_of
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tag._shared import HANDBOOK, fault_in_project


def _has_a_project(resource: Resource) -> Iterator[Result]:
    settings = resource.stack.assembly.settings
    plain = plain_tag(resource, PROJECT)
    if plain is not None and not fault_in_project(plain, settings):
        return
    value = tag(resource, PROJECT)
    if value is None:
        yield tags_of(resource).violation(_missing(resource), fix=_reach_of_helpers(resource))
    elif fault := fault_in_project(value.text() or "", settings):
        yield value.violation(fault)


def _missing(resource: Resource) -> str:
    for spelling in ("project", "PROJECT"):
        if tag(resource, spelling):
            return f"The key of its tag is {spelling}; write it {PROJECT}, as keys are read letter by letter."
    return f"There is no {PROJECT} tag."


_HELPER = re.compile(r"(?:^|/)([^/]+CustomResourceProvider)/([^/]+)$")
"""Construct paths of the function and role behind a custom resource of the CDK itself."""

_MADE_LAST = "CrossRegionExport"
"""Parts of the names of helpers that the CDK makes after the app's code and Aspects have run."""


def _reach_of_helpers(resource: Resource) -> str | None:
    """Return how a helper that the CDK makes of generic resources gets its tag; None: it is not one."""
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


RULE = Rule(
    id="TTS-TAG-001",
    title="Resources must have a Project tag that names a project",
    why=(
        "Without this tag, nobody can tell what a resource is for, who pays for it, or who to ask before "
        "removing it."
    ),
    source=HANDBOOK,
    section="Tagging",
    fix=(
        "Put the resource below a TtsSystem, which tags its whole stack. Or write "
        '`cdk.Tags.of(stack).add("Project", …)` with the name of the project. Tags don\'t reach a generic '
        "CfnResource: write the tag in its properties."
    ),
    template_fix=(
        "Add the tag `Project` with the name of the project, in the property that the type has for tags."
    ),
    decides=(
        "Each type that is taggable by its CloudFormation schema, and each launch template and Auto Scaling "
        "group, must have a tag with the key Project, in this spelling. If the settings list projects, the "
        "value must be one of them. Otherwise it must not be empty or a placeholder, such as TODO, "
        "REPLACE_ME, <project>, or test project."
    ),
    controls=("CM-8", "PM-5"),
    force="M",
    production="block",
    sandbox="block",
    checks=dict.fromkeys(carriers(), _has_a_project),
    waivable=False,
)
