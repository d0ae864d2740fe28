"""Texts that are made to take long: reading them takes steps in proportion to their size."""

import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_constructs import redaction, secret_shapes
from tts_constructs.policy.rules.acc import _authorized_keys
from tts_constructs.policy.rules.sec import (
    _commands,
    _encoded,
    _programs,
    _secret_names,
    _secret_values,
    _suspects,
)
from tts_constructs.policy.rules.sec._programs import secrets_in

MODULES = (
    secret_shapes, redaction, _commands, _encoded, _programs, _secret_names, _secret_values, _suspects,
    _authorized_keys,
)  # fmt: skip
PATTERNS = {
    *(
        value.pattern
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, re.Pattern)
    ),
    *(pattern.pattern for _, pattern in _programs._OTHERWISE),
    *(command.pattern for command in _commands.COMMANDS),
    *(shape.pattern for shape in secret_shapes.SHAPES),
}
PIECES = (
    "a", "=", ":", "-", "/", "\n", " ", "'", '"', "\\", "{", "[", "$", "@", "<", "password=",
    "password: ", "'password'", "--password ", "mysql -p", "curl -u a:", "chpasswd",
    "login a password ", "identified by ", "eyJaaaaaaaaaa.", "://", "http://a:", "AKIA",
    "QUJDREVGR0hJSktMTU5P\n", "secrets-manager:\n", "<password>", '{"a":', "[[", "name: token\n",
)  # fmt: skip


def steps(function: Callable[[], Any]) -> int:
    """How many lines of Python a function runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), st.booleans())
def test_a_text_of_twice_the_size_takes_twice_the_steps(piece: str, is_code: bool) -> None:
    once = piece * (4_000 // len(piece) + 1)
    half, whole = (steps(lambda text=text: secrets_in(text, is_code=is_code)) for text in (once, once + once))  # type: ignore[misc]
    assert whole <= 2.5 * half + 500


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_no_pattern_repeats_a_repetition_without_a_bound(pattern: str) -> None:
    assert not list(_nested(re._parser.parse(pattern, re.IGNORECASE)))  # type: ignore[attr-defined]


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(?:[a-z]{1,50}x*){0,40}y", r"x(?=(?:a|b*)*)"])
def test_a_pattern_that_repeats_a_repetition_would_be_found(pattern: str) -> None:
    assert list(_nested(re._parser.parse(pattern)))  # type: ignore[attr-defined]


MANY = 10
"""Repetitions up to this bound cost no more than a constant."""


def _nested(parsed: Any, within: int = 1) -> Iterator[str]:
    """Yield repetitions within others, of which neither has a small bound."""
    for operator, argument in parsed:
        name = str(operator)
        times, below = within, []
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            _, most, child = argument
            times, below = max(within, int(most)), [child]
            if within > MANY and int(most) > MANY:
                yield name
        elif name == "BRANCH":
            below = argument[1]
        elif name in {"SUBPATTERN", "ASSERT", "ASSERT_NOT"}:
            below = [argument[-1]]
        for child in below:
            yield from _nested(child, times)
