"""The entry of the command `tts`; what a command needs is imported when that command runs."""

from __future__ import annotations

import gc
import io
import os
import sys

import click

from tts_constructs._version import __version__
from tts_constructs.cli.baseline import baseline
from tts_constructs.cli.check import check
from tts_constructs.cli.explain import explain
from tts_constructs.cli.image import image
from tts_constructs.cli.init import init
from tts_constructs.cli.register import register
from tts_constructs.cli.rules import rules
from tts_constructs.cli.services import services
from tts_constructs.cli.verify import verify
from tts_constructs.cli.waivers import waivers
from tts_constructs.errors import TtsError

CANNOT_BE_USED = 2
"""Exit code where the input, the settings or the command cannot be used."""


class _Commands(click.Group):
    """Commands whose examples in the help keep their lines, as click does below a mark."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        # Docstrings are raw, so that the mark is a backslash and a b where click wants one character.
        cmd.help = cmd.help and cmd.help.replace("\\b\n", "\b\n")
        super().add_command(cmd, name)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="tts")
@click.pass_context
def tts(ctx: click.Context) -> None:
    """Judges CloudFormation by the rules of TTS for systems on AWS."""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False


tts.add_command(check)
tts.add_command(baseline)
tts.add_command(waivers)
tts.add_command(services)
tts.add_command(image)
tts.add_command(verify)
tts.add_command(register)
tts.add_command(rules)
tts.add_command(explain)
tts.add_command(init)


def main() -> None:
    """Runs the command and exits: 0 nothing blocks, 1 something blocks, 2 something cannot be used."""
    gc.disable()  # a command is short, and makes no garbage to speak of
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a template or a file's name can hold what cannot be shown
    try:
        tts()
    except TtsError as error:
        click.echo(f"tts: {error}", err=True)
        sys.exit(CANNOT_BE_USED)
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:  # what is read and written has a name
            click.echo(f"tts: standard output: cannot be written ({error.strerror})", err=True)
            sys.exit(CANNOT_BE_USED)
        if "TTS_DEBUG" in os.environ:
            raise
        fault = f"{type(error).__name__}: {error}"
        click.echo(
            f"tts: a fault of tts itself ({fault}); TTS_DEBUG=1 shows where. Please report it.", err=True
        )
        sys.exit(CANNOT_BE_USED)
