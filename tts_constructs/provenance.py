"""Records where a stack comes from, and why a part of that may be missing.

A record (`Metadata.TTS`) leaves out `repository`, `commit`, and `dirty` if they are not known. Its map
`missing` then says why for each of them. So each front end can name the cause and the command that fixes it,
wherever the template was synthesized.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

FIELDS = ("repository", "commit", "dirty")
"""Fields of a record that say where a stack comes from."""

FOLDER = "folder"
"""Key of `missing` that names the folder that git refuses to read."""

MAX_CHANGES = 3
"""The most changed files that a record names."""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


class Gap(StrEnum):
    """A reason why a record does not say where a stack comes from."""

    NO_GIT = "no-git"
    NO_REPOSITORY = "no-repository"
    NO_COMMIT = "no-commit"
    NO_REMOTE = "no-remote"
    MANY_REMOTES = "many-remotes"
    OTHER_OWNER = "other-owner"
    GIT_FAILED = "git-failed"

    @property
    def reason(self) -> str:
        """The cause, as part of a sentence."""
        return _REASONS[self]

    def fix(self, folder: str = "") -> str:
        """Return the command that fixes the cause.

        Args:
            folder: The folder that git refuses to read, if the record names it.
        """
        return _FIXES[self].format(folder=shlex.quote(folder) if folder else '"$PWD"')


_REASONS = {
    Gap.NO_GIT: "git is not installed where the app was synthesized",
    Gap.NO_REPOSITORY: "the app was synthesized in a folder that is not in a git repository",
    Gap.NO_COMMIT: "the git repository has no commit yet",
    Gap.NO_REMOTE: "the git repository has no remote",
    Gap.MANY_REMOTES: "the git repository has several remotes, and none is `origin` or that of the branch",
    Gap.OTHER_OWNER: "the folder belongs to another user, so git refuses to read it",
    Gap.GIT_FAILED: "git cannot read the repository",
}
_FIXES = {
    Gap.NO_GIT: "Install git, for example with `apt-get install git`, and synthesize again.",
    Gap.NO_REPOSITORY: (
        "Run `git clone <URL of the repository>` and synthesize there. Is the system new? Then run "
        "`git init`, commit its files, and add a remote."
    ),
    Gap.NO_COMMIT: "Run `git add --all && git commit --message 'Describe the system'`.",
    Gap.NO_REMOTE: "Run `git remote add origin <URL of the repository>`, and push the commit.",
    Gap.MANY_REMOTES: "Run `git remote rename <name of the right one> origin`.",
    Gap.OTHER_OWNER: "Run `git config --global --add safe.directory {folder}`.",
    Gap.GIT_FAILED: "Run `git status` where the app is synthesized; it says why.",
}


def what(*fields: str) -> str:
    """Return what fields of a record tell, as part of a sentence."""
    origin = " and ".join(field for field in fields if field != "dirty")
    tree = "whether the working tree was clean" if "dirty" in fields else ""
    return ", and ".join(filter(None, (origin and f"from which {origin} the stack comes", tree)))


def gaps(record: Mapping[str, Any]) -> dict[Gap, list[str]]:
    """Return the fields that a record leaves out with a reason, by the cause."""
    stated = record.get("missing")
    missing: Mapping[str, Any] = stated if isinstance(stated, dict) else {}
    found: dict[Gap, list[str]] = {}
    for field in FIELDS:
        if record.get(field) is None and missing.get(field) in tuple(Gap):
            found.setdefault(Gap(missing[field]), []).append(field)
    return found


def fix_of(record: Mapping[str, Any], gap: Gap) -> str:
    """Return the command that fixes a cause in a record."""
    folder = record["missing"].get(FOLDER)
    return gap.fix(folder if isinstance(folder, str) else "")


def is_commit(text: str) -> bool:
    """Return whether a text is a commit hash: 40 hexadecimal digits (64 in a SHA-256 repository)."""
    return bool(_COMMIT.fullmatch(text))


def is_folder(repository: str) -> bool:
    """Return whether git reads a repository address as a folder, which nobody else can find."""
    if scheme := _SCHEME.match(repository):
        return scheme[1].lower() == "file"
    host, colon, _ = repository.partition(":")
    # "host:path" is git's short form of SSH; "C:\path" is a Windows drive.
    return not colon or "/" in host or len(host) == 1
