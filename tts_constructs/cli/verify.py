"""`tts verify`: what a pipeline asks before it deploys a cloud assembly."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    short_help="Confirm that guardrails judged an assembly, before you deploy it.",
    epilog="Exit code: 0 you can deploy it; 1 you can't; 2 ASSEMBLY is not a cloud assembly.",
)
@click.argument("assembly", metavar="ASSEMBLY", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, assembly: Path) -> None:
    r"""Confirm that guardrails judged exactly the templates in ASSEMBLY (cdk.out), and that nothing blocked.

    This judges nothing again. It compares the hashes of templates and assets with the attestation that
    guardrails wrote at synth; you can copy the assembly anywhere in between. A production stack must say
    which repository and commit it comes from.

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
