from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checkout import git as run_git
from tests.checkout import needs_git
from tts_constructs.provenance import Gap, fix_of, gaps
from tts_constructs.synth import TtsGuardrails, metadata
from tts_constructs.synth import git_provenance as module
from tts_constructs.synth.git_provenance import Provenance, of_git, provenance, without_credentials

Git = Callable[..., str]

URL = "https://git.example.gov/benefits.git"
COMMIT = "89abcdef" * 5


@pytest.fixture(autouse=True)
def asked_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test asks git, and runs in a repository of its own."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    of_git.cache_clear()


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs git in a new repository."""
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return partial(run_git, tmp_path)


@pytest.fixture
def checkout(git: Git, tmp_path: Path) -> Path:
    """A clean checkout with a commit and an origin."""
    (tmp_path / "app.py").write_text("print()\n")
    git("add", "app.py")
    git("commit", "--quiet", "-m", "Begin")
    git("remote", "add", "origin", "https://user:token@git.example.gov/benefits.git")
    return tmp_path


# What git says


def test_a_clean_checkout_says_repository_and_commit(checkout: Path, git: Git) -> None:
    assert provenance(checkout) == Provenance(URL, git("rev-parse", "HEAD"), dirty=False)


def test_a_folder_of_a_checkout_says_the_same(checkout: Path) -> None:
    (checkout / "inner").mkdir()
    assert provenance(checkout / "inner") == provenance(checkout)


def test_a_changed_file_makes_it_dirty_and_is_named(checkout: Path) -> None:
    (checkout / "app.py").write_text("print(1)\n")
    assert provenance(checkout).dirty
    assert provenance(checkout).changes == ("app.py",)


def test_a_file_that_was_renamed_counts_under_both_names(checkout: Path, git: Git) -> None:
    git("mv", "app.py", "main.py")
    assert provenance(checkout).changes == ("app.py", "main.py")


def test_three_changed_files_are_named_as_they_are_called(checkout: Path) -> None:
    for name in ("größe 1.py", "b", "c", "d"):
        (checkout / name).touch()
    (checkout / "app.py").unlink()
    assert provenance(checkout).changes == ("app.py", "b", "c")
    for name in ("b", "c"):
        (checkout / name).unlink()
    of_git.cache_clear()
    assert provenance(checkout).changes == ("app.py", "d", "größe 1.py")


def test_a_name_that_is_no_text_raises_nothing(checkout: Path) -> None:
    (Path(str(checkout)) / "caf\udce9.py").touch()  # a file's name in Latin-1
    assert provenance(checkout).changes == ("caf\ufffd.py",)


def test_an_ignored_file_does_not_make_it_dirty(checkout: Path, git: Git) -> None:
    (checkout / ".gitignore").write_text("cdk.out/\n")
    git("add", ".gitignore")
    git("commit", "--quiet", "-m", "Ignore")
    (checkout / "cdk.out").mkdir()
    (checkout / "cdk.out" / "manifest.json").touch()
    assert provenance(checkout).dirty is False


# Which remote


def test_origin_comes_before_the_remote_of_the_branch(checkout: Path, git: Git) -> None:
    git("remote", "add", "fork", "https://git.example.gov/fork.git")
    git("config", "branch.main.remote", "fork")
    assert provenance(checkout).repository == URL


def test_without_origin_the_remote_of_the_branch_counts(checkout: Path, git: Git) -> None:
    git("remote", "rename", "origin", "upstream")
    git("remote", "add", "fork", "https://git.example.gov/fork.git")
    git("config", "branch.main.remote", "fork")
    assert provenance(checkout).repository == "https://git.example.gov/fork.git"


def test_without_either_the_only_remote_counts(checkout: Path, git: Git) -> None:
    git("remote", "rename", "origin", "upstream")
    assert provenance(checkout).repository == URL


@pytest.mark.parametrize("detached", [True, False])
def test_one_of_several_remotes_is_not_guessed(checkout: Path, git: Git, detached: bool) -> None:
    git("remote", "rename", "origin", "upstream")
    git("remote", "add", "fork", "https://git.example.gov/fork.git")
    if detached:
        git("checkout", "--quiet", "--detach")
    said = provenance(checkout)
    assert said.repository is None
    assert said.missing == {"repository": "many-remotes"}


def test_a_remote_without_an_address_is_none(checkout: Path, git: Git) -> None:
    git("config", "--unset", "remote.origin.url")
    assert provenance(checkout).missing in ({"repository": "no-remote"}, {})
    assert provenance(checkout).repository in (None, "origin")  # newer releases of git take the name


def test_a_folder_counts_as_an_origin(checkout: Path, git: Git) -> None:
    git("remote", "set-url", "origin", "/srv/git/benefits.git")
    assert provenance(checkout).repository == "/srv/git/benefits.git"


# What git does not say


def everything(cause: str) -> dict[str, str]:
    return dict.fromkeys(("repository", "commit", "dirty"), cause)


@needs_git
def test_a_folder_outside_of_version_control_has_a_cause(tmp_path: Path) -> None:
    assert provenance(tmp_path) == Provenance(missing=everything("no-repository"))


def test_a_machine_without_git_has_a_cause(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance(checkout) == Provenance(missing=everything("no-git"))


def test_a_repository_without_remote_has_a_cause(checkout: Path, git: Git) -> None:
    git("remote", "remove", "origin")
    said = provenance(checkout)
    assert said == Provenance(
        None, git("rev-parse", "HEAD"), dirty=False, missing={"repository": "no-remote"}
    )


def test_a_repository_without_commit_has_a_cause(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", URL)
    (tmp_path / "app.py").touch()
    missing = {"commit": "no-commit", "dirty": "no-commit"}
    assert provenance(tmp_path) == Provenance(repository=URL, missing=missing)


def test_a_new_repository_has_two_causes(git: Git, tmp_path: Path) -> None:
    assert git("status", "--porcelain") == ""
    assert set(gaps(provenance(tmp_path).as_record())) == {Gap.NO_COMMIT, Gap.NO_REMOTE}


def test_a_folder_of_another_owner_has_a_cause_and_names_the_folder_as_git_does(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = checkout / "a folder"
    inner.mkdir()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert provenance(inner).missing == everything("other-owner") | {"folder": str(checkout)}


def test_a_repository_that_git_cannot_read_has_a_cause(checkout: Path) -> None:
    (checkout / ".git/config").write_text("[remote")
    assert provenance(checkout) == Provenance(missing=everything("git-failed"))


@pytest.mark.parametrize(
    ("said", "folder"),
    [
        ("call:\n\n\tgit config --global --add safe.directory /builds/app\n", "/builds/app"),
        ("call:\n\n\tgit config --global --add safe.directory '/builds/an app'\n", "/builds/an app"),
        ("--add safe.directory 'no end", ""),
    ],
)
def test_the_folder_is_read_from_the_hint_of_git(said: str, folder: str) -> None:
    failed = module._failure(said)
    assert (failed.gap, failed.folder) == (Gap.OTHER_OWNER, folder)


# Following what a cause says to do


def follow(command: str, folder: Path) -> None:
    """Runs the text between the backticks of a fix."""
    _, typed, _ = command.split("`", 2)
    script = typed.replace("<URL of the repository>", URL).replace("<name of the right one>", "upstream")
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "T"), ("EMAIL", "t@example.gov"))
    }
    subprocess.run(["sh", "-ec", script], cwd=folder, env=os.environ | identity, check=True)


@pytest.mark.parametrize(
    ("start", "cause"),
    [
        ([["remote", "remove", "origin"]], Gap.NO_REMOTE),
        ([["remote", "rename", "origin", "upstream"], ["remote", "add", "a", "/a"]], Gap.MANY_REMOTES),
        ([["checkout", "--quiet", "--orphan", "new"]], Gap.NO_COMMIT),
    ],
)
def test_following_the_fix_of_a_cause_removes_it(
    checkout: Path, git: Git, start: list[list[str]], cause: Gap
) -> None:
    for arguments in start:
        git(*arguments)
    record = provenance(checkout).as_record()
    assert list(gaps(record)) == [cause]
    follow(fix_of(record, cause), checkout)
    of_git.cache_clear()
    assert gaps(provenance(checkout).as_record()) == {}


def test_following_the_fix_of_another_owner_removes_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path.parent / "gitconfig"))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    record = provenance(checkout).as_record()
    follow(fix_of(record, Gap.OTHER_OWNER), tmp_path.parent)
    of_git.cache_clear()
    assert provenance(checkout).missing == {}


# What comes before git

GITHUB = {
    "GITHUB_SERVER_URL": "https://github.example.gov",
    "GITHUB_REPOSITORY": "team/benefits",
    "GITHUB_SHA": COMMIT,
}
GITLAB = {"CI_PROJECT_URL": "https://gitlab.example.gov/team/benefits", "CI_COMMIT_SHA": COMMIT}
CODEBUILD = {
    "CODEBUILD_SOURCE_REPO_URL": "https://u:token@codecommit.example.gov/benefits",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
}


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "repository"),
    [
        (GITHUB, "https://github.example.gov/team/benefits"),
        (GITLAB, "https://gitlab.example.gov/team/benefits"),
        (CODEBUILD, "https://codecommit.example.gov/benefits"),
    ],
)
def test_what_a_ci_says_comes_before_git(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], repository: str
) -> None:
    set_all(monkeypatch, variables)
    assert provenance(checkout) == Provenance(repository, COMMIT, dirty=False)


@needs_git
def test_what_a_ci_says_is_known_without_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, GITLAB)
    said = provenance(tmp_path)
    assert said == Provenance(GITLAB["CI_PROJECT_URL"], COMMIT, missing={"dirty": "no-repository"})


def test_settings_come_before_a_ci_and_a_ci_before_git_for_each_field_alone(
    checkout: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "tts.toml").write_text(
        '[provenance]\nrepository = "https://me:secret@stated.example.gov/a"\n'
    )
    git("add", "tts.toml")
    git("commit", "--quiet", "-m", "State")
    stated = "https://stated.example.gov/a"
    assert provenance(checkout) == Provenance(stated, git("rev-parse", "HEAD"), dirty=False)
    set_all(monkeypatch, GITHUB)
    assert provenance(checkout) == Provenance(stated, COMMIT, dirty=False)


def test_settings_that_cannot_be_used_raise_nothing(checkout: Path) -> None:
    (checkout / "tts.toml").write_text("[provenance")
    assert provenance(checkout).repository == URL


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_SERVER_URL": "https://github.example.gov"},
        {"GITHUB_REPOSITORY": "team/benefits"},
        {"GITHUB_SERVER_URL": "https://github.example.gov", "GITHUB_REPOSITORY": ""},
        {"CODEBUILD_SOURCE_REPO_URL": ""},
        {"CODEBUILD_SOURCE_REPO_URL": "bucket/source.zip", "CODEBUILD_RESOLVED_SOURCE_VERSION": "v.1"},
        {"GITHUB_SHA": "main"},
    ],
)
def test_what_is_neither_repository_nor_commit_is_not_taken(
    checkout: Path, git: Git, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    set_all(monkeypatch, variables)
    assert provenance(checkout) == Provenance(URL, git("rev-parse", "HEAD"), dirty=False)


# How often git is asked


def test_git_is_asked_once_a_run_whatever_the_number_of_systems_and_guardrails(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, make_system: Callable[..., Any]
) -> None:
    asked: list[Any] = []
    run = subprocess.run

    def count(command: list[str], **keywords: Any) -> Any:
        asked.append(command[1:])
        return run(command, **keywords)

    monkeypatch.setattr(subprocess, "run", count)
    monkeypatch.setattr(metadata, "provenance", provenance)
    monkeypatch.chdir(checkout)
    for _ in range(2):
        make_system()
        TtsGuardrails(project="benefits", owner="benefits@example.gov")
    assert len(asked) == len({str(command) for command in asked}) == 4


# The record


def test_a_record_holds_no_null_which_cloudformation_refuses() -> None:
    assert Provenance().as_record() == {}
    assert Provenance(URL, COMMIT, dirty=False).as_record() == {
        "repository": URL,
        "commit": COMMIT,
        "dirty": False,
    }
    assert Provenance(dirty=True, changes=("a",), missing={"commit": "no-git"}).as_record() == {
        "dirty": True,
        "changes": ["a"],
        "missing": {"commit": "no-git"},
    }


# Credentials


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
        ("codecommit::us-gov-west-1://profile@benefits", "codecommit::us-gov-west-1://benefits"),
        ("ext::https://user:token@git.example.gov/a", "ext::https://git.example.gov/a"),
    ],
)
def test_a_remote_is_shown_without_user_name_or_token(remote: str, shown: str) -> None:
    assert without_credentials(remote) == shown


@given(
    scheme=st.sampled_from(["https://", "ssh://", "git+ssh://", "codecommit::https://", ""]),
    user=st.text("abcXYZ09-_.~%@", min_size=1),
    password=st.text("abcXYZ09-_.~%@", min_size=1),
)
def test_no_user_name_or_password_is_shown(scheme: str, user: str, password: str) -> None:
    shown = without_credentials(f"{scheme}{user}:{password}@git.example.gov:path/to")
    assert shown == f"{scheme}git.example.gov:path/to"
