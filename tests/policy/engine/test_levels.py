"""What a verdict of a rule does, by the catalog and by settings."""

from dataclasses import replace

import pytest

from tests.policy import samples
from tts_constructs.policy.engine.levels import level_errors, level_of, loosened_levels
from tts_constructs.policy.result import Level
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment

PRODUCTION, SANDBOX = Environment.PRODUCTION, Environment.SANDBOX
MANDATE, PRACTICE = "TTS-TLS-001", "TTS-ASG-002"
"""Rules of the catalog: one blocks everywhere, the other one only in production."""
WARNS_IN_SANDBOXES = "TTS-EC2-001"
"""A rule with a mandate behind it that warns there."""

RULE = replace(samples.RULE, force="P", sandbox=None)


def levels(rule_id: str, level: Level, environment: Environment = PRODUCTION) -> Settings:
    return Settings(levels={environment: {rule_id: level}})


@pytest.mark.parametrize(
    ("settings", "verdict", "expected"),
    [
        (Settings(), "violation", "block"),
        (Settings(), "unknown", "warn"),
        (levels(RULE.id, "warn"), "violation", "warn"),
        (levels(RULE.id, "block"), "unknown", "warn"),
        (levels(RULE.id, "warn", SANDBOX), "violation", "block"),
        (levels("TTS-XXX-002", "warn"), "violation", "block"),
    ],
)
def test_settings_count_before_the_rule(settings: Settings, verdict: str, expected: str) -> None:
    assert level_of(settings, RULE, PRODUCTION, verdict) == expected  # type: ignore[arg-type]


def test_without_a_verdict_the_level_is_that_of_a_violation() -> None:
    assert level_of(levels(RULE.id, "block", SANDBOX), RULE, SANDBOX) == "block"
    assert level_of(Settings(), RULE, SANDBOX) is None


def test_what_is_unknown_of_a_mandate_does_what_the_settings_say() -> None:
    mandate = replace(RULE, force="M")
    assert level_of(levels(RULE.id, "block"), mandate, PRODUCTION, "unknown") == "block"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        levels(MANDATE, "block"),
        levels(PRACTICE, "warn"),
        levels(PRACTICE, "block", SANDBOX),
        levels(WARNS_IN_SANDBOXES, "warn", SANDBOX),
    ],
)
def test_levels_that_weaken_no_mandate_are_in_order(settings: Settings) -> None:
    assert list(level_errors(None, settings)) == []


@pytest.mark.parametrize(
    ("settings", "key", "fault"),
    [
        (levels("TTS-XXX-001", "warn"), "levels.production.TTS-XXX-001", "isn't a rule"),
        (
            levels(MANDATE, "warn", SANDBOX),
            f"levels.sandbox.{MANDATE}",
            "is warn, but a mandate requires the rule",
        ),
    ],
)
def test_a_level_that_cannot_be_used_is_named(settings: Settings, key: str, fault: str) -> None:
    ((named, said),) = level_errors(None, settings)
    assert named == key
    assert said.startswith(fault)


def test_all_levels_that_cannot_be_used_are_named() -> None:
    settings = Settings(
        levels={PRODUCTION: {"A": "warn", PRACTICE: "warn", "B": "warn"}, SANDBOX: {"C": "warn"}}
    )
    assert [key for key, _ in level_errors(None, settings)] == [
        "levels.production.A",
        "levels.production.B",
        "levels.sandbox.C",
    ]


@pytest.mark.parametrize(
    ("extended", "settings"),
    [
        (None, levels(PRACTICE, "warn")),
        (Settings(), Settings()),
        (levels(PRACTICE, "warn"), levels(PRACTICE, "warn")),
        (levels(PRACTICE, "warn"), Settings()),
        (Settings(), levels(PRACTICE, "warn", SANDBOX)),
        (levels(PRACTICE, "warn", SANDBOX), levels(PRACTICE, "block", SANDBOX)),
    ],
)
def test_settings_may_make_rules_stricter(extended: Settings | None, settings: Settings) -> None:
    assert list(loosened_levels(extended, settings)) == []


@pytest.mark.parametrize(
    ("extended", "settings", "key", "level"),
    [
        (Settings(), levels(PRACTICE, "warn"), f"levels.production.{PRACTICE}", "block"),
        (
            levels(PRACTICE, "block", SANDBOX),
            levels(PRACTICE, "warn", SANDBOX),
            f"levels.sandbox.{PRACTICE}",
            "block",
        ),
        (levels(PRACTICE, "warn", SANDBOX), Settings(), f"levels.sandbox.{PRACTICE}", "warn"),
    ],
)
def test_settings_may_not_make_rules_looser(
    extended: Settings, settings: Settings, key: str, level: str
) -> None:
    ((named, said),) = loosened_levels(extended, settings)
    assert named == key
    assert f"looser than {level}" in said
