"""JSON in a text with parts that are not known."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tts_constructs.policy.model import json_text
from tts_constructs.policy.model.json_text import parse_json, parsed
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.model.values import ABSENT, Reference, Text, Unknown

StackMaker = Callable[..., Stack]

NAME = Unknown("the name")
OTHER = Unknown("another name")
NO_JSON = Unknown("text that isn't JSON")


def place(make_stack: StackMaker, value: str) -> Node:
    stack = make_stack(
        f"Resources: {{B: {{Type: T::T::T}}, R: {{Type: T::T::T, Properties: {{P: {value}}}}}}}\n"
        "Parameters: {Size: {Type: String}}"
    )
    return stack.resources["R"]["P"]


@pytest.mark.parametrize("value", [{"a": [1, "b", None, True, 2.5]}, [], "text", 7, {"Ref": 1, "b": 2}, ""])
def test_a_literal_text_holds_what_json_says(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "Allow everything", "{", "{'a': 1}", '{"a": 1,}', "[" * 100_000])
def test_a_text_that_is_no_json_is_unknown(text: str) -> None:
    assert parse_json(text) == NO_JSON


@pytest.mark.parametrize(
    ("parts", "held"),
    [
        (('{"a": "', NAME, '"}'), {"a": NAME}),
        (('{"a": "x-', NAME, '-y"}'), {"a": Text(("x-", NAME, "-y"))}),
        (('["', NAME, OTHER, '", "c"]'), [Text((NAME, OTHER)), "c"]),
        (('{"a": ', NAME, ', "b": 1}'), {"a": NAME, "b": 1}),
        (('[{"a": 1}, ', NAME, "]"), [{"a": 1}, NAME]),
        (('{"', NAME, '": 1}'), {"${…}": 1}),
        (('{"a\\"b": "', NAME, '"}'), {'a"b': NAME}),
        (('{"a\\\\": ', NAME, "}"), {"a\\": NAME}),
        ((NAME, OTHER), NO_JSON),
        (('["', NAME, '", ', OTHER, ', "', NAME, '"]'), [NAME, OTHER, NAME]),
    ],
)
def test_a_part_that_is_not_known_stands_for_itself(parts: tuple[Any, ...], held: Any) -> None:
    assert parse_json(Text(parts)) == held


@pytest.mark.parametrize(
    "text", ["\ue0000\ue001", '"\\ue0000\\ue001"', '"\\uE0000\\ue001"', "\ue0007\ue001"], ids=ascii
)
def test_a_text_cannot_pretend_to_hold_a_part(text: str) -> None:
    assert parse_json(Text((f"[{text}, ", NAME, "]"))) == NO_JSON
    assert parse_json(text) == NO_JSON


def test_a_key_that_is_stated_twice_has_no_known_value() -> None:
    held = parse_json('{"Effect": "Deny", "Effect": "Allow", "a": 1}')
    assert held == {"Effect": Unknown("the key Effect, which is stated twice", "State it once."), "a": 1}


@pytest.mark.parametrize("call", ['{"Ref": "B"}', '{"Fn::Sub": "${B}"}'])
def test_a_function_in_a_text_is_not_evaluated(make_stack: StackMaker, call: str) -> None:
    node = parsed(place(make_stack, json.dumps(json.dumps({"a": json.loads(call)}))))["a"]
    assert node.value == Unknown("a function in a text, which CloudFormation does not evaluate")


def test_a_text_of_several_parts_is_read(make_stack: StackMaker) -> None:
    node = parsed(place(make_stack, """!Sub '{"a": ["${B.Arn}/*", "${Size}"], "b": {"c": "${B}"}}'"""))
    bucket = node.stack.resources["B"]
    assert node["a"].values()[0] == Text((Reference(bucket, "Arn"), "/*"))
    assert node["b"]["c"].target() is bucket
    assert node.at("b/c").location == "Properties/P/b/c"
    with pytest.raises(UnknownValue, match="the parameter Size"):
        node["a"][1].text()


def test_a_text_that_is_joined_is_read(make_stack: StackMaker) -> None:
    node = parsed(place(make_stack, """!Join ['', ['{"a": "', !Ref B, '", "b": 1}']]"""))
    assert node["b"].number() == 1
    assert node["a"].reference() == Reference(node.stack.resources["B"])


@pytest.mark.parametrize("value", ["{a: 1}", "no JSON", "!Ref AWS::NoValue", "!Ref Size"])
def test_what_is_no_json_text_stays_as_it_is(make_stack: StackMaker, value: str) -> None:
    node = place(make_stack, value)
    assert parsed(node) is node


def test_nothing_is_no_document(make_stack: StackMaker) -> None:
    assert parsed(place(make_stack, "!Ref AWS::NoValue")).value is ABSENT


def test_a_text_of_many_parts_takes_steps_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    part = json_text._part

    def counted(text: str, parts: tuple[Any, ...]) -> Any:
        nonlocal steps
        steps += 1
        return part(text, parts)

    monkeypatch.setattr(json_text, "_part", counted)
    taken = []
    for count in (100, 200):
        steps = 0
        parts = ['["', *[piece for _ in range(count - 1) for piece in (NAME, '", "')], NAME, '"]']
        assert parse_json(Text(tuple(parts))) == [NAME] * count
        taken.append(steps)
    assert taken == [100, 200]


MORE = {"Fn::Transform": Unknown("a part of a text that is not known")}


@pytest.mark.parametrize(
    ("parts", "held"),
    [
        (("{", NAME, "}"), MORE),
        (("{", NAME, ', "a": 1}'), {**MORE, "a": 1}),
        (("{", NAME, ' "a": 1}'), {**MORE, "a": 1}),
        (('{"a": 1, ', NAME, "}"), {"a": 1, **MORE}),
        (('{"a": [1] ', NAME, "}"), {"a": [1], **MORE}),
        (('{"a": "x" ', NAME, ', "b": 2}'), {"a": "x", **MORE, "b": 2}),
        (('{"a": {', NAME, '}, "b": ', OTHER, "}"), {"a": MORE, "b": OTHER}),
        (('{"a": [{"x": 1} ', NAME, "]}"), {"a": [{"x": 1}, NAME]}),
        (('{"a": [', NAME, ' {"x": 1}]}'), {"a": [NAME, {"x": 1}]}),
        (("{", NAME, ": 1}"), {"${…}": 1}),
        (('{"a": 8', NAME, "}"), NO_JSON),
        (('["a]\\"{", ', NAME, "]"), ['a]"{', NAME]),
    ],
)
def test_a_part_that_is_not_known_can_be_entries_or_items(parts: tuple[Any, ...], held: Any) -> None:
    assert parse_json(Text(parts)) == held


def test_entries_that_are_not_known_leave_open_what_a_map_has(make_stack: StackMaker) -> None:
    document = parsed(place(make_stack, """!Sub '{"a": 1, ${Size}}'"""))
    assert document["a"].value == 1
    assert document["b"].value == MORE["Fn::Transform"]
    assert "b" in document
