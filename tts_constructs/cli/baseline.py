"""`tts baseline`: records the findings of an app that adopts the rules, so that only new ones block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import judging_options, reviewed, settings_in, typed
from tts_constructs.errors import InputError, SettingsError
from tts_constructs.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from tts_constructs.policy.settings.model import Settings


@click.command(
    short_help="Record today's findings, so that only new ones block.",
    epilog="Exit code: 0 the file was written; 2 the input, settings, or command can't be used.",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove the entries that no longer match anything.")
@click.option(
    "--recorded-by", metavar="WHO", help="Who records it.  [default: your git user, else your user name]"
)
@click.option(
    "--recorded-on",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the record, as YYYY-MM-DD.  [default: today in UTC]",
)
@judging_options
def baseline(
    paths: tuple[Path, ...],
    environment: str | None,
    settings_file: Path | None,
    context_file: Path | None,
    *,
    prune: bool,
    recorded_by: str | None,
    recorded_on: datetime | None,
    verbose: bool,
) -> None:
    r"""Record what blocks in PATH today, so that from then on only new findings block.

    Name the file in the settings: file = "tts-baseline.toml" below [baseline]. tts writes it once; after
    that it can only shrink. Rules that take no waiver are not recorded. Entries of stacks that are not in
    PATH stay as they are.

    \b
    tts baseline cdk.out
    tts baseline cdk.out --prune
    """
    from tts_constructs.policy.review import utc_today
    from tts_constructs.policy.suppressions.baseline import can_be_known, entries_for
    from tts_constructs.policy.suppressions.baseline_file import Recorded, write_baseline
    from tts_constructs.policy.suppressions.baseline_file import prune as prune_file

    settings = settings_in(settings_file)
    file = _file(settings, prune=prune)
    is_there = file.exists()
    review = reviewed(paths, settings, environment, context_file, verbose=verbose)
    entries = entries_for(review.found)
    if is_there and entries and not prune:
        fault = "already exists, and it can only shrink; `tts baseline --prune` removes what is fixed"
        raise InputError(str(file), [fault])
    if is_there:
        needless = (*review.stale, *review.refused)
        left = prune_file(file, needless)
        click.echo(printable(f"{file.name}: {_count(len(needless))} taken out, {left} left."))
    else:
        recorded = Recorded(
            recorded_by or _user(file.parent), recorded_on.date() if recorded_on else utc_today()
        )
        write_baseline(file, entries, recorded=recorded, replace=False)
        said = f"{file.name}: {_count(len(entries))} recorded; from now on only new findings block."
        click.echo(printable(said))
        others = [one.finding for one in review.found if one.finding.blocks and not can_be_known(one)]
        if others:
            count = "1 finding still blocks" if len(others) == 1 else f"{len(others)} findings still block"
            rules = ", ".join(sorted({finding.rule_id for finding in others}))
            click.echo(f"{count}. No baseline covers these rules: {rules}.")
            click.echo(printable(f"To see where, and how to fix them, run `tts check {typed(paths)}`."))


def _file(settings: Settings, *, prune: bool) -> Path:
    """Returns the baseline file; it must exist to be pruned."""
    from tts_constructs.policy.review import utc_today

    file = settings.baseline.file
    if file is None:
        fault = 'the settings name no baseline; write file = "tts-baseline.toml" below [baseline]'
        if settings.baseline.allowed is False:
            fault = "baseline.allowed is false, so nothing can be recorded"
        raise SettingsError(str(settings.path or "tts.toml"), [fault])
    until = settings.baseline.until
    if until and until < utc_today() and not prune:
        fault = f"baseline.until is {until}, which has passed, so nothing can be recorded"
        raise SettingsError(str(settings.path or "tts.toml"), [fault])
    if prune and not file.exists():
        raise InputError(str(file), ["does not exist, so there is nothing to remove"])
    return file


def _user(folder: Path) -> str:
    """Returns the e-mail address that git knows in a folder, else the name of the user of this machine."""
    import getpass
    import subprocess

    try:
        done = subprocess.run(
            ["git", "config", "user.email"],  # noqa: S607 - the user's own git
            cwd=folder, capture_output=True, text=True, errors="replace", timeout=10, check=False,
        )  # fmt: skip
        return done.stdout.strip() or getpass.getuser()
    except (OSError, KeyError, subprocess.SubprocessError):
        fault = (
            "neither git nor this machine names a user; write --recorded-by with a name or an e-mail address"
        )
        raise InputError(str(folder), [fault]) from None


def _count(number: int) -> str:
    return f"{number} entry" if number == 1 else f"{number} entries"
