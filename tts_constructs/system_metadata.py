"""What a system says about itself: its environment, its data, and the record in a template's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

METADATA_KEY = "TTS"
"""Key of the record in a template's `Metadata` (contract)."""

RECORD_VERSION = 1

NO_ALARMS = "no_alarms"
"""Key in a resource's `Metadata.TTS`: why nobody needs to be told when it fails (contract)."""


class Environment(StrEnum):
    """The environment of a system; it decides what a violation does.

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
        "changeme", "change-me", "default", "dummy", "example", "fixme", "foo", "my-project", "myproject",
        "n/a", "na", "name", "none", "null", "placeholder", "project", "projectname", "sample", "tbd", "temp",
        "test", "todo", "undefined", "unknown", "xxx",
    }
)  # fmt: skip
"""Values of a `Project` tag, in lower case, that name no project (TTS-TAG-001)."""


def names_a_project(value: str) -> bool:
    """Return whether a `Project` value identifies a project: it is neither empty nor a placeholder."""
    text = value.strip().lower()
    return bool(text) and any(c.isalnum() for c in text) and text not in PROJECT_PLACEHOLDERS


LONGEST_VALUE = 256

PUNCTUATION = " _.:/=+-@"
"""Characters that a tag value may have besides letters and digits."""


def owner_faults(owner: str) -> Iterator[str]:
    """Yield what is wrong with the owner of a record, which is also a tag value; one sentence each."""
    yield from _value_faults("owner", owner)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", owner):
        yield f"owner is {owner!r}; write the e-mail address of those who answer for the system"


def project_faults(project: str) -> Iterator[str]:
    """Yield what is wrong with the project of a record, which is also a tag value; one sentence each."""
    yield from _value_faults("project", project)
    if not names_a_project(project):
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
