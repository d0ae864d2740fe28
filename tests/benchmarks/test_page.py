"""The page of benchmarks."""

from typing import Any

import pytest

from benchmarks.page import PLOT, megabytes, page, percent, ratio, seconds, targets
from benchmarks.results import Command, Rounds
from tests.benchmarks.measured import about, results


def test_a_page_can_say_that_every_target_is_reached() -> None:
    assert [target.what for target in targets(results()) if not target.reached] == []
    assert "**no**" not in page(results())


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"guardrails": 1.13}, ["what all rules add to a synth"]),
        ({"guardrails": 1.21}, ["what all rules add to a synth", "the same"]),
        ({"growth": {1000: about(0.05), 10_000: about(0.61)}}, ["growth of reading and judging"]),
        ({"untraced": about(2.6)}, ["host stack traces"]),
        ({"suite": Command(about(60), about(1))}, ["the tests that start no other program"]),
        ({"starts": {"tts": Command(about(0.11), about(1))}}, ["`tts --version`"]),
    ],
)
def test_a_target_that_is_missed_is_told(changed: dict[str, Any], missed: list[str]) -> None:
    found = [target.what for target in targets(results(**changed)) if not target.reached]
    assert len(found) == len(missed)
    assert all(what.startswith(start) for what, start in zip(found, missed, strict=True))


@pytest.mark.parametrize("slow", ["cfn-lint", "checkov"])
def test_each_of_the_others_is_forty_times_slower_or_the_target_is_missed(slow: str) -> None:
    measured = results()
    nine = Command(about(9), about(1))
    (missed,) = [one for one in targets(results(checks={**measured.checks, slow: nine})) if not one.reached]
    assert missed.what.endswith(f"than `{slow}`")
    assert missed.measured == "36.00 (36.00 to 36.00)"


def test_tests_that_were_not_measured_are_no_target() -> None:
    assert len(targets(results(suite=None))) == len(targets(results())) - 1


def test_a_target_says_how_much_of_it_is_the_cdks_own() -> None:
    synth, share, *_ = targets(results())
    assert synth.measured == "0.20 (0.20 to 0.20); of it a plugin that does nothing takes 0.04 (0.04 to 0.04)"
    assert share.measured == "2.5 % (2.5 to 2.5); of it a plugin that does nothing takes 0.5 % (0.5 to 0.5)"


def test_the_page_shows_its_plot_and_says_what_is_on_it() -> None:
    (line,) = [line for line in page(results()).splitlines() if line.endswith(f"]({PLOT})")]
    assert "these guardrails 0.005 to 0.500 s" in line
    assert "1000 to 10000 resources: 0.050 to 0.500 s" in line


def test_the_page_has_a_row_for_each_size() -> None:
    assert "| 2000 | 4.000 s (3.960 to 4.080) | 0.020 s (0.020 to 0.020), 0.5 % |" in page(results())


def test_the_page_names_machine_and_versions() -> None:
    assert "a machine; cdk-nag 3.0.2." in page(results())


def test_a_number_stands_with_its_spread() -> None:
    assert seconds(Rounds((0.25, 0.2, 0.4))) == "0.250 s (0.200 to 0.400)"
    assert ratio(Rounds((2, 1, 3))) == "2.00 (1.00 to 3.00)"
    assert percent(Rounds((0.05, 0.04, 0.06))) == "5.0 % (4.0 to 6.0)"
    assert megabytes(Rounds((5e6, 4e6, 6e6))) == "5 MB (4 to 6)"
