"""`tts services`: which AWS services are approved, and which of them an app uses."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import settings_in, settings_option
from tts_constructs.printable import printable, prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tts_constructs.policy.aws.approved_services import Service, Services
    from tts_constructs.policy.model.assembly import Assembly
    from tts_constructs.policy.model.stack import Resource

_UNLISTED = "on no list"
_BELOW = " " * 14
_COLORS = {"approved": "green", "not approved": "red"}


@click.command(
    short_help="Show which AWS services are approved, and which an app uses.",
    epilog="Exit code: 0 success; 2 the input, settings, list, or command can't be used.",
)
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(path_type=Path))
@settings_option
def services(paths: tuple[Path, ...], settings_file: Path | None) -> None:
    r"""Show which AWS services are approved.

    With PATH, show only the services that the templates there use, and the caveats that apply.

    Each service has one status. A line that starts with "over" shows a source that says otherwise but
    counts less.

    \b
    tts services
    tts services cdk.out
    """
    from tts_constructs.policy.aws.approved_services import services_of
    from tts_constructs.policy.loading.reader import read_assembly

    settings = settings_in(settings_file)
    listed = services_of(settings)
    if paths:
        _show_used(read_assembly(paths, settings), listed)
    else:
        _show_all(listed)


def _show_all(listed: Services) -> None:
    """Shows the rows that agree with the one that counts; other rows of that service go below it."""
    shown: dict[Service, list[Service]] = {}
    for row in listed.rows:
        counts = listed.of(row.namespaces[0]) or row
        if (row.rank, row.status) == (counts.rank, counts.status):
            shown.setdefault(row, [])
        else:
            shown.setdefault(counts, []).append(row)
    for row, others in shown.items():
        _show(row.service, row, others)


def _show_used(assembly: Assembly, listed: Services) -> None:
    used: dict[tuple[str, Service | None], dict[Service, None]] = {}
    for kind in sorted(_used(assembly, listed)):
        row = listed.of(kind)
        used.setdefault((_name(kind, row), row), {}).update(dict.fromkeys(listed.about(kind)))
    by_name = sorted(used.items(), key=lambda entry: entry[0][0])
    for (name, row), about in by_name:
        _show(name, row, about)
    speaking = dict.fromkeys(row for _, about in by_name for row in about)
    reminders = [f"{row.service}: {row.caveats}" for row in speaking if row.caveats]
    if reminders:
        click.echo("\nCaveats. TTS-SVC-002 checks those that a template shows; keep the others in mind:")
        for reminder in reminders:
            click.echo(_paragraph(reminder, "  - "))


def _used(assembly: Assembly, listed: Services) -> set[str]:
    """Lists the types that are used, under the names that look them up."""
    return {
        listed.counted(kinds)
        for stack in assembly.stacks
        for resource in stack.resources.values()
        for kinds in _kinds(resource)
        if kinds
    }


def _kinds(resource: Resource) -> Iterable[tuple[str, ...]]:
    """Lists the names under which a resource is looked up, one tuple for each branch of the template."""
    from tts_constructs.policy.aws.approved_services import kinds, kinds_of
    from tts_constructs.policy.model.node import UnknownValue

    def attempt() -> tuple[tuple[str, ...], ...]:
        try:
            return (kinds(resource),)
        except UnknownValue:
            return tuple((kind,) for kind in kinds_of(resource.type))

    ways, _ = resource.stack.assembly.explorer.run_all(attempt)
    return {kinds for way in ways for kinds in way}


def _name(kind: str, row: Service | None) -> str:
    """Returns the namespace of a type, or the type itself if a row is about it alone."""
    from tts_constructs.policy.aws.approved_services import AURORA

    if row and kind.lower() in row.namespaces:
        return kind
    return (kind.rpartition("::")[0] or kind).replace(AURORA, "AWS::RDS (Aurora)")


def _show(name: str, row: Service | None, others: Iterable[Service]) -> None:
    """Shows a service with its status, and other rows about it that say something else."""
    status = _status(row) if row else _UNLISTED
    origin = f"  ({row.origin})" if row and row.origin else ""
    label = click.style(f"{status:12}", fg=_COLORS.get(status, "yellow"))
    click.echo(f"{label}  {printable(f'{name}{origin}')}")
    if row and (said := ", ".join(filter(None, (row.quote, row.limits)))):
        click.echo(_paragraph(said, _BELOW))
    for other in others:
        if row and other.status is not row.status:
            click.echo(_paragraph(f"over {other.service}, {_status(other)}{other.says}", _BELOW))


def _status(row: Service) -> str:
    return row.status or "no status"


def _paragraph(text: str, indent: str) -> str:
    hanging = " " * max(len(indent), 4)
    return textwrap.fill(
        prose(text), 100, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )
