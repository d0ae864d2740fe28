"""Fingerprints of values, and what they follow: the parameters, mappings, and conditions that decide them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.policy.suppressions.fingerprints import Fingerprints

StackMaker = Callable[..., Stack]


def fingerprint(body: dict[str, Any], location: str) -> str:
    return Fingerprints(Assembly(Settings())).of(body, location)


GROUP = {"Properties": {"Ingress": [{"CidrIp": "0.0.0.0/0", "FromPort": 22}, {"CidrIp": "10.0.0.0/8"}]}}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("", "74234e98afe7498f"),
        ("Properties/Ingress/0/CidrIp", "5ceb8203d181ed32"),
        ("Properties/Ingress/0", "5ceb8203d181ed32"),
    ],
)
def test_a_fingerprint_stays_the_same_from_release_to_release(location: str, expected: str) -> None:
    assert fingerprint(GROUP, location) == expected


def test_the_order_of_keys_is_no_part_of_a_fingerprint() -> None:
    one, other = {"Properties": {"P": {"a": 1, "b": 2}}}, {"Properties": {"P": {"b": 2, "a": 1}}}
    assert fingerprint(one, "Properties/P") == fingerprint(other, "Properties/P")


def test_a_value_that_json_does_not_have_is_fingerprinted_too() -> None:
    days = [{"Properties": {"P": date(2026, 1, day)}} for day in (1, 2)]
    assert len({fingerprint(body, "Properties/P") for body in days}) == 2


NOTHING = fingerprint({}, "")


@pytest.mark.parametrize(
    "location",
    [
        "Properties",
        "Properties/Absent",
        "Properties/Text/0",
        "Properties/Texts/2",
        "Properties/Texts/x",
        "Properties/Single/Absent",
        "Properties/Pair/Absent",
    ],
)
def test_where_nothing_stands_there_is_nothing_to_fingerprint(location: str) -> None:
    properties = {"Text": "abc", "Texts": ["a", "b"], "Single": {"Key": 1}, "Pair": {"Ref": "A", "Key": 1}}
    assert fingerprint({"Properties": properties}, location) == NOTHING


@pytest.mark.parametrize("function", ["Ref", "Fn::GetAtt"])
def test_what_a_function_decides_is_fingerprinted_by_the_function(function: str) -> None:
    bodies = [{"Properties": {"P": {function: name}}} for name in ("A", "B")]
    assert len({NOTHING, *(fingerprint(body, "Properties/P/Key") for body in bodies)}) == 3


def test_a_place_among_texts_is_fingerprinted_by_its_text_alone() -> None:
    body = {"Properties": {"Ports": ["22", "443"], "Rules": [{"Ports": ["22", "443"]}]}}
    other = {"Properties": {"Ports": ["22", "80"], "Rules": [{"Ports": ["22", "80"]}]}}
    assert fingerprint(body, "Properties/Ports/0") == fingerprint(other, "Properties/Ports/0")
    inside = "Properties/Rules/0/Ports/0"
    assert fingerprint(body, inside) != fingerprint(other, inside)


def test_a_finding_about_all_properties_stays_the_same_when_one_changes() -> None:
    one, two = {"Properties": {"A": 1}}, {"Properties": {"A": 2}}
    assert fingerprint(one, "Properties") == fingerprint(two, "Properties")
    assert fingerprint(one, "Properties/A") != fingerprint(two, "Properties/A")


# References

TEMPLATE = """
Parameters:
  Range: {Type: String, Default: 10.0.0.0/8, AllowedValues: [10.0.0.0/8, 10.1.0.0/16], Description: x}
  Stage: {Type: String, Default: live}
Mappings:
  Ranges: {live: {own: 10.2.0.0/16}}
Conditions:
  Live: !Equals [!Ref Stage, live]
  Open: !And [!Condition Live, !Not [!Condition Open]]
Resources:
  Data: {Type: AWS::S3::Bucket}
"""
CHANGES = {
    "Range": ("Default: 10.0.0.0/8", "Default: 10.1.0.0/16"),
    "Stage": ("Default: live", "Default: trial"),
    "Ranges": ("own: 10.2.0.0/16", "own: 0.0.0.0/0"),
    "Live": ("!Ref Stage, live", "!Ref Stage, trial"),
    "Open": ("!Not [!Condition Open]", "!Condition Open"),
    "nothing": ("Description: x", "Description: y"),
}
"""What is changed in the template, by the name that it decides."""


def deciding(make_stack: StackMaker, value: Any) -> set[str]:
    """Names of which a change changes the fingerprint of a value."""

    def in_template(text: str) -> str:
        stack = make_stack(text, "S")
        body = {"Properties": {"P": value}}
        return stack.assembly.cached(Fingerprints).of(body, "Properties/P", stack)

    before = in_template(TEMPLATE)
    assert all(old in TEMPLATE for old, _ in CHANGES.values())
    return {name for name, change in CHANGES.items() if in_template(TEMPLATE.replace(*change)) != before}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Range"}, {"Range"}),
        ([{"CidrIp": {"Ref": "Range"}, "FromPort": 22}], {"Range"}),
        ({"Fn::Sub": "${Range} of ${AWS::Region}"}, {"Range"}),
        ({"Fn::Sub": "${Data} of ${Range}"}, {"Range"}),
        ({"Fn::Sub": ["${Range}${Own}", {"Own": {"Ref": "Stage"}}]}, {"Range", "Stage"}),
        ({"Fn::FindInMap": ["Ranges", {"Ref": "Stage"}, "own"]}, {"Ranges", "Stage"}),
        ({"Fn::If": ["Live", 1, 2]}, {"Live", "Stage"}),
        ({"Fn::If": ["Open", 1, 2]}, {"Open", "Live", "Stage"}),
        ({"Fn::If": ["Live", {"Ref": "Range"}, 2]}, {"Live", "Stage", "Range"}),
    ],
)
def test_a_reference_is_followed_to_the_end(make_stack: StackMaker, value: Any, expected: set[str]) -> None:
    assert deciding(make_stack, value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Range",
        22,
        None,
        {"Ref": "Data"},
        {"Ref": "Unknown"},
        {"Ref": "Range", "FromPort": 22},
        {"Fn::GetAtt": ["Range", "Arn"]},
        {"Fn::If": []},
        {"Fn::FindInMap": [{"Ref": "Data"}, "a", "b"]},
    ],
)
def test_what_refers_to_nothing_but_resources_is_its_own_value(make_stack: StackMaker, value: Any) -> None:
    assert deciding(make_stack, value) == set()


def test_a_section_of_another_kind_holds_nothing(make_stack: StackMaker) -> None:
    stack = make_stack(TEMPLATE, "S")
    stack.body["Parameters"] = ["Range"]
    body = {"Properties": {"P": {"Ref": "Range"}}}
    assert stack.assembly.cached(Fingerprints).of(body, "Properties/P", stack) == fingerprint(
        body, "Properties/P"
    )


def test_what_a_parent_gives_is_followed_in_the_parent(make_stack: StackMaker) -> None:
    def given(text: str, raw: Any) -> str:
        parent = make_stack(text.replace("AWS::S3::Bucket", "AWS::CloudFormation::Stack"), "S")
        add_nested(parent.resources["Data"], {"Parameters": {"In": {"Type": "String"}}, "Resources": {}})
        nested = parent.nested["Data"]
        nested.given["In"] = (raw, parent)
        body = {"Properties": {"P": {"Ref": "In"}}}
        return parent.assembly.cached(Fingerprints).of(body, "Properties/P", nested)

    before = given(TEMPLATE, {"Ref": "Range"})
    assert given(TEMPLATE, {"Ref": "Range"}) == before
    assert given(TEMPLATE.replace(*CHANGES["Range"]), {"Ref": "Range"}) != before
    assert given(TEMPLATE, "10.0.0.0/8") != before


class Row:
    """A value of a mapping that says when it is read."""

    def __init__(self) -> None:
        self.read = 0

    def __str__(self) -> str:
        self.read += 1
        return "row"


def test_what_a_mapping_holds_is_read_once_for_all_findings(make_stack: StackMaker) -> None:
    stack = make_stack(TEMPLATE, "S")
    row = Row()
    stack.body["Mappings"]["Ranges"]["live"]["own"] = row
    places = {f"P{one}": {"Fn::FindInMap": ["Ranges", "live", "own"]} for one in range(3)}
    known = stack.assembly.cached(Fingerprints)
    assert len({known.of({"Properties": places}, f"Properties/{one}", stack) for one in places}) == 1
    assert row.read == 1


def test_equal_places_of_two_stacks_are_not_mixed_up(make_stack: StackMaker) -> None:
    stacks = [make_stack(TEMPLATE, "S"), make_stack(TEMPLATE.replace(*CHANGES["Range"]), "T")]
    body = {"Properties": {"P": {"Ref": "Range"}}}
    known = Fingerprints(stacks[0].assembly)
    assert len({known.of(body, "Properties/P", stack) for stack in stacks}) == 2
