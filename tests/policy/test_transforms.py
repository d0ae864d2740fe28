"""Loops of the language extensions."""

from typing import Any

from tts_constructs.policy.transforms import expand, names_of

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
    assert list(resources(["Name", ["a.b-c"], {"Queue&{Name}": {"Type": "Q"}}])) == ["Queueabc"]


def test_loops_nest() -> None:
    inner = {"Fn::ForEach::Inner": ["J", ["1", "2"], {"Q${I}${J}": {"Type": "Q"}}]}
    assert list(resources(["I", ["A", "B"], inner])) == ["QA1", "QA2", "QB1", "QB2"]


def test_a_loop_over_a_parameter_uses_its_default() -> None:
    parameters = {"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}}
    assert list(resources(["I", {"Ref": "Names"}, {"Q${I}": {"Type": "Q"}}], Parameters=parameters)) == [
        "QA",
        "QB",
    ]


def test_a_loop_over_a_parameter_that_can_be_something_else_stays() -> None:
    parameters = {"Names": {"Type": "CommaDelimitedList", "Default": "A", "AllowedValues": ["A", "B"]}}
    assert list(resources(["I", {"Ref": "Names"}, {"Q${I}": {}}], Parameters=parameters)) == [
        "Fn::ForEach::Loop"
    ]


def test_a_loop_stays_where_the_transform_is_not_declared() -> None:
    body = {"Resources": {"Fn::ForEach::Loop": ["I", ["A"], {"Q${I}": {"Type": "Q"}}]}}
    assert expand(body) == body


def test_a_malformed_loop_stays() -> None:
    assert list(resources(["I", ["A"]])) == ["Fn::ForEach::Loop"]


def test_loops_that_multiply_stay() -> None:
    many = [str(number) for number in range(150)]
    loop: dict[str, Any] = {"Q${A}${B}": {"Type": "Q"}}
    expanded = resources(["A", many, {"Fn::ForEach::Inner": ["B", many, loop]}])
    assert len(expanded) < 20_000


def test_transforms_are_named_however_they_are_written() -> None:
    assert names_of(None) == []
    assert names_of("A") == ["A"]
    assert names_of(["A", {"Name": "B"}, {"Nameless": 1}]) == ["A", "B", "one without a name"]
