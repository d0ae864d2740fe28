"""`tts check` beside cfn-lint and checkov: over the same files, and only saying their versions."""

from __future__ import annotations

import sys
from pathlib import Path

_BESIDE = Path(sys.executable).parent


def checks(folder: Path) -> dict[str, list[str]]:
    """The judges, each as a command over the folder that exits 0 whatever it finds."""
    return {
        "tts check": [_command("tts"), "check", str(folder)],
        "cfn-lint": [_command("cfn-lint"), "--non-zero-exit-code", "none", str(folder / "*.template.json")],
        "checkov": [
            _command("checkov"),
            *("--quiet", "--compact", "--soft-fail", "--framework", "cloudformation", "-d", str(folder)),
        ],
    }


def starts() -> dict[str, list[str]]:
    """The judges, each as a command that only says its version."""
    return {name: [_command(name), "--version"] for name in ("tts", "cfn-lint", "checkov")}


def _command(name: str) -> str:
    return str(_BESIDE / name)
