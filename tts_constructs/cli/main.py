"""Starts the command `tts`; each command imports what it needs when it runs."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from tts_constructs._version import __version__
from tts_constructs.errors import TtsError
from tts_constructs.printable import printable

CANNOT_BE_USED = 2
"""Exit code where the input, the settings or the command cannot be used."""


NAMES = (
    "baseline",
    "check",
    "explain",
    "image",
    "init",
    "register",
    "rules",
    "services",
    "verify",
    "waivers",
)
"""The names of the commands; each is a function in the module of the same name."""


class _Commands(Mapping[str, click.Command]):
    """Finds commands by name, and imports each when it is asked for: most runs need one of them."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in NAMES:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"tts_constructs.cli.{name}"), name)
        # Docstrings are raw, so that the mark below which click keeps lines is a backslash and a b.
        command.help = command.help and command.help.replace("\\b\n", "\b\n")
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


@click.group(
    commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="tts")
@click.pass_context
def tts(ctx: click.Context) -> None:
    """Check CloudFormation templates against the TTS rules for systems on AWS."""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False


def main() -> None:
    """Runs the command and exits: 0 nothing blocks, 1 something blocks, 2 something cannot be used."""
    gc.disable()  # a command is short, and makes no garbage to speak of
    atexit.register(gc.freeze)  # or Python looks for it at the end, in all that has been read
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a template or a file's name can hold what cannot be shown
    try:
        tts()
    except TtsError as error:
        message = str(error)
        click.echo(message if message.startswith("tts ") else f"tts: {message}", err=True)
        sys.exit(CANNOT_BE_USED)
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:  # what is read and written has a name
            click.echo(f"tts: standard output: cannot be written ({error.strerror})", err=True)
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), 1
            )  # or Python tries again at the end, and exits with 120
            sys.exit(CANNOT_BE_USED)
        if "TTS_DEBUG" in os.environ:
            raise
        fault = printable(f"{type(error).__name__}: {error}")
        click.echo(
            f"tts: an error in tts itself ({fault}). Please report it; TTS_DEBUG=1 shows where.", err=True
        )
        sys.exit(CANNOT_BE_USED)
