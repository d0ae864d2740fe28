"""One cause, one result: a place whose value varies has one."""

from typing import Any

import pytest

from tests.policy.judging import findings
from tts_constructs.policy.model.one_cause import one_for_each_place
from tts_constructs.policy.result import Result


def result(message: str, location: str = "Properties/Days", **more: Any) -> Result:
    return Result("violation", location, message, **more)


def test_results_of_several_runs_for_one_place_are_one_that_names_the_values() -> None:
    runs = [[result(f"Days is {days}, which is too short.")] for days in (1, 7, 30)]
    (found,) = one_for_each_place(runs)
    assert found == result("Days is 1, 7 or 30, which is too short.")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (2, "0 or 1;"),
        (5, "0, 1, 2, 3 or 4;"),
        (6, "0, 1, 2, 3, 4 or 1 other;"),
        (15, "2, 3, 4 or 10 others;"),
    ],
)
def test_many_values_are_counted(count: int, said: str) -> None:
    (found,) = one_for_each_place([[result(f"Days is {days}; write 1096.")] for days in range(count)])
    assert found.message.startswith("Days is ")
    assert found.message.endswith(f"{said} write 1096.")


def test_messages_that_have_nothing_in_common_are_not_mixed() -> None:
    (found,) = one_for_each_place([[result("One thing.")], [result("Another matter!")]])
    assert found.message == "One thing. (So too with 1 other value that it can have.)"


@pytest.mark.parametrize(
    "other",
    [
        result("Days is 7.", location="Properties/Other"),
        result("Days is 7.", fix="Write 8."),
        result("Days is 7.", at_most="warn"),
        Result("unknown", "Properties/Days", "Days is 7."),
    ],
)
def test_another_place_fix_level_or_verdict_is_another_cause(other: Result) -> None:
    first = result("Days is 1.")
    assert one_for_each_place([[first], [other]]) == [first, other]


def test_what_one_run_says_twice_of_a_place_are_two_causes() -> None:
    one, two, three = result("Port 22 is open."), result("Port 80 is open."), result("Port 25 is open.")
    assert one_for_each_place([[one, two], [three], []]) == [one, two, three]


def test_the_same_result_in_all_runs_stays_as_it_is() -> None:
    assert one_for_each_place([[result("a")], [result("a")]]) == [result("a")]


def test_a_property_with_fifteen_allowed_values_has_one_finding() -> None:
    values = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 200, 220, 240, 260]
    template = {
        "Parameters": {"Days": {"Type": "Number", "AllowedValues": values}},
        "Resources": {
            "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": {"Ref": "Days"}}}
        },
    }
    (finding,) = findings("TTS-LOG-002", template)
    assert "1, 3, 5, 7, 14 or 10 others" in finding.message
