"""`tts init`: what it asks, derives, refuses and writes, and that the new system keeps its promises."""

import json
import re
import shlex
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.bare_machine import BareMachine
from tests.checkout import commit_all
from tts_constructs._version import __version__
from tts_constructs.cli import init as command
from tts_constructs.cli import library, scaffold
from tts_constructs.cli.init import MADE_UP_ACCOUNT
from tts_constructs.cli.main import tts
from tts_constructs.errors import InputError, InvalidArgumentError

ROOT = Path(__file__).parents[2]
LIBRARY = f"git+https://git.example.gov/tts_constructs.git@{'0123456789' * 4}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in which systems are made by a library that came from a git repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(library, "installed_from", lambda: LIBRARY)
    return tmp_path


def run(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(tts, ["init", *arguments], input=typed)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments: str) -> str:
    """The error of a command that cannot be used."""
    result = CliRunner().invoke(tts, ["init", *arguments])
    assert isinstance(result.exception, InputError | InvalidArgumentError)
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
    assert lines[1:7] == [
        "  project      benefits-2  (from the folder's name, Benefits_2)",
        "  owner        benefits-2@example.gov  (from the project)",
        "  environment  sandbox  (the default)",
        "  region       us-east-1  (the default)",
        "  account      111122223333  (made up)",
        f"  library      {LIBRARY}  (from where this tts is installed)",
    ]
    app = text("Benefits_2/app.py")
    assert 'project="benefits-2"' in app
    assert 'owner="benefits-2@example.gov"' in app
    assert "environment=Environment.SANDBOX" in app
    assert "data_sensitivity=DataSensitivity.SYNTHETIC" in app
    assert 'env=cdk.Environment(account="111122223333", region="us-east-1")' in app


def test_what_options_say_is_taken_and_not_told_as_derived() -> None:
    output = run(
        *("forms", "--project", "My Forms", "--owner", "team@example.gov", "--environment", "development"),
        *("--region", "us-gov-west-1", "--account", "444455556666"),
    ).output
    assert "  project      My Forms\n  owner        team@example.gov\n  environment  development\n" in output
    assert "made up" not in output
    app = text("forms/app.py")
    assert 'project="My Forms"' in app
    assert 'owner="team@example.gov"' in app
    assert "environment=Environment.DEVELOPMENT" in app
    assert 'env=cdk.Environment(account="444455556666", region="us-gov-west-1")' in app


def test_an_owner_that_nobody_names_is_made_of_the_project() -> None:
    assert (
        "  owner        my-forms@example.gov  (from the project)" in run("x", "--project", "My Forms").output
    )


def test_an_owner_that_nobody_names_is_no_longer_than_an_address_may_be() -> None:
    assert f"  owner        {'x' * 64}@example.gov  " in run("x", "--project", "x" * 200).output


@pytest.mark.parametrize("environment", ["production", "development"])
def test_outside_a_sandbox_data_counts_as_sensitive(environment: str) -> None:
    run("forms", "--environment", environment)
    assert "data_sensitivity=DataSensitivity.SENSITIVE" in text("forms/app.py")


@pytest.mark.parametrize(
    ("project", "stack"),
    [
        ("benefits", "Benefits-Sandbox"),
        ("my forms/web", "MyFormsWeb-Sandbox"),
        ("18f-site", "Tts18fSite-Sandbox"),
        ("x" * 200, f"X{'x' * 99}-Sandbox"),
    ],
)
def test_the_stack_is_named_by_project_and_environment(project: str, stack: str) -> None:
    run("forms", "--project", project)
    assert f'cdk.Stack(app, "{stack}", ' in text("forms/app.py")


def test_the_settings_hold_the_project_and_tie_the_account() -> None:
    run("forms", "--account", "444455556666", "--environment", "production")
    assert tomllib.loads(text("forms/tts.toml")) == {
        "projects": ["forms"],
        "accounts": {"444455556666": "production"},
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
    typed = "benefits\n\nproduction\nus-west-2\n444455556666\n\n"
    output = run("forms", typed=typed).output
    assert re.findall(r"^(\w+) (?:\([^)]*\) )?\[([^]]*)\]:", output, re.M) == [
        ("Project", "forms"),
        ("Owner", "benefits@example.gov"),
        ("Environment", "sandbox"),
        ("Region", "us-east-1"),
        ("Account", "111122223333"),
        ("Library", LIBRARY),
    ]
    assert "  project      benefits\n  owner        benefits@example.gov\n" in output
    assert 'env=cdk.Environment(account="444455556666", region="us-west-2")' in text("forms/app.py")


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_does_not_ask_for_what_an_option_says() -> None:
    output = run("forms", "--project", "benefits", "--account", "444455556666", typed="\n\n\n\n").output
    assert "Project" not in output
    assert "Account" not in output


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks_again_after_an_answer_that_cannot_be_used() -> None:
    output = run("test", typed="todo\nforms\n\n\n\n12\n444455556666\n\n").output
    assert "Project:" in output  # a folder called test gives no default
    assert "'todo', which names no project" in output
    assert "account is '12'; write the account ID, which has 12 digits" in output
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
    error = refused("forms", "--project", "日本", "--owner", "nobody", "--account", "12", "--library", "x")
    assert "project is '日本'; write a letter (a to z) or a digit: they name the stack" in error
    assert "owner is 'nobody'; write the e-mail address" in error
    assert "account is '12'; write the account ID, which has 12 digits" in error
    assert "library is 'x'; write the path of the wheel that `make wheel` builds" in error
    assert not Path("forms").exists()


def test_quotes_in_a_project_reach_no_file() -> None:
    assert 'a tag cannot hold "' in refused("forms", "--project", 'x", owner="me')


def test_a_region_outside_the_united_states_is_refused() -> None:
    result = CliRunner().invoke(tts, ["init", "forms", "--region", "eu-west-1"])
    assert result.exit_code == 2
    assert "'eu-west-1' is not one of" in result.output


def test_what_cannot_be_written_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write_bytes = Path.write_bytes

    def until_the_disk_is_full(path: Path, content: bytes) -> int:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path)
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", until_the_disk_is_full)
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


def next_steps(output: str) -> list[str]:
    """The commands that `tts init` says to type."""
    return [line.strip() for line in output.partition("Next:\n")[2].partition("\n\n")[0].splitlines()]


def test_the_next_steps_begin_in_the_new_folder_and_end_with_a_commit(folder: Path) -> None:
    output = run("my forms", "--project", "forms").output
    first, *_, last = next_steps(output)
    assert first == f"cd '{folder / 'my forms'}'"
    assert last == "git init && git add . && git commit --message 'Describe the system'"
    assert "The account 111122223333 is made up" in output


def test_the_readme_names_the_same_commands_as_the_next_steps() -> None:
    _, *steps, _ = next_steps(run("forms").output)
    first_run = text("forms/README.md").partition("```sh\n")[2].partition("```")[0]
    assert [step.partition("#")[0].strip() for step in steps] == first_run.splitlines()


def test_only_a_made_up_account_is_to_be_replaced() -> None:
    run("made-up")
    run("real", "--account", "444455556666")
    assert "The account 111122223333 is made up" in text("made-up/README.md")
    assert "made up" not in text("real/README.md")


def test_the_cdk_is_the_one_that_wrote_the_system() -> None:
    run("forms")
    assert f"aws-cdk-lib=={version('aws-cdk-lib')}" in text("forms/requirements.txt").splitlines()


# Where it installs the library from


@pytest.fixture
def built(folder: Path) -> Path:
    """A wheel of the library, as `make wheel` builds one."""
    path = folder / f"tts_constructs-{__version__}-py3-none-any.whl"
    with ZipFile(path, "w") as wheel:
        wheel.writestr("tts_constructs/__init__.py", "")
    return path


def test_a_wheel_is_copied_into_the_system_and_installed_from_there(built: Path) -> None:
    output = run("forms", "--library", built.name).output
    assert f"  wheels/{built.name}\n" in output
    assert Path("forms/wheels", built.name).read_bytes() == built.read_bytes()
    assert f"./wheels/{built.name}[testing]" in text("forms/requirements.txt").splitlines()


def test_a_git_repository_is_named_with_its_commit() -> None:
    run("forms")
    assert f"tts-constructs[testing] @ {LIBRARY}" in text("forms/requirements.txt").splitlines()
    assert not Path("forms/wheels").exists()


def test_a_library_that_came_from_nowhere_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "installed_from", lambda: None)
    assert refused("forms") == (
        "tts init: no library can be taken from where this tts is installed; write --library with the wheel "
        "that `make wheel` builds, or git+https://<repository>@<tag>"
    )
    assert not Path("forms").exists()


def test_a_wheel_that_cannot_be_read_leaves_nothing_behind(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bytes = Path.read_bytes

    def fails(path: Path) -> bytes:
        if path.suffix == ".whl":
            raise OSError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", fails)
    assert refused("forms", "--library", str(built)).endswith("cannot be read (Permission denied)")
    assert not Path("forms").exists()


# What it is set up with


def test_the_cdk_is_set_up_as_the_sample_app_is() -> None:
    run("forms")
    ours = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    assert json.loads(text("forms/cdk.json")) == ours | {"app": "python app.py"}


def test_the_cdk_command_is_the_one_that_we_lock() -> None:
    run("forms")
    ours = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    lock = json.loads(text("forms/package-lock.json"))["packages"]
    wanted = json.loads(text("forms/package.json"))["devDependencies"]
    assert lock["node_modules/aws-cdk"] == ours["node_modules/aws-cdk"] | {"dev": True}
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
    system = {"project": "p", "owner": "o", "environment": "sandbox", "region": "r", "account": "a"}
    contents = scaffold.files(system | {"library": LIBRARY})
    assert not [str(path) for path, content in contents.items() if re.search(rb"\$\{|\$\$", content)]


# The new system at work


@dataclass(frozen=True)
class Made:
    """A system that `tts init` wrote on a bare machine, where a team would put it.

    Args:
        machine: The machine.
        folder: The system.
        said: What `tts init` printed.
    """

    machine: BareMachine
    folder: Path
    said: str

    def sh(self, commands: str) -> str:
        """Types commands in the system's folder and environment; what they printed."""
        done = self.machine.sh(f"[ ! -e .venv ] || . .venv/bin/activate\n{commands}", self.folder)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def snippets(self, language: str) -> list[str]:
        """The snippets of the system's README in a language."""
        readme = (self.folder / "README.md").read_text(encoding="utf-8")
        found = re.finditer(rf"^( *)```{language}\n(.*?)^\1```$", readme, re.M | re.S)
        return [textwrap.dedent(one[2]) for one in found]


def made(folder: Path, *options: str, git: bool) -> Made:
    """A system, made with the library that is installed from its wheel."""
    machine = BareMachine(folder, git=git)
    work = folder / "the team's work"
    work.mkdir()
    wheel = machine.build_wheel(folder / "dist")
    commands = (
        "python3 -m venv .venv && . .venv/bin/activate",
        shlex.join(["pip", "install", "--quiet", str(wheel)]),
        shlex.join(["tts", "init", "forms", *options]),
    )
    done = machine.sh("\n".join(commands), work)
    assert done.returncode == 0, done.stdout
    return Made(machine, work / "forms", done.stdout)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A system with the defaults, on a machine without git, after the first run of its README."""
    system = made(tmp_path_factory.mktemp("sandbox"), git=False)
    first_run, _ = system.snippets("sh")
    assert "0 findings block, 0 warn;" in (said := system.sh(first_run)), said
    assert "2 passed" in said
    return system


@pytest.mark.slow
def test_a_new_system_passes_its_tests_on_the_first_run_without_git(sandbox: Made) -> None:
    assert (sandbox.folder / "tests/__snapshots__/test_app/test_the_template_is_as_reviewed.json").exists()


@pytest.mark.slow
def test_a_new_system_passes_its_tests_again_and_notices_a_change(sandbox: Made) -> None:
    sandbox.sh("ruff check")
    _, after_each_change = sandbox.snippets("sh")
    assert "2 passed" in sandbox.sh(after_each_change)
    app = sandbox.folder / "app.py"
    described = app.read_text(encoding="utf-8")
    app.write_text(described.replace('"Files"', '"Forms"'), encoding="utf-8")
    assert (
        "1 failed, 1 passed"
        in sandbox.machine.sh(". .venv/bin/activate; pytest --quiet", sandbox.folder).stdout
    )
    app.write_text(described, encoding="utf-8")


@pytest.mark.slow
def test_a_service_is_added_as_the_readme_of_a_new_system_says(
    sandbox: Made, recorded_lookups: Callable[..., None]
) -> None:
    (settings,), (service,) = sandbox.snippets("toml"), sandbox.snippets("python")
    with (sandbox.folder / "tts.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    (sandbox.folder / "service.py").write_text(service, encoding="utf-8")
    app = sandbox.folder / "app.py"
    described = app.read_text(encoding="utf-8")
    described = described.replace("    return stack", "    add_service(system)\n    return stack")
    app.write_text(f"from service import add_service\n{described}", encoding="utf-8")
    recorded_lookups(sandbox.folder, MADE_UP_ACCOUNT)
    assert "0 findings block, 0 warn;" in sandbox.sh("npx cdk synth --quiet\ntts check cdk.out")
    template = (sandbox.folder / "cdk.out/Forms-Sandbox.template.json").read_text(encoding="utf-8")
    assert "AWS::AutoScaling::AutoScalingGroup" in template


@pytest.mark.slow
def test_a_new_production_system_runs_as_it_says_in_a_checkout(folder: Path) -> None:
    system = made(folder, "--environment", "production", git=True)
    commit_all(system.folder, "forms")
    *steps, _ = next_steps(system.said)
    said = system.sh("\n".join([*steps, "tts verify cdk.out"]))
    assert "0 findings block, 0 warn;" in said
    assert "2 passed" in said
    assert system.sh("git status --porcelain") == "?? tests/__snapshots__/\n"


@pytest.mark.slow
def test_the_last_step_commits_what_belongs_to_the_system(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    *_, commit = next_steps(run("forms").output)
    for beside in (".venv", "node_modules", "cdk.out"):
        (folder / "forms" / beside).mkdir()
        (folder / "forms" / beside / "file").touch()
    machine = BareMachine(tmp_path_factory.mktemp("machine"), git=True)
    assert machine.sh(commit, folder / "forms").returncode == 0
    committed = machine.sh("git ls-files", folder / "forms").stdout.splitlines()
    assert {"app.py", ".gitignore", "cdk.context.json"} <= set(committed)
    assert not [name for name in committed if name.endswith("/file")]
