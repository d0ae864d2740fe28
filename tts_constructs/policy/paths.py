"""Places in a resource, by paths that a table can hold."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node


def places(node: Node, path: str) -> Iterator[Node]:
    """The nodes at a path such as `LaunchTemplateData/UserData` or `Users/*/Password`.

    Args:
        node: Where the path starts.
        path: Map keys; `*` stands for each item of a list, or each entry of a map.

    Raises:
        Undecided: A list or map on the way is not known.
    """
    first, star, rest = path.partition("*")
    start = node.at(first.strip("/")) if first else node
    if not star:
        yield start
        return
    held = [entry for _, entry in start.entries()] if isinstance(start.value, dict) else start.items()
    for entry in held:
        yield from places(entry, rest.strip("/")) if rest else (entry,)
