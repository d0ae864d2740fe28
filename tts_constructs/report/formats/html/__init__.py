"""A judgment as one self-contained HTML file, which an authorizing official can read, search and print."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tts_constructs.errors import TtsError
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.printable import page_text
from tts_constructs.report.formats.html.view_model import page_of

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = resources.files(__name__) / "templates"


def render(judgment: Judgment, *, when: datetime | None = None) -> str:
    """Renders the whole report.

    Args:
        judgment: What is reported.
        when: When it was judged. Default: now, in UTC.

    Raises:
        TtsError: Jinja2, which the extra `html` brings, is not installed.
    """
    style, script = _read("report.css"), _read("report.js")
    page = _template().render(
        page=page_of(judgment, when or datetime.now(UTC)),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page_text(page)


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        fault = "needs Jinja2; run: pip install Jinja2"
        raise TtsError("the HTML report", [fault]) from None

    environment = Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Makes the source expression with which a content security policy allows an inline text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
