"""The command `tts`."""

from tts_constructs.cli.main import main

__all__ = ["main"]
