"""`tts init`: writes a new system that synthesizes, with its tests."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tts_constructs import standards
from tts_constructs.cli import library
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.system_metadata import Environment, names_a_project, owner_faults, project_faults

MADE_UP_ACCOUNT = "111122223333"
"""The account of a system for which none is given; AWS's documentation uses it as an example."""

_LONGEST_LOCAL_PART = 64
"""Characters before the @ of an e-mail address (RFC 5321)."""


@click.command(
    short_help="Create a new system: a CDK app with tests, settings, and CI.",
    epilog="Exit code: 0 the system was written; 2 something can't be used, and nothing was written.",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--project", help="Registered name of the project.  [default: from the folder's name]")
@click.option("--owner", help="Email address of the team.  [default: <project>@example.gov]")
@click.option(
    "--environment",
    type=click.Choice([environment.value for environment in Environment]),
    help="Environment that it runs in.  [default: sandbox]",
)
@click.option(
    "--region", type=click.Choice(standards.REGIONS), help=f"AWS region.  [default: {standards.REGIONS[0]}]"
)
@click.option("--account", help=f"AWS account ID.  [default: a made-up one, {MADE_UP_ACCOUNT}]")
@click.option(
    "--library",
    metavar="WHEEL|URL",
    help="Wheel of tts-constructs to copy into DIR, or git+https URL.  [default: where this tts came from]",
)
def init(folder: Path, **given: str | None) -> None:
    r"""Create a new system in DIR: a CDK app with tests, settings, a CI workflow, and a pre-commit hook.

    On a terminal, tts asks for each value that you give no option for. Elsewhere, it uses the defaults and
    lists them.
    DIR must be new or empty; a git repository without files counts as empty.

    \b
    tts init forms
    tts init forms --environment production --region us-gov-west-1
    """
    from tts_constructs.cli import scaffold

    folder = folder.resolve()
    scaffold.check_is_empty(folder)
    answers = _answers(folder.name, given)
    if faults := [fault for answer in answers.values() for fault in answer.faults]:
        raise InvalidArgumentError("tts init", faults)
    files = scaffold.files({name: answer.value for name, answer in answers.items()})
    scaffold.write(folder, files)
    click.echo(_said(folder, answers, files))


# What the system is


@dataclass(frozen=True)
class _Answer:
    """The answer to one question; `origin` says where a default comes from."""

    value: str
    origin: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A question about a new system.

    Args:
        name: Such as `project`, as its option is called.
        default: What it is where nobody says it; None: somebody must.
        origin: Where the default comes from.
        faults: What is wrong with an answer, one sentence each.
        choices: What it can be; none: any text.
        advice: The option to write where there is no default.
    """

    name: str
    default: str | None
    origin: str
    faults: Callable[[str], Iterable[str]] = lambda _: ()
    choices: Sequence[str] = ()
    advice: str = ""

    def answer(self, given: str | None) -> _Answer:
        """Answers from the option, else asks on a terminal, else takes the default."""
        if given is not None:
            return _Answer(given, faults=tuple(self.faults(given)))
        if _is_terminal():
            return _Answer(self._asked())
        if self.default is None:
            fault = f"no {self.name} can be taken {self.origin}; write --{self.name}{self.advice}"
            return _Answer("", faults=(fault,))
        return _Answer(self.default, self.origin)

    def _asked(self) -> str:
        choices = click.Choice(self.choices) if self.choices else None
        value: str = click.prompt(
            self.name.capitalize(), self.default, type=choices, value_proc=None if choices else self._checked
        )
        return value

    def _checked(self, value: str) -> str:
        if faults := list(self.faults(value)):
            raise click.BadParameter("; ".join(faults))
        return value


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _answers(folder: str, given: Mapping[str, str | None]) -> dict[str, _Answer]:
    """Collects the answers about a new system, by the names of the options."""
    derived = "-".join(words(folder.lower()))
    project = _Question(
        name="project",
        default=derived if names_a_project(derived) else None,
        origin=f"from the folder's name, {folder}",
        faults=_project_faults,
    ).answer(given["project"])
    others = (
        _Question(
            name="owner",
            default=f"{'-'.join(words(project.value.lower()))[:_LONGEST_LOCAL_PART]}@example.gov",
            origin="from the project",
            faults=owner_faults,
        ),
        _Question(
            name="environment",
            default=Environment.SANDBOX.value,
            origin="the default",
            choices=[environment.value for environment in Environment],
        ),
        _Question(
            name="region", default=standards.REGIONS[0], origin="the default", choices=standards.REGIONS
        ),
        _Question(name="account", default=MADE_UP_ACCOUNT, origin="made up", faults=_account_faults),
        _Question(
            name="library",
            default=library.installed_from(),
            origin="from where this tts is installed",
            faults=library.faults,
            advice=" with the wheel that `make wheel` builds, or git+https://<repository>@<tag>",
        ),
    )
    return {"project": project, **{one.name: one.answer(given[one.name]) for one in others}}


def _project_faults(value: str) -> Iterator[str]:
    yield from project_faults(value)
    if not words(value):
        yield f"project is {value!r}; write a letter (a to z) or a digit: they name the stack"


def _account_faults(value: str) -> Iterator[str]:
    if not re.fullmatch(r"[0-9]{12}", value):
        yield f"account is {value!r}; write the account ID, which has 12 digits"


def words(text: str) -> list[str]:
    """Splits a text into the parts that names of stacks and addresses can hold."""
    return re.findall(r"[A-Za-z0-9]+", text)


# What is said


def _said(folder: Path, answers: Mapping[str, _Answer], files: Iterable[Path]) -> str:
    lines = [f"A new system in {folder}:"]
    for name, answer in answers.items():
        origin = f"  ({answer.origin})" if answer.origin else ""
        lines.append(f"  {name:<12} {answer.value}{origin}")
    lines += ["", *(f"  {path.as_posix()}" for path in files)]
    lines += ["", "Next:", *(f"  {step}" for step in _steps(folder))]
    if answers["account"].value == MADE_UP_ACCOUNT:
        lines += [
            "",
            f"The account {MADE_UP_ACCOUNT} is made up, so these steps need no AWS credentials. Before you",
            "deploy, write your account into app.py and tts.toml and {} into cdk.context.json, and run",
            "`npx cdk synth` once with credentials.",
        ]
    return "\n".join(lines)


def _steps(folder: Path) -> Iterator[str]:
    yield f"cd {shlex.quote(str(folder))}"
    yield "python3 -m venv .venv && . .venv/bin/activate"
    yield "pip install --requirement requirements.txt && npm ci"
    yield "npx cdk synth --quiet"
    yield "tts check cdk.out"
    yield "pytest --snapshot-update     # records the template: read it, then commit it"
    begin = "" if (folder / ".git").exists() else "git init && "
    yield f"{begin}git add . && git commit --message 'Describe the system'"
