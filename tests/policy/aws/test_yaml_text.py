"""What a YAML text holds."""

import pytest

from tts_constructs.policy.aws.yaml_text import parse_yaml_text
from tts_constructs.policy.model.values import Unknown, Value


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a", "a"),
        ("a: 1\nb: true", {"a": "1", "b": "true"}),
        ("- a\n- [b, {c: d}]\n- e", ["a", ["b", {"c": "d"}], "e"]),
        ("a: {b: [c]}\nd: e", {"a": {"b": ["c"]}, "d": "e"}),
        ("'a': |\n  b\n  c\n", {"a": "b\nc\n"}),
        (deep(2), [[]]),
    ],
)
def test_every_scalar_is_a_text(text: str, held: Value) -> None:
    assert parse_yaml_text(text) == held


@pytest.mark.parametrize(
    "text",
    ["", "{", "--- a\n--- b", "a: &b c\nd: *b", "a: 1\na: 2", "{[a]: b}", "{{a: b}: {c: d}}", deep(1_000)],
)
def test_what_is_no_single_tree_of_texts_is_not_known(text: str) -> None:
    assert isinstance(parse_yaml_text(text), Unknown)


def test_a_function_stays_unknown_wherever_it_is_written() -> None:
    held = parse_yaml_text("a: [w, x, {Ref: Topic}, y]\nb: {c: {d: e, f: {'Fn::Sub': t}}}\ng: {Ref: T}\nh: i")
    assert isinstance(held, dict)
    first, second, function, last = held["a"]
    inner = held["b"]["c"]
    assert (first, second, last, inner["d"], held["h"]) == ("w", "x", "y", "e", "i")
    assert [type(value) for value in (function, inner["f"], held["g"])] == [Unknown] * 3
