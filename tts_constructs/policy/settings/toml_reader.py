"""Reads typed values from TOML files, and collects every fault with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tts_constructs.errors import InputError, SettingsError
from tts_constructs.files import read_text

_CENTURY = 36_525
_HEADER = re.compile(r"(\[\[?)([^\]]+)\]")
_KEY = re.compile(r"""((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")

_MAX_PARTS = 32
"""The most parts of a dotted key: reading one takes quadratic time."""

_PART = r"""(?:[\w-]++|"[^"]*"|'[^']*')"""
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{_MAX_PARTS}}}")


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return the content of a file, and its text.

    Raises:
        SettingsError: It cannot be read, is not TOML, or has a key with too many parts.
    """
    try:
        text = read_text(path).removeprefix("\ufeff")  # Windows editors begin a file with a byte order mark
    except InputError as error:
        raise SettingsError(str(path), error.faults) from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") >= _MAX_PARTS and _LONG_KEY.search(line):
            fault = f"line {number}: has a key of more than {_MAX_PARTS} parts between dots"
            raise SettingsError(str(path), [fault])
    try:
        return tomllib.loads(text), text
    except RecursionError:
        fault = "holds lists or tables in one another, more than can be read"
    except tomllib.TOMLDecodeError as error:
        fault = f"is not valid TOML: {error}"
    except ValueError:
        fault = "holds a number with more digits than can be read"
    raise SettingsError(str(path), [fault])


class Reader:
    """Reads typed values from a document and collects every fault with its line.

    Keys are dotted paths as in `image.owners`; the tables of a list are counted: `waiver[0].rule`.

    Args:
        text: The file's text, for the lines; empty: messages have none.
        prefix: The prefix of each key in the file, such as `tool.tts.`.
    """

    def __init__(self, text: str = "", prefix: str = "") -> None:
        self.faults: list[str] = []
        self._lines = dict(reversed(list(_lines(text))))
        self._prefix = prefix

    def line(self, key: str) -> int | None:
        """Return the line of a key, else of the table that holds it."""
        above = self._prefix + key
        while above and above not in self._lines:
            above = above[: max(above.rfind("."), above.rfind("["), 0)]
        return self._lines.get(above)

    def fault(self, key: str, message: str) -> None:
        """Record what is wrong with a key, once."""
        line = self.line(key)
        sentence = f"line {line}: {key} {message}" if line else f"{key} {message}"
        if sentence not in self.faults:
            self.faults.append(sentence)

    def known_keys(self, table: dict[str, Any], name: str, known: tuple[str, ...]) -> None:
        """Record each key of a table that is not one of `known`."""
        for key in table:
            if key not in known:
                full = f"{name}.{key}" if name else key
                self.fault(full, f"is not a setting; write one of: {', '.join(known)}")

    def table(
        self, document: dict[str, Any], name: str, known: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """Return a table of the document; empty if there is none.

        Args:
            document: The table or document that contains it.
            name: Path of the table.
            known: Keys that it may have; None: any.
        """
        table = document.get(name.rpartition(".")[2], {})
        if not isinstance(table, dict):
            self.fault(name, f"must be a table; write [{name}] above its keys")
            return {}
        if known is not None:
            self.known_keys(table, name, known)
        return table

    def tables(
        self, document: dict[str, Any], name: str, known: tuple[str, ...]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the path and content of each table of a list of tables."""
        tables = document.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.fault(name, f"must be a list of tables; write [[{name}]] above the keys of each")
            return
        for position, table in enumerate(tables):
            path = f"{name}[{position}]"
            self.known_keys(table, path, known)
            yield path, table

    def text(self, table: dict[str, Any], key: str, default: str) -> str:
        """Return a non-empty text."""
        value = table.get(key.rpartition(".")[2], default)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(key, f"must be text, such as {default!r}")
        return default

    def required(self, table: dict[str, Any], key: str, example: str) -> str:
        """Return a required non-empty text."""
        if key.rpartition(".")[2] not in table:
            self.fault(key, f"is missing; write {key.rpartition('.')[2]} = {example!r}")
            return ""
        return self.text(table, key, example)

    def texts(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        """Return a list of non-empty texts."""
        value = table.get(key.rpartition(".")[2], [])
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        self.fault(key, 'must be a list of texts, such as ["…"]')
        return ()

    def choice(self, table: dict[str, Any], key: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of these choices."""
        value = table.get(key.rpartition(".")[2], default)
        if value in choices:
            return str(value)
        self.fault(key, f"must be one of {', '.join(choices)}")
        return default

    def days(self, table: dict[str, Any], key: str, default: int) -> int:
        """Return a whole number of days above 0, up to a century."""
        value = table.get(key.rpartition(".")[2], default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _CENTURY:
            return value
        self.fault(key, f"must be a whole number of days above 0, such as {default}")
        return default


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key of a file with its line; multiline texts contain none."""
    table, counts, inside = "", dict[str, int](), ""
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not inside and (header := _HEADER.match(written)):
            table = _plain(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                yield table, number
                table = f"{table}[{counts[table]}]"
            yield table, number
        elif not inside and (key := _KEY.match(written)):
            yield f"{table}.{_plain(key[1])}" if table else _plain(key[1]), number
        for quotes in ('"""', "'''"):
            if inside in {"", quotes} and written.count(quotes) % 2:
                inside = "" if inside else quotes


def _plain(key: str) -> str:
    return re.sub(r"\s*\.\s*", ".", key.strip().replace('"', "").replace("'", ""))
