"""TTS-TAG-003: All resources of a system must have the same Project tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from tts_constructs.policy.aws.tags import PROJECT, carriers, plain_tag, tag
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tag._shared import HANDBOOK


def _has_the_project_of_its_system(resource: Resource) -> Iterator[Result]:
    expected = _project_of(resource.stack)
    if expected is None or plain_tag(resource, PROJECT) == expected:
        return
    value = tag(resource, PROJECT)
    if value and value.text() != expected:
        yield value.violation(f"{PROJECT} is {value.shown} in a system whose project is {expected}.")


def _claims_the_project_of_its_system(stack: Stack) -> Iterator[Result]:
    expected = _project_of(stack)
    claimed = stack.system_metadata.get("project")
    if claimed != expected and isinstance(claimed, str) and claimed.strip() != expected:
        message = f"The record says the project {claimed}, and another stack of the system says {expected}."
        yield Result("violation", "Metadata/TTS/project", message)


def _project_of(stack: Stack) -> str | None:
    return stack.assembly.cached(_projects).get(_system_of(stack))


def _system_of(stack: Stack) -> str:
    system = stack.system_metadata.get("system")
    return system if isinstance(system, str) else stack.outermost.name


def _projects(assembly: Assembly) -> dict[str, str]:
    """Return the project of each system: that of its first record, else of most of its resources."""
    projects: dict[str, str] = {}
    for stack in assembly.stacks:
        claimed = stack.system_metadata.get("project")
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
            said, _ = stack.assembly.explorer.run_all(partial(_read, resource))
            yield from (project.strip() for project in said if project)


def _read(resource: Resource) -> str | None:
    plain = plain_tag(resource, PROJECT)
    if plain is not None:
        return plain
    try:
        value = tag(resource, PROJECT)
        return value.text() if value else None
    except UnknownValue:
        return None


RULE = Rule(
    id="TTS-TAG-003",
    title="All resources of a system must have the same Project tag",
    why=(
        "If resources of one system name different projects, several projects pay for it, and cleaning up "
        "one project removes parts of another's system."
    ),
    source=HANDBOOK,
    section="Tagging",
    fix=(
        'Give TtsSystem the project, or write one `cdk.Tags.of(stack).add("Project", …)` for the whole '
        "stack, and no other Project tag below it. Put what belongs to another project into a system of its "
        "own."
    ),
    template_fix=(
        "Write one `Project` in all tags and in Metadata.TTS. Put what belongs to another project into a "
        "system of its own."
    ),
    decides=(
        "The Project tags of a system's resources must match its record or, without a record, the tag of "
        "most resources of the stack. Stacks whose records name one system must name one project."
    ),
    controls=("CM-8", "PM-5"),
    force="P",
    production="block",
    sandbox=None,
    checks=dict.fromkeys(carriers(), _has_the_project_of_its_system),
    stack_check=_claims_the_project_of_its_system,
)
