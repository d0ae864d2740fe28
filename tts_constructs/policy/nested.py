"""Templates inside templates: nested stacks and StackSets, found without the network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_constructs.errors import InputError
from tts_constructs.policy.document import parse, read_text
from tts_constructs.policy.origins import nested_stack_path
from tts_constructs.policy.values import ABSENT, Text, Unknown

if TYPE_CHECKING:
    from tts_constructs.policy.template import Resource

NESTED_STACK = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"


@dataclass(frozen=True)
class Child:
    """A template that a resource deploys: its data, a name for messages, and its file where it has one."""

    body: Any
    name: str
    path: Path | None = None


def child_of(resource: Resource) -> Child | None:
    """The template that a nested stack or StackSet deploys; None where it is not at hand.

    Raises:
        InputError: The template is at hand and cannot be read.
    """
    if not isinstance(resource.properties.value, dict):
        return None
    if resource.type == STACK_SET:
        return _inline(resource)
    if resource.type == NESTED_STACK:
        path = _file_of(resource)
        return Child(parse(read_text(path), str(path)), str(path), path) if path else None
    return None


def given_to(resource: Resource, body: dict[str, Any]) -> dict[str, Any]:
    """Raw values that a nested stack or StackSet is given for parameters, each with its giver."""
    parameters = resource["Parameters"]
    if isinstance(parameters.value, dict):
        return {key: (raw, parameters.stack) for key, raw in parameters.value.items()}
    if isinstance(parameters.value, list):
        items = [item for item in parameters.value if isinstance(item, dict)]
        return {
            str(item.get("ParameterKey")): (item.get("ParameterValue"), parameters.stack) for item in items
        }
    if parameters.value is ABSENT:
        return {}
    declared = body.get("Parameters")
    unknown = Unknown(f"the parameters that {resource.logical_id} is given")
    return dict.fromkeys(declared, (unknown, parameters.stack)) if isinstance(declared, dict) else {}


def _inline(resource: Resource) -> Child | None:
    body = resource["TemplateBody"].value
    name = f"{resource.stack.name}/{resource.logical_id}/TemplateBody"
    if isinstance(body, dict):
        return Child(body, name)
    return Child(parse(body, name), name) if isinstance(body, str) else None


def _file_of(resource: Resource) -> Path | None:
    stack = resource.stack
    if stack.template_path is None:
        return None
    folder = stack.template_path.parent
    for name in _file_names(resource, folder):
        path = (folder / name).resolve()
        if path.is_file() and path.is_relative_to(folder.resolve()):
            return path
    return None


def _file_names(resource: Resource, folder: Path) -> list[str]:
    """Where the template may be: by the asset, by its object key, by metadata, by a path."""
    url = resource["TemplateURL"].value
    names = [resource.metadata.get("aws:asset:path")]
    if isinstance(url, str | Text):
        key = str(url).rpartition("/")[2]
        names += [_asset_sources(resource, folder).get(key), str(url) if "://" not in str(url) else None]
    nested_path = nested_stack_path(resource.origin.construct_path)
    if nested_path:
        names.append(resource.stack.origins.template_file(nested_path))
        names.append(resource.stack.origins.asset_file(json.dumps(resource.body["Properties"])))
    return [name for name in names if isinstance(name, str) and name]


def _asset_sources(resource: Resource, folder: Path) -> dict[str, str]:
    sources: dict[str, str] = resource.stack.assembly.once(("assets", folder), lambda: _read_assets(folder))
    return sources


def _read_assets(folder: Path) -> dict[str, str]:
    sources = {}
    for path in folder.glob("*.assets.json"):
        try:
            files = json.loads(path.read_text(encoding="utf-8")).get("files", {})
            for file in files.values():
                for destination in file.get("destinations", {}).values():
                    sources[destination["objectKey"].rpartition("/")[2]] = file["source"]["path"]
        except (AttributeError, KeyError, OSError, ValueError):
            raise InputError(str(path), ["is not an asset manifest of a cloud assembly"]) from None
    return sources
