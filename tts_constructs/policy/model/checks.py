"""What rules do with the results of their checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.model.node import settled
from tts_constructs.policy.result import Result


def with_fix(results: Iterator[Result], fix: str, template_fix: str | None = None) -> Iterator[Result]:
    """The results of a check, what it cannot decide included, with what to write instead if they do not say.

    Args:
        results: The results.
        fix: What to write in a CDK app.
        template_fix: What to write in a template; None: the same.
    """
    for result in settled(results):
        yield result if result.fix else replace(result, fix=fix, template_fix=template_fix)


def warned(results: Iterator[Result]) -> Iterator[Result]:
    """The results of a check as warnings at most, what it cannot decide included."""
    for result in settled(results):
        yield replace(result, at_most="warn")
