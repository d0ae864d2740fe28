"""Deployment: production comes from version control, and is known to those who look after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tts_constructs.policy import baseline
from tts_constructs.policy.node import Node, Result, settled
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.system import METADATA_KEY, Environment
from tts_constructs.policy.template import Resource, Stack

_COMMIT = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)

_HANDBOOK = (
    'TTS handbook, AWS, "Permissions": "All systems are deployed using a continuous delivery service from '
    'scripts stored in version control, and registered with #infrastructure".'
)
_FIX = (
    "Use TtsSystem, which writes the record into each of its stacks, or Aspects.of(app).add(TtsGuardrails("
    "environment=…, project=…, owner=…)) for an app of raw resources. By hand it is "
    "stack.add_metadata('TTS', {…})."
)


def _record_of(stack: Stack) -> Node:
    """The record of a stack as a place to read, as if the template were a resource with metadata."""
    template = Resource(stack, "", {"Type": "", "Metadata": {METADATA_KEY: dict(stack.record)}})
    return template.attribute("Metadata")[METADATA_KEY]


def _is_deployed(stack: Stack) -> bool:
    """Whether somebody deploys the stack: it is not part of another one, and makes something."""
    return stack.parent is None and any(
        resource.type != "AWS::CDK::Metadata" for resource in stack.resources.values()
    )


def _each_of(stack: Stack, *checks: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    if not _is_deployed(stack):
        return
    record = _record_of(stack)
    if not record.value:
        yield record.violation("The template says nothing of the system that it belongs to.")
        return
    for check in checks:
        yield from settled(check(record))


# TTS-CD-001


def _is_from_version_control(stack: Stack) -> Iterator[Result]:
    yield from _each_of(stack, _says_its_repository, _says_its_commit, _is_of_a_clean_tree)


def _says_its_repository(record: Node) -> Iterator[Result]:
    repository = record["repository"]
    if not repository.text():
        yield repository.violation("The record does not say from which repository the stack comes.")


def _says_its_commit(record: Node) -> Iterator[Result]:
    commit = record["commit"]
    if not _COMMIT.fullmatch(commit.text() or ""):
        yield commit.violation(f"The commit is {commit.shown}; it has 40 hexadecimal digits.")


def _is_of_a_clean_tree(record: Node) -> Iterator[Result]:
    dirty = record["dirty"]
    if dirty.boolean() is not False:
        says = "had changes" if dirty.exists else "is not said to have been clean:"
        yield dirty.violation(
            f"The working tree {says} that the commit may not hold, so nobody can make this stack again.",
            at_most=None if dirty.stack.assembly.in_ci else "warn",
        )


# TTS-CD-002


def _is_registered(stack: Stack) -> Iterator[Result]:
    yield from _each_of(
        stack, _says_its_project, _says_its_owner, _says_its_repository, _says_its_environment
    )


def _says_its_project(record: Node) -> Iterator[Result]:
    project = record["project"]
    registered = record.stack.assembly.settings.projects
    name = project.text() or ""
    if not baseline.names_a_project(name):
        yield project.violation(f"The record's project is {project.shown}, which names no project.")
    elif registered and name not in registered:
        yield project.violation(f"The record's project is {name}, which is no registered project.")


def _says_its_owner(record: Node) -> Iterator[Result]:
    owner = record["owner"]
    # A contact is read as a project is: "todo" is nobody.
    if not baseline.names_a_project(owner.text() or ""):
        yield owner.violation(
            f"The record's owner is {owner.shown}, so nobody can be asked about the system."
        )


def _says_its_environment(record: Node) -> Iterator[Result]:
    environment = record["environment"]
    claimed = environment.text()
    tied = record.stack.assembly.settings.accounts.get(record.stack.account or "")
    if claimed not in set(Environment):
        yield environment.violation(
            f"The record's environment is {environment.shown}; it is one of {', '.join(Environment)}."
        )
    elif tied and tied != claimed:
        yield environment.violation(
            f"The record says {claimed}, and the settings tie the account to {tied}.",
            fix=f"Deploy the stack to an account of {claimed}, or write environment=Environment.{tied.name}.",
        )


# TTS-CD-003


def _is_protected(stack: Stack) -> Iterator[Result]:
    if not _is_deployed(stack) or stack.termination_protection:
        return
    if stack.termination_protection is None:
        message = (
            "A template alone does not say whether its stack is protected from deletion. Judge the cloud "
            "assembly (cdk.out), or turn protection on where the stack is deployed."
        )
        yield Result("unknown", "", message)
    else:
        yield Result("violation", "", "Termination protection is off, so one command deletes the stack.")


RULES = (
    Rule(
        id="TTS-CD-001",
        title="Production is deployed from version control",
        why=(
            "What runs must be what was reviewed, and must be possible to make again: that takes the commit "
            "that it was made from, and nothing beside it."
        ),
        source=_HANDBOOK,
        fix=f"Commit all changes and deploy from a checkout with an origin. {_FIX}",
        decides=(
            "Metadata.TTS of the template has a repository and a commit of 40 hexadecimal digits, and says "
            "that the working tree was clean. A tree with changes warns where no CI runs."
        ),
        controls=("CM-3", "CM-5", "SA-10"),
        force="M",
        production="block",
        sandbox=None,
        stack_check=_is_from_version_control,
    ),
    Rule(
        id="TTS-CD-002",
        title="The system is registered",
        why=(
            "When something goes wrong with a system, those who look after the account must know at once "
            "whose it is, where it comes from and what it is for."
        ),
        source=_HANDBOOK,
        fix=_FIX,
        decides=(
            "Metadata.TTS of the template has a project, an owner who can be asked, a repository and an "
            "environment, which is that of the account where the settings tie it."
        ),
        controls=("CM-3", "CM-5", "CM-8", "PM-5"),
        force="M",
        production="block",
        sandbox=None,
        stack_check=_is_registered,
    ),
    Rule(
        id="TTS-CD-003",
        title="Production stacks are protected from deletion",
        why="A stack that is deleted by mistake takes the system, and what it keeps, away from the public.",
        source="NIST SP 800-53 CM-5, access restrictions for change.",
        fix=(
            "Use TtsSystem, which turns it on in production, or write Stack(…, termination_protection=True)."
        ),
        decides="The manifest of the cloud assembly says terminationProtection: true of each stack.",
        controls=("CM-3", "CM-5"),
        force="P",
        production="warn",
        sandbox=None,
        stack_check=_is_protected,
    ),
)
