"""`tts register`: tells those who look after the accounts of a system."""

from __future__ import annotations

from pathlib import Path

import click

from tts_constructs.errors import InputError


@click.command(
    short_help="Print the message that registers the systems of an app.",
    epilog="Exit code: 0 success; 2 ASSEMBLY can't be used, or names no system.",
)
@click.argument("assembly", metavar="[ASSEMBLY]", default="cdk.out", type=click.Path(path_type=Path))
def register(assembly: Path) -> None:
    r"""Print the message to #infrastructure that registers the systems in ASSEMBLY (default: cdk.out).

    \b
    cdk synth && tts register
    """
    from tts_constructs.policy.loading.reader import read_assembly
    from tts_constructs.policy.records.registration import message, registrations

    systems = registrations(read_assembly([assembly]))
    if not systems:
        fault = "no stack names its system; use TtsSystem, or TtsGuardrails(project=…, owner=…)"
        raise InputError(str(assembly), [fault])
    click.echo(message(systems))
