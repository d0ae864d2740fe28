"""The formats of `tts check --format`: one module for each, whose `render` writes a judgment in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tts_constructs.policy.engine.judgment import Judgment

FORMATS = ("text", "json", "sarif", "junit", "html", "github", "oscal")
"""Each format, named as its module here."""


class Renderer(Protocol):
    """A module of this package."""

    def render(self, judgment: Judgment) -> str:
        """The judgment as text of this format, without a line end."""


def render(judgment: Judgment, format_: str) -> str:
    """A judgment in one of `FORMATS`; only what that format needs is imported."""
    renderer: Renderer = import_module(f"{__name__}.{format_}")
    return renderer.render(judgment)
