"""Helpers that the VPC rules share."""

from __future__ import annotations

from collections.abc import Mapping

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource

OWN_VPC = (
    'TTS handbook: "To ensure logical partitioning of systems running within the TTS production environment, '
    'every system must be hosted within its own virtual private cloud (VPC)."'
)


def missing(resource: Resource, table: Mapping[str, tuple[str, ...]]) -> Node | None:
    """Return the first place that a table has for a type, if none of its places has a value."""
    stated = [resource.properties.at(path) for path in table.get(resource.type, ())]
    return None if any(map(says_something, stated)) else next(iter(stated), None)


def says_something(place: Node) -> bool:
    return place.is_unknown or any(item.value != "" for item in place.items())
