"""One cause, one result: what a check says of a place whose value has several possibilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from tts_constructs.policy.result import Result

_MOST_NAMED = 5
_LONGEST_VALUE = 8
"""Words: where more of a message differs, its variants are not about one value."""


def one_for_each_place(runs: Sequence[Iterable[Result]]) -> list[Result]:
    """Return the distinct results of a check over all runs, with one for a place that varies.

    A parameter with fifteen allowed values gives up to fifteen runs, each with a result for the same place.
    They have one cause, so that one result names the values. Results of which one run has several for a place
    are several causes, and stay as they are.

    Args:
        runs: What the check said in each way in which the template can turn out.
    """
    distinct = [dict.fromkeys(run) for run in runs]
    several = {place for run in distinct for place, count in Counter(map(_place, run)).items() if count > 1}
    merged: dict[object, list[Result]] = {}
    for result in dict.fromkeys(result for run in distinct for result in run):
        merged.setdefault(result if _place(result) in several else _place(result), []).append(result)
    return [
        variants[0] if len(variants) == 1 else replace(variants[0], message=_message(variants))
        for variants in merged.values()
    ]


def _place(result: Result) -> tuple[object, ...]:
    return (result.verdict, result.location, result.at_most, result.fix)


def _message(variants: list[Result]) -> str:
    """Return one message for several that differ in a value: it lists them all."""
    messages = list(dict.fromkeys(variant.message for variant in variants))
    texts = [message.split(" ") for message in messages]
    begin = _common(texts)
    end = _common([list(reversed(words[begin:])) for words in texts])
    values = [" ".join(words[begin : len(words) - end]) for words in texts]
    if begin + end == 0 or max(len(words) for words in texts) - begin - end > _LONGEST_VALUE:
        more = len(messages) - 1
        return (
            f"{messages[0]} (So too with {more} other {'value' if more == 1 else 'values'} that it can have.)"
        )
    first, last = texts[0][:begin], texts[0][len(texts[0]) - end :]
    return " ".join(filter(None, [*first, _listed(values), *last]))


def _common(texts: list[list[str]]) -> int:
    """Return how many words all texts begin with."""
    return sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, zip(*texts, strict=False)))


def _listed(values: list[str]) -> str:
    mark = (
        values[0][-1:] if values[0][-1:] in tuple(",.;:") and len({text[-1:] for text in values}) == 1 else ""
    )
    named = [value.removesuffix(mark) for value in values[:_MOST_NAMED]]
    more = len(values) - len(named)
    if more:
        named.append(f"{more} {'other' if more == 1 else 'others'}")
    return f"{', '.join(named[:-1])} or {named[-1]}{mark}"
