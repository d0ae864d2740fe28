"""Templates inside templates: nested stacks and StackSets, found without the network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_constructs.errors import InputError
from tts_constructs.policy.document import parse
from tts_constructs.policy.node import Node, Undecided
from tts_constructs.policy.origins import nested_stack_path
from tts_constructs.policy.values import Text, Unknown

if TYPE_CHECKING:
    from tts_constructs.policy.files import Files
    from tts_constructs.policy.template import Assembly, Resource, Stack

NESTED_STACK = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"


@dataclass(frozen=True)
class Child:
    """A template that a resource deploys: its data, a name for messages, its file and what that holds."""

    body: Any
    name: str
    path: Path | None = None
    text: str | None = None


def child_of(resource: Resource) -> Child | None:
    """The template that a nested stack or StackSet deploys; None where it is not at hand, or is a choice.

    Raises:
        InputError: The template is at hand and cannot be read.
    """
    child, is_fixed = resource.stack.assembly.explorer.attempt(lambda: _child_of(resource))
    return child if is_fixed else None


def _child_of(resource: Resource) -> Child | None:
    if not isinstance(resource.properties.value, dict):
        return None
    if resource.type == STACK_SET:
        return _inline(resource)
    if resource.type == NESTED_STACK:
        path = _file_of(resource)
        if path:
            text = resource.stack.assembly.files.text(path)
            return Child(parse(text, str(path)), str(path), path, text)
    return None


Given = dict[str, tuple[Any, "Stack"]]
"""Raw values of parameters, each with the stack in whose template it stands."""


def given_to(resource: Resource, body: Any) -> Given:
    """Raw values that a nested stack or StackSet is given for parameters, each with its giver."""
    stack = resource.stack
    try:
        given, is_fixed = stack.assembly.explorer.attempt(lambda: _given_to(resource))
        if is_fixed:
            return given
    except Undecided:
        pass
    declared = body.get("Parameters") if isinstance(body, dict) else None
    unknown = Unknown(f"the parameters that {resource.logical_id} is given")
    return dict.fromkeys(declared, (unknown, stack)) if isinstance(declared, dict) else {}


def _given_to(resource: Resource) -> Given:
    parameters = resource["Parameters"]
    if isinstance(parameters.value, dict):
        return {key: (raw, parameters.stack) for key, raw in parameters.value.items()}
    given = _listed(parameters)
    for group in resource["StackInstancesGroup"].items() if resource.type == STACK_SET else ():
        for name, (raw, stack) in _listed(group["ParameterOverrides"]).items():
            otherwise, _ = given.get(name, ({"Ref": "AWS::NoValue"}, stack))
            # Some instances have the one, some the other, as if a condition chose.
            given[name] = {"Fn::If": [f"{group.location}/{name}", raw, otherwise]}, stack
    return given


def _listed(parameters: Node) -> Given:
    return {
        item["ParameterKey"].text() or "": (item.value.get("ParameterValue"), item.stack)
        for item in parameters.items()
    }


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
    """Where the template may be: by the key of the asset, by metadata, by a path."""
    url = resource["TemplateURL"].value
    text = str(url) if isinstance(url, str | Text) else ""
    key = text.rpartition("/")[2]
    assets = resource.stack.assembly.once(_Assets)[folder]
    if key in assets:
        return [assets[key]]
    if "://" in text and "${" not in key and (assets or isinstance(url, str)):
        return []  # metadata may tell of another template than the one that is fetched there
    names = [resource.metadata.get("aws:asset:path"), text if "://" not in text else None]
    nested_path = nested_stack_path(resource.origin.construct_path)
    if nested_path:
        names.append(resource.stack.origins.template_file(nested_path))
        names.append(resource.stack.origins.asset_file(json.dumps(resource.body["Properties"])))
    return [name for name in names if isinstance(name, str) and name]


class _Assets(dict[Path, dict[str, str]]):
    """The files of the assets of an assembly, by folder and by key."""

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._files = assembly.files

    def __missing__(self, folder: Path) -> dict[str, str]:
        self[folder] = _read_assets(self._files, folder)
        return self[folder]


def _read_assets(files: Files, folder: Path) -> dict[str, str]:
    sources = {}
    for path in folder.glob("*.assets.json"):
        try:
            for file in json.loads(files.text(path)).get("files", {}).values():
                for destination in file.get("destinations", {}).values():
                    sources[destination["objectKey"].rpartition("/")[2]] = file["source"]["path"]
        except (AttributeError, KeyError, ValueError):
            raise InputError(str(path), ["is not an asset manifest of a cloud assembly"]) from None
    return sources
