"""What guardrails say on standard error, and what a person sees of an exception that they cause."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from types import TracebackType

import click

from tts_constructs.errors import TtsError
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.origin import is_of_the_app, relative
from tts_constructs.printable import printable
from tts_constructs.report.formats import text

_FAILED_VALIDATION = "Validation failed"

_last_words: list[str] = []
"""What stands at the end when the app ends because of what was found."""

_shortened = False


def show(judgment: Judgment, groups: list[list[Finding]]) -> None:
    """Says in one line each what blocks, then how much was found; nothing where nothing was."""
    blocking = [text.line(group) for group in groups if group[0].blocks]
    if groups:
        say("\n".join([*blocking, text.summary(judgment)]))
    if judgment.blocks:
        _last_words[:] = [text.summary(judgment)]


def failed(message: str) -> None:
    """Says why nothing could be judged."""
    sentence = f"TTS-ENGINE {message}"
    say(sentence)
    _last_words[:] = [sentence]


def shorten_tracebacks() -> None:
    """An app that ends because of this library ends with a message, not with 30 lines of jsii.

    That is an error that this library raises on purpose, with the line of the app that caused it, or a synth
    that guardrails fail. `TTS_DEBUG` in the environment shows the whole traceback all the same.
    """
    global _shortened
    if _shortened:
        return
    _shortened = True
    others = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        words = None if "TTS_DEBUG" in os.environ else _words(error, trace)
        if words is None:
            others(kind, error, trace)
        else:
            say(words)

    sys.excepthook = hook


def _words(error: BaseException, trace: TracebackType | None) -> str | None:
    """What to say of an error that ends the app; None: it is somebody else's."""
    if isinstance(error, TtsError):
        return _told(error, trace)
    if isinstance(error, RuntimeError):
        latest = TtsError.latest
        if latest and str(latest) in str(error):  # it was raised below jsii, which hands on its text alone
            return _told(latest, latest.__traceback__, trace)
        if _last_words and _FAILED_VALIDATION in str(error):
            return "\n".join(_last_words)
    return None


def _told(error: TtsError, *traces: TracebackType | None) -> str:
    """The message of an error and the line of the app that caused it, by the first trace that knows it."""
    lines = (
        "\n  at " + printable(f"{relative(frame.filename)}:{frame.lineno}: {frame.line}")
        for trace in traces
        for frame in reversed(traceback.extract_tb(trace))
        if is_of_the_app(frame.filename) and frame.line
    )
    return f"tts_constructs: {error}{next(lines, '')}"


def say(message: str) -> None:
    """Writes to standard error; where that is full or closed, what was found counts all the same."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True, color=False if os.environ.get("NO_COLOR") else None)
