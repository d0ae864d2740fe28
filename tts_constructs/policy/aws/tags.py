"""Tags of resources: which types carry them, and what a template says they are.

Nearly every resource has tags, and nearly always they are literal: `plain_tag` reads those without building
nodes, and a rule goes on to `tag` only where it returns None.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource

PROJECT = "Project"
ENVIRONMENT = "Environment"

TABLE = Path(__file__).parent / "data" / "taggable.json"
"""Made by `scripts/make_taggable.py`."""


class Carrier(NamedTuple):
    """Where a resource type carries its tags.

    Args:
        path: The property, such as `Tags` or `TagSpecifications/*/Tags`.
        is_map: Whether tags are a map by key; else a list of `Key` and `Value`.
    """

    path: str
    is_map: bool


@cache
def carriers() -> dict[str, Carrier]:
    """The resource types that carry tags."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        resource_type: Carrier(path, shape == "map")
        for shape, paths in table.items()
        for path, types in paths.items()
        for resource_type in types
    }


def plain_tag(resource: Resource, key: str) -> str | None:
    """The value of a tag that the template states as a literal; None where it must be read with `tag`."""
    return plain_tags(resource).get(key)


def plain_tags(resource: Resource) -> dict[str, str | None]:
    """The tags that `plain_tag` reads, by key; None where a value is no literal. Not all types carry any."""
    return resource.cached(_plain_tags)


def _plain_tags(resource: Resource) -> dict[str, str | None]:
    """The first value of each key; None where it is no literal."""
    properties = resource.body.get("Properties")
    carrier = carriers().get(resource.type)
    if carrier is None or type(properties) is not dict:
        return {}
    tags = properties.get(carrier.path)
    found: dict[Any, Any] = {}
    if type(tags) is list and not carrier.is_map:
        for item in tags:
            if type(item) is dict and type(item.get("Key")) is str:
                found.setdefault(item["Key"], item.get("Value"))
    elif type(tags) is dict and carrier.is_map:
        found = tags
    return {key: value if type(value) is str and "{{" not in value else None for key, value in found.items()}


def tags_of(resource: Resource) -> Node:
    """The place where a resource of a type that carries tags has them, as far as its path has no list."""
    return resource.properties.at(carriers()[resource.type].path.partition("/*")[0])


def tag(resource: Resource, key: str) -> Node | None:
    """The place of a tag's value; None where the resource, of a type that carries tags, has no such tag.

    Raises:
        UnknownValue: Whether it has the tag cannot be decided.
    """
    carrier = carriers()[resource.type]
    if carrier.is_map:
        value = tags_of(resource)[key]
        return value if value.exists else None
    lists = [tags_of(resource)]
    if "/*/" in carrier.path:
        lists = [specification["Tags"] for specification in lists[0].items()]
    items = [item for tags in lists for item in tags.items()]
    found = item_of(items, key)
    return found["Value"] if found else None


def item_of(items: list[Node], key: str) -> Node | None:
    """The item with this key in a list of tags.

    Raises:
        UnknownValue: No item has it, and one has a key that cannot be decided.
    """
    doubt = None
    for item in items:
        try:
            if item["Key"].text() == key == item["Key"].value:  # keys are read letter by letter
                return item
        except UnknownValue as undecided:
            doubt = undecided
    if doubt:
        raise doubt
    return None
