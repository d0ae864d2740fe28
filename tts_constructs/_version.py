"""The version of the library, alone in a module so that `tts --version` reads nothing else."""

__version__ = "0.1.0"
