"""Values that properties can have, and texts that are made of them."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.model import values
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.model.values import (
    ABSENT,
    Dynamic,
    Imported,
    Parameter,
    Pseudo,
    Reference,
    SsmParameter,
    Text,
    Unknown,
    Zones,
    after_last,
    concatenate,
    is_one_value,
    literal_text,
    may_be,
    show,
    split,
)

SIZE = Unknown("the parameter Size")


@pytest.fixture
def topic(make_stack: Callable[..., Stack]) -> Reference:
    return Reference(make_stack("Resources: {Topic: {Type: AWS::SNS::Topic}}").resources["Topic"])


def test_what_is_absent_is_false() -> None:
    assert not ABSENT


def test_a_reference_is_written_as_cloudformation_writes_it(topic: Reference) -> None:
    assert str(topic) == "${Topic}"
    assert str(Reference(topic.resource, "Arn.x")) == "${Topic.Arn.x}"


def test_a_text_is_written_with_what_is_not_known_left_open(topic: Reference) -> None:
    text = Text(("a-", topic, SIZE, "-b"))
    assert str(text) == "a-${Topic}${…}-b"
    assert text.references == (topic,)


# Putting texts together


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], ""),
        (["", ""], ""),
        (["a"], "a"),
        (["a", "", "b"], "ab"),
        (["a", 1, True, False, 1.5], "a1truefalse1.5"),
        ([SIZE], SIZE),
        (["", SIZE, ""], SIZE),
        ([SIZE, SIZE], Text((SIZE, SIZE))),
        (["a", "b", SIZE, "c", "d"], Text(("ab", SIZE, "cd"))),
        (["a", Text((SIZE, "b")), "c"], Text(("a", SIZE, "bc"))),
        ([Text(("a", SIZE)), Text((SIZE, "b"))], Text(("a", SIZE, SIZE, "b"))),
    ],
)
def test_a_text_is_put_together(parts: list[Any], expected: object) -> None:
    assert concatenate(parts) == expected


def test_a_reference_alone_stays_a_reference(topic: Reference) -> None:
    assert concatenate(["", topic]) == topic
    assert concatenate(["a", topic]) == Text(("a", topic))


@pytest.mark.parametrize("part", [None, ABSENT, ["a"], {"a": 1}])
def test_a_part_that_is_no_text_is_unknown(part: object) -> None:
    value = concatenate(["a", part])
    assert isinstance(value, Text)
    first, second = value.parts
    assert first == "a"
    assert isinstance(second, Unknown)
    assert "isn't text" in second.reason


@pytest.fixture
def short_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_MAX_TEXT", 4)


@pytest.mark.usefixtures("short_texts")
def test_a_text_may_be_as_long_as_cloudformation_takes() -> None:
    assert concatenate(["ab", "cd"]) == "abcd"
    assert isinstance(concatenate(["ab", SIZE, "cd", SIZE]), Text)


@pytest.mark.usefixtures("short_texts")
def test_a_text_that_is_longer_is_unknown() -> None:
    value = concatenate(["ab", SIZE, "cde"])
    assert isinstance(value, Unknown)
    assert "longer" in value.reason


# Taking texts apart


def test_a_text_is_split_at_each_delimiter(topic: Reference) -> None:
    assert split("a--b", "-") == ["a", "", "b"]
    assert split("abc", "-") == ["abc"]
    assert split(Text(("a--b", topic, "-c")), "--") == ["a", Text(("b", topic, "-c"))]
    assert split(Text((topic, "-", topic)), "-") == [topic, topic]


def test_a_text_with_an_unknown_part_is_not_split() -> None:
    value = split(Text(("a-", SIZE)), "-")
    assert isinstance(value, Unknown)
    assert SIZE.reason in value.reason


# Words for values


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (7, "7"), (1.5, "1.5"), (True, "true"), (False, "false")]
)
def test_a_literal_is_written_as_cloudformation_writes_it(value: object, expected: str) -> None:
    assert literal_text(value) == expected
    assert show(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ABSENT, "not set"),
        (SIZE, "an unknown value (the parameter Size)"),
        ({"a": 1}, "a map"),
        (["a"], "a list"),
        (None, "null"),
        (Text(("a", SIZE)), "a${…}"),
    ],
)
def test_a_value_is_shown_in_words(value: object, expected: str) -> None:
    assert show(value) == expected


# Properties


LITERALS = st.one_of(st.text(max_size=5), st.integers(), st.booleans())


@given(st.lists(LITERALS, max_size=6))
def test_concatenation_of_literals_is_a_text(values: list[object]) -> None:
    assert isinstance(concatenate(values), str)


@given(st.lists(st.one_of(st.text(max_size=4), st.just(Unknown("x"))), max_size=8))
def test_no_two_literal_parts_stand_side_by_side(values: list[object]) -> None:
    joined = concatenate(values)
    parts = joined.parts if isinstance(joined, Text) else (joined,)
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in itertools.pairwise(parts))


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=5))
def test_splitting_undoes_joining(pieces: list[str]) -> None:
    assert split(",".join(pieces), ",") == pieces


NAME = Parameter("the parameter Name", name="Name")
PLACE = Pseudo("the region", name="AWS::Region")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", True),
        (NAME, True),
        (PLACE, True),
        (Dynamic("a reference", service="ssm", key="/a"), True),
        (SsmParameter("a parameter", name="/a"), True),
        (replace(NAME, steps=("/", 0)), True),
        (replace(NAME, steps=("/", None)), False),
        (Imported("an export", name="a"), True),
        (Imported("an export", name=Text(("a-", NAME))), True),
        (Imported("an export", name=Text(("a-", SIZE))), False),
        (replace(Imported("an export", name="a"), steps=(None,)), False),
        (Text(("a-", NAME, PLACE)), True),
        (Text(("a-", NAME, SIZE)), False),
        (SIZE, False),
        (Zones("zones"), False),
        (ABSENT, False),
        (7, False),
        ([], False),
    ],
)
def test_equal_values_are_one_value_where_they_say_what_they_are(value: Any, expected: bool) -> None:
    assert is_one_value(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a/b/c", "c"),
        ("abc", "abc"),
        ("a/", ""),
        (Text(("arn/x/", NAME, "-b")), Text((NAME, "-b"))),
        (Text(("arn/", NAME, "/b")), "b"),
        (Text((NAME, "-b")), Text((NAME, "-b"))),
        (Text(("a/", NAME)), NAME),
    ],
)
def test_what_follows_the_last_delimiter_is_a_name(value: Any, expected: Any) -> None:
    assert after_last(value, "/") == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (Text(("a-", NAME, "-b")), "a-x-b", True),
        (Text(("a-", NAME, "-b")), "a--b", True),
        (Text(("a-", NAME, "-b")), "a-b", False),
        (Text(("a-", NAME)), "b-x", False),
        (Text((NAME, "-b")), "x-b", True),
        (Text((NAME, "-b")), "x-c", False),
        (Text((NAME, PLACE)), "", True),
    ],
)
def test_a_text_can_be_what_begins_and_ends_as_it_does(text: Text, name: str, expected: bool) -> None:
    assert may_be(text, name) is expected


def test_the_first_unknown_part_of_a_text_is_told() -> None:
    assert Text(("a", NAME, SIZE)).unknown is NAME
    assert Text(("a", "b")).unknown is None
