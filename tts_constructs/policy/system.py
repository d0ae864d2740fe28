"""What a system says of itself: its environment, its data, and the record in a template's metadata."""

from __future__ import annotations

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
