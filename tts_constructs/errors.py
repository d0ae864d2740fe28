"""Every error that this library raises on purpose.

    TtsError
    ├── InvalidArgumentError an argument of a construct (also a ValueError)
    ├── SettingsError        tts.toml, [tool.tts] or the waiver file
    ├── InputError           a template or cloud assembly that cannot be read
    └── BlockedError         guardrails found something that blocks

A message says what is wrong, where, and what to write instead. `faults` has one such sentence for
each fault, so that people can fix all of them before the next try. Subject and faults can quote any file;
the message escapes them. When one of these errors ends an app, the app shows the message and the line that
caused it. With `TTS_DEBUG=1` in the environment, it shows the whole traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tts_constructs.printable import printable


class TtsError(Exception):
    """The root of all errors of this library.

    Args:
        subject: What the faults are about, such as `TtsSystem "System"` or a file.
        faults: One sentence for each fault.

    Attributes:
        latest: The error that was created last. An error that crosses jsii arrives as text only, and is
            identified by this one.
    """

    latest: ClassVar[TtsError | None] = None

    def __init__(self, subject: str, faults: Sequence[str]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        super().__init__(_message(subject, self.faults))
        TtsError.latest = self


class InvalidArgumentError(TtsError, ValueError):
    """One or more arguments of a construct are invalid."""


class SettingsError(TtsError):
    """A settings or waiver file cannot be used."""


class InputError(TtsError):
    """A template or a cloud assembly cannot be read."""


class BlockedError(TtsError):
    """Guardrails found something that blocks."""


InvalidArgument = InvalidArgumentError
Blocked = BlockedError
"""The names of these errors before 0.2.0. Version 0.3.0 removes them."""


def _message(subject: str, faults: Sequence[str]) -> str:
    subject = printable(subject)
    if len(faults) == 1:
        return f"{subject}: {printable(faults[0])}"
    lines = "\n".join(f"  - {printable(fault)}" for fault in faults)
    return f"{subject}: {len(faults)} faults:\n{lines}"
