"""Loops of the language extensions."""

from typing import Any

import pytest

from tts_constructs.policy.model import transforms
from tts_constructs.policy.model.transforms import expand, makes_entries, names_of

EXTENSIONS = {"Transform": "AWS::LanguageExtensions"}


def resources(loop: list[Any], **rest: Any) -> dict[str, Any]:
    body = expand(EXTENSIONS | rest | {"Resources": {"Fn::ForEach::Loop": loop}})
    return dict(body["Resources"])


def test_a_loop_over_literals_is_written_out() -> None:
    loop = [
        "Name",
        ["A", "B"],
        {"Queue${Name}": {"Type": "Q", "Properties": {"P": {"Ref": "Name"}, "S": {"Fn::Sub": "${Name}-x"}}}},
    ]
    assert resources(loop) == {
        "QueueA": {"Type": "Q", "Properties": {"P": "A", "S": {"Fn::Sub": "A-x"}}},
        "QueueB": {"Type": "Q", "Properties": {"P": "B", "S": {"Fn::Sub": "B-x"}}},
    }


def test_an_ampersand_leaves_out_what_a_logical_id_cannot_hold() -> None:
    assert list(resources(["Name", ["a.B-c9"], {"Queue&{Name}": {"Type": "Q"}}])) == ["QueueaBc9"]


def test_loops_nest() -> None:
    inner = {"Fn::ForEach::Inner": ["J", ["1", "2"], {"Q${I}${J}": {"Type": "Q"}}]}
    assert list(resources(["I", ["A", "B"], inner])) == ["QA1", "QA2", "QB1", "QB2"]


def test_a_loop_over_a_parameter_uses_its_default() -> None:
    parameters = {"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}}
    assert list(resources(["I", {"Ref": "Names"}, {"Q${I}": {"Type": "Q"}}], Parameters=parameters)) == [
        "QA",
        "QB",
    ]


def made(values: Any, known: dict[str, str | None] | None = None, **rest: Any) -> dict[str, str | None]:
    """What a loop makes of each item, with the condition of each."""
    loop = ["I", values, {"Q${I}": {"Type": "Q"}}]
    body = expand(EXTENSIONS | rest | {"Resources": {"Fn::ForEach::Loop": loop}}, (), known or {})
    return {name: one.get("Condition") for name, one in body["Resources"].items() if isinstance(one, dict)}


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"Default": "A", "AllowedValues": ["A", "A, B"]}, {"QA": None, "QB": "I is B"}),
        ({"AllowedValues": ["A", "B"]}, {"QA": "I is A", "QB": "I is B"}),
        ({"AllowedValues": ["A"]}, {"QA": None}),
        ({"Default": "B", "AllowedValues": "B"}, {"QB": None}),
        ({"Default": ""}, {}),
        ({"Default": "A", "AllowedValues": [["B"]]}, {}),
    ],
)
def test_a_loop_is_written_out_for_each_value_of_a_parameter(
    parameter: dict[str, Any], expected: dict[str, str | None]
) -> None:
    assert made({"Ref": "Names"}, Parameters={"Names": parameter}) == expected


MAPS = {
    "M": {
        "us-east-1": {"Names": ["A", 7], "One": "A"},
        "us-west-2": {"Names": ["A", "B"], "One": "B"},
        "eu-west-1": {"Names": ["C"], "Odd": ["A", {"Ref": "X"}]},
    },
    "N": {"a": {"Names": ["D"]}},
}


@pytest.mark.parametrize(
    ("look_up", "expected"),
    [
        (["M", "us-east-1", "Names"], {"QA": None, "Q7": None}),
        (["M", "us-west-2", "One"], {"QB": None}),
        (["M", {"Ref": "AWS::Region"}, "Names"], {"QA": None, "Q7": "I is 7", "QB": "I is B"}),
        (["M", {"Ref": "AWS::AccountId"}, "One"], {"QA": "I is A", "QB": "I is B"}),
        (["M", {"Ref": "Place"}, "Names"], {"QA": "I is A", "QB": "I is B", "QC": "I is C"}),
        (["M", {"Fn::Sub": "${Place}"}, "One"], {"QA": "I is A", "QB": "I is B"}),
        ([{"Ref": "Map"}, "a", "Names"], {"QD": None}),
        (["N", "a", "Names", {"DefaultValue": ["E"]}], {"QD": None}),
        (["M", "eu-west-1", "Odd"], {}),
        (["M", "eu-west-1", {"Ref": "Some"}], {}),
        (["M", "nowhere", "Names"], {}),
        (["M", "us-east-1"], {}),
        (["M", "us-east-1", "Names", "a", "b"], {}),
        (["M", "us-east-1", "Names", "0"], {"QA": None, "Q7": None}),
        ("M", {}),
    ],
)
def test_a_loop_is_written_out_for_each_entry_of_a_mapping_that_its_keys_reach(
    look_up: Any, expected: dict[str, str | None]
) -> None:
    parameters = {"Place": {"AllowedValues": ["us-west-2", "eu-west-1"]}, "Map": {"Default": "N"}}
    assert made({"Fn::FindInMap": look_up}, Mappings=MAPS, Parameters=parameters) == expected


def test_a_loop_over_a_mapping_knows_where_the_stack_is_deployed() -> None:
    look_up = {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "Names"]}
    assert made(look_up, {"AWS::Region": "us-west-2"}, Mappings=MAPS) == {"QA": None, "QB": None}
    assert made(look_up, {"AWS::Region": None}, Mappings=MAPS) == made(look_up, Mappings=MAPS)


def test_a_list_of_a_loop_can_hold_calls() -> None:
    parameters = {"Names": {"Default": "A", "AllowedValues": ["A,B"]}}
    values = ["C", {"Ref": "Names"}, {"Fn::FindInMap": ["N", "a", "Names"]}]
    assert made(values, Parameters=parameters, Mappings=MAPS) == {
        "QC": None,
        "QA": None,
        "QB": "I is B",
        "QD": None,
    }


@pytest.mark.parametrize(
    "call",
    [
        {"Ref": "X", "Fn::FindInMap": []},
        {"Ref": ["X"]},
        {"Ref": "AWS::Region"},
        {"Fn::Split": [",", {"Ref": "Nowhere"}]},
        {"Fn::Split": [",", {"Fn::Sub": "A,B"}]},
        {"Fn::Split": [",", 7]},
        {"Fn::Split": ["", "A,B"]},
        {"Fn::Split": [","]},
        {"Fn::Split": "A,B"},
        {"Fn::FindInMap": []},
        {},
    ],
)
def test_a_loop_over_another_call_stays(call: Any) -> None:
    parameters = {"X": {"Default": "A"}}
    assert list(resources(["I", call, {"Q${I}": {}}], Parameters=parameters)) == ["Fn::ForEach::Loop"]


def test_a_resource_of_a_loop_keeps_its_condition() -> None:
    queue = {"Type": "Q", "Condition": "Wanted"}
    parameters = {"Names": {"AllowedValues": ["A", "B"]}}
    body = {"Q${I}": queue, "R${I}": {"Value": 1}}
    expanded = resources(["I", {"Ref": "Names"}, body], Parameters=parameters)
    assert expanded == {"QA": queue, "QB": queue, "RA": {"Value": 1}, "RB": {"Value": 1}}


def test_a_loop_stays_where_the_transform_is_not_declared() -> None:
    body = {"Resources": {"Fn::ForEach::Loop": ["I", ["A"], {"Q${I}": {"Type": "Q"}}]}}
    assert expand(body) == body


@pytest.mark.parametrize(
    "loop",
    [
        ["I", ["A"]],
        ["I", ["A"], {}, {}],
        [7, ["A"], {"Q${I}": {}}],
        ["I", ["A"], ["Q${I}"]],
        ["I", "A", {"Q${I}": {}}],
        ["I", {"A": 1}, {"Q${I}": {}}],
        ["I", {"Ref": ["Names"]}, {"Q${I}": {}}],
        "text",
    ],
)
def test_a_malformed_loop_stays(loop: Any) -> None:
    assert list(resources(loop)) == ["Fn::ForEach::Loop"]


@pytest.mark.parametrize(
    "values",
    [
        {"Ref": "Nowhere"},
        {"Ref": "Text"},
        {"Ref": "Valueless"},
        {"Ref": "Number"},
        {"Fn::FindInMap": ["M", "a", "b"]},
        ["A", {"Ref": "Nowhere"}],
        [["A"]],
    ],
)
def test_a_loop_over_what_is_not_literal_stays(values: Any) -> None:
    parameters = {"Text": "A", "Valueless": {}, "Number": {"Default": 7}, "Names": {"Default": "A,B"}}
    expanded = resources(["I", values, {"Q${I}": {"Type": "Q"}}], Parameters=parameters)
    assert list(expanded) == ["Fn::ForEach::Loop"]


def test_a_loop_over_a_parameter_that_is_given_another_value_stays() -> None:
    loop = ["I", {"Ref": "Names"}, {"Q${I}": {"Type": "Q"}}]
    body = EXTENSIONS | {"Parameters": {"Names": {"Default": "A"}}, "Resources": {"Fn::ForEach::Loop": loop}}
    assert list(expand(body, ["Names"])["Resources"]) == ["Fn::ForEach::Loop"]
    assert list(expand(body, ["Other"])["Resources"]) == ["QA"]


@pytest.mark.parametrize(
    ("values", "expected"), [(["Ref"], ["QRef"]), (["Ref", 7], ["QRef", "Q7"]), ([], [])]
)
def test_a_loop_takes_any_words_and_numbers(values: list[Any], expected: list[str]) -> None:
    assert list(resources(["I", values, {"Q${I}": {"Type": "Q"}}])) == expected


def test_a_list_that_looks_like_a_loop_stays_a_list() -> None:
    queue = {"Type": "Q", "Properties": {"P": ["I", ["A"], {"Q${I}": 1}]}}
    assert resources(["J", ["B"], {"Queue": queue}]) == {"Queue": queue}


def test_what_stands_beside_a_loop_stays() -> None:
    body = EXTENSIONS | {
        "Resources": {"Fn::ForEach::Loop": ["I", ["A"], {"Q${I}": {}}], "Other": {"Type": "Q"}}
    }
    assert expand(body) == EXTENSIONS | {"Resources": {"QA": {}, "Other": {"Type": "Q"}}}


@pytest.mark.parametrize(
    ("loops", "expected"),
    [
        ([["A", "B", "C"]], ["0A", "0B", "0C"]),
        ([["A", "B", "C", "D"]], ["Fn::ForEach::0"]),
        ([["A", "B"], ["C"], ["D"]], ["0A", "0B", "1C", "Fn::ForEach::2"]),
    ],
)
def test_loops_that_multiply_stay(
    monkeypatch: pytest.MonkeyPatch, loops: list[list[str]], expected: list[str]
) -> None:
    monkeypatch.setattr(transforms, "_MAX_COPIES", 3)
    resources = {
        f"Fn::ForEach::{number}": ["I", values, {f"{number}${{I}}": {}}]
        for number, values in enumerate(loops)
    }
    assert list(expand(EXTENSIONS | {"Resources": resources})["Resources"]) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Fn::Transform", True),
        ("Fn::ForEach::Loop", True),
        ("Fn::ForEach", False),
        ("Transform", False),
        ("Ref", False),
    ],
)
def test_a_transform_and_a_loop_make_entries(key: str, expected: bool) -> None:
    assert makes_entries(key) is expected


def test_transforms_are_named_however_they_are_written() -> None:
    assert names_of(None) == []
    assert names_of("A") == ["A"]
    assert names_of(["A", {"Name": "B"}, {"Nameless": 1}]) == ["A", "B", "one without a name"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Fn::Split": [",", "A,B"]}, {"QA": None, "QB": None}),
        ([{"Fn::Split": ["|", "A|B"]}, "C"], {"QA": None, "QB": None, "QC": None}),
        ({"Fn::Split": [",", {"Ref": "Names"}]}, {"QA": None, "QB": "I is B"}),
        (["A", {"Ref": "AWS::NoValue"}], {"QA": None}),
        ([{"Ref": "AWS::AccountId"}], {"Q1": None}),
    ],
)
def test_a_loop_over_what_functions_make_of_literals_is_written_out(
    values: Any, expected: dict[str, str | None]
) -> None:
    parameters = {"Names": {"Default": "A", "AllowedValues": ["A,B"]}}
    assert made(values, {"AWS::AccountId": "1", "AWS::Region": None}, Parameters=parameters) == expected
