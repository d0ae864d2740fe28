"""TTS-CD-002: Systems must be registered."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.cd._record import (
    HANDBOOK,
    WRITE_RECORD,
    WRITE_RECORD_IN_TEMPLATE,
    as_ci_does,
    each_of,
    is_explained,
)
from tts_constructs.provenance import what
from tts_constructs.system_metadata import Environment, names_a_contact, names_a_project


def _is_registered(stack: Stack) -> Iterator[Result]:
    yield from each_of(
        stack, _says_its_project, _says_its_owner, _names_its_repository, _says_its_environment
    )


def _says_its_project(record: Node) -> Iterator[Result]:
    project = record["project"]
    registered = record.stack.assembly.settings.projects
    name = project.text() or ""
    if name in registered:
        return
    if not names_a_project(name):
        message = f"The record's project is {project.shown}, which does not name a project."
    elif registered:
        message = f"The record's project is {name}, which is not registered."
    else:
        return
    yield project.violation(
        message,
        fix="Write the registered name: `project=…` of TtsSystem or TtsGuardrails.",
        template_fix="Write the registered name: `project: …` below Metadata.TTS.",
    )


def _says_its_owner(record: Node) -> Iterator[Result]:
    owner = record["owner"]
    if not names_a_contact(owner.text() or ""):
        yield owner.violation(
            f"The record's owner is {owner.shown}, so nobody can be asked about the system.",
            fix="Write the team's e-mail address: `owner=…` of TtsSystem or TtsGuardrails.",
            template_fix="Write the team's e-mail address: `owner: …` below Metadata.TTS.",
        )


def _names_its_repository(record: Node) -> Iterator[Result]:
    if not is_explained(record["repository"]):  # else TTS-CD-001 says why it is not known
        yield from as_ci_does(record.stack, _is_stated(record["repository"]))


def _is_stated(repository: Node) -> Iterator[Result]:
    if not repository.text():
        yield repository.violation(
            f"The record does not say {what('repository')}.",
            fix=WRITE_RECORD,
            template_fix=WRITE_RECORD_IN_TEMPLATE,
        )


def _says_its_environment(record: Node) -> Iterator[Result]:
    environment = record["environment"]
    claimed = environment.text()
    tied = record.stack.assembly.settings.accounts.get(record.stack.account or "")
    if claimed not in set(Environment):
        yield environment.violation(
            f"The record's environment is {environment.shown}; it is one of {', '.join(Environment)}.",
            fix="Write one of these: `environment=Environment.…` of TtsSystem or TtsGuardrails.",
            template_fix="Write one of these: `environment: …` below Metadata.TTS.",
        )
    elif tied and tied != claimed:
        yield environment.violation(
            f"The record says {claimed}, and the settings tie the account to {tied}.",
            fix=f"Deploy to an account of {claimed}, or write `environment=Environment.{tied.name}`.",
            template_fix=f"Deploy to an account of {claimed}, or write `environment: {tied}`.",
        )


RULE = Rule(
    id="TTS-CD-002",
    title="Systems must be registered",
    why=(
        "If something goes wrong with a system, the people who run the account must know at once who owns "
        "it, where it comes from, and what it is for."
    ),
    source=HANDBOOK,
    section="Permissions",
    fix=WRITE_RECORD,
    template_fix=WRITE_RECORD_IN_TEMPLATE,
    decides=(
        "Metadata.TTS of the template must have a project, an owner to contact, a repository, and an "
        "environment. If the settings tie the account to an environment, it must be that one. A missing "
        "repository blocks in CI and warns elsewhere. If the record says why the repository isn't known, "
        "TTS-CD-001 reports it instead."
    ),
    controls=("CM-3", "CM-5", "CM-8", "PM-5"),
    force="M",
    production="block",
    sandbox=None,
    stack_check=_is_registered,
)
