"""Which texts patterns of IAM share, held to trying texts."""

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tts_constructs.policy.aws.wildcards import LONGEST, covers, overlap

PATTERNS = st.text(alphabet="ab*?", max_size=5)
TEXTS = ["".join(letters) for length in range(8) for letters in product("ab", repeat=length)]


def matched(pattern: str) -> set[str]:
    return {text for text in TEXTS if fnmatchcase(text, pattern)}


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_if_a_text_matches_both(one: str, other: str) -> None:
    assert overlap(one, other) is bool(matched(one) & matched(other))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("s3:get*", "s3:*object", True),
        ("s3:get*", "s3:put*", False),
        ("s3:get*", "s3:getobject", True),
        ("s3:getobject", "s3:get*", True),
        ("s3:getobject", "s3:getobject", True),
        ("s3:getobject", "s3:putobject", False),
        ("a?", "?b", True),
        ("a?", "?", False),
        ("a?c", "ab*", True),
        ("a?c", "abb*", False),
        ("*a", "a*", True),
        ("*ab", "*ba", False),
        ("a*b*c", "*cba", False),
        ("?*", "*", True),
        ("?", "", False),
        ("*", "", True),
        ("**", "?", True),
    ],
)
def test_what_patterns_overlap(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) is meet
    assert overlap(other, one) is meet


@given(PATTERNS, PATTERNS)
@example("?*a*", "*a???")
def test_a_pattern_that_covers_another_matches_all_that_it_matches(wide: str, narrow: str) -> None:
    if covers(wide, narrow):
        assert matched(narrow) <= matched(wide)


@pytest.mark.parametrize(
    ("wide", "narrow", "whole"),
    [
        ("s3:*", "s3:get*", True),
        ("*", "s3:*", True),
        ("s3:get*", "s3:*", False),
        ("s3:?", "s3:*", False),
        ("s3:getobject", "s3:getobject", True),
        ("s3:get?bject", "s3:get?bject", True),
        ("s3:get*", "s3:get?bject", True),
        ("s3:get*t", "s3:get*object", True),
        ("s3:get*ct", "s3:get*t", False),
    ],
)
def test_what_covers_a_pattern(wide: str, narrow: str, whole: bool) -> None:
    assert covers(wide, narrow) is whole


def test_a_pattern_that_is_too_long_is_not_compared() -> None:
    long = "a*" * LONGEST
    assert overlap(long, "b")
    assert covers(long, long)
    assert not covers("*", long)
