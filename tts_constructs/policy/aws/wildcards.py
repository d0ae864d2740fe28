"""Patterns with `*` and `?`, as IAM writes them: which texts two of them share."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

LONGEST = 128
"""The longest action that IAM takes. Longer patterns count as sharing everything."""


@lru_cache(maxsize=65536)
def overlap(one: str, other: str) -> bool:
    """Return whether some text matches both patterns, such as `s3:get*` and `s3:*object`."""
    if max(len(one), len(other)) > LONGEST:
        return True
    if not _is_pattern(one):
        return fnmatchcase(one, other)
    if not _is_pattern(other):
        return fnmatchcase(other, one)
    reached, seen = [(0, 0)], {(0, 0)}
    while reached:
        place, beside = reached.pop()
        if (place, beside) == (len(one), len(other)):
            return True
        for step in _steps(one, other, place, beside):
            if step not in seen:
                seen.add(step)
                reached.append(step)
    return False


@lru_cache(maxsize=65536)
def covers(wide: str, narrow: str) -> bool:
    """Return whether every text that matches `narrow` matches `wide`. True is certain."""
    if max(len(wide), len(narrow)) > LONGEST:
        return wide == narrow
    # A star of the narrow one matches texts of any length, so that only a star of the wide one takes it.
    return fnmatchcase(narrow.replace("*", "\0"), wide.replace("?", "[!\0]"))


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _steps(one: str, other: str, place: int, beside: int) -> list[tuple[int, int]]:
    """Return where two patterns can go on when both have matched the same text so far."""
    first = one[place : place + 1]
    second = other[beside : beside + 1]
    steps = []
    if first == "*":
        steps.append((place + 1, beside))
        if second:
            steps.append((place, beside + 1))
    if second == "*":
        steps.append((place, beside + 1))
        if first:
            steps.append((place + 1, beside))
    elif first and second and (first == second or "?" in (first, second)):
        steps.append((place + 1, beside + 1))
    return steps
