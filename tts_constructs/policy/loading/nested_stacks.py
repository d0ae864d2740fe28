"""Templates inside templates: nested stacks and StackSets, found without the network."""

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
"""Where the CDK puts a template: bucket and key follow."""


@dataclass(frozen=True)
class Child:
    """A template that a resource deploys: its data, its file and what that holds."""

    body: Any
    path: Path | None = None
    text: str | None = None


def child_of(resource: Resource) -> Child | None:
    """The template that a nested stack or StackSet deploys; None where it is not at hand, or is a choice.

    Raises:
        InputError: The template is at hand and cannot be read.
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
    """The templates in files, each read once however many resources deploy it."""

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._files = assembly.files

    def __missing__(self, path: Path) -> Child:
        text = self._files.text(path)
        self[path] = Child(parse(text, str(path)), path, text)
        return self[path]


def likeness(resource: Resource, child: Child) -> Hashable | None:
    """What decides how a nested stack or StackSet comes out: two that have it in common are judged as one.

    Returns:
        The template, the parameters with whose template they stand in, and what holds the stack; None:
        something reads its outputs, so that it is not like another one.
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
    """The resources of which a template reads an attribute; without recursion."""
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
"""Raw values of parameters, each with the stack in whose template it stands."""


def given_to(resource: Resource, body: Any) -> Given:
    """Raw values that a nested stack or StackSet is given for parameters, each with its giver."""
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
        return Child(body, text=json.dumps(body, sort_keys=True))
    return Child(parse(body, name), text=body) if isinstance(body, str) else None


# What TemplateURL names


def _file_of(resource: Resource) -> Path | None:
    """The file that `TemplateURL` names; what metadata says of another one does not count."""
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
    except (OSError, ValueError):  # what no file can be called
        return None


def _asset_at(address: str | None, stack: Stack, folder: Path) -> str | None:
    """The file of the asset that is put at an address in S3 before the stack is deployed."""
    match = _S3.fullmatch(address or "")
    if match is None:
        return None
    assets = stack.assembly.cached(_Assets)[folder, stack.account, stack.region]
    return assets.get(match[1]) or stack.origins.assets.get(match[1])


def _address(url: Value, stack: Stack) -> str | None:
    """An address with `${Name}` for each parameter and pseudo parameter; None: it depends on more."""
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
    """The name that a parameter has where it is not just handed on from the stack that holds this one."""
    raw, giver = stack.given.get(name, (None, None))
    while giver and isinstance(raw, dict) and isinstance(raw.get("Ref"), str):
        name = raw["Ref"]
        raw, giver = giver.given.get(name, (None, None))
    return name


class _Assets(dict[tuple[Path, str | None, str | None], dict[str, str]]):
    """Files of the assets of a cloud assembly by bucket and key, as seen from an account and region."""

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._files = assembly.files
        self._read: dict[Path, dict[str, str]] = {}

    def __missing__(self, key: tuple[Path, str | None, str | None]) -> dict[str, str]:
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


def _read_assets(files: Files, folder: Path) -> dict[str, str]:
    sources = {}
    for path in folder.glob("*.assets.json"):
        try:
            for file in parse(files.text(path), str(path)).get("files", {}).values():
                for destination in file.get("destinations", {}).values():
                    place = f"{destination['bucketName']}/{destination['objectKey']}"
                    sources[place] = file["source"].get("path", "")
        except (AttributeError, KeyError, TypeError):
            raise InputError(str(path), ["is not an asset manifest of a cloud assembly"]) from None
    return sources
