"""What a system says of itself: its environment, its data, and the record in a template's metadata."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

METADATA_KEY = "TTS"
"""Key of the record in a template's `Metadata` (contract)."""

RECORD_VERSION = 1


class Environment(StrEnum):
    """Where a system runs; it decides what a broken rule does.

    Source: handbook, "We have separate AWS accounts for our production systems and sandboxes".
    """

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPMENT = "development"


_BY_STRICTNESS = (Environment.PRODUCTION, Environment.DEVELOPMENT, Environment.SANDBOX)


def strictest(environments: Iterable[Environment]) -> Environment | None:
    """The strictest of some environments; None of none."""
    return min(environments, key=_BY_STRICTNESS.index, default=None)


def is_laxer(environment: Environment, than: Environment) -> bool:
    """Whether less is demanded in one environment than in another."""
    return _BY_STRICTNESS.index(environment) > _BY_STRICTNESS.index(than)


class DataSensitivity(StrEnum):
    """What the owner of a system's data has declared. Undeclared data is treated as sensitive.

    Source: handbook, "always assume the owner of that data has the most conservative requirements
    unless they have taken express action".
    """

    SENSITIVE = "sensitive"
    PUBLIC = "public"
    SYNTHETIC = "synthetic"


UNDECLARED = "undeclared"
"""What the record says where nobody declared the sensitivity of the data."""
