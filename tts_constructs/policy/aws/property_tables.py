"""Tables of properties, by resource type, that hold a secret or user data, or name a key pair, VPC, or group.

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
"""Properties that name the key for logins to instances."""

USER_DATA = "user-data-properties"
"""Properties that hold the user data of instances."""

NETWORKS = "network-properties"
"""Properties that name a VPC, subnets, or a subnet group."""

PUBLIC_ADDRESSES = "public-address-properties"
"""Properties that say whether a task gets a public address."""

SECURITY_GROUPS = "security-group-properties"
"""Properties of a resource that name its security groups."""


@cache
def property_table(topic: str, *, whole_lists: bool = False) -> dict[str, tuple[str, ...]]:
    """Return the properties of a topic, by resource type.

    Args:
        topic: Such as `SECRETS`.
        whole_lists: Name a list of texts itself, `Subnets`, in place of its items, `Subnets/*`.

    Returns:
        Paths such as `Users/*/Password`: `*` means each item of a list, or each entry of a map.
    """
    table = json.loads((DATA / f"{topic}.json").read_text(encoding="utf-8"))
    if whole_lists:
        table = {name: [path.removesuffix("/*") for path in paths] for name, paths in table.items()}
    return {resource_type: tuple(dict.fromkeys(paths)) for resource_type, paths in table.items()}
