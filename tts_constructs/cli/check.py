"""`tts check`: judges cloud assemblies and templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.errors import InputError
from tts_constructs.policy.system import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tts_constructs.policy.engine import Judgement
    from tts_constructs.policy.rule import Rule

CONTEXT_FILE = "cdk.context.json"
FORMATS = ("text", "json")


def _rule_ids(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    from tts_constructs.policy.rules import catalogue

    ids = tuple(part.strip() for part in value.split(",") if part.strip())
    unknown = set(ids) - {rule.id for rule in catalogue()}
    if unknown:
        message = f"no such rule: {', '.join(sorted(unknown))}"
        raise click.BadParameter(message)
    return ids


@click.command(
    epilog="Exit: 0 nothing blocks; 1 something blocks; 2 the input, settings or command cannot be used."
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--environment",
    type=click.Choice([environment.value for environment in Environment]),
    help="Of stacks that do not state their own.  [default: that of the settings, else production]",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings.  [default: tts.toml, or [tool.tts] of pyproject.toml, in this folder or above]",
)
@click.option("--select", metavar="RULE,...", callback=_rule_ids, help="Evaluate these rules only.")
@click.option("--ignore", metavar="RULE,...", callback=_rule_ids, help="Do not evaluate these rules.")
@click.option(
    "--context",
    "context_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Recorded lookups.  [default: {CONTEXT_FILE} beside the assembly, else in the working folder]",
)
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
) -> None:
    r"""Judge what is in PATH: a cloud assembly (cdk.out), a folder of templates, or a template.

    \b
    tts check cdk.out
    tts check template.yaml --environment sandbox --format json
    """
    from tts_constructs.policy.assembly import read_assembly
    from tts_constructs.policy.engine import judge
    from tts_constructs.policy.settings import load_settings, read_settings

    settings = read_settings(settings_file) if settings_file else load_settings()
    assembly = read_assembly(paths, settings, context=_recorded(paths, context_file))
    judgement = judge(
        assembly,
        _rules(select, ignore or ()),
        override=Environment(environment) if environment else None,
    )
    _write(_rendered(judgement, format_), output)
    ctx.exit(1 if judgement.blocks else 0)


def _recorded(paths: Sequence[Path], context_file: Path | None) -> Mapping[str, Any]:
    from tts_constructs.policy.document import parse, read_text

    beside = [path.parent / CONTEXT_FILE for path in paths]
    candidates = [context_file] if context_file else [*beside, Path(CONTEXT_FILE)]
    for path in candidates:
        if context_file or path.is_file():
            recorded = parse(read_text(path), str(path))
            if not isinstance(recorded, dict):
                raise InputError(str(path), ["does not hold recorded lookups: it is not a map"])
            return recorded
    return {}


def _rules(select: tuple[str, ...] | None, ignore: tuple[str, ...]) -> list[Rule]:
    from tts_constructs.policy.rules import catalogue

    return [rule for rule in catalogue() if (select is None or rule.id in select) and rule.id not in ignore]


def _rendered(judgement: Judgement, format_: str) -> str:
    if format_ == "json":
        from tts_constructs.report import as_json

        return as_json.render(judgement)
    from tts_constructs.report import text

    return text.render(judgement)


def _write(report: str, output: Path | None) -> None:
    if output is None:
        click.echo(report)
        return
    try:
        output.write_text(f"{click.unstyle(report)}\n", encoding="utf-8")
    except OSError as error:
        raise InputError(str(output), [f"cannot be written ({error.strerror})"]) from None
