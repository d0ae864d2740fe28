"""The version of the library, in its own module so that `tts --version` loads nothing else."""

__version__ = "0.1.0"
