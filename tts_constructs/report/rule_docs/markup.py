"""A page of text, written once and shown as Markdown or in a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from tts_constructs.printable import printable, prose
from tts_constructs.report.formats.text import WIDTH


@dataclass(frozen=True)
class Link:
    """A link to another page of the documentation; a terminal shows its words."""

    text: str
    target: str


_SECTION = 2
"""Level of headings that a terminal shows in capitals, as on a manual page."""

Words = tuple[str | Link, ...]
"""A run of text. Words in backticks are code."""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the page's own."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    words: Words


@dataclass(frozen=True)
class Table:
    """A table of short cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Code:
    """A piece of code.

    Args:
        text: The code.
        language: Its language, as Markdown names it.
    """

    text: str
    language: str = "yaml"


Block = Heading | Paragraph | Table | Code


def markdown(blocks: Iterable[Block]) -> str:
    """Renders the page as Markdown, with a newline at its end."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def terminal(blocks: Iterable[Block]) -> str:
    """Renders the page for a terminal, in color; the caller removes the color for anything else.

    The text of a section follows its heading at once, as on a manual page.
    """
    return "".join(f"{_terminal(block)}{_gap_after(block)}" for block in blocks).rstrip("\n")


def _gap_after(block: Block) -> str:
    return "\n" if isinstance(block, Heading) and block.level == _SECTION else "\n\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_escaped(text)}"
        case Paragraph(words):
            return _in_markdown(words)
        case Table(header, rows):
            cells = [header, ("---",) * len(header), *(tuple(map(_in_markdown, row)) for row in rows)]
            return "\n".join(f"| {' | '.join(row)} |" for row in cells)
        case Code(text, language):
            return f"```{language}\n{text}\n```"


def _in_markdown(words: Words) -> str:
    return "".join(
        f"[{_escaped(word.text)}]({word.target})" if isinstance(word, Link) else _escaped(word)
        for word in words
    )


def _escaped(text: str) -> str:
    """Escapes text so that Markdown shows it unchanged; code stays code."""
    return re.sub(r"`[^`]*`|[*<\[|]", lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", text)


def _terminal(block: Block) -> str:
    match block:
        case Heading(level, text):
            return click.style(prose(text.upper() if level == _SECTION else text), bold=True)
        case Paragraph(words):
            return textwrap.fill(_plain(words), WIDTH, break_long_words=False, break_on_hyphens=False)
        case Table(header, rows):
            return "\n".join(_aligned([header, *(tuple(map(_plain, row)) for row in rows)]))
        case Code(text):
            return textwrap.indent("\n".join(map(printable, text.splitlines())), "    ")


def _plain(words: Words) -> str:
    """Renders the words for a terminal."""
    return prose("".join(word.text if isinstance(word, Link) else word for word in words))


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
