"""`tts explain`: shows one rule in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tts_constructs.errors import InputError

if TYPE_CHECKING:
    from tts_constructs.policy.model.rule import Rule


def _ids(_context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    return [rule_id for rule_id in _rules() if rule_id.startswith(incomplete.upper())]


@click.command(
    short_help="Show one rule: why it exists, how to meet it, how to get a waiver.",
    epilog="Exit code: 0 success; 2 no rule has this ID.",
)
@click.argument("rule_id", metavar="RULE-ID", shell_complete=_ids)
@click.option("--examples", is_flag=True, help="Show how the rule decides, its controls, and all examples.")
def explain(rule_id: str, examples: bool) -> None:
    r"""Show one rule: why it exists, how to fix what breaks it, and how to get a waiver for it.

    \b
    tts explain TTS-EC2-001
    tts explain TTS-EC2-001 --examples
    """
    from tts_constructs.policy.examples import load_cdk_example, load_examples
    from tts_constructs.policy.rules.builtin import BUILTIN_RULES
    from tts_constructs.report.rule_docs.markup import terminal
    from tts_constructs.report.rule_docs.rule_page import blocks, summary

    rule = _rule(rule_id)
    if rule in BUILTIN_RULES:
        click.echo(terminal(blocks(rule, ()) if examples else summary(rule)))
    elif examples:
        click.echo(terminal(blocks(rule, load_examples(rule.id), load_cdk_example(rule.id))))
    else:
        click.echo(terminal(summary(rule, load_cdk_example(rule.id))))
        click.echo(f"More: tts explain {rule.id} --examples")


def _rule(rule_id: str) -> Rule:
    from difflib import get_close_matches

    rules = _rules()
    wanted = rule_id.strip().upper()
    if wanted not in rules:
        near = get_close_matches(wanted, rules, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise InputError(rule_id, [f"isn't a rule; {hint}`tts rules` lists them"])
    return rules[wanted]


def _rules() -> dict[str, Rule]:
    from tts_constructs.policy.rules import catalog
    from tts_constructs.policy.rules.builtin import BUILTIN_RULES

    return {rule.id: rule for rule in (*catalog(), *BUILTIN_RULES)}
