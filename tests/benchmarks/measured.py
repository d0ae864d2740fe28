"""Made-up measurements."""

from __future__ import annotations

from dataclasses import replace

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
        checks={
            "tts check": Command(about(0.25), about(31e6)),
            "cfn-lint": Command(about(16), about(150e6)),
            "checkov": Command(about(11), about(300e6)),
        },
        starts={name: Command(about(0.06), about(15e6)) for name in ("tts", "cfn-lint", "checkov")},
        row=2000,
        synths={size: _synths(synths, size / 2000) for size in (100, 2000, 10_000)},
        untraced=about(2.75),
        growth={1000: about(0.05), 10_000: about(0.5)},
        suite=Command(about(55), about(200e6)),
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # fields by name


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
