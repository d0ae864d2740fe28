"""Apps for a team's tests, as the `cdk` command would run them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_constructs.errors import InputError
from tts_constructs.files import read_text
from tts_constructs.policy.loading.context import CONTEXT_FILE, read_context
from tts_constructs.policy.loading.parser import parse
from tts_constructs.synth.app import TtsApp, without_validation

CONFIGURATION = "cdk.json"


def app_of(folder: Path, context: Mapping[str, Any] | None = None, **arguments: Any) -> TtsApp:
    """Makes an app with the context that a project's files give it, and without AWS's validation.

    Args:
        folder: The project, with `cdk.json` and `cdk.context.json` if it has them.
        context: More context, which counts before that of the files.
        arguments: Of `TtsApp`.

    Raises:
        InputError: One of the files can't be read.
    """
    stated = _configured(folder / CONFIGURATION) | _recorded(folder / CONTEXT_FILE) | dict(context or {})
    with without_validation():
        return TtsApp(context=stated, **arguments)


def _configured(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    configuration = parse(read_text(path), str(path))
    context = configuration.get("context", {}) if isinstance(configuration, dict) else None
    if not isinstance(context, dict):
        raise InputError(str(path), ["holds no context: it must be a map whose `context` is a map"])
    return context


def _recorded(path: Path) -> dict[str, Any]:
    return read_context(path) if path.is_file() else {}
