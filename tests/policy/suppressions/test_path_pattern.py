"""Patterns of construct paths: what they match, and which are too broad."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.steps import steps
from tts_constructs.policy.suppressions.path_pattern import Pattern, PatternTree


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("Stack/Web", "Stack/Web"),
        ("Stack/*", "Stack/Web"),
        ("Stack/*/Resource", "Stack/Web/Resource"),
        ("Stack/W*b", "Stack/Web"),
        ("Stack/*Legacy*", "Stack/TheLegacyPart"),
        ("Stack/**", "Stack/Web"),
        ("Stack/**", "Stack/Web/Group/Resource"),
        ("Stack/**", "Stack"),
        ("**/Web", "Prod/Stack/Web"),
        ("**/Web", "Web"),
        ("Stack/**/Resource", "Stack/Resource"),
        ("Stack/**/Resource", "Stack/A/B/Resource"),
        ("**/Web/**", "Prod/Web/Group"),
        ("Stack/[a]?", "Stack/[a]?"),
        ("Stack/[a]?*", "Stack/[a]?b"),
    ],
)
def test_a_pattern_matches(pattern: str, path: str) -> None:
    assert Pattern(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("Stack/Web", "Stack/Web/Resource"),
        ("Stack/Web/Resource", "Stack/Web"),
        ("Stack/Web", "stack/web"),
        ("Stack/*", "Stack/Web/Resource"),
        ("Stack/*", "Stack"),
        ("Stack/W*b", "Stack/W/b"),
        ("Web", "Stack/Web"),
        ("**/Web", "Stack/Webs"),
        ("Stack/[ab]", "Stack/a"),
        ("Stack/[ab]*", "Stack/ab"),
        ("Stack/?", "Stack/a"),
        ("Stack/?*", "Stack/ab"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, path: str) -> None:
    assert not Pattern(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "stack", "can"),
    [
        ("Stack/Web", "Stack", True),
        ("Stack", "Stack", True),
        ("Prod/Stack/Web", "Prod/Stack", True),
        ("**/Web", "Prod/Stack", True),
        ("*/Web", "Stack", True),
        ("Other/Web", "Stack", False),
        ("Stack/Web", "Prod/Stack", False),
        ("Stack", "Stack/Nested", False),
    ],
)
def test_a_pattern_can_match_in_a_stack(pattern: str, stack: str, can: bool) -> None:
    assert Pattern(pattern).can_match_in(stack) is can


@pytest.mark.parametrize(
    ("pattern", "stacks"),
    [
        ("**", ["Stack"]),
        ("**", []),
        ("Stack/**", ["Stack"]),
        ("Stack/*", ["Stack"]),
        ("Stack/*/*", ["Stack"]),
        ("Stack/Web*", ["Stack"]),
        ("Prod-*", ["Prod-East"]),
        ("Prod/Stack/*", ["Prod/Stack"]),
        ("Prod/East/St*", ["Prod/East/Stack"]),
        ("Prod/**", ["Prod/Stack"]),
        ("Other/*", []),
        ("**/Resource", ["Stack"]),
        ("Stack/**/Default", ["Stack"]),
        ("Prod/*/Web*", ["Prod/Stack"]),
        ("**/SecurityGroup/**", ["Stack"]),
        ("**/SecurityGroup/**", []),
        ("Stack/**/SecurityGroup/**", ["Stack"]),
        ("Stack/**/Role/DefaultPolicy/*", ["Stack"]),
        ("*/*/Bucket/Resource", ["Prod/Stack"]),
        ("*/InstanceSecurityGroup/*", ["Stack"]),
        ("*/Role/DefaultPolicy", ["Stack"]),
        ("*/Default/Bucket/Resource", ["Stack"]),
    ],
)
def test_a_pattern_that_names_nothing_below_the_stack_is_broad(pattern: str, stacks: list[str]) -> None:
    assert Pattern(pattern).is_broad(stacks)


@pytest.mark.parametrize(
    ("pattern", "stacks"),
    [
        ("Stack/Legacy/*", ["Stack"]),
        ("Stack/Legacy/**", ["Stack"]),
        ("**/Legacy/*", ["Prod/Stack"]),
        ("*/Legacy", ["Stack", "Other"]),
        ("Stack/*/Bucket/Resource", ["Stack"]),
        ("Stack/Web/Resource", ["Stack"]),
        ("Stack", ["Stack"]),
        ("*/Stack", ["Prod/Stack"]),
        ("Other/Legacy/*", []),
        ("Stack/SecurityGroup/*", ["Stack"]),
        ("Stack/SecurityGroup/**", ["Stack"]),
        ("**/Legacy/SecurityGroup/**", ["Stack"]),
        ("Stack/**/SecurityGroup/Legacy/*", ["Stack"]),
        ("Stack/SecurityGroup", ["Stack"]),
        ("Vpc/SecurityGroup/*", ["Vpc"]),
        ("*/Legacy/Role/DefaultPolicy", ["Stack"]),
    ],
)
def test_a_pattern_that_names_something_below_the_stack_is_not_broad(pattern: str, stacks: list[str]) -> None:
    assert not Pattern(pattern).is_broad(stacks)


@pytest.mark.parametrize("pattern", ["/Stack/Web", "Stack//Web", "Stack/", "/"])
def test_an_empty_segment_is_a_fault(pattern: str) -> None:
    assert "empty segment" in str(Pattern(pattern).fault)


def test_two_stars_beside_characters_are_a_fault() -> None:
    assert "write it alone" in str(Pattern("Stack/Web**").fault)


@pytest.mark.parametrize("pattern", ["Stack/**/W*b", "Stack", "**", ""])
def test_a_good_pattern_and_none_have_no_fault(pattern: str) -> None:
    assert Pattern(pattern).fault is None


def test_a_pattern_full_of_wildcards_takes_no_time() -> None:
    started = time.process_time()
    assert not Pattern("/".join(["**"] * 40 + ["x"])).matches("/".join(["a"] * 200))
    assert not Pattern("*a" * 40 + "x").matches("a" * 2000)
    assert time.process_time() - started < 5


# Many patterns at once

SEGMENTS = st.sampled_from(["a", "b", "ab", "*", "a*", "*b", "**"])
NAMES = st.sampled_from(["a", "b", "ab", "aab"])


def joined(segments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(segments, min_size=1, max_size=5).map("/".join)


@given(st.lists(joined(SEGMENTS), max_size=6), joined(NAMES))
def test_a_tree_of_patterns_matches_what_each_of_them_matches(patterns: list[str], path: str) -> None:
    tree = PatternTree()
    for position, text in enumerate(patterns):
        tree.add(Pattern(text), position)
    matching = tree.matching(path)
    assert sorted(matching) == [one for one, text in enumerate(patterns) if Pattern(text).matches(path)]


def test_a_path_is_compared_with_a_thousand_patterns_at_once() -> None:
    def growth(number: int) -> int:
        tree = PatternTree()
        for one in range(number):
            tree.add(Pattern(f"Stack/**/Web{one}"), one)
        assert tree.matching("Stack/Prod/Web7") == [7]
        return steps(tree.matching, "Stack/Prod/Web7")

    assert growth(1_000) == growth(10)
