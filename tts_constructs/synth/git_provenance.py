"""Finds where a system's code comes from: the repository, the commit, and changes since the commit.

It asks the settings (`[provenance]`), the CI's own variables, and git, in this order. Nothing here raises. A
value that it can't find is left out, and the cause is recorded.
Source: handbook, "All systems are deployed using a continuous delivery service from scripts stored in version
control" (CM-3, CM-5, SA-10).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tts_constructs.errors import SettingsError
from tts_constructs.policy.configuration import load_settings
from tts_constructs.provenance import FIELDS, FOLDER, MAX_CHANGES, Gap, is_commit

REPOSITORY_VARIABLES = (
    ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"),
    ("CI_PROJECT_URL",),
    ("CODEBUILD_SOURCE_REPO_URL",),
)
"""Variables of GitHub, GitLab and CodeBuild that make the URL of the repository, joined by slashes."""

COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA", "CODEBUILD_RESOLVED_SOURCE_VERSION")
"""Variables of GitHub, GitLab and CodeBuild that hold the commit."""


@dataclass(frozen=True)
class Provenance:
    """The origin of a system's code. None: not known.

    Args:
        repository: Address of the repository, without user name, password or token.
        commit: Hash of the commit.
        dirty: True if the working tree has changes or files that the commit doesn't have.
        changes: Names of up to three of these files.
        missing: The cause for each field that is not known, by its name.
    """

    repository: str | None = None
    commit: str | None = None
    dirty: bool | None = None
    changes: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Returns the known fields, and the causes for the others, for a system's record."""
        said = {
            "repository": self.repository,
            "commit": self.commit,
            "dirty": self.dirty,
            "changes": list(self.changes) or None,
            "missing": dict(self.missing) or None,
        }
        # CloudFormation refuses a template that holds null.
        return {name: value for name, value in said.items() if value is not None}


def provenance(folder: Path) -> Provenance:
    """Returns the provenance of the code in `folder`."""
    known = of_git(folder.resolve())
    repository = _repository_of_settings(folder) or _repository_of_ci(os.environ)
    if repository:
        known = replace(known, repository=without_credentials(repository))
    if commit := _commit_of_ci(os.environ):
        known = replace(known, commit=commit)
    open_fields = {name for name in FIELDS if getattr(known, name) is None}
    missing = {name: why for name, why in known.missing.items() if name in open_fields}
    folder_of_another = known.missing.get(FOLDER) if missing else None
    return replace(known, missing=missing | ({FOLDER: folder_of_another} if folder_of_another else {}))


def _repository_of_settings(folder: Path) -> str | None:
    try:
        return load_settings(folder).provenance.repository
    except SettingsError:  # the judge says what is wrong with them
        return None


def _repository_of_ci(environ: Mapping[str, str]) -> str | None:
    for names in REPOSITORY_VARIABLES:
        url = "/".join(environ.get(name, "").strip() for name in names)
        if "://" in url and not url.endswith("/"):  # CodeBuild names a bucket where it builds from one
            return url
    return None


def _commit_of_ci(environ: Mapping[str, str]) -> str | None:
    stated = (environ.get(name, "").strip() for name in COMMIT_VARIABLES)
    return next(filter(is_commit, stated), None)  # or the version of an object in a bucket


def without_credentials(remote: str) -> str:
    """Removes user name, password, token and query from a remote's address. A path stays as it is."""
    helper = re.match(r"[a-z0-9+.-]+::", remote, re.I)  # as in codecommit::https://…
    if helper:
        return helper[0] + without_credentials(remote[helper.end() :])
    url = re.fullmatch(
        r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<host>[^/?#]*)(?P<path>[^?#]*).*", remote, re.I | re.S
    )
    if url:
        return url["scheme"] + url["host"].rpartition("@")[2] + url["path"]
    host, slash, path = remote.partition("/")
    if ":" in host:  # git's short form of SSH: user@host:path
        return host.rpartition("@")[2] + slash + path
    return remote


# git


class _Failed(Exception):
    """A git command failed."""

    def __init__(self, gap: Gap, folder: str = "") -> None:
        super().__init__(gap)
        self.gap = gap
        self.folder = folder


@cache
def of_git(folder: Path) -> Provenance:
    """Returns what git knows about a folder. It runs git once, even for several systems."""
    try:
        changes = _changes(folder)
    except _Failed as failed:
        missing = dict.fromkeys(FIELDS, failed.gap.value)
        return Provenance(missing=missing | ({FOLDER: failed.folder} if failed.folder else {}))
    known = Provenance(dirty=bool(changes), changes=changes[:MAX_CHANGES])
    try:
        known = replace(known, commit=_git(folder, "rev-parse", "--verify", "--quiet", "HEAD"))
    except _Failed:  # nothing has changed since a commit that is not there
        known = Provenance(missing=dict.fromkeys(("commit", "dirty"), Gap.NO_COMMIT.value))
    try:
        return replace(known, repository=without_credentials(_remote(folder)))
    except _Failed as failed:
        return replace(known, missing={"repository": failed.gap.value, **known.missing})


def _changes(folder: Path) -> tuple[str, ...]:
    """Returns the files that differ from the commit, or that it doesn't have."""
    said = _git(folder, "-c", "status.renames=false", "status", "--porcelain", "-z")
    return tuple(entry[3:] for entry in said.split("\0") if entry)


def _remote(folder: Path) -> str:
    """Returns the address of `origin`, else of the upstream's remote, else of the only remote."""
    names = _git(folder, "remote").split()
    if not names:
        raise _Failed(Gap.NO_REMOTE)
    name = "origin"
    if name not in names:
        name = names[0] if len(names) == 1 else _remote_of_branch(folder)
    if name not in names:
        raise _Failed(Gap.MANY_REMOTES)
    try:
        return _git(folder, "remote", "get-url", name)
    except _Failed:  # a remote without an address
        raise _Failed(Gap.NO_REMOTE) from None


def _remote_of_branch(folder: Path) -> str:
    try:
        branch = _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
        return _git(folder, "config", f"branch.{branch}.remote")
    except _Failed:  # no branch is checked out, or it follows none
        return ""


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - the git of whoever synthesizes
            cwd=folder,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError:
        raise _Failed(Gap.NO_GIT) from None
    if done.returncode:
        raise _failure(done.stderr)
    return done.stdout.rstrip("\n")


def _failure(said: str) -> _Failed:
    if hint := re.search(r"--add safe\.directory (.+)", said):
        return _Failed(Gap.OTHER_OWNER, _unquoted(hint[1]))
    if "not a git repository" in said:
        return _Failed(Gap.NO_REPOSITORY)
    return _Failed(Gap.GIT_FAILED)


def _unquoted(word: str) -> str:
    try:
        return "".join(shlex.split(word)[:1])
    except ValueError:
        return ""
