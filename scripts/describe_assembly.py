"""Print what a cloud assembly holds, and where.

usage: describe_assembly.py FOLDER
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path


def stacks(assembly: Path) -> Iterator[tuple[str, str, int, Path]]:
    """The stacks of an assembly: name, region, number of resources and template file."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] == "aws:cloudformation:stack":
            template = assembly / artifact["properties"]["templateFile"]
            resources = json.loads(template.read_text(encoding="utf-8")).get("Resources", {})
            yield name, artifact["environment"].rpartition("/")[2], len(resources), template


for stack, region, count, file in stacks(Path(sys.argv[1])):
    print(f"{stack} ({region}): {count} resources in {file}")
