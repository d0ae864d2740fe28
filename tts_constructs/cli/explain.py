"""`tts explain`: shows one rule in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tts_constructs.errors import InputError

if TYPE_CHECKING:
    from tts_constructs.policy.model.rule import Rule


def _ids(_context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    return [rule_id for rule_id in _rules() if rule_id.startswith(incomplete.upper())]


@click.command(epilog="Exit: 0; 2 there is no such rule.")
@click.argument("rule_id", metavar="RULE-ID", shell_complete=_ids)
def explain(rule_id: str) -> None:
    r"""Show one rule: why, how it decides, what to write instead, controls, and examples.

    \b
    tts explain TTS-EC2-001
    """
    from tts_constructs.policy.examples import load_examples
    from tts_constructs.policy.rules.builtin import BUILTIN_RULES
    from tts_constructs.report.rule_docs.markup import terminal
    from tts_constructs.report.rule_docs.rule_page import blocks

    rule = _rule(rule_id)
    click.echo(terminal(blocks(rule, () if rule in BUILTIN_RULES else load_examples(rule.id))))


def _rule(rule_id: str) -> Rule:
    from difflib import get_close_matches

    rules = _rules()
    wanted = rule_id.strip().upper()
    if wanted not in rules:
        near = get_close_matches(wanted, rules, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise InputError(rule_id, [f"is no rule; {hint}`tts rules` lists them"])
    return rules[wanted]


def _rules() -> dict[str, Rule]:
    from tts_constructs.policy.rules import catalog
    from tts_constructs.policy.rules.builtin import BUILTIN_RULES

    return {rule.id: rule for rule in (*catalog(), *BUILTIN_RULES)}
