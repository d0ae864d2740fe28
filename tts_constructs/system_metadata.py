"""Describes a system: its environment, its data, and the record in a template's metadata."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

METADATA_KEY = "TTS"
"""Key of the record in a template's `Metadata` (contract)."""

RECORD_VERSION = 1

NO_ALARMS = "no_alarms"
"""Key in a resource's `Metadata.TTS`: why nobody needs to be told when it fails (contract)."""

ROW_ENCRYPTION = "row_encryption"
"""Key in a resource's `Metadata.TTS`; `none` in it says why no row is encrypted by itself (contract)."""


class Environment(StrEnum):
    """The environment of a system; it decides what a violation does.

    `production` serves the public. `development` is where a production system is built and tested. `sandbox`
    is for trials with made-up data, in an account that can be emptied. `tts rules` lists what a rule does in
    each.

    Source: handbook, "We have separate AWS accounts for our production systems and sandboxes".
    """

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPMENT = "development"


_BY_STRICTNESS = (Environment.PRODUCTION, Environment.DEVELOPMENT, Environment.SANDBOX)


def strictest(environments: Iterable[Environment]) -> Environment | None:
    """Return the strictest of several environments, or None if there are none."""
    return min(environments, key=_BY_STRICTNESS.index, default=None)


def is_laxer(environment: Environment, than: Environment) -> bool:
    """Return whether one environment requires less than another."""
    return _BY_STRICTNESS.index(environment) > _BY_STRICTNESS.index(than)


class DataSensitivity(StrEnum):
    """The sensitivity that the owner of a system's data has declared. Undeclared data counts as sensitive.

    Source: handbook, "always assume the owner of that data has the most conservative requirements
    unless they have taken express action".
    """

    SENSITIVE = "sensitive"
    PUBLIC = "public"
    SYNTHETIC = "synthetic"


UNDECLARED = "undeclared"
"""The record's value if nobody declared the sensitivity of the data."""


PROJECT_PLACEHOLDERS = frozenset(
    {
        "default", "dummy", "my-project", "myproject", "name", "null", "placeholder", "projectname", "temp",
        "undefined", "unknown", "xxx",
    }
)  # fmt: skip
"""Values of a `Project` tag, in lower case, that name no project (TTS-TAG-001)."""

PLACEHOLDER_BEGINNINGS = frozenset(
    {
        "todo", "tbd", "fixme", "changeme", "replaceme", "replacewith", "inserthere", "yourproject",
        "yourname",
    }
)  # fmt: skip
"""A value that begins with the words of one of these is still to be written, as `TODO: name` is."""

PLACEHOLDER_WORDS = frozenset(
    {"test", "testing", "example", "sample", "demo", "foo", "project", "none", "na"}
)
"""A value of nothing but these words names no project, as `Sample Project` doesn't."""

_IN_BRACKETS = re.compile(r"<[^<>]*>|\{[^{}]*\}")

_LONGEST_BEGINNING = max(map(len, PLACEHOLDER_BEGINNINGS))


def names_a_project(value: str) -> bool:
    """Return whether a `Project` value identifies a project: it is neither empty nor a placeholder."""
    words = _words_of(value)
    return not (
        is_yet_to_be_written(value)
        or value.strip().lower() in PROJECT_PLACEHOLDERS
        or any(beginning in PLACEHOLDER_BEGINNINGS for beginning in _beginnings(words))
        or PLACEHOLDER_WORDS.issuperset(words)
    )


def names_a_contact(value: str) -> bool:
    """Return whether the owner of a record says who to ask: an e-mail address, or a name."""
    is_address = "@" in value.strip("@ ") and not _IN_BRACKETS.search(value)
    return is_address or names_a_project(value)


def is_yet_to_be_written(value: str) -> bool:
    """Return whether a value can't be a name: it has no letter, asks to be replaced, or a part of it does."""
    words = _words_of(value)
    return not words or "".join(words) in PLACEHOLDER_BEGINNINGS or bool(_IN_BRACKETS.search(value))


def _words_of(value: str) -> list[str]:
    """Split a value at punctuation and inside camel case; `n/a` is one word."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value)
    return re.findall(r"[^\W_]+", re.sub(r"\bn\W?a\b", "na", apart.lower()))


def _beginnings(words: list[str]) -> Iterator[str]:
    """Yield the first word, the first two without a separator, and so on while they may be a placeholder."""
    beginning = ""
    for word in words:
        beginning += word
        if len(beginning) > _LONGEST_BEGINNING:
            return
        yield beginning


LONGEST_VALUE = 256

PUNCTUATION = " _.:/=+-@"
"""Characters that a tag value may have besides letters and digits."""


def owner_faults(owner: str) -> Iterator[str]:
    """Yield what is wrong with the owner of a record, which is also a tag value; one sentence each."""
    yield from _value_faults("owner", owner)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", owner):
        yield f"owner is {owner!r}; write the e-mail address of the team that is responsible for the system"


def project_faults(project: str, registered: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with the project of a record, which is also a tag value; one sentence each.

    Args:
        project: The value.
        registered: The projects that the settings list. They are names, whatever they look like.
    """
    yield from _value_faults("project", project)
    if project.strip() not in registered and not names_a_project(project):
        yield f"project is {project!r}, which names no project; write the name it is registered under"


def _value_faults(argument: str, value: str) -> Iterator[str]:
    """Yield what AWS refuses in a tag value."""
    refused = sorted(
        {character for character in value if not (character.isalnum() or character in PUNCTUATION)}
    )
    if refused:
        yield (
            f"{argument} is {value!r}, and a tag cannot hold {' '.join(refused)}; "
            "write letters, digits, spaces and _ . : / = + - @"
        )
    if len(value) > LONGEST_VALUE:
        yield f"{argument} has {len(value)} characters; a tag holds {LONGEST_VALUE}"
