"""The page of benchmarks."""

from typing import Any

import pytest

from benchmarks.checks import DEFAULTS, GUARDED, NATIVE
from benchmarks.page import PLOT, megabytes, page, percent, ratio, seconds, targets
from benchmarks.results import Rounds
from tests.benchmarks.measured import about, command, results


def test_a_page_can_say_that_every_target_is_reached() -> None:
    assert [target.what for target in targets(results()) if not target.reached] == []
    assert "**no**" not in page(results())


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"guardrails": 1.19}, ["processor time that all rules add to a synth"]),
        ({"growth": {1000: about(0.05), 10_000: about(0.56)}}, ["growth of reading and judging"]),
        ({"untraced": about(2.6)}, ["host stack traces"]),
        ({"suite": command(46, 1)}, ["the tests that start no other program"]),
        ({"starts": {"tts": command(0.051, 1)}}, ["`tts --version`"]),
    ],
)
def test_a_target_that_is_missed_is_told(changed: dict[str, Any], missed: list[str]) -> None:
    found = [target.what for target in targets(results(**changed)) if not target.reached]
    assert len(found) == len(missed)
    assert all(what.startswith(start) for what, start in zip(found, missed, strict=True))


@pytest.mark.parametrize(("name", "least"), [(NATIVE, 4), ("checkov", 60), ("cfn-lint", 100)])
def test_another_command_takes_many_times_as_long_or_the_target_is_missed(name: str, least: int) -> None:
    measured = results()
    for times, missed in (
        (least, []),
        (least * 0.9, [f"how many times faster `tts check` is than `{name}`"]),
    ):
        changed = results(checks={**measured.checks, name: command(0.2 * times, 1)})
        found = [one.what for one in targets(changed) if not one.reached]
        assert [what.partition(",")[0] for what in found] == missed


@pytest.mark.parametrize(("app", "most"), [("sample", 0.6), ("roles", 0.75)])
def test_a_synth_with_guardrails_is_faster_than_one_without_or_the_target_is_missed(
    app: str, most: float
) -> None:
    measured = results()
    for times, missed in ((most, 0), (most * 1.01, 1)):
        ways = {DEFAULTS: command(10, 1), GUARDED: command(10 * times, 1)}
        assert missed == sum(not one.reached for one in targets(results(whole={**measured.whole, app: ways})))


def test_the_worst_of_the_hostile_templates_is_named() -> None:
    measured = results(hostile={"many rules": 1.0, "a long value": 1.2, "buckets": 0.9})
    (missed,) = [one for one in targets(measured) if not one.reached]
    assert missed.measured == "1.20 (a long value)"


def test_tests_that_were_not_measured_are_no_target() -> None:
    assert len(targets(results(suite=None))) == len(targets(results())) - 1


def test_a_target_says_how_much_of_it_is_the_cdks_own() -> None:
    (synth,) = [one for one in targets(results()) if "cdk-nag" in one.what]
    assert synth.measured == "0.20 (0.20 to 0.20); of it a plugin that does nothing takes 0.04 (0.04 to 0.04)"


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
