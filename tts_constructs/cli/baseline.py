"""`tts baseline`: records the findings of an app that adopts the rules, so that only new ones block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import judging_options, reviewed, settings_in
from tts_constructs.errors import InputError, SettingsError
from tts_constructs.printable import printable

if TYPE_CHECKING:
    from tts_constructs.policy.settings.model import Settings


@click.command(epilog="Exit: 0 the file was written; 2 the input, settings or command cannot be used.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Take out the entries that match nothing any more.")
@judging_options
def baseline(
    paths: tuple[Path, ...],
    environment: str | None,
    settings_file: Path | None,
    context_file: Path | None,
    *,
    prune: bool,
    verbose: bool,
) -> None:
    r"""Record what blocks in PATH today; from then on only new findings block.

    The settings name the file: file = "tts-baseline.toml" below [baseline]. It is written once and can only
    shrink. Entries of stacks that are not in PATH are left alone.

    \b
    tts baseline cdk.out
    tts baseline cdk.out --prune
    """
    from tts_constructs.policy.suppressions.baseline import entries_for, write_baseline
    from tts_constructs.policy.suppressions.baseline import prune as prune_file

    settings = settings_in(settings_file)
    file = _file(settings, prune=prune)
    review = reviewed(paths, settings, environment, context_file, verbose=verbose)
    if prune:
        left = prune_file(file, review.stale)
        click.echo(printable(f"{file.name}: {_count(len(review.stale))} taken out, {left} left."))
    else:
        entries = entries_for(review.found)
        write_baseline(file, entries, replace=False)
        said = f"{file.name}: {_count(len(entries))} recorded; from now on only new findings block."
        click.echo(printable(said))


def _file(settings: Settings, *, prune: bool) -> Path:
    """Returns the baseline file; it must exist to be pruned, and must not exist otherwise."""
    file = settings.baseline.file
    if file is None:
        fault = 'the settings name no baseline; write file = "tts-baseline.toml" below [baseline]'
        raise SettingsError(str(settings.path or "tts.toml"), [fault])
    if file.exists() and not prune:
        fault = "is there already and can only shrink; tts baseline --prune takes out what has been mended"
        raise InputError(str(file), [fault])
    if prune and not file.exists():
        raise InputError(str(file), ["is not there, so there is nothing to take out"])
    return file


def _count(number: int) -> str:
    return f"{number} entry" if number == 1 else f"{number} entries"
