"""Parses CloudFormation templates in JSON or YAML, and expands YAML's short intrinsic forms.

Both parsers refuse what could fool the judge: duplicate keys (parsers differ in which one counts), aliases
that multiply (a small file that is huge when read), and nesting deeper than any real template's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tts_constructs.errors import InputError
from tts_constructs.files import Malformed

ESCAPE = re.compile(r"\\[uUx\r\n]")
"""Characters in JSON or YAML that make a value differ from its spelling."""

SECTIONS = ("Resources", "AWSTemplateFormatVersion", "Fn::Transform")
"""Keys that identify a template; `Fn::Transform` can add the resources."""

MAX_DEPTH = 200
MAX_ALIASED_NODES = 1_000_000

TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep, which no template needs"

_YAML_ENDINGS = (".yaml", ".yml")


def is_template(body: Any) -> bool:
    """Return whether data is a CloudFormation template, by its keys."""
    return isinstance(body, dict) and any(key in body for key in SECTIONS)


def parse(text: str, name: str, *, by_cdk: bool = False) -> Any:
    """Return the data in a template's text.

    Args:
        text: JSON, or YAML with CloudFormation's tags; the text itself decides which.
        name: Name of the file, for messages.
        by_cdk: The CDK has just written it, so it has no duplicate keys.

    Raises:
        Malformed: It is neither; the message has the line.
        InputError: It holds what could fool the judge.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return _parse_yaml(text, name)
    try:
        return _parse_json(text, name, None if by_cdk else _unique)
    except Malformed as malformed:
        try:
            return _parse_yaml(text, name)  # YAML's maps and lists can begin like JSON's
        except Malformed:
            if name.lower().endswith(_YAML_ENDINGS):
                raise
            raise malformed from None


def _parse_yaml(text: str, name: str) -> Any:
    from tts_constructs.policy.loading.yaml_parser import parse_yaml

    return parse_yaml(text, name)


def _parse_json(text: str, name: str, hook: _Hook | None) -> Any:
    try:
        data = json.loads(text.lstrip("\ufeff"), object_pairs_hook=hook)
    except _KeyTwiceError as error:
        fault = f"states the key {error.key!r} twice in one map; only one can count"
    except json.JSONDecodeError as error:
        fault = f"line {error.lineno}, column {error.colno}: not valid JSON ({error.msg})"
        raise Malformed(name, [fault]) from None
    except ValueError:
        fault = "holds a number with more digits than can be read; write it as text, in quotes"
    except RecursionError:
        fault = f"is {TOO_DEEP}"
    else:
        if not _is_deeper_than(MAX_DEPTH, data):
            return data
        fault = f"is {TOO_DEEP}"
    raise InputError(name, [fault])


_Hook = Callable[[list[tuple[str, Any]]], dict[str, Any]]


class _KeyTwiceError(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return result


def _is_deeper_than(limit: int, data: Any) -> bool:
    """Return whether maps and lists are nested deeper than a limit; by level, without recursion."""
    level = [data]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True
