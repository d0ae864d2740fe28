"""Tags of resources: which types have them, and what a template says they are.

Nearly every resource has tags, and nearly all are literal. `plain_tag` reads those without building nodes;
a rule calls `tag` only if it returns None.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tts_constructs.policy.model.intrinsics import is_call
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource

PROJECT = "Project"
ENVIRONMENT = "Environment"

TABLE = Path(__file__).parent / "data" / "taggable.json"
"""Made by `scripts/make_taggable.py`."""


class Carrier(NamedTuple):
    """The place and form of the tags of a resource type.

    Args:
        path: The property, such as `Tags` or `TagSpecifications/*/Tags`.
        is_map: Whether tags are a map by key; else a list of `Key` and `Value`.
    """

    path: str
    is_map: bool


_SERVERLESS = tuple(f"AWS::Serverless::{kind}" for kind in ("Api", "Application", "Function", "HttpApi"))
"""Types without a schema; other types of the transform are written out."""


@cache
def carriers() -> dict[str, Carrier]:
    """Return the resource types that have tags."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    table["map"].setdefault("Tags", []).extend(_SERVERLESS)
    return {
        resource_type: Carrier(path, shape == "map")
        for shape, paths in table.items()
        for path, types in paths.items()
        for resource_type in types
    }


def plain_tag(resource: Resource, key: str) -> str | None:
    """Return a tag's literal value, or None if you must read the tag with `tag`."""
    return plain_tags(resource).get(key)


def plain_tags(resource: Resource) -> dict[str, str | None]:
    """Return the tags that `plain_tag` reads, by key. The value is None if it is not a literal."""
    return resource.cached(_plain_tags)


def _plain_tags(resource: Resource) -> dict[str, str | None]:
    """Return the first value of each key, or None as the value if it is not a literal."""
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


def _are_plain(resource: Resource) -> bool:
    """Return True if the keys of all tags are literals, so that `plain_tags` names them all."""
    properties = resource.body.get("Properties", {})
    carrier = carriers()[resource.type]
    if resource.stack.may_transform or type(properties) is not dict or is_call(properties):
        return False
    name = carrier.path.partition("/*")[0]
    tags = properties.get(name, [])
    return name not in properties or (
        name == carrier.path
        and type(tags) is list
        and not carrier.is_map
        and all(type(item) is dict and _is_plain(item.get("Key")) for item in tags)
    )


def _is_plain(key: Any) -> bool:
    """Return whether a tag's key is a text that holds no dynamic reference."""
    return isinstance(key, str) and "{{" not in key


def tags_of(resource: Resource) -> Node:
    """Return the place of the tags of a resource, up to the first list in their path."""
    return resource.properties.at(carriers()[resource.type].path.partition("/*")[0])


def tag(resource: Resource, key: str) -> Node | None:
    """Return the place of a tag's value, or None if the resource has no such tag.

    Raises:
        UnknownValue: Whether it has the tag cannot be decided.
    """
    if key not in plain_tags(resource) and resource.cached(_are_plain):
        return None
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
    """Return the item with this key in a list of tags, or None if there is none.

    Raises:
        UnknownValue: No item has it, and one has a key that cannot be decided.
    """
    doubt = None
    for item in items:
        try:
            if item["Key"].text() == key == item["Key"].value:  # keys are case-sensitive
                return item
        except UnknownValue as undecided:
            doubt = undecided
    if doubt:
        raise doubt
    return None
