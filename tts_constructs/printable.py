"""Text from templates and files as a terminal or a CI log can show it: nothing in it acts."""

from __future__ import annotations

import json
import re
from typing import Any

_HIDDEN = (
    "\x7f-\x9f"  # DEL, and control characters of eight bits
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line separators, and what turns the order of characters
)
_COMMAND = r"##(?=\w*\[)"  # Azure Pipelines, GitHub Actions, TeamCity: ##vso[, ##[, ##teamcity[
_ACTS = re.compile(
    rf"[\x00-\x1f{_HIDDEN}]"  # newlines, tabs, and ESC, which begins terminal escapes
    r"|(?<!\S)::(?=[A-Za-z])"  # GitHub Actions: ::stop-commands::
    rf"|{_COMMAND}"
)
_ACTS_IN_JSON = re.compile(rf"[{_HIDDEN}]|{_COMMAND}")


def printable(text: str) -> str:
    r"""The text on one line, with what a terminal or a CI system would obey escaped, such as `\x1b`.

    `::` before a letter is `\x3a:` at the beginning of any word, as wrapped text can begin a line with it;
    `##[` is `#\x23[`.
    """
    return _ACTS.sub(_escaped, text)


def prose(text: str) -> str:
    """What people wrote for a rule or a waiver, perhaps on several lines, as one line that can be shown."""
    return printable(" ".join(text.split()))


def json_text(document: Any) -> str:
    """A document as JSON that a log can show; to a program it says what it would say otherwise."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _ACTS_IN_JSON.sub(lambda match: f"\\u{ord(match[0][0]):04x}{match[0][1:]}", text)


def _escaped(match: re.Match[str]) -> str:
    if match[0] == "::":
        return r"\x3a:"
    if match[0] == "##":
        return r"#\x23"
    return match[0].encode("unicode_escape").decode("ascii")
