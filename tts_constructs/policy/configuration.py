"""Loads settings, and checks their `[levels]` against the rule catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tts_constructs.policy.engine.levels import level_errors, loosened_levels
from tts_constructs.policy.settings import loader
from tts_constructs.policy.settings.model import Settings

_CHECKS = (level_errors, loosened_levels)


def load_settings(start: Path | None = None) -> Settings:
    """Return the settings that apply in a folder.

    Args:
        start: Folder to search from, upwards. Default: the working folder.

    Raises:
        SettingsError: The nearest file can't be used; all faults are named.
    """
    return loader.load_settings(start, _CHECKS)


def read_settings(path: Path) -> Settings:
    """Return the settings of one file: a `tts.toml`, or a `pyproject.toml` with `[tool.tts]`.

    Raises:
        SettingsError: The file, or one that it extends, can't be used; all faults are named.
    """
    return loader.read_settings(path, _CHECKS)


def settings_of(document: dict[str, Any], path: Path) -> Settings:
    """Return the settings in a parsed document.

    Args:
        document: What a settings file holds.
        path: The file; other files are named relative to its folder.

    Raises:
        SettingsError: The data has a fault; all faults are named.
    """
    return loader.settings_of(document, path, _CHECKS)
