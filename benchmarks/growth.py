"""How reading and judging grow with the number of resources."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.apps import make_app
from tts_constructs.policy.assembly import read_assembly
from tts_constructs.policy.engine import judge
from tts_constructs.policy.rules import catalogue

SIZES = (1000, 2000, 5000, 10_000)
UNIT = 1000


def seconds_by_size(rounds: int) -> dict[int, list[float]]:
    """Seconds for reading and judging as many resources, one value a round; the sizes take turns."""
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as copies:
        make_app(UNIT, "bare", made).synth()
        folders = {size: _copies(Path(made), Path(copies) / str(size), size // UNIT) for size in SIZES}
        for _ in range(rounds):
            for size, folder in folders.items():
                start = time.perf_counter()
                judge(read_assembly([folder]), catalogue())
                times[size].append(time.perf_counter() - start)
    return times


def _copies(made: Path, folder: Path, number: int) -> Path:
    for copy in range(number):
        target = folder / f"app{copy}"
        target.mkdir(parents=True)
        for template in made.glob("*.template.json"):
            shutil.copy(template, target)
    return folder
