"""Finds what the conditions of a template exclude: each other, and values of its parameters."""

from __future__ import annotations

import re
import warnings
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tts_constructs import standards
from tts_constructs.policy.model.branches import Facts
from tts_constructs.policy.model.values import literal_text

_DEEPEST = 20
_MOST_STEPS = 2_000
"""The most parts of conditions that are read to answer one question; then nothing is excluded."""
_MOST_STEPS_IN_ALL = 500_000
"""The most that are read for one template, since conditions that name each other can multiply."""

_LONGEST_PATTERN = 1_000

_OF_SSM = "AWS::SSM::Parameter::Value"

OTHER: Final = "\0other"
"""A value that no condition names."""

_SAME = "same"

REGION: Final = "AWS::Region"
"""The region where a template that names none is deployed: one of those that a system may run in."""

_Term = tuple[str, tuple[str, ...]] | bool
"""The question of `Fn::Equals`: a variable and the values for which it holds, or an answer that is known.

A variable is a parameter or pseudo parameter. What depends on the region alone is a term of the region. A
comparison of anything else is a variable of its own.
"""


class Conditions:
    """The conditions of a template.

    Args:
        raw: The section `Conditions`.
        parameters: The section `Parameters`.
        stated: Returns what a side of a comparison is in any case, as a text; None: it can differ. A region
            that is given is that of the stack, if the stack has none.
    """

    def __init__(self, raw: Any, parameters: Any, stated: Callable[[Any, str | None], str | None]) -> None:
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        self._parameters: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
        self._stated = stated
        self._terms: dict[int, _Term | None] = {}
        self._variables: dict[str, frozenset[str]] = {}
        self._named: dict[str, dict[str, None]] = {}
        self._answers: dict[Any, bool] = {}
        self._steps_left = _MOST_STEPS_IN_ALL
        self._naming: dict[str, list[str]] = {}
        for name in self._raw:
            for variable in self._variables_of(name):
                self._naming.setdefault(variable, []).append(name)

    def mention(self, parameter: str) -> bool:
        """Return whether a condition compares a parameter, or `REGION`, with a literal.

        The text that a parameter declares counts.
        """
        return parameter in self._named and _is_one_text(self._parameters.get(parameter))

    def can_hold(self, name: str, holds: bool, facts: Facts) -> bool:
        """Return whether a condition can hold, or fail, beside what holds already."""
        if name in facts.conditions:
            return facts.conditions[name] is holds
        held = ChainMap({name: holds}, facts.conditions)  # not a copy: many conditions are asked about
        return self._is_possible(held, facts.values, self._variables_of(name))

    def can_all_hold(self, facts: Facts) -> bool:
        """Return whether conditions can turn out as some facts say."""
        variables = [self._variables_of(name) for name in facts.conditions]
        return self._is_possible(facts.conditions, facts.values, frozenset().union(*variables))

    def can_be(self, parameter: str, value: str, facts: Facts) -> bool:
        """Return whether a parameter can have a value beside what holds already."""
        if parameter in facts.values:
            return facts.values[parameter] == value
        if parameter not in self._named:
            return True
        if parameter == REGION and value not in standards.REGIONS:
            return False
        values = {**facts.values, parameter: value}
        return self._is_possible(facts.conditions, values, frozenset({parameter}))

    def only_value(self, parameter: str, facts: Facts) -> str | None:
        """Return the only value that a parameter can have beside what holds; None: it can have others."""
        values = [*self._named.get(parameter, ()), OTHER] if parameter != REGION else standards.REGIONS
        left = [value for value in values if self.can_be(parameter, value, facts)]
        return left[0] if len(left) == 1 and left[0] != OTHER else None

    def are_related(self, names: list[str]) -> bool:
        """Return whether two of these conditions speak of one thing, so that one may exclude the other."""
        variables = [variable for name in names for variable in self._variables_of(name)]
        return len(set(variables)) < len(variables)

    def _is_possible(
        self, held: Mapping[str, bool], values: Mapping[str, str], about: frozenset[str]
    ) -> bool:
        """Return whether conditions can turn out so, as far as they have to do with these variables."""
        related: dict[str, bool] = {}
        reach, waiting = set(about), sorted(about)
        while waiting:
            for name in self._naming.get(waiting.pop(), ()):
                if name in held and name not in related:
                    related[name] = held[name]
                    waiting += sorted(self._variables_of(name) - reach)
                    reach |= self._variables_of(name)
        known = {name: values[name] for name in reach if name in values}
        question = (frozenset(related.items()), frozenset(known.items()), not reach and tuple(held.items()))
        answer = self._answers.get(question)
        if answer is None:
            wanted = related or dict(held)
            answer = self._answers[question] = self._search(wanted, sorted(reach - known.keys()), known)
        return answer

    def _search(self, wanted: Mapping[str, bool], variables: list[str], known: dict[str, str]) -> bool:
        steps = _Steps(min(_MOST_STEPS, self._steps_left))

        def search(position: int) -> bool:
            if any(self._holds(name, known, steps, {}) is (not holds) for name, holds in wanted.items()):
                return False
            if position == len(variables) or steps.left <= 0:
                return True
            variable = variables[position]
            for value in self._values_of(variable):
                known[variable] = value
                if search(position + 1):
                    return True
            known.pop(variable, None)
            return False

        try:
            return search(0)
        finally:
            self._steps_left -= steps.taken

    def _values_of(self, variable: str) -> list[str]:
        if variable == REGION:
            return list(standards.REGIONS)
        named = self._named[variable]
        parameter = self._parameters.get(variable)
        if not isinstance(parameter, dict) or not _is_one_text(parameter):
            return [*named, OTHER]
        allowed = parameter.get("AllowedValues")
        if isinstance(allowed, list) and allowed:
            texts = dict.fromkeys(str(literal_text(value)) for value in allowed)
            others = [] if texts.keys() <= named.keys() else [OTHER]
            return [value for value in named if value in texts] + others
        return [value for value in named if value != "" or takes_empty(parameter)] + [OTHER]

    def _holds(
        self,
        name: str,
        known: Mapping[str, str],
        steps: _Steps,
        answers: dict[str, bool | None],
        depth: int = 0,
    ) -> bool | None:
        """Return whether a condition holds where variables have values; None: it depends on others."""
        if name not in answers:
            answers[name] = None  # while it is read, for one that names itself
            answers[name] = self._evaluate(self._raw.get(name), known, steps, answers, depth + 1)
        return answers[name]

    def _evaluate(
        self,
        raw: Any,
        known: Mapping[str, str],
        steps: _Steps,
        answers: dict[str, bool | None],
        depth: int,
    ) -> bool | None:
        function, argument = _call(raw)
        if depth > _DEEPEST or not steps.take():
            return None
        if function == "Condition":
            return self._holds(argument, known, steps, answers, depth) if isinstance(argument, str) else None
        if function == "Fn::Equals":
            term = self._term_of(argument)
            if term is None or isinstance(term, bool):
                return term
            value = known.get(term[0])
            return None if value is None else value in term[1]
        parts = argument if isinstance(argument, list) else []
        results = [self._evaluate(part, known, steps, answers, depth + 1) for part in parts]
        if function == "Fn::Not" and len(results) == 1:
            return None if results[0] is None else not results[0]
        if function in {"Fn::And", "Fn::Or"} and results:
            settles = function == "Fn::Or"
            if settles in results:
                return settles
            return None if None in results else not settles
        return None

    def _term_of(self, argument: Any) -> _Term | None:
        if id(argument) not in self._terms:  # the template keeps its pieces alive
            is_pair = isinstance(argument, list) and len(argument) == 2
            self._terms[id(argument)] = self._term(argument[0], argument[1]) if is_pair else None
        return self._terms[id(argument)]

    def _term(self, one: Any, other: Any) -> _Term:
        texts = self._stated(one, None), self._stated(other, None)
        if None not in texts or one == other:
            return texts[0] == texts[1]
        if (regions := self._regions_where_equal(one, other)) is not None:
            return (REGION, regions) if 0 < len(regions) < len(standards.REGIONS) else bool(regions)
        for side, text in ((one, texts[1]), (other, texts[0])):
            function, name = _call(side)
            if function == "Ref" and isinstance(name, str) and text is not None:
                return name, (text,)
        return f"={sorted(map(repr, (one, other)))}", (_SAME,)

    def _regions_where_equal(self, one: Any, other: Any) -> tuple[str, ...] | None:
        """Return the regions where two sides are equal; None: they depend on more than the region."""
        equal = []
        for region in standards.REGIONS:
            texts = self._stated(one, region), self._stated(other, region)
            if None in texts:
                return None
            equal += [region] if texts[0] == texts[1] else []
        return tuple(equal)

    def _variables_of(self, name: str) -> frozenset[str]:
        """Return the variables that a condition depends on, by itself or by other conditions."""
        if name not in self._variables:
            terms = [term for term in self._terms_in(name) if not isinstance(term, bool)]
            for variable, values in terms:
                self._named.setdefault(variable, {}).update(dict.fromkeys(values))
            self._variables[name] = frozenset(variable for variable, _ in terms)
        return self._variables[name]

    def _terms_in(self, name: str) -> Iterator[_Term]:
        waiting: list[Any] = [self._raw.get(name)]
        seen = {name}
        while waiting and self._steps_left > 0:
            self._steps_left -= 1
            function, argument = _call(waiting.pop())
            if function == "Condition" and isinstance(argument, str) and argument not in seen:
                seen.add(argument)
                waiting.append(self._raw.get(argument))
            elif function == "Fn::Equals":
                term = self._term_of(argument)
                if term is not None:
                    yield term
            elif function in {"Fn::And", "Fn::Or", "Fn::Not"} and isinstance(argument, list):
                waiting += argument


class _Steps:
    def __init__(self, most: int) -> None:
        self.left = most
        self.taken = 0

    def take(self) -> bool:
        self.left -= 1
        self.taken += 1
        return self.left >= 0


def _call(raw: Any) -> tuple[str, Any]:
    if isinstance(raw, dict) and len(raw) == 1:
        ((function, argument),) = raw.items()
        return str(function), argument
    return "", None


def _is_one_text(parameter: Any) -> bool:
    """Return whether conditions see what a parameter declares: it isn't a list, and names no other value."""
    kind = str(parameter.get("Type")) if isinstance(parameter, dict) else ""
    return not kind.startswith((_OF_SSM, "List<", "CommaDelimitedList"))


def takes_empty(parameter: dict[str, Any]) -> bool:
    """Return whether a parameter can be empty, by its type, its least length, and its pattern."""
    kind = str(parameter.get("Type"))
    if kind.startswith("AWS::") and not kind.startswith(_OF_SSM):
        return False
    least = str(parameter.get("MinLength", 0)).strip()
    if least.isdecimal() and int(least) > 0:
        return False
    pattern = parameter.get("AllowedPattern")
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.fullmatch(pattern, "") is not None
    except (re.error, OverflowError, RecursionError):
        return True
