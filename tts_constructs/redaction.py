"""Redacts secrets, and account ids, addresses, and resource ids, which the handbook calls sensitive."""

from __future__ import annotations

import re
from functools import lru_cache

from tts_constructs.secret_shapes import without_secrets

_SUSPECT = re.compile(r"\d{2}|\d\.\d|@|::?[0-9a-f]*:", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])")
_RESOURCE = re.compile(r"\b([a-z]{1,12})-(?:[0-9a-f]{17}|[0-9a-f]{8})\b")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+")
_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.]*\d)")
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z:])(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{3,39}(?![0-9A-Za-z:])", re.IGNORECASE
)
_NOBODYS = frozenset({"0.0.0.0", "255.255.255.255", "128.0.0.0", "127.0.0.1"})  # noqa: S104 - shown, not bound


@lru_cache(maxsize=4096)
def redact(text: str) -> str:
    """Return the text without secrets, and without parts that identify an account, a network, or a person."""
    text = without_secrets(text)
    if not _SUSPECT.search(text):
        return text
    text = _ACCOUNT.sub("<account>", text)
    text = _RESOURCE.sub(r"\1-…", text)
    text = _EMAIL.sub("<e-mail>", text)
    text = _IPV4.sub(lambda match: match[0] if match[0] in _NOBODYS else "<address>", text)
    return _IPV6.sub(lambda match: match[0] if match[0] in {"::", "::1"} else _ipv6(match[0]), text)


def redact_contact(text: str) -> str:
    """Return what `redact` does, but with e-mail addresses: the text says who to ask."""
    parts = re.split(f"({_EMAIL.pattern})", text)
    return "".join(
        _ACCOUNT.sub("<account>", part) if position % 2 else redact(part)
        for position, part in enumerate(parts)
    )


def _ipv6(text: str) -> str:
    return "<address>" if any(character.isdigit() for character in text) else text
