"""Text to data, and the errors of malformed text."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.errors import InputError
from tts_constructs.files import Malformed
from tts_constructs.policy.loading.parser import is_template, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!If [C, !Ref A, 1]", {"Fn::If": ["C", {"Ref": "A"}, 1]}),
        ("!Transform {Name: X}", {"Fn::Transform": {"Name": "X"}}),
        ("!Base64 {Fn::Sub: a}", {"Fn::Base64": {"Fn::Sub": "a"}}),
        ("!!str 12", "12"),
        ("2012-10-17", "2012-10-17"),
        ("012345678901", "012345678901"),
        ("12:30", "12:30"),
        ("0x10", 16),
        ("1.5", 1.5),
        ("on", True),
        ("~", None),
        ("'1'", "1"),
        ("{1: a}", {"1": "a"}),
        ("&a x", "x"),
    ],
)
def test_yaml_is_read_as_cloudformation_reads_it(text: str, expected: object) -> None:
    assert parse(f"A: {text}", "t.yaml") == {"A": expected}


def test_an_alias_stands_for_its_anchor() -> None:
    assert parse("A: &x {k: v}\nB: *x\nC: {<<: *x, l: w}", "t.yaml") == {
        "A": {"k": "v"},
        "B": {"k": "v"},
        "C": {"k": "v", "l": "w"},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A: [1", "line 2, column 1: not valid YAML"),
        ("A: 1\nA: 2", "line 2, column 1: the key 'A' is written twice"),
        ("A:\n  B: !Nonsense x", "line 2, column 6: the tag !Nonsense is not one of CloudFormation's"),
        ("A: &x [*x]", "line 1, column 8: the alias"),
        ("A: *x", "not valid YAML|the alias"),
        ("A: 1\n---\nB: 1", "line 2, column 1: a second document begins"),
        ("? [a]\n: 1", "line 1, column 3: a map or a list is where a key belongs"),
        ("A: " + "[" * 500, "not valid YAML|nested more than"),
        ("A: " + "{a: " * 300 + "1" + "}" * 300, "nested more than 200 levels"),
    ],
)
def test_malformed_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, "t.yaml")


def test_aliases_that_multiply_are_refused() -> None:
    levels = "\n".join(f"k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * 10)}]" for i in range(1, 9))
    with pytest.raises(InputError, match="aliases multiply"):
        parse(f"k0: &k0 [1]\n{levels}", "t.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"A": 1\n"B": 2}', "line 2, column 1: not valid JSON"),
        ('{"A": 1, "A": 2}', "the key 'A' twice"),
        ('{"B": 1, "A": 1, "C": 1, "A": 2}', "the key 'A' twice"),
        ('{"A": ' + "[" * 201 + "]" * 201 + "}", "nested more than 200 levels"),
        ("[" * 100_000, "nested more than 200 levels"),
        ('{"A":' * 100_000, "nested more than 200 levels"),
        ('{"A":' * 201 + "1" + "}" * 201, "nested more than 200 levels"),
        ('{"A": [%s]}' % ("7" * 5_000), "holds a number with more digits than can be read"),
    ],
)
def test_malformed_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, "t.json")


def test_two_hundred_levels_are_read() -> None:
    value = parse('{"A":' * 200 + "1" + "}" * 200, "t.json")
    for _ in range(200):
        value = value["A"]
    assert value == 1


@pytest.mark.parametrize("name", ["stdin", "t.json", "t.yaml", "t.CFN"])
@pytest.mark.parametrize(
    "text",
    [' \n{"A": {"B": "\\u0043"}}', "A: {B: C}", "{A: {B: C}}", '{"A": {"B": "C",}}', '# c\n{"A": {B: C}}'],
)
def test_the_text_decides_whether_it_is_json_or_yaml(text: str, name: str) -> None:
    assert parse(text, name) == {"A": {"B": "C"}}


@pytest.mark.parametrize(("name", "format_"), [("t.json", "JSON"), ("t.cfn", "JSON"), ("t.yml", "YAML")])
def test_what_is_neither_is_refused_as_what_its_name_says(name: str, format_: str) -> None:
    with pytest.raises(Malformed, match=f"not valid {format_}"):
        parse('{"A": [1}', name)


def test_a_key_that_stands_twice_is_not_read_by_another_reader() -> None:
    with pytest.raises(InputError, match="the key 'A' twice") as caught:
        parse('{"A": 1, "A": 2}', "t.json")
    assert not isinstance(caught.value, Malformed)


@pytest.mark.parametrize("digits", ["7" * 5_000, "0x" + "f" * 5_000, "0b" + "1" * 20_000])
def test_a_number_of_yaml_that_is_too_long_to_be_shown_is_text(digits: str) -> None:
    assert parse(f"A: {digits}", "t.yaml") == {"A": digits}


@pytest.mark.parametrize(
    "name",
    ["Contains", "EachMemberEquals", "EachMemberIn", "GetStackOutput", "RefAll", "ValueOf", "ValueOfAll"],
)
def test_each_function_has_a_short_form(name: str) -> None:
    assert parse(f"A: !{name} [B, C]", "t.yaml") == {"A": {f"Fn::{name}": ["B", "C"]}}


@pytest.mark.parametrize("text", ['\ufeff{"A": 1}', '\ufeff{\n\t"A": 1\n}', "\ufeffA: 1"])
def test_a_byte_order_mark_does_not_matter(text: str) -> None:
    assert parse(text, "t.json") == {"A": 1}


def test_in_what_the_cdk_has_just_written_no_key_is_searched_twice() -> None:
    assert parse('{"A": 1, "A": 2}', "t.json", by_cdk=True) == {"A": 2}


def test_lists_and_maps_in_each_other_are_read() -> None:
    assert parse('[1, {"A": [2, {"B": []}]}]', "t.json") == [1, {"A": [2, {"B": []}]}]


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        ({"Resources": {}}, True),
        ({"AWSTemplateFormatVersion": "2010-09-09"}, True),
        ({"Fn::Transform": {}, "Other": 1}, True),
        ({"Other": 1}, False),
        ({}, False),
        (["Resources"], False),
        ("Resources", False),
        (None, False),
    ],
    ids=str,
)
def test_a_template_is_told_by_its_keys(body: Any, is_one: bool) -> None:
    assert is_template(body) is is_one


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert parse(json.dumps({"A": value}), "t.json") == {"A": value}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for name in ("t.json", "t.yaml"):
        with contextlib.suppress(InputError):
            parse(text, name)
