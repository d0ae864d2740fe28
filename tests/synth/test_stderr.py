"""What a person sees of an error that ends an app."""

import subprocess
import sys
from types import TracebackType

import pytest

from tts_constructs.errors import InvalidArgumentError, TtsError
from tts_constructs.synth import stderr


def raised(error: Exception) -> TracebackType | None:
    try:
        raise error
    except Exception as caught:
        return caught.__traceback__


FAULT = InvalidArgumentError("TtsBucket", ["write another name"])


def test_an_error_of_ours_is_told_with_the_line_of_the_app() -> None:
    words = stderr._words(FAULT, raised(FAULT))
    assert words is not None
    message, place = words.splitlines()
    assert message == "tts_constructs: TtsBucket: write another name"
    assert place.startswith(("  at tests/synth/test_stderr.py:", "  at test_stderr.py:"))
    assert place.endswith(": raise error")


def test_an_error_that_no_line_of_the_app_caused_is_told_without_one() -> None:
    assert stderr._words(FAULT, None) == "tts_constructs: TtsBucket: write another name"


def test_an_error_that_crossed_jsii_is_recognized_by_its_text() -> None:
    made = InvalidArgumentError("TtsBucket", ["is named twice"])
    assert TtsError.latest is made
    words = stderr._words(RuntimeError(f"Error: {made}"), None)
    assert words == "tts_constructs: TtsBucket: is named twice"


@pytest.mark.parametrize("error", [RuntimeError("theirs"), ValueError(str(FAULT)), KeyboardInterrupt()])
def test_another_error_is_left_alone(error: BaseException) -> None:
    assert stderr._words(error, None) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Access", "NetworkPolicy", "TtsSystem", "TtsGuardrails"])
def test_whatever_an_app_imports_first_an_error_of_ours_ends_it_without_a_traceback(name: str) -> None:
    program = (
        f"from tts_constructs import {name}\n"
        "from tts_constructs.errors import InvalidArgumentError\n"
        "raise InvalidArgumentError('x', ['y'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "tts_constructs: x: y\n")
