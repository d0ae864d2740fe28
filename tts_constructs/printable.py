"""Makes text from templates and files safe for a terminal or a CI log: nothing in it takes effect."""

from __future__ import annotations

import json
import re
from typing import Any

_HIDDEN = (
    "\x7f-\x9f"  # DEL, and 8-bit control characters
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line separators, and text direction
)
_COMMAND = r"##(?=\w*\[)"  # Azure Pipelines, GitHub Actions, TeamCity: ##vso[, ##[, ##teamcity[
_ACTS = re.compile(
    rf"[\x00-\x1f{_HIDDEN}]"  # newlines, tabs, and ESC, which begins terminal escapes
    r"|(?<!\S)::(?=[A-Za-z])"  # GitHub Actions: ::stop-commands::
    rf"|{_COMMAND}"
)
_ACTS_IN_JSON = re.compile(rf"[{_HIDDEN}]|{_COMMAND}")


def printable(text: str) -> str:
    r"""Return the text on one line, and escape what a terminal or CI system would obey, such as `\x1b`.

    `::` before a letter becomes `\x3a:` at the beginning of any word, as wrapping can put it first on a line;
    `##[` becomes `#\x23[`.
    """
    return _ACTS.sub(_escaped, text)


def prose(text: str) -> str:
    """Return the text of a rule or waiver, perhaps of several lines, as one line that is safe to show."""
    return printable(" ".join(text.split()))


def json_text(document: Any) -> str:
    """Return a document as JSON that is safe for a log and that programs read unchanged."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _ACTS_IN_JSON.sub(lambda match: f"\\u{ord(match[0][0]):04x}{match[0][1:]}", text)


def _escaped(match: re.Match[str]) -> str:
    if match[0] == "::":
        return r"\x3a:"
    if match[0] == "##":
        return r"#\x23"
    return match[0].encode("unicode_escape").decode("ascii")
