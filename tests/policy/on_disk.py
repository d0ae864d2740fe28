"""Templates and cloud assemblies on disk, for the tests of what reads them."""

import json
from pathlib import Path
from typing import Any

from tts_constructs.policy.model.assembly import Assembly

QUEUE = {"Type": "AWS::SQS::Queue"}

ASSETS = "assets-111111111111-us-east-1"
"""The bucket of the assets of the assembly `cdk_out`."""


def write(path: Path, data: Any) -> Path:
    """Writes a text, or data as JSON, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def names(assembly: Assembly) -> list[str]:
    """The names of the stacks, in order."""
    return [stack.name for stack in assembly.stacks]


def stack_artifact(name: str, **properties: Any) -> dict[str, Any]:
    """A stack in a manifest; its template is `<name>.template.json`."""
    return {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111111111111/us-east-1",
        "properties": {"templateFile": f"{name}.template.json"} | properties,
        "displayName": name,
    }
