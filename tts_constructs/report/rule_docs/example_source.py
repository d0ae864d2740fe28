"""The template of an example as its author wrote it, for people who read it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

import yaml

from tts_constructs.errors import InputError
from tts_constructs.files import read_text
from tts_constructs.policy.examples import Example
from tts_constructs.policy.loading.yaml_parser import parse_yaml

_EXAMPLE = re.compile(r"^(?=- )", re.M)
_KEY = re.compile(r"^(?:- |  )(?=\w+:)", re.M)
_ANCHOR = re.compile(r" &([a-z]\w*)(?=\s)")
_SAID_IN_WORDS = ("title:", "verdict:", "at:", "level:")


def texts(examples: Sequence[Example]) -> list[str]:
    """Returns the YAML of each example of one rule: its template, or all of it if it states more than that.

    The YAML is that of the file; only references to another example of the file are written out.

    Args:
        examples: All examples of the rule.
    """
    if not examples:
        return []
    file = examples[0].file
    written = _EXAMPLE.split(read_text(file))[1:]
    return [_text(example, text) for example, text in zip(examples, written, strict=True)]


def _text(example: Example, written: str) -> str:
    parts = [_part(example, text) for text in _KEY.split(written)[1:] if not text.startswith(_SAID_IN_WORDS)]
    if len(parts) == 1 and parts[0].startswith("template:"):
        return textwrap.dedent(parts[0].partition("\n")[2])
    return "\n".join(parts)


def _part(example: Example, text: str) -> str:
    text = textwrap.dedent(f"  {text}").rstrip()
    try:
        parse_yaml(text, example.title)
    except InputError:  # it refers to another example
        key = text.partition(":")[0]
        # Through JSON, so that an anchored part that is there twice is written twice.
        tree = json.loads(json.dumps({key: example.data[key]}))
        return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=100).rstrip()
    return _ANCHOR.sub(lambda anchor: anchor[0] if f"*{anchor[1]}" in text else "", text)
