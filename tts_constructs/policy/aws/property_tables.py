"""Which properties of each resource type hold a secret, name a key pair, or are user data.

`scripts/make_property_tables.py` makes the tables from the CloudFormation schemas.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

SECRETS = "secret-properties"
"""Properties that hold a password, a token, or a private key."""

KEY_PAIRS = "key-pair-properties"
"""Properties that name the key by which people log in to instances."""

USER_DATA = "user-data-properties"
"""Properties that hold the user data of instances."""


@cache
def property_table(topic: str) -> dict[str, tuple[str, ...]]:
    """Return the properties of a topic, by resource type.

    Args:
        topic: `SECRETS`, `KEY_PAIRS`, or `USER_DATA`.

    Returns:
        Paths such as `Users/*/Password`: `*` means each item of a list, or each entry of a map.
    """
    table = json.loads((DATA / f"{topic}.json").read_text(encoding="utf-8"))
    return {resource_type: tuple(paths) for resource_type, paths in table.items()}
