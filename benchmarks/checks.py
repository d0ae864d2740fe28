"""`tts check` beside AWS's native engine, cfn-lint, and checkov: over the same files, and at their start."""

from __future__ import annotations

import sys
from pathlib import Path

OURS = "tts check"
NATIVE = "cloudformation-validate"
"""AWS's engine in Rust, which the CDK's validation is too."""

EXIT_CODES = {OURS: 1}
"""The exit codes of commands that do not exit with 0, whatever they find."""

_BESIDE = Path(sys.executable).parent


def checks(folder: Path) -> dict[str, list[str]]:
    """Returns the judges, each as a command over the folder that writes a report and takes no notice of it.

    Args:
        folder: Where the templates are.
    """
    return {
        OURS: [_command("tts"), "check", str(folder), "--format", "json"],
        NATIVE: [sys.executable, "-m", "benchmarks.engine", str(folder)],
        "cfn-lint": [_command("cfn-lint"), "--non-zero-exit-code", "none", str(folder / "*.template.json")],
        "checkov": [
            _command("checkov"),
            *("--quiet", "--compact", "--soft-fail", "--framework", "cloudformation", "-d", str(folder)),
        ],
    }


def starts() -> dict[str, list[str]]:
    """Returns the judges, each as a command that only says its version."""
    return {name: [_command(name), "--version"] for name in ("tts", "cfn-lint", "checkov")}


def synths(app: str, outdir: Path) -> dict[str, list[str]]:
    """Returns `cdk synth` of an app, by the way in which the app is made.

    Args:
        app: One of `benchmarks.sample.APPS`.
        outdir: Where the assembly is written.
    """
    return {
        way: [
            *("cdk", "synth", "--quiet", "--output", str(outdir)),
            *("--app", f"{sys.executable} -m benchmarks.sample {app} {way}"),
        ]
        for way in WAYS
    }


DEFAULTS, GUARDED = "defaults", "guardrails"
WAYS = {
    DEFAULTS: "`cdk.App`, validated by the CDK, without guardrails",
    GUARDED: "`TtsApp`, validated natively, with guardrails",
}
"""How an app is made, and what people call it."""


def _command(name: str) -> str:
    return str(_BESIDE / name)
