"""Judges every way in which a template can turn out, by running the same function again.

`Fn::If` and a parameter's allowed values leave choices. A function that meets one takes its first
alternative. Then it runs again with the next alternative of the last choice, until all ways are tried. So
a rule is written as if there were no choices, two places that depend on one condition always agree, and
choices that a rule does not read cost nothing.

Where places do not depend on each other, such as the items of a list, `each_way` tries the ways of each by
itself, so that nine optional items are eighteen ways and not 512.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

MAX_RUNS = 256
"""The most ways that are tried. If a rule reads more than eight conditions at once, it is undecided."""

MAX_RUNS_IN_ALL = 20_000
"""The most ways that one check tries with those of items by themselves, which can be lists of lists."""

MAX_DETOURS = 20_000
"""The most values that one run reads through two or more templates; cross-references can multiply."""


@dataclass(slots=True)
class Facts:
    """The facts about a stack in one run.

    Args:
        conditions: Whether each condition holds, by name.
        values: What each parameter is, by name.
    """

    conditions: dict[str, bool] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Facts:
        """Return facts that can be added to."""
        return Facts(dict(self.conditions), dict(self.values))


Assumed = Mapping[Any, Facts]
"""The facts about each stack before a run begins, such as the condition of the resource that is judged."""

_NOTHING: Assumed = {}


class Branch:
    """The choices that one run meets.

    Args:
        script: The alternatives to take, in the order of the choices.
        assumed: What holds from the beginning.

    Attributes:
        met: Whether the run has met any.
        detours: How many values it has read through two or more templates.
        is_singled: Whether it has chosen one of many items, against all others.
    """

    __slots__ = ("_facts", "_script", "_taken", "_trail", "detours", "is_singled", "met")

    def __init__(self, script: list[int], assumed: Assumed = _NOTHING) -> None:
        self.met = False
        self._script = script
        self._taken: dict[Hashable, int] = {}
        self._trail: list[tuple[int, int]] = []
        self._facts = {stack: facts.copy() for stack, facts in assumed.items()}
        self.detours = 0
        self.is_singled = False

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

    @property
    def is_only_way(self) -> bool:
        """True if the run met no choice and read all that it asked for, so that no other run differs."""
        return not self.met and self.detours <= MAX_DETOURS

    def facts(self, stack: Hashable) -> Facts:
        """Return what holds of a stack in this run, which choices add to."""
        facts = self._facts.get(stack)
        if facts is None:
            facts = self._facts[stack] = Facts()
        return facts

    def next_script(self) -> list[int] | None:
        """Return the script of the next run, or None if all ways are tried."""
        for position in range(len(self._trail) - 1, -1, -1):
            taken, count = self._trail[position]
            if taken + 1 < count:
                return [earlier for earlier, _ in self._trail[:position]] + [taken + 1]
        return None

    def within(self, script: list[int]) -> Branch:
        """Return a run that begins with what this one has chosen, and whose own choices stay its own."""
        inner = Branch(script, self._facts)
        inner._taken = dict(self._taken)
        inner.detours = self.detours
        inner.is_singled = self.is_singled
        return inner


class BranchExplorer:
    """Holds the choices of the current run; one for each assembly."""

    __slots__ = ("_choices", "_runs_left")

    def __init__(self) -> None:
        self._choices = Branch([])
        self._runs_left = MAX_RUNS_IN_ALL

    def choose(self, key: Hashable, count: int) -> int:
        """Return which of `count` alternatives the current run takes; see `Branch.choose`."""
        return self._choices.choose(key, count)

    def choose_of_many(self, key: Hashable, whole: int, single: int) -> int:
        """Return which alternative of many items the current run takes.

        A run that has chosen one of many items against all others, in another list, takes no single one here:
        else two lists of nine would be four hundred ways.

        Args:
            key: The choice.
            whole: How many alternatives treat all items alike; they come first.
            single: How many treat one unlike the others.
        """
        choices = self._choices
        taken = choices.choose(key, whole if choices.is_singled else whole + single)
        choices.is_singled |= taken >= whole
        return taken

    def facts(self, stack: Hashable, *, may_differ: bool = False) -> Facts:
        """Return what holds of a stack in the current run.

        Args:
            stack: The stack.
            may_differ: Whether the run's result depends on facts that another run can have otherwise.
        """
        self._choices.met |= may_differ
        return self._choices.facts(stack)

    def within_budget(self) -> bool:
        """Return whether the run may read one more value through two or more templates."""
        self._choices.detours += 1
        return self._choices.detours <= MAX_DETOURS

    def reset(self, assumed: Assumed = _NOTHING) -> Branch:
        """Begin a run outside of any exploration, and return the choices that it will meet."""
        self._runs_left = MAX_RUNS_IN_ALL
        self._choices = choices = Branch([], assumed)
        return choices

    def run_once(self, function: Callable[[], T]) -> tuple[T, bool]:
        """Return the result of the function in its own run, and whether it met no choice there."""
        outer = self._choices
        choices = self._choices = Branch([])
        try:
            return function(), not choices.met
        finally:
            self._choices = outer

    def run_all(self, function: Callable[[], T], assumed: Assumed = _NOTHING) -> tuple[list[T], bool]:
        """Return the results of the function in each way that its choices can turn out.

        Args:
            function: The function.
            assumed: What holds in each of these ways.

        Returns:
            The results, and whether all ways were tried: False after `MAX_RUNS`.
        """
        outer, left = self._choices, self._runs_left
        results: list[T] = []
        script: list[int] | None = []
        self._runs_left = MAX_RUNS_IN_ALL
        try:
            while script is not None and len(results) < MAX_RUNS:
                self._choices = choices = Branch(script, assumed)
                results.append(function())
                script = choices.next_script()
        finally:
            self._choices, self._runs_left = outer, left
        return results, script is None

    def each_way(self, function: Callable[[], T]) -> tuple[list[T], bool]:
        """Return the results of the function in each way that its own choices can turn out in this run.

        What the run has chosen holds for them, and they choose nothing for the rest of the run. So use it
        where the rest does not depend on them.

        Returns:
            The results, and whether all ways were tried: False after `MAX_RUNS`.
        """
        outer = self._choices
        results: list[T] = []
        script: list[int] | None = []
        try:
            while script is not None and len(results) < MAX_RUNS and self._runs_left > 0:
                self._choices = choices = outer.within(script)
                results.append(function())
                script = choices.next_script()
                outer.met |= choices.met
                outer.detours = max(outer.detours, choices.detours)
                self._runs_left -= script is not None
        finally:
            self._choices = outer
        return results, script is None
