"""The rule catalogue: one module a topic, one list of all, with what organisations add."""

from __future__ import annotations

import importlib
from functools import cache

from tts_constructs.policy.installed import may_bring_rules
from tts_constructs.policy.model.rule import Rule

TOPICS = (
    "compute",
    "vpc",
    "network",
    "https",
    "buckets",
    "data_at_rest",
    "data_exposure",
    "data_loss",
    "keys",
    "secrets",
    "back_channel",
    "deployment",
    "services",
    "caveats",
    "tagging",
    "audit",
    "sandbox",
    "template",
    "region",
)


def library_rules() -> tuple[Rule, ...]:
    """The rules of this library, in the order of the catalogue."""
    modules = [importlib.import_module(f"{__name__}.{topic}") for topic in TOPICS]
    return tuple(rule for module in modules for rule in module.RULES)


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules: those of this library, then those that organisations add (see `plugins.py`).

    Raises:
        SettingsError: An organisation's rules cannot be used; all faults are named.
    """
    if not may_bring_rules():
        return library_rules()
    from tts_constructs.policy.rules.entry_points import organisation_rules

    return (*library_rules(), *organisation_rules())
