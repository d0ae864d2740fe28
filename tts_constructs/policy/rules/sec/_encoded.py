"""Decodes texts in Base64: whole or in part, on one line or several, packed or not."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

_RUN = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_NEXT_LINE = re.compile(r"[ \t\"'\\+,]{0,20}\r?\n[ \t\"'+]{0,80}([A-Za-z0-9+/]{1,}={0,2})(?![^\s\"'\\,+])")
_SHORTEST = 24
_PACKED = b"\x1f\x8b"
_OF_TEXT = bytes([0, 9, 10, 13, *range(32, 127)])
_MOST = 1_000_000
"""The most characters that are read of what one text holds in Base64."""


def is_encoded(text: str) -> bool:
    """Return whether a text may hold another one in Base64. False is certain."""
    return any(_begins_a_text(run[0]) for run in _RUN.finditer(text))


def readings(text: str) -> Iterator[str]:
    """Yield a text, and the texts that it holds in Base64, up to two deep."""
    yield text
    left = _MOST
    for first in _decoded(text):
        yield first
        left -= len(first)
        for second in _decoded(first):
            yield second
            left -= len(second)
        if left < 0:
            return


def _decoded(text: str) -> Iterator[str]:
    if len(text) < _SHORTEST:
        return
    for run in _runs(text):
        held = _text_in(run)
        if held:
            yield held


def _runs(text: str) -> Iterator[str]:
    """Yield the Base64 of a text; lines that follow each other are one."""
    position = 0
    while found := _RUN.search(text, position):
        lines = [found[0]]
        position = found.end()
        if not _begins_a_text(found[0]):
            continue
        while not lines[-1].endswith("=") and (line := _NEXT_LINE.match(text, position)):
            lines.append(line[1])
            position = line.end()
        whole = "".join(lines)
        if len(whole) >= _SHORTEST:
            yield whole


def _begins_a_text(run: str) -> bool:
    """Return whether the first characters of a run encode letters, or for packed data."""
    try:
        start = binascii.a2b_base64(run[:16])
    except binascii.Error:
        return False
    return start.startswith(_PACKED) or not start.translate(None, _OF_TEXT)


def _text_in(run: str) -> str | None:
    run = run.rstrip("=")
    run = run[: len(run) - (len(run) % 4 == 1)]
    try:
        held = base64.b64decode(run + "=" * (-len(run) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    if held.startswith(_PACKED):
        held = _unpacked(held)
    encoding = "utf-16-le" if held[1:8:2] == bytes(len(held[1:8:2])) and len(held) > 8 else "utf-8"
    text = held[:_MOST].decode(encoding, errors="replace")
    return None if "\ufffd" in text[:64] else text


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(packed, _MOST)
    except zlib.error:
        return b""
