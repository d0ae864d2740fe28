"""`tts init`: what it asks, derives, refuses and writes, and that the new system keeps its promises."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.checkout import commit_all
from tts_constructs._version import __version__
from tts_constructs.cli import init as command
from tts_constructs.cli import new_system
from tts_constructs.cli.main import tts
from tts_constructs.errors import InputError, InvalidArgument
from tts_constructs.policy.system import Environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in which systems are made."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(tts, ["init", *arguments], input=typed)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments: str) -> str:
    """The error of a command that cannot be used."""
    result = CliRunner().invoke(tts, ["init", *arguments])
    assert isinstance(result.exception, InputError | InvalidArgument)
    return str(result.exception)


def text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person sits at a terminal."""
    monkeypatch.setattr(command, "_is_terminal", lambda: True)


# What a system is


def test_what_nobody_says_is_derived_and_told() -> None:
    lines = run("Benefits_2").output.splitlines()
    assert lines[1:6] == [
        "  project      benefits-2  (from the folder's name, Benefits_2)",
        "  owner        benefits-2@example.gov  (from the project)",
        "  environment  production  (the default)",
        "  region       us-east-1  (the default)",
        "  account      111122223333  (made up)",
    ]
    app = text("Benefits_2/app.py")
    assert 'project="benefits-2"' in app
    assert 'owner="benefits-2@example.gov"' in app
    assert "environment=Environment.PRODUCTION" in app
    assert "data_sensitivity=DataSensitivity.SENSITIVE" in app
    assert 'env=cdk.Environment(account="111122223333", region="us-east-1")' in app


def test_what_options_say_is_taken_and_not_told_as_derived() -> None:
    output = run(
        *("forms", "--project", "My Forms", "--owner", "team@example.gov", "--environment", "sandbox"),
        *("--region", "us-gov-west-1", "--account", "444455556666"),
    ).output
    assert "  project      My Forms\n  owner        team@example.gov\n  environment  sandbox\n" in output
    assert "made up" not in output
    app = text("forms/app.py")
    assert 'project="My Forms"' in app
    assert 'owner="team@example.gov"' in app
    assert "environment=Environment.SANDBOX" in app
    assert 'env=cdk.Environment(account="444455556666", region="us-gov-west-1")' in app


def test_an_owner_that_nobody_names_is_made_of_the_project() -> None:
    assert (
        "  owner        my-forms@example.gov  (from the project)" in run("x", "--project", "My Forms").output
    )


def test_an_owner_that_nobody_names_is_no_longer_than_an_address_may_be() -> None:
    assert f"  owner        {'x' * 64}@example.gov  " in run("x", "--project", "x" * 200).output


def test_a_sandbox_holds_synthetic_data() -> None:
    run("forms", "--environment", "sandbox")
    assert "data_sensitivity=DataSensitivity.SYNTHETIC" in text("forms/app.py")


@pytest.mark.parametrize(
    ("project", "stack"),
    [
        ("benefits", "Benefits-Production"),
        ("my forms/web", "MyFormsWeb-Production"),
        ("18f-site", "Tts18fSite-Production"),
        ("x" * 200, f"X{'x' * 99}-Production"),
    ],
)
def test_the_stack_is_named_by_project_and_environment(project: str, stack: str) -> None:
    run("forms", "--project", project)
    assert f'cdk.Stack(app, "{stack}", ' in text("forms/app.py")


def test_the_settings_hold_the_project_and_tie_the_account() -> None:
    run("forms", "--account", "444455556666", "--environment", "sandbox")
    assert tomllib.loads(text("forms/tts.toml")) == {
        "projects": ["forms"],
        "accounts": {"444455556666": "sandbox"},
    }


def test_zones_are_recorded_for_the_made_up_account() -> None:
    run("forms", "--region", "us-west-2")
    assert json.loads(text("forms/cdk.context.json")) == {
        "availability-zones:account=111122223333:region=us-west-2": ["us-west-2a", "us-west-2b"]
    }


def test_nothing_is_recorded_for_a_real_account() -> None:
    run("forms", "--account", "444455556666")
    assert json.loads(text("forms/cdk.context.json")) == {}


# On a terminal


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks_for_what_no_option_says() -> None:
    typed = "benefits\n\nsandbox\nus-west-2\n444455556666\n"
    output = run("forms", typed=typed).output
    assert re.findall(r"^(\w+) (?:\([^)]*\) )?\[([^]]*)\]:", output, re.M) == [
        ("Project", "forms"),
        ("Owner", "benefits@example.gov"),
        ("Environment", "production"),
        ("Region", "us-east-1"),
        ("Account", "111122223333"),
    ]
    assert "  project      benefits\n  owner        benefits@example.gov\n" in output
    assert 'env=cdk.Environment(account="444455556666", region="us-west-2")' in text("forms/app.py")


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_does_not_ask_for_what_an_option_says() -> None:
    output = run("forms", "--project", "benefits", "--account", "444455556666", typed="\n\n\n").output
    assert "Project" not in output
    assert "Account" not in output


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks_again_after_an_answer_that_cannot_be_used() -> None:
    output = run("test", typed="todo\nforms\n\n\n\n12\n444455556666\n").output
    assert "Project:" in output  # a folder called test gives no default
    assert "'todo', which names no project" in output
    assert "account is '12'; write the account id, which has 12 digits" in output
    assert 'project="forms"' in text("test/app.py")


# What is refused


def test_a_folder_that_is_not_empty_is_refused_and_left_alone() -> None:
    Path("forms").mkdir()
    Path("forms/mine").write_text("mine", encoding="utf-8")
    assert refused("forms").endswith("forms: is not empty; name a new folder, or an empty one")
    assert [path.name for path in Path("forms").iterdir()] == ["mine"]


def test_a_file_is_refused() -> None:
    Path("forms").write_text("mine", encoding="utf-8")
    assert "cannot be written into (Not a directory)" in refused("forms")


def test_an_empty_folder_and_a_repository_without_files_are_taken() -> None:
    Path("forms/.git").mkdir(parents=True)
    assert "git init" not in run("forms").output
    Path("empty").mkdir()
    assert "git init" in run("empty").output
    assert Path("empty/app.py").exists()


def test_the_working_folder_is_taken_by_its_own_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "forms").mkdir()
    monkeypatch.chdir(folder / "forms")
    run(".")
    assert 'project="forms"' in text("app.py")


def test_a_folder_in_folders_that_do_not_exist_is_made() -> None:
    run("new/forms")
    assert Path("new/forms/app.py").exists()


@pytest.mark.parametrize("name", ["test", "---", "日本"])
def test_a_folder_whose_name_makes_no_project_is_refused(name: str) -> None:
    assert refused(f"./{name}") == (
        f"tts init: no project can be taken from the folder's name, {name}; write --project"
    )
    assert not Path(name).exists()


def test_all_that_options_say_wrong_is_told_at_once_and_nothing_is_written() -> None:
    error = refused("forms", "--project", "日本", "--owner", "nobody", "--account", "12")
    assert "project is '日本'; the stack is named by its letters a to z and digits, and it has none" in error
    assert "owner is 'nobody'; write the e-mail address" in error
    assert "account is '12'; write the account id, which has 12 digits" in error
    assert not Path("forms").exists()


def test_quotes_in_a_project_reach_no_file() -> None:
    assert 'a tag cannot hold "' in refused("forms", "--project", 'x", owner="me')


def test_a_region_outside_the_united_states_is_refused() -> None:
    result = CliRunner().invoke(tts, ["init", "forms", "--region", "eu-west-1"])
    assert result.exit_code == 2
    assert "'eu-west-1' is not one of" in result.output


def test_what_cannot_be_written_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write_text = Path.write_text

    def until_the_disk_is_full(path: Path, *arguments: Any, **keywords: Any) -> int:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path)
        return write_text(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "write_text", until_the_disk_is_full)
    assert refused("forms").endswith("forms: cannot be written (No space left on device)")
    assert list(folder.iterdir()) == []


# What is written


def test_every_file_is_written_and_told() -> None:
    output = run("forms").output
    expected = {
        ".github/workflows/check.yml", ".gitignore", ".pre-commit-config.yaml", "README.md", "app.py",
        "cdk.context.json", "cdk.json", "package-lock.json", "package.json", "pyproject.toml",
        "requirements.txt", "tests/test_app.py", "tts.toml",
    }  # fmt: skip
    written = {path.relative_to("forms").as_posix() for path in Path("forms").rglob("*") if path.is_file()}
    assert written == expected
    assert expected <= {line.strip() for line in output.splitlines()}


def test_the_next_steps_are_commands_that_the_system_knows(folder: Path) -> None:
    steps = run("forms").output.partition("Next:\n")[2]
    assert f"  cd {folder / 'forms'}\n" in steps
    assert "  git init && git remote add origin <address of the repository>\n" in steps
    assert "pip install --requirement requirements.txt && npm ci" in steps
    assert "pytest --snapshot-update" in steps
    assert "The account 111122223333 is made up" in steps


def test_the_packages_are_those_that_wrote_the_system() -> None:
    run("forms")
    lines = text("forms/requirements.txt").splitlines()
    assert f"tts-constructs[testing]~={__version__}" in lines
    assert f"aws-cdk-lib=={version('aws-cdk-lib')}" in lines


def test_the_cdk_is_set_up_as_the_sample_app_is() -> None:
    run("forms")
    ours = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    assert json.loads(text("forms/cdk.json")) == ours | {"app": "python app.py"}


def test_the_cdk_command_is_the_one_that_we_lock() -> None:
    run("forms")
    ours = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    lock = json.loads(text("forms/package-lock.json"))["packages"]
    wanted = json.loads(text("forms/package.json"))["devDependencies"]
    assert lock["node_modules/aws-cdk"] == ours["node_modules/aws-cdk"]
    assert wanted == lock[""]["devDependencies"] == {"aws-cdk": lock["node_modules/aws-cdk"]["version"]}


def test_the_workflow_judges_and_its_actions_are_pinned_to_commits() -> None:
    run("forms")
    workflow = yaml.safe_load(text("forms/.github/workflows/check.yml"))
    steps = workflow["jobs"]["check"]["steps"]
    assert [
        one["uses"] for one in steps if not re.search("@[0-9a-f]{40}$", one.get("uses", "@" + "0" * 40))
    ] == []
    commands = [one["run"] for one in steps if "run" in one]
    assert commands[1:] == [
        "pip install --requirement requirements.txt",
        "npm ci",
        "cdk synth --quiet",
        "tts check cdk.out",
        "tts verify cdk.out",
        "pytest",
    ]
    assert 'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"' in commands[0]
    assert workflow["permissions"] == {"contents": "read"}


def test_the_pre_commit_hook_runs_the_tests() -> None:
    run("forms")
    (repo,) = yaml.safe_load(text("forms/.pre-commit-config.yaml"))["repos"]
    hooks = {hook["id"]: hook for hook in repo["hooks"]}
    assert repo["repo"] == "local"
    assert hooks["tests"]["entry"] == "pytest --quiet"
    assert [
        bool(re.search(hooks["tests"]["files"], name)) for name in ("app.py", "tts.toml", "README.md")
    ] == [
        True,
        True,
        False,
    ]


def test_no_file_keeps_a_placeholder() -> None:
    texts = new_system.files(
        {"project": "p", "owner": "o", "environment": Environment.SANDBOX, "region": "r", "account": "a"}
    )
    assert not [str(path) for path, content in texts.items() if re.search(r"\$\{|\$\$", content)]


# The new system at work


def at_work(folder: Path, *command: str) -> str:
    """Runs a command in the new system, as its README has it; what it printed."""
    tools = (Path(sys.executable).parent, ROOT / "node_modules/.bin", os.environ["PATH"])
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.pathsep.join(map(str, tools)), "HOME": str(folder.parent), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=["production", "sandbox"])
def system(request: pytest.FixtureRequest, folder: Path) -> Path:
    """A new system in version control."""
    run("benefits", "--environment", request.param)
    made = folder / "benefits"
    commit_all(made, "benefits")
    return made


@pytest.mark.slow
def test_a_new_system_synthesizes_complies_and_passes_its_own_tests(system: Path) -> None:
    at_work(system, "ruff", "check")
    at_work(system, "cdk", "synth", "--quiet")
    assert at_work(system, "tts", "check", "cdk.out").startswith("0 findings block, 0 warn;")
    at_work(system, "tts", "verify", "cdk.out")
    assert at_work(system, "git", "status", "--porcelain") == ""

    at_work(system, "pytest", "--quiet", "--snapshot-update")
    assert (system / "tests/__snapshots__/test_app/test_the_template_is_as_reviewed.json").exists()
    assert "2 passed" in at_work(system, "pytest", "--quiet")
