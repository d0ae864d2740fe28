"""Makes text from templates and files safe for a terminal or a CI log: nothing in it takes effect."""

from __future__ import annotations

import json
import re
from typing import Any

_HIDDEN = (
    r"\x7f-\x9f"  # DEL, and 8-bit control characters
    r"\u2028\u2029"  # line separators
    r"\ud800-\udfff"  # halves of characters, which no file can hold
    # Characters without a shape (Unicode's category Cf): text direction, joiners, soft hyphens, tags.
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0001\U000e0020-\U000e007f"
)
_COMMAND = r"##(?=\w*\[)"  # Azure Pipelines, GitHub Actions, TeamCity: ##vso[, ##[, ##teamcity[
_ACTS = re.compile(
    rf"[\x00-\x1f{_HIDDEN}]"  # newlines, tabs, and ESC, which begins terminal escapes
    r"|(?<!\S)::(?=[A-Za-z])"  # GitHub Actions: ::stop-commands::
    rf"|{_COMMAND}"
)
_ACTS_IN_JSON = re.compile(rf"[{_HIDDEN}]|{_COMMAND}")
_ACTS_IN_A_PAGE = re.compile(rf"[\x00-\x09\x0b-\x1f{_HIDDEN}]")


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
    return _JsonWriter().write(document, "\n")


def page_text(page: str) -> str:
    """Return a page of HTML in which each character that is not seen, but for line feeds, is escaped."""
    return _ACTS_IN_A_PAGE.sub(_escaped, page)


def _in_json(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


class _JsonWriter:
    """Writes what `json.dumps(document, indent=2, ensure_ascii=False)` writes, several times faster.

    Python's own encoder is slow if it indents. And a report repeats most of its texts: each is escaped once.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def write(self, value: Any, line: str) -> str:
        """Return a value as JSON.

        Args:
            value: The value.
            line: A newline and the indentation of the line on which the value begins.
        """
        if type(value) is str:
            return self._texts.get(value) or self._text(value)
        if isinstance(value, dict) and value:
            known, inner = self._texts, f"{line}  "
            entries = [
                f"{known.get(key) or self._text(_key(key))}: "
                f"{(type(held) is str and known.get(held)) or self.write(held, inner)}"
                for key, held in value.items()
            ]
            return f"{{{inner}{f',{inner}'.join(entries)}{line}}}"
        if isinstance(value, list | tuple) and value:
            inner = f"{line}  "
            return f"[{inner}{f',{inner}'.join([self.write(item, inner) for item in value])}{line}]"
        if isinstance(value, str):  # a member of a StrEnum
            return self._text(str(value))
        return "null" if value is None else json.dumps(value)

    def _text(self, text: str) -> str:
        quoted = json.dumps(text, ensure_ascii=False)
        safe = _ACTS_IN_JSON.sub(lambda match: _in_json(match[0][0]) + match[0][1:], quoted)
        self._texts[text] = safe
        return safe


def _key(key: Any) -> str:
    """Return a key of a map as JSON has it: numbers, booleans, and null become texts."""
    return key if isinstance(key, str) else json.dumps(key)


def _escaped(match: re.Match[str]) -> str:
    if match[0] == "::":
        return r"\x3a:"
    if match[0] == "##":
        return r"#\x23"
    return match[0].encode("unicode_escape").decode("ascii")
