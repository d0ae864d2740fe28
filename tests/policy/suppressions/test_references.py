"""What a value refers to: which parameters, mappings, and conditions decide it."""

from collections.abc import Callable
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.suppressions.references import referred

StackMaker = Callable[..., Stack]

TEMPLATE = """
Parameters:
  Range: {Type: String, Default: 10.0.0.0/8, AllowedValues: [10.0.0.0/8, 10.1.0.0/16], Description: x}
  Stage: {Type: String, Default: live}
Mappings:
  Ranges: {live: {own: 10.0.0.0/8}}
Conditions:
  Live: !Equals [!Ref Stage, live]
  Open: !And [!Condition Live, !Not [!Condition Open]]
Resources:
  Data: {Type: AWS::S3::Bucket}
"""
RANGE = {
    "S Parameters Range": {
        "given": None,
        "Type": "String",
        "Default": "10.0.0.0/8",
        "AllowedValues": ["10.0.0.0/8", "10.1.0.0/16"],
    }
}
STAGE = {"S Parameters Stage": {"given": None, "Type": "String", "Default": "live", "AllowedValues": None}}
LIVE = {"S Conditions Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}}
OPEN = {"S Conditions Open": {"Fn::And": [{"Condition": "Live"}, {"Fn::Not": [{"Condition": "Open"}]}]}}
RANGES = {"S Mappings Ranges": {"live": {"own": "10.0.0.0/8"}}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Range"}, RANGE),
        ([{"CidrIp": {"Ref": "Range"}, "FromPort": 22}], RANGE),
        ({"Fn::Sub": "${Range} of ${AWS::Region}"}, RANGE),
        ({"Fn::Sub": "${Data} of ${Range}"}, RANGE),
        ({"Fn::Sub": ["${Range}${Own}", {"Own": {"Ref": "Stage"}}]}, RANGE | STAGE),
        ({"Fn::FindInMap": ["Ranges", {"Ref": "Stage"}, "own"]}, RANGES | STAGE),
        ({"Fn::If": ["Live", 1, 2]}, LIVE | STAGE),
        ({"Fn::If": ["Open", 1, 2]}, OPEN | LIVE | STAGE),
        ({"Fn::If": ["Live", {"Ref": "Range"}, 2]}, LIVE | STAGE | RANGE),
    ],
)
def test_a_reference_is_followed_to_the_end(
    make_stack: StackMaker, value: Any, expected: dict[str, Any]
) -> None:
    assert referred(value, make_stack(TEMPLATE, "S")) == expected


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
    assert referred(value, make_stack(TEMPLATE, "S")) == {}


def test_a_section_of_another_kind_holds_nothing(make_stack: StackMaker) -> None:
    stack = make_stack(TEMPLATE, "S")
    stack.body["Parameters"] = ["Range"]
    assert referred({"Ref": "Range"}, stack) == {}


def test_what_a_parent_gives_is_followed_in_the_parent(make_stack: StackMaker) -> None:
    parent = make_stack(TEMPLATE.replace("AWS::S3::Bucket", "AWS::CloudFormation::Stack"), "S")
    add_nested(parent.resources["Data"], {"Parameters": {"In": {"Type": "String"}}, "Resources": {}})
    nested = parent.nested["Data"]
    nested.given["In"] = ({"Ref": "Range"}, parent)
    found = referred({"Ref": "In"}, nested)
    assert found.pop(f"{nested.name} Parameters In")["given"] == {"Ref": "Range"}
    assert found == RANGE
