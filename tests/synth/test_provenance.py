from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.synth.provenance import NotVersioned, Provenance, provenance, without_credentials

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs git in a new repository."""

    def run(*arguments: str) -> str:
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.gov", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    run("init", "--quiet")
    return run


@pytest.fixture
def checkout(git: Git, tmp_path: Path) -> Path:
    """A clean checkout with a commit and an origin."""
    (tmp_path / "app.py").write_text("print()\n")
    git("add", "app.py")
    git("commit", "--quiet", "-m", "Begin")
    git("remote", "add", "origin", "https://user:token@git.example.gov/benefits.git")
    return tmp_path


def test_a_clean_checkout_says_repository_and_commit(checkout: Path, git: Git) -> None:
    assert provenance(checkout) == Provenance(
        "https://git.example.gov/benefits.git", git("rev-parse", "HEAD"), dirty=False
    )


def test_a_folder_of_a_checkout_says_the_same(checkout: Path) -> None:
    (checkout / "inner").mkdir()
    assert provenance(checkout / "inner") == provenance(checkout)


def test_a_changed_file_makes_it_dirty(checkout: Path) -> None:
    (checkout / "app.py").write_text("print(1)\n")
    assert provenance(checkout).dirty


def test_a_file_that_is_not_in_version_control_makes_it_dirty(checkout: Path) -> None:
    (checkout / "more.py").touch()
    assert provenance(checkout).dirty


def test_an_ignored_file_does_not_make_it_dirty(checkout: Path, git: Git) -> None:
    (checkout / ".gitignore").write_text("cdk.out/\n")
    git("add", ".gitignore")
    git("commit", "--quiet", "-m", "Ignore")
    (checkout / "cdk.out").mkdir()
    (checkout / "cdk.out" / "manifest.json").touch()
    assert not provenance(checkout).dirty


def test_a_folder_without_git_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(
        NotVersioned, match=r"git says of the working folder: not a git repository.*; use a checkout"
    ):
        provenance(tmp_path)


def test_a_repository_without_origin_is_told_so(checkout: Path, git: Git) -> None:
    git("remote", "remove", "origin")
    with pytest.raises(
        NotVersioned, match=r"working folder: No such remote 'origin'; .* with a commit and an `origin`"
    ):
        provenance(checkout)


def test_a_repository_without_commit_is_told_so(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", "https://git.example.gov/benefits.git")
    with pytest.raises(NotVersioned, match=r"working folder: Needed a single revision"):
        provenance(tmp_path)


def test_a_machine_without_git_is_told_to_install_it(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotVersioned, match=r"git is not installed"):
        provenance(checkout)


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://git.example.gov/a/b.git", "https://git.example.gov/a/b.git"),
        ("https://token@git.example.gov/a/b.git", "https://git.example.gov/a/b.git"),
        ("https://user:tok@en@git.example.gov:8443/a", "https://git.example.gov:8443/a"),
        ("https://git.example.gov/a?private_token=secret", "https://git.example.gov/a"),
        ("https://git.example.gov/a#secret", "https://git.example.gov/a"),
        ("HTTPS://token@git.example.gov", "HTTPS://git.example.gov"),
        ("ssh://git@git.example.gov/a/b.git", "ssh://git.example.gov/a/b.git"),
        ("git@git.example.gov:a/b.git", "git.example.gov:a/b.git"),
        ("user:token@git.example.gov:a/b.git", "git.example.gov:a/b.git"),
        ("/srv/git/a@b.git", "/srv/git/a@b.git"),
        ("../a@b:c", "../a@b:c"),
    ],
)
def test_a_remote_is_shown_without_user_name_or_token(remote: str, shown: str) -> None:
    assert without_credentials(remote) == shown
