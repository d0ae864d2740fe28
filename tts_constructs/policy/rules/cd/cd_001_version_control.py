"""TTS-CD-001: Production must be deployed from version control."""

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
from tts_constructs.provenance import MAX_CHANGES, fix_of, gaps, is_commit, is_folder, what


def _is_from_version_control(stack: Stack) -> Iterator[Result]:
    checks = _says_why_it_does_not_know, _says_its_repository, _says_its_commit, _is_of_a_clean_tree
    yield from as_ci_does(stack, each_of(stack, *checks))


def _says_why_it_does_not_know(record: Node) -> Iterator[Result]:
    for gap, fields in gaps(record.stack.system_metadata).items():
        yield record[fields[0]].violation(
            f"The record does not say {what(*fields)}: {gap.reason}.",
            fix=fix_of(record.stack.system_metadata, gap),
            # A CI system without git names the commit that it builds, which is what must be known.
            at_most="warn" if fields == ["dirty"] else None,
        )


def _says_its_repository(record: Node) -> Iterator[Result]:
    repository = record["repository"]
    address = repository.text()
    if address and is_folder(address):
        yield repository.violation(
            f"The repository is {address}, a folder that nobody else can reach.",
            fix=(
                "Run `git remote set-url origin <URL of the repository>`. If you need that remote, write "
                'repository = "<URL of the repository>" below [provenance] in tts.toml.'
            ),
            at_most="warn",
        )
    elif not address and not is_explained(repository):
        yield repository.violation(
            f"The record does not say {what('repository')}.",
            fix=WRITE_RECORD,
            template_fix=WRITE_RECORD_IN_TEMPLATE,
        )


def _says_its_commit(record: Node) -> Iterator[Result]:
    commit = record["commit"]
    if not is_commit(commit.text() or "") and not is_explained(commit):
        yield commit.violation(
            f"The commit is {commit.shown}; a commit has 40 hexadecimal digits.",
            fix="Write what `git rev-parse HEAD` prints.",
        )


def _is_of_a_clean_tree(record: Node) -> Iterator[Result]:
    dirty = record["dirty"]
    clean = dirty.boolean() is False
    if dirty.exists and not clean:
        yield dirty.violation(
            f"The working tree had changes that are not in the commit{_such_as(record)}. So nobody can "
            "build this stack again.",
            fix="Run `git status`, then commit what belongs to the system, and remove or ignore the rest.",
        )
    elif not clean and not is_explained(dirty):
        yield dirty.violation(
            f"The record does not say {what('dirty')}.",
            fix="Write dirty: false where `git status --porcelain` prints nothing, else dirty: true.",
        )


def _such_as(record: Node) -> str:
    changes = record.stack.system_metadata.get("changes")
    names = changes[:MAX_CHANGES] if isinstance(changes, list) else []
    return f", such as {', '.join(map(str, names))}" if names else ""


RULE = Rule(
    id="TTS-CD-001",
    title="Production must be deployed from version control",
    why=(
        "Production must run what was reviewed, and you must be able to build it again. For this you need "
        "the commit that it was made from, with no other changes."
    ),
    source=HANDBOOK,
    section="Permissions",
    fix=f"Commit all changes, and synthesize in a clone that has a remote. {WRITE_RECORD}",
    template_fix=f"Commit all changes. {WRITE_RECORD_IN_TEMPLATE}",
    decides=(
        "Metadata.TTS of the template must have a repository and a commit of 40 hexadecimal digits, and "
        "must say that the working tree was clean. A fault blocks in CI (CI, CODEBUILD_BUILD_ID, or "
        "TF_BUILD is set) and warns elsewhere. Two faults only ever warn: a repository that is a folder, "
        "and a commit that the CI states if git can't say whether the tree was clean. `tts verify` always "
        "refuses production without repository or commit."
    ),
    controls=("CM-3", "CM-5", "SA-10"),
    force="M",
    production="block",
    sandbox=None,
    stack_check=_is_from_version_control,
)
