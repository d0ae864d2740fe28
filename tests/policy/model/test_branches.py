"""Every way in which a template can turn out is tried, and only those that matter."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.model import branches
from tts_constructs.policy.model.branches import MAX_DETOURS, MAX_RUNS, Branch, BranchExplorer, Facts


def test_a_function_without_choices_runs_once() -> None:
    assert BranchExplorer().run_all(lambda: "result") == (["result"], True)


def test_one_key_turns_out_alike_in_one_run() -> None:
    explorer = BranchExplorer()
    results, _ = explorer.run_all(lambda: (explorer.choose("a", 2), explorer.choose("a", 2)))
    assert results == [(0, 0), (1, 1)]


def test_a_choice_that_only_one_branch_meets_is_explored_there() -> None:
    explorer = BranchExplorer()

    def run() -> tuple[int, ...]:
        return (1, explorer.choose("b", 3)) if explorer.choose("a", 2) else (0,)

    assert explorer.run_all(run) == ([(0,), (1, 0), (1, 1), (1, 2)], True)


def test_an_exploration_inside_another_does_not_disturb_it() -> None:
    explorer = BranchExplorer()

    def run() -> tuple[int, list[int], int, int]:
        first = explorer.choose("a", 2)
        inner, _ = explorer.run_all(lambda: explorer.choose("a", 2))
        return first, inner, explorer.choose("a", 2), explorer.choose("b", 2)

    inner = [0, 1]
    assert explorer.run_all(run) == (
        [(0, inner, 0, 0), (0, inner, 0, 1), (1, inner, 1, 0), (1, inner, 1, 1)],
        True,
    )


def test_an_attempt_inside_an_exploration_does_not_disturb_it() -> None:
    explorer = BranchExplorer()

    def run() -> tuple[int, tuple[int, bool], int, int]:
        first = explorer.choose("a", 2)
        attempt = explorer.run_once(lambda: explorer.choose("a", 2))
        return first, attempt, explorer.choose("a", 2), explorer.choose("b", 2)

    attempt = (0, False)
    assert explorer.run_all(run) == (
        [(0, attempt, 0, 0), (0, attempt, 0, 1), (1, attempt, 1, 0), (1, attempt, 1, 1)],
        True,
    )


@pytest.mark.parametrize("way", [BranchExplorer.run_all, BranchExplorer.run_once, BranchExplorer.each_way])
def test_a_run_that_fails_does_not_disturb_the_one_around_it(
    way: Callable[[BranchExplorer, Callable[[], int]], object],
) -> None:
    explorer = BranchExplorer()

    def fail() -> int:
        return explorer.choose("b", 2) // 0

    def run() -> int:
        with pytest.raises(ZeroDivisionError):
            way(explorer, fail)
        return explorer.choose("a", 2)

    assert explorer.run_all(run) == ([0, 1], True)


def test_an_attempt_tells_whether_it_met_a_choice() -> None:
    explorer = BranchExplorer()
    assert explorer.run_once(lambda: "fixed") == ("fixed", True)
    assert explorer.run_once(lambda: explorer.choose("a", 2)) == (0, False)


def test_outside_of_any_run_the_first_alternative_is_taken() -> None:
    assert BranchExplorer().choose("a", 2) == 0


def test_a_fresh_run_tells_whether_it_has_met_a_choice() -> None:
    explorer = BranchExplorer()
    run = explorer.reset()
    before = run.met
    assert explorer.choose("a", 2) == 0
    assert [before, run.met, explorer.reset().met] == [False, True, False]


def test_a_run_may_take_so_many_detours_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MAX_DETOURS", 2)
    explorer = BranchExplorer()
    assert [explorer.within_budget() for _ in range(4)] == [True, True, False, False]
    explorer.reset()
    assert explorer.within_budget()


def test_too_many_choices_are_said_to_be_incomplete() -> None:
    explorer = BranchExplorer()
    results, complete = explorer.run_all(lambda: [explorer.choose(key, 2) for key in range(20)])
    assert len(results) == MAX_RUNS
    assert not complete


def test_as_many_choices_as_are_tried_are_complete() -> None:
    explorer = BranchExplorer()
    results, complete = explorer.run_all(lambda: explorer.choose("a", MAX_RUNS))
    assert results == list(range(MAX_RUNS))
    assert complete


def test_all_combinations_of_choices_are_tried() -> None:
    explorer = BranchExplorer()
    results, _ = explorer.run_all(lambda: (explorer.choose("a", 2), explorer.choose("b", 3)))
    assert results == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


@given(st.lists(st.integers(min_value=1, max_value=4), max_size=3))
def test_all_combinations_are_tried_once(counts: list[int]) -> None:
    explorer = BranchExplorer()
    results, complete = explorer.run_all(lambda: tuple(explorer.choose(i, n) for i, n in enumerate(counts)))
    total = 1
    for count in counts:
        total *= count
    assert complete
    assert len(results) == len(set(results)) == total


def test_what_is_decided_by_itself_takes_what_is_chosen_already_and_chooses_nothing_for_the_rest() -> None:
    explorer = BranchExplorer()

    def run() -> tuple[int, tuple[list[tuple[int, int]], bool], int]:
        first = explorer.choose("a", 2)
        alone = explorer.each_way(lambda: (explorer.choose("a", 2), explorer.choose("b", 2)))
        return first, alone, explorer.choose("b", 2)

    zero, one = ([(0, 0), (0, 1)], True), ([(1, 0), (1, 1)], True)
    assert explorer.run_all(run) == ([(0, zero, 0), (0, zero, 1), (1, one, 0), (1, one, 1)], True)


def test_nine_items_that_are_decided_by_themselves_are_eighteen_ways() -> None:
    explorer = BranchExplorer()
    tried: list[int] = []

    def item(number: int) -> None:
        tried.append(explorer.choose(number, 2))

    def run() -> None:
        for number in range(9):
            explorer.each_way(partial(item, number))

    assert explorer.run_all(run) == ([None], True)
    assert len(tried) == 18


def test_what_is_decided_by_itself_can_have_too_many_ways() -> None:
    explorer = BranchExplorer()
    results, complete = explorer.each_way(lambda: [explorer.choose(key, 2) for key in range(20)])
    assert (len(results), complete) == (MAX_RUNS, False)


def test_lists_of_lists_are_tried_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MAX_RUNS_IN_ALL", 10)
    explorer = BranchExplorer()

    def run() -> list[bool]:
        return [explorer.each_way(partial(explorer.choose, key, 4))[1] for key in range(5)]

    assert explorer.run_all(run) == ([[True, True, True, False, False]], True)
    assert explorer.run_all(run) == ([[True, True, True, False, False]], True)
    explorer.reset()
    assert run() == [True, True, True, False, False]


def test_the_run_around_what_is_decided_by_itself_has_met_its_choices() -> None:
    explorer = BranchExplorer()
    choices = explorer.reset()
    explorer.each_way(lambda: "fixed")
    before = choices.met
    explorer.each_way(lambda: explorer.choose("a", 2))
    assert (before, choices.met) == (False, True)


def test_what_is_decided_by_itself_takes_detours_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MAX_DETOURS", 2)
    explorer = BranchExplorer()
    explorer.reset()
    assert explorer.each_way(explorer.within_budget) == ([True], True)
    assert [explorer.within_budget() for _ in range(2)] == [True, False]


def test_facts_hold_for_one_run_and_for_what_is_decided_by_itself_in_it() -> None:
    explorer = BranchExplorer()

    def run() -> tuple[dict[str, bool], dict[str, bool]]:
        before = dict(explorer.facts("stack").conditions)
        explorer.facts("stack").conditions["C"] = bool(explorer.choose("a", 2))

        def alone() -> dict[str, bool]:
            explorer.facts("stack").conditions["D"] = True
            return dict(explorer.facts("stack").conditions)

        ((inner,), _) = explorer.each_way(alone)
        return before, inner | {"outside": "D" in explorer.facts("stack").conditions}

    outside = {"D": True, "outside": False}
    assert explorer.run_all(run)[0] == [({}, {"C": False} | outside), ({}, {"C": True} | outside)]


def test_what_is_assumed_holds_in_each_run() -> None:
    explorer = BranchExplorer()
    assumed = {"stack": Facts({"C": True}, {"P": "a"})}

    def run() -> tuple[int, Facts]:
        chosen = explorer.choose("a", 2)
        facts = explorer.facts("stack").copy()
        explorer.facts("stack").conditions["D"] = True
        return chosen, facts

    same = Facts({"C": True}, {"P": "a"})
    assert explorer.run_all(run, assumed)[0] == [(0, same), (1, same)]
    assert assumed == {"stack": same}
    explorer.reset(assumed)
    assert explorer.facts("stack") == same


@pytest.mark.parametrize("may_differ", [True, False])
def test_facts_that_another_run_can_have_otherwise_count_as_a_choice(may_differ: bool) -> None:
    explorer = BranchExplorer()
    _, is_fixed = explorer.run_once(lambda: explorer.facts("stack", may_differ=may_differ))
    assert is_fixed is not may_differ


def test_a_run_that_met_a_choice_is_not_the_only_way() -> None:
    run = Branch([])
    assert run.is_only_way
    run.choose("a", 2)
    assert not run.is_only_way


def test_a_run_that_could_not_read_all_is_not_the_only_way() -> None:
    run = Branch([])
    run.detours = MAX_DETOURS
    assert run.is_only_way
    run.detours += 1
    assert not run.is_only_way
