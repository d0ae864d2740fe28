"""Finds the parts of a template that need a complete reading: those with a word or a mark of a secret.

Most resources have none, and this look at the raw template is many times faster than a reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from tts_constructs.policy.model.intrinsics import is_call
from tts_constructs.policy.rules.sec._encoded import is_encoded
from tts_constructs.policy.rules.sec._programs import has_mark
from tts_constructs.policy.rules.sec._secret_names import names_a_secret
from tts_constructs.secret_shapes import has_mark_of_shape

_WITHOUT_TEXT = frozenset({"Ref", "Fn::GetAtt", "Fn::ImportValue", "aws:cdk:path"})
_ACTION = re.compile(r"[a-z0-9-]{2,40}:[A-Z*][A-Za-z*]{0,80}")
"""An action of IAM, such as `iam:PassRole`; policies name hundreds of them."""

_SHORT = 200
_KEPT = 16_384


def is_suspect(raw: Any) -> bool:
    """Return whether a part of a template may hold a secret. False is certain."""
    found = [raw]
    for held in found:  # which grows
        kind = type(held)
        if kind is str:
            if _kept(held) if len(held) < _SHORT else _looked_at(held):
                return True
        elif kind is list:
            found += held
        elif kind is dict:
            if any(map(_may_name_one, map(str, held))):
                return True
            found += held.values() if len(held) > 1 else _argument(held)
    return False


@lru_cache(maxsize=_KEPT)  # templates repeat a few hundred names
def _may_name_one(name: str) -> bool:
    return names_a_secret(name) or name.lower() == "authorization"


def _argument(held: dict[Any, Any]) -> Iterable[Any]:
    """Return the parts of a map of one key, which may be a call, that hold texts of the template."""
    for key, value in held.items():
        if key == "Fn::Join":
            return _joined(value)
        if key == "Fn::Sub" and type(value) is list:
            return (*value, _ALWAYS)
        return () if key in _WITHOUT_TEXT else (value,)
    return ()


def reaches(raw: Any, tree: Mapping[str, Any]) -> bool:
    """Return whether a part of a template has one of the properties of a tree; `*` is any key or item."""
    if not tree or tree == {"*": {}} or is_call(raw):
        return True
    if type(raw) is dict:
        return any(reaches(raw[key], below) for key, below in tree.items() if key in raw) or (
            "*" in tree and any(reaches(value, tree["*"]) for value in raw.values())
        )
    return type(raw) is list and "*" in tree and any(reaches(item, tree["*"]) for item in raw)


_ALWAYS = "secret"
"""A text that is always suspect."""


def _joined(argument: Any) -> list[Any]:
    """Return what `Fn::Join` joins as a list, with its literals as one text."""
    if not (type(argument) is list and len(argument) == 2 and type(argument[1]) is list):
        return [argument]
    delimiter = argument[0] if type(argument[0]) is str else ""
    pieces = argument[1]
    text = delimiter.join(piece if type(piece) is str else "…" for piece in pieces)
    return [text, *(piece for piece in pieces if type(piece) is not str)]


def _looked_at(text: str) -> bool:
    if _ACTION.fullmatch(text):
        return False
    return has_mark(text) or has_mark_of_shape(text) or is_encoded(text)


_kept = lru_cache(maxsize=_KEPT)(_looked_at)
