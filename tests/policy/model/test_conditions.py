"""What conditions say of parameters."""

from typing import Any

import pytest

from tts_constructs.policy.model import conditions
from tts_constructs.policy.model.conditions import Comparison, comparisons, takes_empty

EQUALS = {"Fn::Equals": [{"Ref": "P"}, "a"]}
OTHER = {"Fn::Equals": ["b", {"Ref": "Q"}]}
HOLDS = ("P", 0, "a", True)
FAILS = ("P", 1, "a", False)
INVERTED = {("P", 0, "a", False), ("P", 1, "a", True)}


def said(condition: Any, **others: Any) -> set[tuple[str, int, str, bool]]:
    """What is said by the condition `C`: parameter, choice, literal, whether it is equal."""
    return {
        (name, one.choice, one.literal, one.equal)
        for name, found in comparisons({"C": condition, **others}).items()
        for one in found
        if one.condition == "C"
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (EQUALS, {HOLDS, FAILS}),
        ({"Fn::Equals": [7, {"Ref": "P"}]}, {("P", 0, "7", True), ("P", 1, "7", False)}),
        ({"Fn::Not": [EQUALS]}, INVERTED),
        ({"Fn::Not": [{"Fn::Not": [EQUALS]}]}, {HOLDS, FAILS}),
        ({"Fn::And": [EQUALS, OTHER]}, {HOLDS, ("Q", 0, "b", True)}),
        ({"Fn::Or": [EQUALS, OTHER]}, {FAILS, ("Q", 1, "b", False)}),
        ({"Fn::Not": [{"Fn::Or": [EQUALS, OTHER]}]}, {("P", 0, "a", False), ("Q", 0, "b", False)}),
        ({"Condition": "D"}, {HOLDS, FAILS}),
        ({"Fn::Not": [{"Condition": "D"}]}, INVERTED),
    ],
)
def test_a_condition_says_what_a_parameter_is(condition: Any, expected: set[Any]) -> None:
    assert said(condition, D=EQUALS) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "text",
        {},
        {**EQUALS, "Condition": "D"},
        {"Condition": ["D"]},
        {"Condition": "Nowhere"},
        {"Condition": "C"},
        {"Fn::Equals": "Pa"},
        {"Fn::Equals": [{"Ref": "P"}]},
        {"Fn::Equals": [{"Ref": ["P"]}, "a"]},
        {"Fn::Equals": [{"Ref": "P", "Other": 1}, "a"]},
        {"Fn::Equals": [{"Ref": "P"}, {"Ref": "Q"}]},
        {"Fn::Not": [EQUALS, EQUALS]},
        {"Fn::Not": EQUALS},
        {"Fn::And": EQUALS},
        {"Fn::Each": [EQUALS]},
    ],
)
def test_another_condition_says_nothing(condition: Any) -> None:
    assert said(condition) == set()


def test_conditions_that_are_no_map_say_nothing() -> None:
    assert comparisons([EQUALS]) == {}
    assert comparisons(None) == {}


def test_conditions_that_nest_without_end_are_read_so_far() -> None:
    nested: Any = EQUALS
    for _ in range(conditions._DEEPEST):
        nested = {"Fn::Not": [nested]}
    assert said(nested)
    assert said({"Fn::Not": [nested]}) == set()
    many = {"Fn::And": [{"Fn::Equals": [{"Ref": "P"}, str(number)]} for number in range(20)]}
    assert len(said(many)) == conditions._MOST_PARTS


def test_conditions_that_multiply_are_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "_MOST_STEPS", 3)
    assert comparisons({"A": EQUALS, "B": OTHER}).keys() == {"P", "Q"}
    assert {one.choice for one in comparisons({"A": EQUALS, "B": OTHER})["Q"]} == {0}


@pytest.mark.parametrize(
    ("equal", "value", "expected"),
    [(True, "7", True), (True, 7, True), (True, "8", False), (False, "7", False), (False, "8", True)],
)
def test_a_comparison_admits_values(equal: bool, value: Any, expected: bool) -> None:
    assert Comparison("C", 0, "7", equal).admits(value) is expected


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({}, True),
        ({"Type": "String"}, True),
        ({"Type": "AWS::EC2::VPC::Id"}, False),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, True),
        ({"MinLength": 1}, False),
        ({"MinLength": " 1 "}, False),
        ({"MinLength": "0"}, True),
        ({"MinLength": "one"}, True),
        ({"AllowedPattern": "arn:.+"}, False),
        ({"AllowedPattern": "(arn:.+)?"}, True),
        ({"AllowedPattern": "a|"}, True),
        ({"AllowedPattern": "[[a]"}, False),
        ({"AllowedPattern": "("}, True),
        ({"AllowedPattern": 7}, True),
        ({"AllowedPattern": "a" * 1_000}, False),
        ({"AllowedPattern": "a" * 1_001}, True),
    ],
)
def test_a_parameter_can_be_empty_unless_it_says_otherwise(parameter: dict[str, Any], expected: bool) -> None:
    assert takes_empty(parameter) is expected
