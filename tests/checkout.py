"""Version control, in which production has to stand."""

import shutil
import subprocess
from pathlib import Path

import pytest

_MISSING = "git is not installed"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason=_MISSING)
"""For a test in which the product asks git of a folder that is no checkout."""


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder, whatever the settings of who runs the tests; what it printed.

    A test is skipped where there is no git.
    """
    if shutil.which("git") is None:
        pytest.skip(_MISSING)
    identity = ("-c", "user.name=Team", "-c", "user.email=team@example.gov", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit_all(folder: Path, project: str) -> None:
    """Makes of a folder a clean checkout of a team's repository.

    Args:
        folder: What is committed, but for what its `.gitignore` names.
        project: Of the team; its repository is named after it.
    """
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", f"https://git.example.gov/{project}.git")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", f"Describe the {project} system")
