"""Whole processes over the same files: `tts check` beside cfn-lint and checkov."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.apps import make_app

TEMPLATES = 86
RESOURCES = 1643


def write_templates(folder: Path) -> int:
    """Writes as many templates as the design names, with about as many resources; ours finds nothing in them.

    Returns:
        The number of resources.
    """
    with tempfile.TemporaryDirectory() as assembly:
        make_app(RESOURCES, "bare", assembly, stack_size=RESOURCES // TEMPLATES).synth()
        paths = sorted(Path(assembly).glob("*.template.json"))[:TEMPLATES]
        templates = [json.loads(path.read_text()) for path in paths]
        for path in paths:
            shutil.copy(path, folder)
    return sum(len(template["Resources"]) for template in templates)


def seconds(*command: str) -> float:
    """How long a whole process takes; its output and exit code do not matter."""
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - start


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """The judges, each as a command over the folder."""
    beside = Path(sys.executable).parent
    return {
        "tts check": (str(beside / "tts"), "check", str(folder)),
        "cfn-lint": (str(beside / "cfn-lint"), str(folder / "*.template.json")),
        "checkov": (
            str(beside / "checkov"),
            "--quiet",
            "--compact",
            "--framework",
            "cloudformation",
            "-d",
            str(folder),
        ),
    }


def versions() -> dict[str, tuple[str, ...]]:
    """The judges, each only saying its version."""
    beside = Path(sys.executable).parent
    return {name: (str(beside / name), "--version") for name in ("tts", "cfn-lint", "checkov")}
