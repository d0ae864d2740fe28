"""What rules do with the results of their checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.result import Result


def with_fix(results: Iterator[Result], fix: str, template_fix: str | None = None) -> Iterator[Result]:
    """The results of a check, what it cannot decide included, with what to write instead if they do not say.

    Args:
        results: The results.
        fix: What to write in a CDK app.
        template_fix: What to write in a template; None: the same.
    """
    for result in stop_at_unknown(results):
        yield result if result.fix else replace(result, fix=fix, template_fix=template_fix)


def as_warnings(results: Iterator[Result]) -> Iterator[Result]:
    """The results of a check as warnings at most, what it cannot decide included."""
    for result in stop_at_unknown(results):
        yield replace(result, at_most="warn")


def one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    """A violation where the text at a place is none of the approved ones; `otherwise` says what follows."""
    return stop_at_unknown(_one_of(node, approved, otherwise))


def must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    """A violation where a place does not hold true; `otherwise` says what follows."""
    return stop_at_unknown(_must_be_true(node, otherwise))


def _one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    if node.text() not in approved:
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")


def _must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    if not node.boolean():
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")


def stop_at_unknown(results: Iterator[Result]) -> Iterator[Result]:
    """The results of a check; where it meets what it cannot decide, that is its last one."""
    try:
        yield from results
    except UnknownValue as undecided:
        yield undecided.result


def check_each(nodes: list[Node], check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    """The results of a check for each node; one that cannot be decided does not hide those after it."""
    for node in nodes:
        yield from stop_at_unknown(check(node))
