"""`tts register`: tells those who look after the accounts of a system."""

from __future__ import annotations

from pathlib import Path

import click

from tts_constructs.errors import InputError


@click.command()
@click.argument("assembly", metavar="[ASSEMBLY]", default="cdk.out", type=click.Path(path_type=Path))
def register(assembly: Path) -> None:
    r"""Print what ASSEMBLY (default: cdk.out) says of its systems, as a message to #infrastructure.

    \b
    cdk synth && tts register
    """
    from tts_constructs.policy.loading.reader import read_assembly
    from tts_constructs.policy.records.registration import message, registrations

    systems = registrations(read_assembly([assembly]))
    if not systems:
        fault = (
            "no stack says which system it belongs to; use TtsSystem, or TtsGuardrails(project=…, owner=…)"
        )
        raise InputError(str(assembly), [fault])
    click.echo(message(systems))
