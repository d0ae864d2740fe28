"""Combines the results of a rule's checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial

from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, UnknownValue
from tts_constructs.policy.model.one_cause import one_for_each_place
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


def check_items(holder: Node, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    """Yield the results of a check for each item of a list, each in every way in which it can turn out.

    Items that are optional are decided one by one, so that nine of them do not make 512 combinations. A check
    must not depend on the other items.

    Raises:
        UnknownValue: The list itself is not known.
    """
    return _of_each(holder, holder.readers(), check)


def check_found(start: Node, path: str, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    """Yield the results of a check for each place at a path with wildcards; see `check_items`.

    Args:
        start: Where the path starts.
        path: As for `Node.find_all`.
        check: The check.

    Raises:
        UnknownValue: A list or map on the way, outside of others, is not known.
    """
    first, star, rest = path.partition("*")
    place = start.at(first.strip("/")) if first.strip("/") else start
    if star:
        readers = place.readers(entries=True)
        yield from _of_each(place, readers, lambda item: check_found(item, rest, check))
    else:
        yield from stop_at_unknown(check(place))


def _of_each(
    holder: Node, readers: Iterable[Callable[[], Node]], check: Callable[[Node], Iterator[Result]]
) -> Iterator[Result]:
    for read in readers:
        ways, complete = holder.stack.assembly.explorer.each_way(partial(_of_one, read, check))
        yield from one_for_each_place(ways)
        if not complete:
            yield TOO_MANY_WAYS


def _of_one(read: Callable[[], Node], check: Callable[[Node], Iterator[Result]]) -> list[Result]:
    item = read()
    return list(stop_at_unknown(check(item))) if item.exists else []
