"""`tts waivers`: who has allowed what until when, and what each waiver covers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import judging_options, reviewed, settings_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tts_constructs.policy.suppressions.waiver_file import State, Waiver
    from tts_constructs.policy.suppressions.waivers import WaiverUsage

_COLORS = {"active": "green", "expiring": "yellow", "expired": "red"}


@click.command(
    short_help="List the waivers and their state; with PATH, what each covers.",
    epilog="Exit code: 0 success; 2 the input, settings, waiver file, or command can't be used.",
)
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(path_type=Path))
@judging_options
def waivers(
    paths: tuple[Path, ...],
    environment: str | None,
    settings_file: Path | None,
    context_file: Path | None,
    *,
    verbose: bool,
) -> None:
    r"""List the waivers and their state: active, expiring, or expired.

    With PATH, also list what each waiver covers there.

    \b
    tts waivers
    tts waivers cdk.out
    """
    from tts_constructs.policy import review
    from tts_constructs.policy.suppressions.waiver_file import read_waivers

    settings = settings_in(settings_file)
    today = review.utc_today()
    listed: list[tuple[Waiver, WaiverUsage | None]]
    if paths:
        uses = reviewed(paths, settings, environment, context_file, verbose=verbose).uses
        listed = [(use.waiver, use) for use in uses]
    else:
        listed = [(waiver, None) for waiver in read_waivers(settings.waivers, today)]
    for waiver, use in listed:
        click.echo("\n".join([_title(waiver, waiver.state(today)), *(_coverage(use) if use else ())]))
    if not listed:
        click.echo("There are no waivers." if settings.waivers.file else "The settings name no waiver file.")


def _title(waiver: Waiver, state: State) -> str:
    from tts_constructs.printable import printable, prose

    label = click.style(f"{state:8}", fg=_COLORS[state], bold=True)
    return (
        f"{label} {waiver.rule} {printable(waiver.path)}\n  {printable(waiver.place)}: {prose(str(waiver))}"
    )


def _coverage(use: WaiverUsage) -> Iterator[str]:
    from tts_constructs.policy.suppressions.waivers import faults_of
    from tts_constructs.printable import printable

    for covered in sorted({found.finding.path for found in use.allowed}):
        yield f"  covers {printable(covered)}"
    if not use.allowed:
        yield "  covers nothing here"
    yield from (f"  it {fault.what}. {fault.fix}" for fault in faults_of(use))
