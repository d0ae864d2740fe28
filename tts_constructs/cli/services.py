"""`tts services`: which AWS services are approved, and which of them an app uses."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.inputs import settings_in, settings_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tts_constructs.policy.services import Service, Services
    from tts_constructs.policy.template import Assembly

_UNLISTED = "on no list"
_COLOURS = {"approved": "green", "not approved": "red"}


@click.command(epilog="Exit: 0; 2 the input, settings, list or command cannot be used.")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(path_type=Path))
@settings_option
def services(paths: tuple[Path, ...], settings_file: Path | None) -> None:
    r"""Show the list of services; with PATH, the services used there and the caveats to keep.

    \b
    tts services
    tts services cdk.out
    """
    from tts_constructs.policy.assembly import read_assembly
    from tts_constructs.policy.services import services_of

    settings = settings_in(settings_file)
    listed = services_of(settings)
    if paths:
        _show_used(read_assembly(paths, settings), listed)
    else:
        for row in listed.rows:
            click.echo(_row(row.service, row))


def _show_used(assembly: Assembly, listed: Services) -> None:
    used = {name: listed.of(kind) for name, kind in _namespaces(assembly)}
    for name, row in used.items():
        click.echo(_row(name, row))
    reminders = {row.service: row.caveats for row in used.values() if row and row.caveats}
    if reminders:
        click.echo("\nCaveats. TTS-SVC-002 checks those that a template shows; keep the others in mind:")
    for service, caveats in reminders.items():
        click.echo(_paragraph(f"{service}: {caveats}"))


def _namespaces(assembly: Assembly) -> Iterator[tuple[str, str]]:
    """The namespaces that are used, sorted, each with one of its types; those of no service are left out."""
    types = {resource.type for stack in assembly.stacks for resource in stack.resources.values()}
    by_namespace = {kind.rpartition("::")[0]: kind for kind in sorted(types, reverse=True)}
    for name, kind in sorted(by_namespace.items()):
        if name.startswith("AWS::") and name != "AWS::CDK":
            yield name, kind


def _row(name: str, row: Service | None) -> str:
    status = (row.status or "no status") if row else _UNLISTED
    colour = _COLOURS.get(status, "yellow")
    source = f"  ({', '.join(filter(None, (row.source, row.as_of)))})" if row and row.source else ""
    return f"{click.style(f'{status:12}', fg=colour)}  {name}{source}"


def _paragraph(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
