"""The messages of guardrails on standard error, and short messages instead of tracebacks."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from types import TracebackType

import click

from tts_constructs.errors import TtsError
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.origin import is_of_the_app, relative
from tts_constructs.printable import printable
from tts_constructs.report.formats import text

_FAILED_VALIDATION = "Validation failed"

_last_words: list[str] = []
"""The last lines to show if the app ends because of findings."""

_shortened = False


def show(judgment: Judgment, assembly: str, *, fails_at_exit: bool = False) -> None:
    """Shows what a person needs to fix what blocks, one line for each rule that warns, and the summary.

    Args:
        judgment: The judgment.
        assembly: Folder of the cloud assembly, for the commands of the next steps.
        fails_at_exit: True if the app ends with exit code 1 when it has done everything else, and then shows
            the summary.
    """
    found, closing = text.found(judgment), text.closing(judgment, assembly)
    say("\n".join(found if fails_at_exit else [*found, closing]))
    if judgment.blocks:
        _last_words[:] = [closing]


def end(*lines: str) -> None:
    """Shows some lines and then the summary of a synth that failed, when the app ends."""
    say("\n".join([*lines, *_last_words]))


def failed(message: str) -> None:
    """Shows why nothing could be judged."""
    sentence = f"TTS-ENGINE {message}"
    say(sentence)
    _last_words[:] = [sentence]


def shorten_tracebacks() -> None:
    """Shows a message instead of 30 lines of jsii when an app ends because of this library.

    That is so for an error that this library raises on purpose, with the line of the app that caused it, and
    for a synth that guardrails fail. With `TTS_DEBUG` in the environment, the whole traceback is shown.
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
    """Returns the message for an error that ends the app. None: it isn't from this library."""
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
    """Returns an error's message with the app's line that caused it, from the first trace that has it."""
    lines = (
        "\n  at " + printable(f"{relative(frame.filename)}:{frame.lineno}: {frame.line}")
        for trace in traces
        for frame in reversed(traceback.extract_tb(trace))
        if is_of_the_app(frame.filename) and frame.line
    )
    return f"tts_constructs: {error}{next(lines, '')}"


def say(message: str) -> None:
    """Writes to standard error. If that is full or closed, it ignores the failure; findings still count."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True, color=False if os.environ.get("NO_COLOR") else None)
