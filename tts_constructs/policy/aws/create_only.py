"""Properties that CloudFormation can't change on a live resource, by the schemas of resource types."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).parent / "data" / "create-only.json"
"""Made by `scripts/make_create_only.py`; says its source."""


class UpdateBehavior(NamedTuple):
    """How CloudFormation treats changes of a resource type.

    Paths separate keys with `/`; `*` is each item of a list.

    Args:
        create_only: Paths of properties whose change replaces the resource.
        conditional: Paths of properties whose change may replace it, depending on more than the schema says.
        identifier: Attributes that identify the resource and that AWS chooses, such as `LoadBalancerArn`.
        name: Properties that together name the resource if they are stated; no two may share the name.
        immutable: Whether any change replaces it.
        deleted_first: Whether a replacement deletes the old resource before it creates the new one.
    """

    create_only: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    identifier: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    immutable: bool = False
    deleted_first: bool = False


@cache
def update_behaviors() -> dict[str, UpdateBehavior]:
    """Return the behavior of each resource type of the regions that systems run in."""
    types: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))["types"]
    return {name: _behavior(facts) for name, facts in types.items()}


def _behavior(facts: dict[str, Any]) -> UpdateBehavior:
    stated: dict[str, Any] = {
        key: tuple(fact) if isinstance(fact, list) else fact for key, fact in facts.items()
    }
    return UpdateBehavior(**stated)
