"""Makes the table of taggable resource types from the CloudFormation schemas that cfn-lint ships.

Run `python scripts/make_taggable.py` after cfn-lint is updated; a test says when it is due.
"""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tts_constructs import standards
from tts_constructs.policy.aws.tags import TABLE

# Found without importing cfn-lint, which takes seconds.
SCHEMAS = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/schemas")))

# The schema of AWS::EC2::LaunchTemplate says that it takes no tags, and means other tags than its own.
# AWS::ManagedBlockchain::Accessor says that it takes tags and not where.
_BY_HAND = {
    "AWS::AutoScaling::AutoScalingGroup": ("list", "Tags"),
    "AWS::EC2::LaunchTemplate": ("list", "TagSpecifications/*/Tags"),
    "AWS::ManagedBlockchain::Accessor": ("list", "Tags"),
}


def table() -> dict[str, dict[str, list[str]]]:
    """Taggable types of all regions of the catalog, by the shape of their tags and the property."""
    carriers: dict[str, tuple[str, str]] = {}
    for region in standards.REGIONS:
        for resource_type, file in read(SCHEMAS / "providers" / f"{region}.json").items():
            if resource_type not in carriers:
                schema = read(SCHEMAS / "resources" / f"{file}.json")
                tagging = schema.get("tagging") or {}
                if tagging.get("taggable") and "tagProperty" in tagging:
                    carriers[resource_type] = _carrier(schema, tagging["tagProperty"])
    shapes: dict[str, dict[str, list[str]]] = {"list": {}, "map": {}}
    for resource_type, (shape, path) in sorted((carriers | _BY_HAND).items()):
        shapes[shape].setdefault(path, []).append(resource_type)
    return shapes


def rendered() -> str:
    """The table as its file holds it."""
    return json.dumps(table(), indent=1) + "\n"


def read(path: Path) -> dict[str, Any]:
    """A file of the schemas."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _carrier(schema: dict[str, Any], pointer: str) -> tuple[str, str]:
    path = pointer.removeprefix("/properties/")
    place: dict[str, Any] = schema
    for key in path.split("/"):
        place = _resolved(schema, place["items"] if key == "*" else place["properties"][key])
    if "Items" in place.get("properties", {}):
        return "list", f"{path}/Items"
    return ("list" if place.get("type") == "array" else "map"), path


def _resolved(schema: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in place:
        target: Any = schema
        for key in place["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        place = target
    return place


if __name__ == "__main__":
    TABLE.write_text(rendered(), encoding="utf-8")
    print(f"{TABLE}: {sum(len(types) for paths in table().values() for types in paths.values())} types")
