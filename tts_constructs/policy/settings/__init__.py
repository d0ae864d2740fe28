"""Reads `tts.toml`, or `[tool.tts]` in `pyproject.toml`, into `Settings`."""
