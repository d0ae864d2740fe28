"""The README is true: its commands print what docs/first-run.md shows, and its links exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bare_machine import BareMachine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs/adr").glob("*.md"))
)

PAGE = ROOT / "docs/first-run.md"
FILES = {"python": "app.py", "json": "cdk.context.json"}
PROSE = """\
# The first run

This is what the commands of the README print on a machine without AWS credentials and git, and without a
network after the set-up. A test runs them and compares. It leaves out `make test`, pip, and npm.

The sample app's production warns because there is no git. In a clone whose `origin` is a URL, it doesn't.

"""
QUIET = ("python3", "pip", "npm")
"""Commands of the set-up, whose output is of no use on a page."""

TOO_LONG = ("make test",)
"""Commands that take longer than a test may."""


def example(language: str) -> str:
    """The first example of the README in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.S)
    assert found
    return found[1]


def steps() -> Iterator[tuple[str, str]]:
    """What a reader of the README does, in order: files to write, by their names, and commands by `$`."""
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S):
        if language in FILES:
            yield FILES[language], text
        for line in text.splitlines() if language == "sh" else ():
            command = line.partition("  #")[0].strip()
            if command not in TOO_LONG:
                yield "$", command


def session() -> str:
    """A shell script that does these steps one after the other, and shows what it does."""
    lines = []
    for name, text in steps():
        if name == "$":
            output = "> /dev/null" if text.startswith(QUIET) else ""
            lines += [f"echo {shlex.quote(f'$ {text}')}", f"{{ {text}; }} {output} || exit 1"]
        else:
            lines += [f"echo '# write {name}'", f"cat > {name} <<'END'\n{text}END"]
    return "\n".join(lines)


@pytest.mark.slow
def test_the_commands_of_the_readme_print_what_the_page_shows_on_a_bare_machine(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    machine = BareMachine(tmp_path)
    clone = machine.clone(tmp_path / "clone of the library")
    done = machine.sh(session(), clone)
    assert done.returncode == 0, done.stdout
    shown = done.stdout.rstrip().replace(str(clone), "~/tts_constructs")
    printed = f"{PROSE}```text\n{shown}\n```\n"
    if request.config.getoption("--snapshot-update"):
        PAGE.write_text(printed, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "renew it: pytest tests/test_readme.py --snapshot-update"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ['npx cdk synth --quiet --app "python3 app.py"', "python3 app.py"])
def test_without_the_record_and_without_credentials_the_first_example_says_how_to_record(
    command: str, tmp_path: Path
) -> None:
    machine = BareMachine(tmp_path)
    (machine.home / "app.py").write_text(example("python"), encoding="utf-8")
    said = machine.sh(
        f"npm install aws-cdk\nPYTHONPATH={shlex.quote(str(ROOT))}:$PYTHONPATH {command}", machine.home
    )
    assert (
        "Lookups without a record: availability-zones. "
        "Run `cdk synth` once with credentials and commit cdk.context.json."
    ) in said.stdout.splitlines()
    fixes = re.findall(r"(?:Suggested fix:| Fix:) (.*)", said.stdout)
    assert set(fixes) == {"Run `cdk synth` once with credentials and commit cdk.context.json."}


def test_the_first_example_has_25_lines_at_most_beside_its_imports() -> None:
    lines = [line for line in example("python").splitlines() if line and "import" not in line]
    assert len(lines) <= 25


def test_the_tutorial_begins_with_the_same_system() -> None:
    tutorial = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    assert example("python") in tutorial


def test_the_readme_is_of_one_screen() -> None:
    assert len(README.splitlines()) <= 80


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_within_the_project_leads_somewhere(document: str) -> None:
    file = ROOT / document
    links = re.findall(r"\]\((?!\w+:)([^)#]+)", file.read_text(encoding="utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_make_command_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = re.findall(r"(?:^|`)make ([a-z0-9-]+)", (ROOT / document).read_text(encoding="utf-8"), re.M)
    assert set(named) <= targets
