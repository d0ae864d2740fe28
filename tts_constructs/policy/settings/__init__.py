"""`tts.toml`, and `[tool.tts]` in `pyproject.toml`, to `Settings`."""
