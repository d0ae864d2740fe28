"""`tts check`: judges cloud assemblies and templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import judging_options, reviewed, settings_in, typed
from tts_constructs.report.formats import FORMATS

if TYPE_CHECKING:
    from tts_constructs.policy.engine.judgment import Judgment
    from tts_constructs.policy.model.rule import Rule

_ID_OF_AWS = re.compile("[A-Z][0-9]{4}")
"""An id of AWS's own validation, such as E3012."""


def _rule_ids(_context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    from tts_constructs.policy.rules import catalog

    ids = tuple(part.strip().upper() for part in value.split(",") if part.strip())
    of_aws = {id_ for id_ in ids if option.name == "ignore" and _ID_OF_AWS.fullmatch(id_)}
    unknown = set(ids) - of_aws - {rule.id for rule in catalog()}
    if unknown:
        message = f"no such rule: {', '.join(sorted(unknown))}"
        raise click.BadParameter(message)
    return ids


@click.command(
    short_help="Check a cloud assembly, a folder of templates, or a template.",
    epilog="Exit code: 0 nothing blocks; 1 something blocks; 2 the input, settings, or command "
    "can't be used.",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@judging_options
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Format of the report.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to FILE.",
)
@click.option("--select", metavar="RULE,...", callback=_rule_ids, help="Check only these rules.")
@click.option("--ignore", metavar="RULE,...", callback=_rule_ids, help="Leave these rules out.")
@click.option("--validate", is_flag=True, help="Also run AWS's own validation (needs the extra `validate`).")
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    environment: str | None,
    format_: str,
    output: Path | None,
    settings_file: Path | None,
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    context_file: Path | None,
    *,
    verbose: bool,
    validate: bool,
) -> None:
    r"""Check each PATH: a cloud assembly (cdk.out), a folder of templates, or a template.

    In a folder, tts finds templates by their content, and cloud assemblies by their manifest. It skips
    node_modules, virtual environments, and hidden folders.

    \b
    tts check cdk.out
    tts check template.yaml --environment sandbox --format json
    tts check template.yaml --validate
    """
    rules = _rules(select, ignore or ())
    settings = settings_in(settings_file)
    judgment = reviewed(
        paths,
        settings,
        environment,
        context_file,
        rules,
        verbose=verbose,
        validate=validate,
        ignored=ignore or (),
    ).judgment
    _write(_rendered(judgment, format_, verbose=verbose, path=typed(paths)), output)
    ctx.exit(1 if judgment.blocks else 0)


def _rules(select: tuple[str, ...] | None, ignore: tuple[str, ...]) -> list[Rule]:
    from tts_constructs.policy.rules import catalog

    return [rule for rule in catalog() if (select is None or rule.id in select) and rule.id not in ignore]


def _rendered(judgment: Judgment, format_: str, *, verbose: bool, path: str) -> str:
    from tts_constructs.files import writable
    from tts_constructs.report.formats import render, text

    is_text = format_ == "text"
    report = text.render(judgment, verbose=verbose, path=path) if is_text else render(judgment, format_)
    return writable(report)


def _write(report: str, output: Path | None) -> None:
    if output is None:
        click.echo(report)
        return
    from tts_constructs.files import write_text

    write_text(output, f"{click.unstyle(report)}\n")
