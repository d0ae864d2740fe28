"""Text to data: a CloudFormation template as JSON or YAML, with YAML's short intrinsic forms written out.

Both readers refuse what could fool the judge: a key that stands twice (readers differ in which one counts),
an alias that multiplies (a small file that is huge when read), nesting deeper than any template's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tts_constructs.errors import InputError

ESCAPE = re.compile(r"\\[uUx\r\n]")
"""What stands in a JSON or YAML text whose values read otherwise than they are written."""

MAX_BYTES = 20 * 1024 * 1024
"""CloudFormation takes templates of 1 MB; what is far above that is not a template."""

MAX_DEPTH = 200
MAX_ALIASED_NODES = 1_000_000


def parse(text: str, name: str, *, by_cdk: bool = False) -> Any:
    """The data in a template's text.

    Args:
        text: JSON, or YAML with CloudFormation's tags.
        name: Name of the file, for messages; its ending decides the format, else the first character does.
        by_cdk: The CDK has just written it, so that no key can stand twice.

    Raises:
        InputError: The text is malformed; the message has the line.
    """
    if len(text) > MAX_BYTES:
        size = len(text) // (1024 * 1024)
        raise InputError(name, [f"is {size} MB large; CloudFormation takes templates of at most 1 MB"])
    if name.endswith((".yaml", ".yml")) or not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        from tts_constructs.policy.document_yaml import parse_yaml  # loads PyYAML, which JSON does not need

        return parse_yaml(text, name)
    return _parse_json(text, name, None if by_cdk else _unique)


def _parse_json(text: str, name: str, hook: _Hook | None) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"), object_pairs_hook=hook)
    except _KeyTwiceError as error:
        raise InputError(
            name, [f"states the key {error.key!r} twice in one map; only one can count"]
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(
            name, [f"line {error.lineno}, column {error.colno}: not valid JSON ({error.msg})"]
        ) from None
    except RecursionError:
        raise InputError(name, ["is nested too deeply to be a template"]) from None


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
