"""What rules do with the results of their checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.result import Result


def with_fix(results: Iterator[Result], fix: str, template_fix: str | None = None) -> Iterator[Result]:
    """Yield the results of a check with a fix, if they have none; unknown values too.

    Args:
        results: The results.
        fix: What to write in a CDK app.
        template_fix: What to write in a template; None: the same.
    """
    for result in stop_at_unknown(results):
        yield result if result.fix else replace(result, fix=fix, template_fix=template_fix)


def as_warnings(results: Iterator[Result]) -> Iterator[Result]:
    """Yield the results of a check as warnings at most; unknown values too."""
    for result in stop_at_unknown(results):
        yield replace(result, at_most="warn")


def one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    """Yield a violation if a text is not one of the approved ones; `otherwise` states the consequence."""
    return stop_at_unknown(_one_of(node, approved, otherwise))


def must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    """Yield a violation if a place is not true; `otherwise` states the consequence."""
    return stop_at_unknown(_must_be_true(node, otherwise))


def _one_of(node: Node, approved: Collection[str], otherwise: str) -> Iterator[Result]:
    if node.text() not in approved:
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")


def _must_be_true(node: Node, otherwise: str) -> Iterator[Result]:
    if not node.boolean():
        yield node.violation(f"{node.key} is {node.shown}, {otherwise}")


def stop_at_unknown(results: Iterator[Result]) -> Iterator[Result]:
    """Yield the results of a check; an undecided value ends them with its result."""
    try:
        yield from results
    except UnknownValue as undecided:
        yield undecided.result


def check_each(nodes: list[Node], check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    """Yield the results of a check for each node; an undecided node does not hide those after it."""
    for node in nodes:
        yield from stop_at_unknown(check(node))
