"""What the benchmarks make of their measurements."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import processor
from benchmarks.measure import in_turn
from benchmarks.results import GUARDRAILS, Rounds
from tests.benchmarks.measured import results


def test_a_difference_is_taken_round_by_round() -> None:
    assert (Rounds((5, 9)) - Rounds((1, 2))).values == (4, 7)


def test_a_ratio_is_taken_round_by_round() -> None:
    assert (Rounds((6, 8)) / Rounds((3, 2))).values == (2, 4)


def test_rounds_are_shown_by_their_median_and_spread() -> None:
    rounds = Rounds((3, 100, 1))
    assert (rounds.lowest, rounds.median, rounds.highest) == (1, 3, 100)


def test_a_judge_adds_what_the_synth_takes_longer_than_without_one() -> None:
    assert results(guardrails=1.2).added(2000, GUARDRAILS).median == pytest.approx(0.2)


def test_a_share_is_of_construction_and_synth_without_a_judge() -> None:
    assert results(guardrails=1.2).share(2000, GUARDRAILS).median == pytest.approx(0.2 / 4)


def test_what_grows_in_step_with_its_size_is_a_line() -> None:
    growth = {1000: Rounds((1.0,)), 3000: Rounds((3.0,)), 10_000: Rounds((15.0,))}
    measured = results(growth=growth)
    assert [measured.against_a_line(size).median for size in growth] == pytest.approx([1, 1, 1.5])


def test_every_other_round_goes_backwards() -> None:
    asked: list[str] = []

    def ask(name: str) -> dict[str, float]:
        asked.append(name)
        return {"seconds": len(asked)}

    took = in_turn({"a": lambda: ask("a"), "b": lambda: ask("b")}, rounds=3)
    assert asked == ["a", "b", "b", "a", "a", "b"]
    assert took == {"a": {"seconds": Rounds((1, 4, 5))}, "b": {"seconds": Rounds((2, 3, 6))}}


def measure(*command: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "benchmarks.process", "0", *command]
    return subprocess.run(program, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_memory_is_that_of_the_command() -> None:
    small, large = (
        json.loads(measure(sys.executable, "-c", f"b'.' * {size}").stdout)["memory"] for size in (1, 10**8)
    )
    assert large - small == pytest.approx(10**8, rel=0.2)


@pytest.mark.slow
def test_a_command_that_breaks_off_is_no_measurement() -> None:
    done = measure(sys.executable, "-c", "raise SystemExit(3)")
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.endswith("exit code 3\n")


@pytest.mark.slow
def test_a_command_that_exits_as_it_must_is_measured() -> None:
    program = [sys.executable, "-m", "benchmarks.process", "1", sys.executable, "-c", "raise SystemExit(1)"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["processor"] > 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not show processes")
def test_processor_time_has_that_of_processes_that_still_run() -> None:
    work = "x = sum(range(10**7)); print(flush=True); input()"
    before = processor.seconds() - time.process_time()
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        after = processor.seconds() - time.process_time()
        child.communicate("\n")
    assert after - before > 0.05
