"""`tts verify`: what a pipeline asks before it deploys a cloud assembly."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="Exit: 0 it can be deployed; 1 it cannot; 2 the path is no cloud assembly.",
)
@click.argument("assembly", metavar="ASSEMBLY", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, assembly: Path) -> None:
    r"""Tell whether guardrails judged exactly the templates in ASSEMBLY (cdk.out), and nothing blocked.

    Nothing is judged again: the hashes of templates and assets are compared with the attestation that
    guardrails wrote at synth, wherever the assembly was copied since. A stack of production must say from
    which repository and commit it comes.

    \b
    tts verify cdk.out && cdk deploy --app cdk.out --all
    """
    from tts_constructs.policy.records import attestation
    from tts_constructs.printable import printable

    faults = attestation.faults(assembly)
    for fault in faults:
        click.echo(printable(f"{assembly}: {fault}"), err=True)
    if faults:
        ctx.exit(1)
    for name, why in attestation.uncovered(assembly).items():
        click.echo(printable(f"{assembly}: the asset {name} is not covered: {why}"))
    click.echo(printable(f"{assembly}: guardrails judged these templates, and nothing blocks."))
