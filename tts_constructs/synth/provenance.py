"""Where a system's code comes from: the repository, the commit, and whether the working tree is clean.

Source: handbook, "All systems are deployed using a continuous delivery service from scripts stored in version
control" (CM-3, CM-5, SA-10).
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


class NotVersioned(Exception):
    """The folder has no git repository, commit or `origin` remote; the message says which, and what to do."""


@dataclass(frozen=True)
class Provenance:
    """Where the code of a system comes from.

    Args:
        repository: The `origin` remote as git gives it, without user name, password or token.
        commit: The commit's hash.
        dirty: Whether the working tree has changes or files that the commit has not.
    """

    repository: str
    commit: str
    dirty: bool


def provenance(folder: Path) -> Provenance:
    """The provenance of the code in `folder`.

    Raises:
        NotVersioned: git does not know it.
    """
    return Provenance(
        repository=without_credentials(_git(folder, "remote", "get-url", "origin")),
        commit=_git(folder, "rev-parse", "--verify", "HEAD"),
        dirty=bool(_git(folder, "status", "--porcelain")),
    )


def without_credentials(remote: str) -> str:
    """A remote's address without user name, password, token or query; a path stays as it is."""
    url = re.fullmatch(
        r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<host>[^/?#]*)(?P<path>[^?#]*).*", remote, re.I | re.S
    )
    if url:
        return url["scheme"] + url["host"].rpartition("@")[2] + url["path"]
    host, slash, path = remote.partition("/")
    if ":" in host:  # git's short form of SSH: user@host:path
        return host.rpartition("@")[2] + slash + path
    return remote


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - the git of whoever synthesizes
            cwd=folder,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NotVersioned("git is not installed; install it where the app is synthesized") from None
    if done.returncode:
        said = re.sub(r"^(fatal|error): ", "", done.stderr.strip().partition("\n")[0])
        message = f"git says of the working folder: {said}; use a checkout with a commit and an `origin`"
        raise NotVersioned(message)
    return done.stdout.strip()
