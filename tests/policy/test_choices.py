"""Every way in which a template can turn out is tried, and only those that matter."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.choices import MAX_RUNS, Explorer
from tts_constructs.policy.template import Assembly, Resource, Stack


def test_a_function_without_choices_runs_once() -> None:
    assert Explorer().explore(lambda: "result") == (["result"], True)


def test_one_key_turns_out_alike_in_one_run() -> None:
    explorer = Explorer()
    results, _ = explorer.explore(lambda: (explorer.choose("a", 2), explorer.choose("a", 2)))
    assert results == [(0, 0), (1, 1)]


def test_a_choice_that_only_one_branch_meets_is_explored_there() -> None:
    explorer = Explorer()

    def run() -> tuple[int, ...]:
        return (1, explorer.choose("b", 3)) if explorer.choose("a", 2) else (0,)

    assert explorer.explore(run) == ([(0,), (1, 0), (1, 1), (1, 2)], True)


def test_an_exploration_inside_another_does_not_disturb_it() -> None:
    explorer = Explorer()

    def run() -> tuple[int, list[int]]:
        first = explorer.choose("a", 2)
        inner, _ = explorer.explore(lambda: explorer.choose("a", 2))
        return first, inner

    assert explorer.explore(run) == ([(0, [0, 1]), (1, [0, 1])], True)


def test_too_many_choices_are_said_to_be_incomplete() -> None:
    explorer = Explorer()
    results, complete = explorer.explore(lambda: [explorer.choose(key, 2) for key in range(20)])
    assert len(results) == MAX_RUNS
    assert not complete


@given(st.lists(st.integers(min_value=1, max_value=4), max_size=3))
def test_all_combinations_are_tried_once(counts: list[int]) -> None:
    explorer = Explorer()
    results, complete = explorer.explore(lambda: tuple(explorer.choose(i, n) for i, n in enumerate(counts)))
    total = 1
    for count in counts:
        total *= count
    assert complete
    assert len(results) == len(set(results)) == total


def test_conditions_of_two_stacks_are_two_choices(make_stack: Callable[..., Stack]) -> None:
    text = "Resources: {R: {Type: T::T::T, Properties: {P: !If [C, 1, 2]}}}"
    one, two = make_stack(text, "One"), make_stack(text, "Two")
    results, _ = one.assembly.explorer.explore(
        lambda: (one.resources["R"]["P"].value, two.resources["R"]["P"].value)
    )
    assert results == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_key_is_read_in_any_way_once_whatever_the_run_is(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(
        """
        Conditions: {Live: {"Fn::Equals": [{Ref: "AWS::StackName"}, live]}}
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: {"Fn::If": [Live, live, test]}}}
        """
    )
    assembly, queue = stack.assembly, stack.resources["Queue"]
    read: list[str] = []

    def name(_: Assembly, queue: Resource) -> str:
        read.append(queue["QueueName"].text() or "")
        return read[-1]

    runs, complete = assembly.explorer.explore(
        lambda: (queue["QueueName"].text(), assembly.in_any_way(name, queue))
    )
    assert complete
    assert runs == [("live", (("live", "test"), True)), ("test", (("live", "test"), True))]
    assert read == ["live", "test"]


def test_an_index_knows_what_has_a_key_in_any_way(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(
        """
        Conditions: {Live: {"Fn::Equals": [{Ref: "AWS::StackName"}, live]}}
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: {"Fn::If": [Live, live, test]}}}
        """
    )
    index, queue = stack.assembly.index(_name, "AWS::SQS::Queue"), stack.resources["Queue"]
    assert index.in_any_way("live") == index.in_any_way("test") == [queue]
    assert index.in_any_way("other") == []


def _name(queue: Resource) -> list[str | None]:
    return [queue["QueueName"].text()]
