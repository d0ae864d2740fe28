"""Finds the templates of nested stacks and StackSets without the network."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_constructs.errors import InputError
from tts_constructs.policy.loading.parser import parse
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import STACK_SET
from tts_constructs.policy.model.values import Parameter, Pseudo, Text, Unknown, Value

if TYPE_CHECKING:
    from tts_constructs.files import Files
    from tts_constructs.policy.model.assembly import Assembly
    from tts_constructs.policy.model.stack import Resource, Stack


_ATTRIBUTE = re.compile(r"\$\{\s*([^.${}!]+)\.")
_S3 = re.compile(
    r"https://s3\.(?:\$\{AWS::Region\}|[a-z0-9-]+)\.(?:\$\{AWS::URLSuffix\}|amazonaws\.com)/(.+)"
)
"""The URL under which the CDK publishes a template; bucket and key follow."""


@dataclass(frozen=True)
class Child:
    """A template that a resource deploys: its data, its file, and the file's text."""

    body: Any
    path: Path | None = None
    text: str | None = None


def child_of(resource: Resource) -> Child | None:
    """Return the template that a nested stack or StackSet deploys, or None if it is missing or a choice.

    Raises:
        InputError: The template was found and cannot be read.
    """
    child, is_fixed = resource.stack.assembly.explorer.run_once(lambda: _child_of(resource))
    return child if is_fixed else None


def _child_of(resource: Resource) -> Child | None:
    if not isinstance(resource.properties.value, dict):
        return None
    if resource.type == STACK_SET:
        return _inline(resource)
    path = _file_of(resource)
    return resource.stack.assembly.cached(_Children)[path] if path else None


class _Children(dict[Path, Child]):
    """The templates in files; each is read once, however many resources deploy it."""

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._files = assembly.files

    def __missing__(self, path: Path) -> Child:
        text = self._files.text(path)
        self[path] = Child(parse(text, str(path)), path, text)
        return self[path]


def likeness(resource: Resource, child: Child) -> Hashable | None:
    """Return a key for all that decides how a nested stack or StackSet turns out; equal keys, one judgment.

    Returns:
        The template, the parameters with the stacks that they come from, and the parent; None: something
        reads its outputs, so it is unique.
    """
    properties = resource.body.get("Properties")
    stack = resource.stack
    if not isinstance(properties, dict) or resource.logical_id in stack.assembly.cached(_Readings)[stack]:
        return None
    stated = [properties.get(key) for key in ("Parameters", "StackInstancesGroup")]
    given = json.dumps(stated, sort_keys=True)
    giver = stack if '"Ref"' in given or '"Fn::' in given else stack.outermost
    return (resource.type, child.path or child.text, given, giver, resource.conditions)


class _Readings(dict["Stack", set[str]]):
    """Logical ids of the resources whose attributes a stack reads, by stack."""

    def __init__(self, _: Assembly) -> None:
        super().__init__()

    def __missing__(self, stack: Stack) -> set[str]:
        self[stack] = set(_read_in(stack.body))
        return self[stack]


def _read_in(body: dict[str, Any]) -> Iterator[str]:
    """Yield the resources whose attributes a template reads; without recursion."""
    pending: list[Any] = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            read = value.get("Fn::GetAtt")
            if isinstance(read, list) and read:
                yield str(read[0])
            elif isinstance(read, str):
                yield read.partition(".")[0]
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str):
            yield from _ATTRIBUTE.findall(value)


Given = dict[str, tuple[Any, "Stack"]]
"""Raw values of parameters, each with the stack whose template it comes from."""


def given_to(resource: Resource, body: Any) -> Given:
    """Return the raw parameter values that a nested stack or StackSet gets, each with its source stack."""
    stack = resource.stack
    try:
        given, is_fixed = stack.assembly.explorer.run_once(lambda: _given_to(resource))
        if is_fixed:
            return given
    except UnknownValue:
        pass
    declared = body.get("Parameters") if isinstance(body, dict) else None
    unknown = Unknown(f"the parameters that {resource.logical_id} is given")
    return dict.fromkeys(declared, (unknown, stack)) if isinstance(declared, dict) else {}


def _given_to(resource: Resource) -> Given:
    parameters = resource["Parameters"]
    if isinstance(parameters.value, dict):
        return {key: (raw, parameters.stack) for key, raw in parameters.value.items()}
    given = _listed(parameters)
    for group in resource["StackInstancesGroup"].items():
        for name, (raw, stack) in _listed(group["ParameterOverrides"]).items():
            otherwise, _ = given.get(name, ({"Ref": "AWS::NoValue"}, stack))
            # Instances have one or the other value, as if a condition chose.
            given[name] = {"Fn::If": [f"{group.location}/{name}", raw, otherwise]}, stack
    return given


def _listed(parameters: Node) -> Given:
    return {
        name: (item.value.get("ParameterValue"), item.stack)
        for item in parameters.items()
        if (name := item["ParameterKey"].text())
    }


def _inline(resource: Resource) -> Child | None:
    body = resource["TemplateBody"].value
    name = f"{resource.stack.name}/{resource.logical_id}/TemplateBody"
    if isinstance(body, dict):
        return Child(body, text=json.dumps(body, sort_keys=True))
    return Child(parse(body, name), text=body) if isinstance(body, str) else None


# What TemplateURL names


def _file_of(resource: Resource) -> Path | None:
    """Return the file that `TemplateURL` names; metadata about another file does not count."""
    stack = resource.stack
    if stack.template_path is None:
        return None
    folder = stack.template_path.parent
    url = resource["TemplateURL"].value
    if isinstance(url, str) and "://" not in url:
        name: str | None = url
    else:
        name = _asset_at(_address(url, stack), stack, folder)
    return _file_below(folder, name) if name else None


def _file_below(folder: Path, name: str) -> Path | None:
    try:
        path = (folder / name).resolve()
        return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):  # not a valid file name
        return None


def _asset_at(address: str | None, stack: Stack, folder: Path) -> str | None:
    """Return the file of the asset that is published to an S3 address before the stack is deployed."""
    match = _S3.fullmatch(address) if address else None
    if match is None:
        return None
    assets = stack.assembly.cached(_Assets)[folder, stack.account, stack.region]
    return assets.get(match[1]) or stack.origins.assets.get(match[1])


def _address(url: Value, stack: Stack) -> str | None:
    """Return an address with `${Name}` for parameters and pseudo parameters, or None if it needs more."""
    parts = url.parts if isinstance(url, Text) else (url,)
    written = [_written(part, stack) for part in parts]
    return None if None in written else "".join(filter(None, written))


def _written(part: Value, stack: Stack) -> str | None:
    if isinstance(part, Pseudo):
        return f"${{{part.name}}}"
    if isinstance(part, Parameter):
        return f"${{{_given_name(part.name, stack)}}}"
    return part if isinstance(part, str) else None


def _given_name(name: str, stack: Stack) -> str:
    """Return a parameter's name in the outermost stack that sets it, if it is only passed down."""
    raw, giver = stack.given.get(name, (None, None))
    while giver and isinstance(raw, dict) and isinstance(raw.get("Ref"), str):
        name = raw["Ref"]
        raw, giver = giver.given.get(name, (None, None))
    return name


class _Assets(dict[tuple[Path, str | None, str | None], dict[str, str | None]]):
    """Asset files of a cloud assembly, by bucket and key, for one account and region.

    None: a program makes the asset.
    """

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._files = assembly.files
        self._read: dict[Path, dict[str, str | None]] = {}

    def __missing__(self, key: tuple[Path, str | None, str | None]) -> dict[str, str | None]:
        folder, account, region = key
        if folder not in self._read:
            self._read[folder] = _read_assets(self._files, folder)
        known = {"AWS::AccountId": account, "AWS::Region": region}
        self[key] = {_filled(place, known): file for place, file in self._read[folder].items()}
        return self[key]


def _filled(place: str, known: Mapping[str, str | None]) -> str:
    for name, value in known.items():
        if value:
            place = place.replace(f"${{{name}}}", value)
    return place


def _read_assets(files: Files, folder: Path) -> dict[str, str | None]:
    sources: dict[str, str | None] = {}
    for path in folder.glob("*.assets.json"):
        try:
            for file in parse(files.text(path), str(path)).get("files", {}).values():
                for destination in file.get("destinations", {}).values():
                    place = f"{destination['bucketName']}/{destination['objectKey']}"
                    sources[place] = file["source"].get("path")
        except (AttributeError, KeyError, TypeError):
            raise InputError(str(path), ["is not an asset manifest of a cloud assembly"]) from None
    return sources
