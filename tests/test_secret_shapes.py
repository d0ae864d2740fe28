"""Secrets that are told by their shape: each is found and hidden, and what looks alike is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.redaction import redact
from tts_constructs.secret_shapes import (
    SHAPES,
    SHORTEST,
    Shape,
    found_shapes,
    has_mark_of_shape,
    without_secrets,
)

EXAMPLES = [(shape, "".join(parts)) for shape in SHAPES for parts in shape.examples]
OTHERS = [("".join(parts)) for shape in SHAPES for parts in shape.others]


@pytest.mark.parametrize(("shape", "text"), EXAMPLES)
def test_a_secret_is_told_by_its_shape(shape: Shape, text: str) -> None:
    assert shape in {found for found, _ in found_shapes(f"x = {text}\n")}


@pytest.mark.parametrize("text", OTHERS)
def test_what_looks_alike_is_none(text: str) -> None:
    assert not list(found_shapes(text))


@pytest.mark.parametrize(("shape", "text"), EXAMPLES)
def test_a_secret_is_never_shown(shape: Shape, text: str) -> None:
    match = next(match for found, match in found_shapes(text) if found is shape)
    secret = next((value for value in match.groupdict().values() if value), match[0])
    shown = redact(f"The value is {text}.")
    assert secret not in shown
    assert "<secret>" in shown
    assert shown == redact(shown)


@pytest.mark.parametrize(("shape", "text"), EXAMPLES)
def test_a_quick_look_leaves_out_no_secret(shape: Shape, text: str) -> None:
    assert len(text) >= SHORTEST
    assert has_mark_of_shape(text)
    assert any(mark in text for mark in shape.marks)


@given(st.text(max_size=120))
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert list(found_shapes(text)) or without_secrets(text) == text
