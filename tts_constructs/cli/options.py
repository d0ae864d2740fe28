"""Paths and options that the judging commands share, and the review that they run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tts_constructs.printable import printable
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any

    from tts_constructs.policy.loading.folders import Skipped
    from tts_constructs.policy.model.rule import Rule
    from tts_constructs.policy.review import Review
    from tts_constructs.policy.settings.model import Settings

MANY = 50
"""Templates whose reading is worth a progress bar."""

_Command = TypeVar("_Command", bound="Callable[..., Any]")


settings_option = click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file.  [default: the nearest tts.toml, or pyproject.toml with [tool.tts]]",
)
"""The option that names the settings, for a command that reads them with `settings_in`."""


def judging_options(command: _Command) -> _Command:
    """Gives a command the options that say how paths are judged."""
    for option in reversed(
        (
            click.option(
                "--environment",
                type=click.Choice([environment.value for environment in Environment]),
                help="Environment of stacks that state none.  [default: from the settings, else production]",
            ),
            settings_option,
            click.option(
                "--context",
                "context_file",
                type=click.Path(path_type=Path, dir_okay=False),
                help="File of recorded lookups.  "
                "[default: cdk.context.json beside the assembly, else in this folder]",
            ),
            click.option(
                "-v",
                "--verbose",
                is_flag=True,
                help="Show every place, every warning, and every skipped file.",
            ),
        )
    ):
        command = option(command)
    return command


def settings_in(settings_file: Path | None) -> Settings:
    """Reads the settings of a file, else those that apply in the working folder."""
    from tts_constructs.policy.configuration import load_settings, read_settings

    return read_settings(settings_file) if settings_file else load_settings()


def reviewed(
    paths: Sequence[Path],
    settings: Settings,
    environment: str | None,
    context_file: Path | None,
    rules: Iterable[Rule] | None = None,
    *,
    verbose: bool = False,
    validate: bool = False,
    ignored: Collection[str] = (),
) -> Review:
    """Judges what is in the paths, with waivers and baseline.

    Args:
        paths: Cloud assemblies, folders of templates, templates.
        settings: Settings of the organization.
        environment: Of stacks that do not state one.
        context_file: Recorded lookups. Default: those beside the paths, else in the working folder.
        rules: The rules that are evaluated. Default: all.
        verbose: Whether to name on standard error what is skipped in a folder; it is counted anyway.
        validate: Whether AWS's own engine validates the templates too.
        ignored: Rules of that engine whose findings are left out.
    """
    from tts_constructs.policy.review import review_paths

    skipped: list[Skipped] = []
    try:
        judged = review_paths(
            paths,
            settings,
            environment=Environment(environment) if environment else None,
            context_file=context_file,
            rules=rules,
            track=_tracked,
            skip=skipped.append,
            validate=validate,
            ignored=ignored,
        )
    finally:  # where nothing can be judged, what was skipped may say why
        for one in skipped if verbose else ():
            click.echo(printable(f"tts: skipped {one.path}: {one.why}"), err=True)
    if skipped:
        number = f"{len(skipped)} files and folders" if len(skipped) > 1 else "1 file or folder"
        names = "" if verbose else "; -v names them"
        click.echo(f"tts: skipped {number} without a template{names}", err=True)
    return judged


def _tracked(paths: list[Path]) -> Iterator[Path]:
    """Yields the paths; shows a progress bar on a terminal if they are many."""
    if len(paths) < MANY or not sys.stderr.isatty():
        yield from paths
        return
    with click.progressbar(paths, label="Reading templates", file=sys.stderr) as bar:
        yield from bar


def typed(paths: Iterable[Path]) -> str:
    """Returns the paths as they are written in a command that a person can copy."""
    import shlex

    from tts_constructs.report.source_locations import shown

    return shlex.join(map(shown, paths))
