"""What rules about VPCs ask of a place."""

from __future__ import annotations

from collections.abc import Mapping

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource

OWN_VPC = (
    'TTS handbook: "To ensure logical partitioning of systems running within the TTS production environment, '
    'every system must be hosted within its own virtual private cloud (VPC)."'
)


def missing(resource: Resource, table: Mapping[str, tuple[str, ...]]) -> Node | None:
    """The first of the places that a table has for a type, where nothing stands at any of them."""
    stated = [resource.properties.at(path) for path in table.get(resource.type, ())]
    return None if any(map(says_something, stated)) else next(iter(stated), None)


def says_something(place: Node) -> bool:
    return place.is_unknown or any(item.value != "" for item in place.items())
