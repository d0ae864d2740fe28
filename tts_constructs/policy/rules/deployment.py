"""Deployment: production comes from version control, and is known to those who look after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tts_constructs.policy.model.checks import settled, warned
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.provenance import MAX_CHANGES, fix_of, gaps, is_commit, is_folder, what
from tts_constructs.system_metadata import METADATA_KEY, Environment, names_a_project

_HANDBOOK = (
    'TTS handbook, AWS, "Permissions": "All systems are deployed using a continuous delivery service from '
    'scripts stored in version control, and registered with #infrastructure".'
)
_WRITE_RECORD = (
    "Use TtsSystem, which writes the record, or write `Aspects.of(app).add(TtsGuardrails(environment=…, "
    "project=…, owner=…))`. docs/reference/record.md explains each field."
)
_WRITE_RECORD_IN_TEMPLATE = (
    "Write the record: below `Metadata:` and `TTS:` stand `version: 1`, `project: …`, `owner: …`, "
    "`environment: …`, `repository: …`, `commit: …`, and `dirty: false`. docs/reference/record.md explains "
    "each field."
)


def _record_of(stack: Stack) -> Node:
    """The record of a stack as a place to read, as if the template were a resource with metadata."""
    stated = {name: value for name, value in stack.record.items() if value is not None}
    template = Resource(stack, "", {"Type": "", "Metadata": {METADATA_KEY: stated}})
    return template.attribute("Metadata")[METADATA_KEY]


def _each_of(stack: Stack, *checks: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    if not stack.is_deployed:
        return
    record = _record_of(stack)
    if not record.value:
        yield record.violation(
            "The template does not say which system it belongs to: it has no Metadata.TTS.",
            fix=_WRITE_RECORD,
            template_fix=_WRITE_RECORD_IN_TEMPLATE,
        )
        return
    for check in checks:
        yield from settled(check(record))


def _as_ci_does(stack: Stack, results: Iterator[Result]) -> Iterator[Result]:
    """Results that only warn on a desk, where nobody deploys production."""
    return results if stack.assembly.in_ci else warned(results)


# TTS-CD-001


def _is_from_version_control(stack: Stack) -> Iterator[Result]:
    checks = _says_why_it_does_not_know, _says_its_repository, _says_its_commit, _is_of_a_clean_tree
    yield from _as_ci_does(stack, _each_of(stack, *checks))


def _says_why_it_does_not_know(record: Node) -> Iterator[Result]:
    for gap, fields in gaps(record.stack.record).items():
        yield record[fields[0]].violation(
            f"It is not known {what(*fields)}: {gap.reason}.",
            fix=fix_of(record.stack.record, gap),
            # A CI without git says from which commit it builds, and that is what has to be known.
            at_most="warn" if fields == ["dirty"] else None,
        )


def _says_its_repository(record: Node) -> Iterator[Result]:
    repository = record["repository"]
    address = repository.text()
    if address and is_folder(address):
        yield repository.violation(
            f"The repository is {address}, a folder that nobody else can find.",
            fix=(
                "Run `git remote set-url origin <URL of the repository>`. If you need that remote, write "
                'repository = "<URL of the repository>" below [provenance] in tts.toml.'
            ),
            at_most="warn",
        )
    elif not address and not _is_explained(repository):
        yield repository.violation(
            f"The record does not say {what('repository')}.",
            fix=_WRITE_RECORD,
            template_fix=_WRITE_RECORD_IN_TEMPLATE,
        )


def _says_its_commit(record: Node) -> Iterator[Result]:
    commit = record["commit"]
    if not is_commit(commit.text() or "") and not _is_explained(commit):
        yield commit.violation(
            f"The commit is {commit.shown}; a commit has 40 hexadecimal digits.",
            fix="Write what `git rev-parse HEAD` prints.",
        )


def _is_of_a_clean_tree(record: Node) -> Iterator[Result]:
    dirty = record["dirty"]
    clean = dirty.boolean() is False
    if dirty.exists and not clean:
        yield dirty.violation(
            f"The working tree had changes that the commit does not hold{_such_as(record)}. So nobody can "
            "make this stack again.",
            fix="Run `git status`, then commit what belongs to the system, and remove or ignore the rest.",
        )
    elif not clean and not _is_explained(dirty):
        yield dirty.violation(
            f"The record does not say {what('dirty')}.",
            fix="Write dirty: false where `git status --porcelain` prints nothing, else dirty: true.",
        )


def _such_as(record: Node) -> str:
    changes = record.stack.record.get("changes")
    names = changes[:MAX_CHANGES] if isinstance(changes, list) else []
    return f", such as {', '.join(map(str, names))}" if names else ""


def _is_explained(field: Node) -> bool:
    """Whether the record says why it leaves a field out, which then is a finding of its own."""
    return any(field.key in fields for fields in gaps(field.stack.record).values())


# TTS-CD-002


def _is_registered(stack: Stack) -> Iterator[Result]:
    yield from _each_of(
        stack, _says_its_project, _says_its_owner, _names_its_repository, _says_its_environment
    )


def _says_its_project(record: Node) -> Iterator[Result]:
    project = record["project"]
    registered = record.stack.assembly.settings.projects
    name = project.text() or ""
    if not names_a_project(name):
        message = f"The record's project is {project.shown}, which does not name a project."
    elif registered and name not in registered:
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
    # A contact is read as a project is: "todo" is nobody.
    if not names_a_project(owner.text() or ""):
        yield owner.violation(
            f"The record's owner is {owner.shown}, so nobody can be asked about the system.",
            fix="Write the team's e-mail address: `owner=…` of TtsSystem or TtsGuardrails.",
            template_fix="Write the team's e-mail address: `owner: …` below Metadata.TTS.",
        )


def _names_its_repository(record: Node) -> Iterator[Result]:
    if not _is_explained(record["repository"]):  # else TTS-CD-001 says why it is not known
        yield from _as_ci_does(record.stack, _is_stated(record["repository"]))


def _is_stated(repository: Node) -> Iterator[Result]:
    if not repository.text():
        yield repository.violation(
            f"The record does not say {what('repository')}.",
            fix=_WRITE_RECORD,
            template_fix=_WRITE_RECORD_IN_TEMPLATE,
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


# TTS-CD-003


def _is_protected(stack: Stack) -> Iterator[Result]:
    if not stack.is_deployed or stack.termination_protection:
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
        fix=f"Commit all changes, and synthesize in a clone that has a remote. {_WRITE_RECORD}",
        template_fix=f"Commit all changes. {_WRITE_RECORD_IN_TEMPLATE}",
        decides=(
            "Metadata.TTS of the template has a repository and a commit of 40 hexadecimal digits, and says "
            "that the working tree was clean. What is wrong blocks in CI (CI, CODEBUILD_BUILD_ID or TF_BUILD "
            "is set) and warns on a desk. Two things always warn only: a repository that is a folder, and a "
            "commit that the CI states where git cannot say whether the tree was clean. `tts verify` refuses "
            "production without repository or commit everywhere."
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
        fix=_WRITE_RECORD,
        template_fix=_WRITE_RECORD_IN_TEMPLATE,
        decides=(
            "Metadata.TTS of the template has a project, an owner who can be asked, a repository and an "
            "environment, which is that of the account where the settings tie it. A missing repository "
            "blocks in CI and warns on a desk. Where the record says why nobody knows it, TTS-CD-001 says so "
            "instead."
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
        fix="Use TtsSystem, which turns it on in production, or write `termination_protection=True`.",
        template_fix=(
            "Protect the stack when you deploy it: `aws cloudformation update-termination-protection "
            "--enable-termination-protection --stack-name …`."
        ),
        decides="The manifest of the cloud assembly says terminationProtection: true of each stack.",
        controls=("CM-3", "CM-5"),
        force="P",
        production="warn",
        sandbox=None,
        stack_check=_is_protected,
    ),
)
