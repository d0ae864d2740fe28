"""Text to data, and the errors of malformed text."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.errors import InputError
from tts_constructs.policy.document import MAX_BYTES, parse


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
        ("A: 1\nA: 2", "line 2, column 1: the key 'A' stands twice"),
        ("A:\n  B: !Nonsense x", "line 2, column 6: the tag !Nonsense is not one of CloudFormation's"),
        ("A: &x [*x]", "line 1, column 8: the alias"),
        ("A: *x", "not valid YAML|the alias"),
        ("A: 1\n---\nB: 1", "line 2, column 1: a second document begins"),
        ("? [a]\n: 1", "line 1, column 3: a map or a list stands where a key belongs"),
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
        ("[" * 100_000, "nested too deeply"),
        ('{"A":' * 100_000, "nested too deeply"),
        ("{" + " " * MAX_BYTES, "CloudFormation takes templates of at most 1 MB"),
    ],
)
def test_malformed_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, "t.json")


def test_the_first_character_decides_where_the_name_does_not() -> None:
    assert parse(' \n{"A": 1}', "stdin") == parse("A: 1", "stdin") == {"A": 1}


def test_a_byte_order_mark_does_not_matter() -> None:
    assert parse('\ufeff{"A": 1}', "t.json") == {"A": 1}


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
