"""Version control, in which production has to stand."""

import subprocess
from pathlib import Path


def commit_all(folder: Path, project: str) -> None:
    """Makes of a folder a clean checkout of a team's repository.

    Args:
        folder: What is committed, but for what its `.gitignore` names.
        project: Of the team; its repository and who commits are named after it.
    """
    author = ("-c", f"user.name={project.title()}", "-c", f"user.email={project}@example.gov")
    for arguments in (
        ("init", "--quiet"),
        ("remote", "add", "origin", f"https://git.example.gov/{project}.git"),
        ("add", "."),
        (*author, "commit", "--quiet", "--message", f"Describe the {project} system"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
