"""Decides what a rule's verdict does: the catalog sets it, and settings can make it stricter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tts_constructs.policy.result import Level, Verdict
from tts_constructs.policy.rules import catalog
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    from tts_constructs.policy.model.rule import Rule
    from tts_constructs.policy.settings.model import Settings

_WEIGHTS: dict[Level | None, int] = {None: 0, "warn": 1, "block": 2}


def level_of(
    settings: Settings, rule: Rule, environment: Environment, verdict: Verdict = "violation"
) -> Level | None:
    """Return what a rule's verdict does in an environment, or None if the rule is not evaluated there."""
    stated = settings.levels.get(environment, {}).get(rule.id)
    if stated is None:
        return rule.level(environment, verdict)
    return "warn" if verdict == "unknown" and rule.force != "M" else stated


def level_errors(_extended: Settings | None, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield levels of unknown rules, and levels of mandates (force M) that are below the catalog's.

    Yields:
        The key of each such setting, and what is wrong with it.
    """
    rules = {rule.id: rule for rule in catalog()} if settings.levels else {}
    for environment, levels in settings.levels.items():
        for rule_id, level in levels.items():
            key = f"levels.{environment}.{rule_id}"
            rule = rules.get(rule_id)
            if rule is None:
                yield key, "isn't a rule; `tts rules` lists them"
            elif rule.force == "M" and _weighs_less(level, own := rule.level(environment)):
                yield key, f"is {level}, but a mandate requires the rule; write {own}, or leave it out"


def loosened_levels(extended: Settings | None, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the rules that do less than in the settings that these extend.

    Yields:
        The key of each looser setting, and what is wrong with it.
    """
    if extended is None or settings.levels == extended.levels:  # the rules need not be loaded
        return
    for rule in catalog():
        for environment in Environment:
            theirs = level_of(extended, rule, environment)
            if _weighs_less(level_of(settings, rule, environment), theirs):
                yield (
                    f"levels.{environment}.{rule.id}",
                    f"is looser than {theirs}, its level for the organization",
                )


def _weighs_less(level: Level | None, than: Level | None) -> bool:
    return _WEIGHTS[level] < _WEIGHTS[than]
