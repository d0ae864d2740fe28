"""The rule catalogue: one module a topic, one list of all."""

from __future__ import annotations

import importlib

from tts_constructs.policy.rule import Rule

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


def catalogue() -> tuple[Rule, ...]:
    """All rules of the library, in the order of the catalogue."""
    modules = [importlib.import_module(f"{__name__}.{topic}") for topic in TOPICS]
    return tuple(rule for module in modules for rule in module.RULES)
