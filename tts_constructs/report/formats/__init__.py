"""The formats of `tts check --format`: one module for each, whose `render` writes a judgment in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from tts_constructs.policy.engine.judgment import Judgment

FORMATS = ("text", "json", "sarif", "junit", "html", "github", "oscal")
"""Each format, named as its module here."""


class Renderer(Protocol):
    """A module of this package."""

    def render(self, judgment: Judgment) -> str:
        """Writes the judgment in this format, without a line end."""
        ...


def render(judgment: Judgment, format_: str) -> str:
    """Writes a judgment in one of `FORMATS`; imports only what that format needs."""
    renderer = cast("Renderer", import_module(f"{__name__}.{format_}"))
    return renderer.render(judgment)
