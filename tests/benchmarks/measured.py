"""Made-up measurements."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.checks import DEFAULTS, GUARDED, NATIVE, OURS
from benchmarks.results import BARE, GUARDRAILS, JUDGES, NAG, NOTHING, Command, Results, Rounds, Synth

SYNTHS = {BARE: 1.0, NOTHING: 1.02, GUARDRAILS: 1.1, NAG: 1.5}
"""Seconds of a synth of 2 000 resources by judge; construction takes 3."""


def results(*, guardrails: float = SYNTHS[GUARDRAILS], **changed: object) -> Results:
    """Three rounds that reach every target, or not, by the seconds that a synth with the guardrails takes."""
    synths = SYNTHS | {GUARDRAILS: guardrails}
    made = Results(
        machine="a machine",
        versions={"cdk-nag": "3.0.2"},
        templates=86,
        resources=1626,
        findings=3300,
        checks={
            OURS: command(0.2, 31e6),
            NATIVE: command(0.9, 60e6),
            "cfn-lint": command(25, 150e6),
            "checkov": command(14, 300e6),
        },
        starts={name: command(0.04, 15e6) for name in ("tts", "cfn-lint", "checkov")},
        row=2000,
        synths={size: _synths(synths, size / 2000) for size in (100, 2000, 10_000)},
        untraced=about(2.75),
        growth={1000: about(0.05), 10_000: about(0.5)},
        hostile={"a long value": 0.3, "many rules": 1.02},
        whole={
            app: {DEFAULTS: command(10, 300e6), GUARDED: command(5, 300e6)} for app in ("sample", "roles")
        },
        suite=command(40, 200e6),
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # fields by name


def command(seconds: float, memory: float) -> Command:
    """A command whose processor time is its time."""
    return Command(about(seconds), about(seconds), about(memory))


def about(value: float) -> Rounds:
    """Rounds around a value."""
    return Rounds((value, value * 0.99, value * 1.02))


def _synths(seconds: dict[str, float], scale: float) -> dict[str, Synth]:
    return {
        name: Synth(
            construction=about(3 * scale),
            attaching=about(0.1),
            synth=about(seconds[name] * scale),
            python=about(80e6),
            node=about(200e6),
        )
        for name in JUDGES
    }
