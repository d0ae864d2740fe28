"""Judges every way in which a template can turn out, by running the same function again.

`Fn::If` and a parameter's allowed values leave choices. A function that meets one takes its first
alternative. Then it runs again with the next alternative of the last choice, until all ways are tried. So
a rule is written as if there were no choices, two places that depend on one condition always agree, and
choices that a rule does not read cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")

MAX_RUNS = 256
"""The most ways that are tried. If a rule reads more than eight conditions, it is undecided."""


MAX_DETOURS = 20_000
"""The most values that one run reads through two or more templates; cross-references can multiply."""


class Branch:
    """The choices that one run meets.

    Args:
        script: The alternatives to take, in the order of the choices.

    Attributes:
        met: Whether the run has met any.
    """

    __slots__ = ("_script", "_taken", "_trail", "detours", "met")

    def __init__(self, script: list[int]) -> None:
        self.met = False
        self._script = script
        self._taken: dict[Hashable, int] = {}
        self._trail: list[tuple[int, int]] = []
        self.detours = 0

    def choose(self, key: Hashable, count: int) -> int:
        """Return which of `count` alternatives this run takes for the choice `key`."""
        taken = self._taken.get(key)
        if taken is None:
            self.met = True
            position = len(self._trail)
            taken = self._script[position] if position < len(self._script) else 0
            self._taken[key] = taken
            self._trail.append((taken, count))
        return taken

    def taken(self, key: Hashable) -> int | None:
        """Return which alternative this run has taken for a choice; None: it has not met the choice."""
        self.met = True  # another run may have met it
        return self._taken.get(key)

    def next_script(self) -> list[int] | None:
        """Return the script of the next run, or None if all ways are tried."""
        for position in range(len(self._trail) - 1, -1, -1):
            taken, count = self._trail[position]
            if taken + 1 < count:
                return [earlier for earlier, _ in self._trail[:position]] + [taken + 1]
        return None


class BranchExplorer:
    """Holds the choices of the current run; one for each assembly."""

    __slots__ = ("_choices",)

    def __init__(self) -> None:
        self._choices = Branch([])

    def choose(self, key: Hashable, count: int) -> int:
        """Return which of `count` alternatives the current run takes; see `Branch.choose`."""
        return self._choices.choose(key, count)

    def taken(self, key: Hashable) -> int | None:
        """Return which alternative the current run has taken for a choice; see `Branch.taken`."""
        return self._choices.taken(key)

    def within_budget(self) -> bool:
        """Return whether the run may read one more value through two or more templates."""
        self._choices.detours += 1
        return self._choices.detours <= MAX_DETOURS

    def reset(self) -> Branch:
        """Begin a run outside of any exploration, and return the choices that it will meet."""
        self._choices = choices = Branch([])
        return choices

    def run_once(self, function: Callable[[], T]) -> tuple[T, bool]:
        """Return the result of the function in its own run, and whether it met no choice there."""
        outer = self._choices
        choices = self._choices = Branch([])
        try:
            return function(), not choices.met
        finally:
            self._choices = outer

    def run_all(self, function: Callable[[], T]) -> tuple[list[T], bool]:
        """Return the results of the function in each way that its choices can turn out.

        Returns:
            The results, and whether all ways were tried: False after `MAX_RUNS`.
        """
        outer = self._choices
        results: list[T] = []
        script: list[int] | None = []
        try:
            while script is not None and len(results) < MAX_RUNS:
                self._choices = choices = Branch(script)
                results.append(function())
                script = choices.next_script()
        finally:
            self._choices = outer
        return results, script is None
