"""`tts rules`: lists the rules, also as an OSCAL component definition of what keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tts_constructs.policy.model.rule import Rule


@click.command(short_help="List all rules, and what a violation does in each environment.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "json", "oscal")),
    default="text",
    show_default=True,
    help="Format of the list.",
)
def rules(format_: str) -> None:
    r"""List all rules, and what a violation does in each environment: it blocks or warns.

    The list shows the levels of the catalog. Your settings can make them stricter.

    \b
    tts rules
    tts rules --format json
    tts rules --format oscal > component-definition.json
    """
    from tts_constructs.policy.rules import catalog

    click.echo({"text": _text, "json": _json, "oscal": _oscal}[format_](catalog()))


def _text(catalog: tuple[Rule, ...]) -> str:
    from tts_constructs.report.rule_docs.markup import terminal
    from tts_constructs.report.rule_docs.site import level_table

    return terminal([level_table(catalog)])


def _oscal(catalog: tuple[Rule, ...]) -> str:
    from tts_constructs.report.rule_docs import component_definition

    return component_definition.render(catalog)


def _json(catalog: tuple[Rule, ...]) -> str:
    from tts_constructs.printable import json_text
    from tts_constructs.system_metadata import Environment

    listed = [
        {
            "id": rule.id,
            "title": rule.title,
            "levels": {environment.value: rule.level(environment) for environment in Environment},
            "force": rule.force,
            "waivable": rule.waivable,
            "controls": rule.controls,
        }
        for rule in catalog
    ]
    return json_text({"version": 1, "rules": listed})
