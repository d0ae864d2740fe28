"""What guardrails say on standard error, and what a person sees of an exception that they cause."""

from __future__ import annotations

import contextlib
import os
import sys
from types import TracebackType

import click

from tts_constructs.policy.engine import Judgement
from tts_constructs.policy.rule import Finding
from tts_constructs.report import text

_FAILED_VALIDATION = "Validation failed"

_last_words: list[str] = []
"""What stands at the end when the app ends because of what was found."""

_shortened = False


def show(judgement: Judgement, groups: list[list[Finding]]) -> None:
    """Says in one line each what blocks, then how much was found; nothing where nothing was."""
    blocking = [text.line(group) for group in groups if group[0].blocks]
    if groups:
        say("\n".join([*blocking, text.summary(judgement)]))
    if judgement.blocks:
        _last_words[:] = [text.summary(judgement)]


def failed(message: str) -> None:
    """Says why nothing could be judged."""
    sentence = f"TTS-ENGINE {message}"
    say(sentence)
    _last_words[:] = [sentence]


def shorten_tracebacks() -> None:
    """An app that ends because guardrails blocked ends with their words, not with 30 lines of jsii."""
    global _shortened
    if _shortened:
        return
    _shortened = True
    others = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if _last_words and isinstance(error, RuntimeError) and _FAILED_VALIDATION in str(error):
            say("\n".join(_last_words))
        else:
            others(kind, error, trace)

    sys.excepthook = hook


def say(message: str) -> None:
    """Writes to standard error; where that is full or closed, what was found counts all the same."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True, color=False if os.environ.get("NO_COLOR") else None)
