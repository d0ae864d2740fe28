"""What rules do with the results of their checks."""

from collections.abc import Callable, Iterator

import pytest

from tts_constructs.policy.model.checks import (
    as_warnings,
    check_each,
    must_be_true,
    one_of,
    stop_at_unknown,
    with_fix,
)
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result

OWN = Result("violation", "Properties/A", "A is off.", fix="Write a.", template_fix="Write A.")
BARE = Result("violation", "Properties/B", "B is off.")
OPEN = Result("unknown", "Properties/C", "C is open.")


def _results() -> Iterator[Result]:
    yield OWN
    yield BARE
    raise UnknownValue(OPEN)


def test_what_says_no_fix_gets_one_what_is_undecided_too() -> None:
    own, bare, undecided = with_fix(_results(), "Write x.", "Write X.")
    assert own is OWN
    assert (bare.fix, bare.template_fix) == ("Write x.", "Write X.")
    assert (undecided.verdict, undecided.fix, undecided.template_fix) == ("unknown", "Write x.", "Write X.")


def test_one_fix_does_for_templates_too() -> None:
    (_, bare, _) = with_fix(_results(), "Write x.")
    assert (bare.fix, bare.template_fix) == ("Write x.", None)


def test_what_is_undecided_warns_as_the_rest_does() -> None:
    assert [result.at_most for result in as_warnings(_results())] == ["warn", "warn", "warn"]


@pytest.fixture
def place(make_stack: Callable[..., Stack]) -> Callable[[str], Node]:
    """The place of the property `P`, in a template with a parameter that has no value."""

    def place(raw: str) -> Node:
        resources = f"{{R: {{Type: T, Properties: {{P: {raw}}}}}}}"
        stack = make_stack(f"Parameters: {{Size: {{Type: String}}}}\nResources: {resources}")
        return stack.resources["R"]["P"]

    return place


PlaceMaker = Callable[[str], Node]


def numbers(node: Node) -> Iterator[Result]:
    yield node.violation(f"{node.number()}")


def test_a_check_ends_where_it_meets_what_it_cannot_decide(place: PlaceMaker) -> None:
    def check() -> Iterator[Result]:
        for item in place("[1, !Ref Size, 3]").items():
            yield from numbers(item)

    assert [(result.verdict, result.location) for result in stop_at_unknown(check())] == [
        ("violation", "Properties/P/0"),
        ("unknown", "Properties/P/1"),
    ]


def test_a_place_that_cannot_be_decided_does_not_hide_the_next_one(place: PlaceMaker) -> None:
    results = check_each(place("[1, !Ref Size, 3]").items(), numbers)
    assert [result.verdict for result in results] == ["violation", "unknown", "violation"]


def results_of(results: Iterator[Result]) -> list[tuple[str, str]]:
    return [(result.verdict, f"{result.location}: {result.message}") for result in results]


@pytest.mark.parametrize("raw", ["a", "b"])
def test_one_of_the_approved_texts_is_in_order(place: PlaceMaker, raw: str) -> None:
    assert results_of(one_of(place(raw), {"a", "b"}, "so it is wrong.")) == []


def test_a_text_that_is_not_approved_is_a_violation(place: PlaceMaker) -> None:
    (result,) = results_of(one_of(place("c"), {"a", "b"}, "so it is wrong."))
    assert result == ("violation", "Properties/P: P is c, so it is wrong.")


def test_a_place_that_holds_true_is_in_order(place: PlaceMaker) -> None:
    assert results_of(must_be_true(place("'true'"), "so it is wrong.")) == []


@pytest.mark.parametrize(("raw", "shown"), [("false", "false"), ("!Ref AWS::NoValue", "not set")])
def test_a_place_that_does_not_hold_true_is_a_violation(place: PlaceMaker, raw: str, shown: str) -> None:
    (result,) = results_of(must_be_true(place(raw), "so it is wrong."))
    assert result == ("violation", f"Properties/P: P is {shown}, so it is wrong.")


@pytest.mark.parametrize("check", [lambda node: one_of(node, {"a"}, ""), lambda node: must_be_true(node, "")])
def test_what_is_not_known_is_undecided(place: PlaceMaker, check: Callable[[Node], Iterator[Result]]) -> None:
    (result,) = check(place("!Ref Size"))
    assert (result.verdict, result.location) == ("unknown", "Properties/P")
