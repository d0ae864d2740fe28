"""The snapshots that are committed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_snapshot_belongs_to_a_test() -> None:
    """syrupy finds one that no test uses only where no test is deselected, as those of e2e always are."""
    snapshots = {
        f"{file.parents[2].relative_to(ROOT) / file.parent.name}.py::{file.stem}"
        for file in (ROOT / "tests").rglob("__snapshots__/*/*")
    }
    modules = sorted({name.partition("::")[0] for name in snapshots})
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--snapshot-warn-unused", *modules]
    collected = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert snapshots - set(collected.splitlines()) == set()
