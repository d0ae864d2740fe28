"""Combines the results of a rule's checks."""

from collections.abc import Callable, Iterator

import pytest

from tts_constructs.policy.model.branches import MAX_RUNS
from tts_constructs.policy.model.checks import (
    as_warnings,
    check_each,
    check_found,
    check_items,
    must_be_true,
    one_of,
    stop_at_unknown,
    with_fix,
)
from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, UnknownValue
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


def must_be_good(place: Node) -> Iterator[Result]:
    if place.text() != "good":
        yield place.violation(f"It is {place.shown}, not good.")


def optional(count: int, value: str) -> str:
    return ", ".join(f"!If [C{number}, {value}, !Ref AWS::NoValue]" for number in range(count))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("!Ref AWS::NoValue", []),
        ("[]", []),
        ("good", []),
        ("bad", [("Properties/P", "It is bad, not good.")]),
        ("[good, bad]", [("Properties/P/1", "It is bad, not good.")]),
        (f"[{optional(12, 'good')}]", []),
        (f"[{optional(12, 'good')}, bad]", [("Properties/P/12", "It is bad, not good.")]),
        (f"[good, {optional(2, 'bad')}]", [(f"Properties/P/{at}", "It is bad, not good.") for at in (1, 2)]),
        ("[!If [C, bad, worse]]", [("Properties/P/0", "It is bad or worse, not good.")]),
        ("[!If [C, !If [C, good, bad], good]]", []),
    ],
)
def test_each_item_is_decided_by_itself(place: PlaceMaker, raw: str, told: list[tuple[str, str]]) -> None:
    here = place(raw)
    ways, complete = here.stack.assembly.explorer.run_all(lambda: list(check_items(here, must_be_good)))
    assert [[(result.location, result.message) for result in way] for way in ways] == [told]
    assert complete


def test_an_item_is_as_what_is_chosen_before_has_it(place: PlaceMaker) -> None:
    here = place("{A: !If [C, one, two], B: [!If [C, good, bad]]}")

    def run() -> tuple[str | None, int]:
        return here["A"].text(), len(list(check_items(here["B"], must_be_good)))

    assert here.stack.assembly.explorer.run_all(run) == ([("one", 0), ("two", 1)], True)


def test_an_unknown_item_hides_no_other(place: PlaceMaker) -> None:
    assert [one.verdict for one in check_items(place("[!Ref Size, bad]"), must_be_good)] == [
        "unknown",
        "violation",
    ]


def test_an_unknown_list_is_undecided(place: PlaceMaker) -> None:
    with pytest.raises(UnknownValue):
        check_items(place("!Ref Size"), must_be_good)


def test_an_item_of_too_many_ways_says_so(place: PlaceMaker) -> None:
    parts = ", ".join(f"!If [C{number}, '', '']" for number in range(MAX_RUNS.bit_length()))
    found = list(check_items(place(f"[!Join ['', [good, {parts}]], bad]"), must_be_good))
    assert found[0] is TOO_MANY_WAYS
    assert found[1].location == "Properties/P/1"


def test_each_place_at_a_path_is_decided_by_itself(place: PlaceMaker) -> None:
    inner = f"{{B: [{optional(9, 'good')}, bad]}}"
    here = place(f"{{A: {{X: [{inner}], Y: [{optional(9, inner)}]}}}}")
    found = list(check_found(here, "A/*/*/B/*", must_be_good))
    assert [one.location for one in found] == [
        "Properties/P/A/X/0/B/9",
        *(f"Properties/P/A/Y/{at}/B/9" for at in range(9)),
    ]
    assert [one.location for one in check_found(here, "A/X", must_be_good)] == ["Properties/P/A/X"]
