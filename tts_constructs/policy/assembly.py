"""Files to an `Assembly`: a cloud assembly (`cdk.out`), a folder of templates, or one template."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from tts_constructs.errors import InputError
from tts_constructs.policy import ci
from tts_constructs.policy.document import ESCAPE, parse
from tts_constructs.policy.files import Files
from tts_constructs.policy.nested import child_of, given_to
from tts_constructs.policy.origins import Origins, nested_stack_path
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.template import Assembly, Lookups, Resource, Stack
from tts_constructs.policy.transforms import expand

_ENDINGS = (".template.json", ".json", ".yaml", ".yml", ".template")
_ENVIRONMENT = re.compile(r"aws://([^/]*)/(.*)")
_MAX_NESTING = 32
_MAX_NESTED = 2_000
"""Nested templates after which no more are read: few that nest each other could multiply without end."""

Track = Callable[[list[Path]], Iterable[Path]]


def read_assembly(
    paths: Iterable[Path],
    settings: Settings | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    synthesizing: bool = False,
    in_ci: bool | None = None,
    track: Track = list,
) -> Assembly:
    """All that some paths hold, ready to be judged at once.

    Args:
        paths: Cloud assemblies, folders of templates, templates (JSON or YAML).
        settings: Settings of the organisation. Default: those of an organisation without a settings file.
        context: Recorded lookups, as in `cdk.context.json`.
        synthesizing: The app is being synthesized, so that a lookup may still be pending.
        in_ci: This runs in continuous integration. Default: what the environment's variables say.
        track: Passes on the files of a folder, and can show how far their reading is.

    Raises:
        InputError: Something cannot be read.
    """
    lookups = Lookups(recorded=context or {})
    assembly = Assembly(
        settings or Settings(),
        lookups,
        synthesizing=synthesizing,
        in_ci=ci.in_ci(os.environ) if in_ci is None else in_ci,
    )
    for path in paths:
        if (path / "manifest.json").is_file():
            _read_cloud_assembly(assembly, path)
        elif path.is_dir():
            _read_folder(assembly, path, track)
        elif path.exists():
            _add_file(assembly, path, stack_name_of(path))
        else:
            raise InputError(str(path), ["there is no such file or folder"])
    return assembly


def stack_name_of(path: Path) -> str:
    """Name of a template without a manifest: its file's name less its ending."""
    ending = next((ending for ending in _ENDINGS if path.name.endswith(ending)), "")
    return path.name.removesuffix(ending)


def checked_template(body: Any, name: str, given: Collection[str] = ()) -> dict[str, Any]:
    """The template in data, with its loops expanded.

    Args:
        body: The data.
        name: Name of the template, for messages.
        given: Names of parameters that are given other values than their defaults.

    Raises:
        InputError: It is no template; all faults are named.
    """
    if not isinstance(body, dict):
        raise InputError(name, ["is no template: a template is a map that holds Resources"])
    body = expand(body, given)
    resources: Any = body.get("Resources", {})
    if not isinstance(resources, dict):
        raise InputError(name, ["Resources is not a map of resources by logical id"])
    faults = [
        f"Resources/{logical_id} is not a map whose Type is a text such as AWS::S3::Bucket"
        for logical_id, resource in resources.items()
        if not logical_id.startswith("Fn::")
        and not (isinstance(resource, dict) and isinstance(resource.get("Type"), str) and resource["Type"])
    ]
    if faults:
        raise InputError(name, faults)
    checked: dict[str, Any] = body
    return checked


def add_stack(
    assembly: Assembly,
    body: dict[str, Any],
    name: str,
    path: Path | None = None,
    *,
    depth: int = 0,
    **known: Any,
) -> Stack:
    """Adds a checked template, with the nested stacks that are at hand, to an assembly.

    Args:
        assembly: Where to add it.
        body: The template.
        name: Name of the stack.
        path: File of the template; nested templates are looked for beside it.
        depth: How many stacks this one is nested in.
        known: What else is known of the stack, see `Stack`.
    """
    stack = Stack(assembly, name, body, template_path=path, **known)
    assembly.stacks.append(stack)
    for resource in stack.resources.values():
        is_too_much = depth >= _MAX_NESTING or assembly.nested_stacks >= _MAX_NESTED
        child = None if is_too_much else child_of(resource)
        if child:
            add_nested(resource, child.body, child.path, depth=depth + 1, text=child.text)
    return stack


def add_nested(
    resource: Resource, body: Any, path: Path | None = None, *, depth: int = 1, text: str | None = None
) -> None:
    """Adds the template that a nested stack or StackSet deploys.

    Args:
        resource: What deploys it.
        body: The template.
        path: Its file, where it has one.
        depth: How many stacks it is nested in.
        text: What its file holds.

    Raises:
        InputError: It is no template; all faults are named.
    """
    stack = resource.stack
    stack.assembly.nested_stacks += 1
    in_place = resource.type == "AWS::CloudFormation::Stack"
    name = nested_stack_path(resource.origin.construct_path) or f"{stack.name}/{resource.logical_id}"
    given = given_to(resource, body)
    stack.nested[resource.logical_id] = add_stack(
        stack.assembly,
        checked_template(body, str(path or name), given),
        name,
        path,
        depth=depth,
        region=stack.region if in_place else None,
        account=stack.account if in_place else None,
        given=given,
        parent=resource,
        origins=stack.origins,
        text=text,
    )


# Folders


def _read_folder(assembly: Assembly, folder: Path, track: Track) -> None:
    faults: list[str] = []
    before = len(assembly.stacks)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name.endswith(_ENDINGS)]
    for path in track(paths):
        text = assembly.files.text(path)
        if _looks_like_a_template(text):
            try:
                _add_text(assembly, text, path, _name_in(folder, path))
            except InputError as error:
                faults.append(str(error))
    if faults:
        raise InputError(str(folder), faults)
    nested = {stack.template_path for stack in assembly.stacks if stack.parent}
    assembly.stacks = [
        stack for stack in assembly.stacks if stack.parent or stack.template_path not in nested
    ]
    if len(assembly.stacks) == before:
        raise InputError(str(folder), ["holds neither a manifest.json nor a template"])


def _looks_like_a_template(text: str) -> bool:
    return ("Resources" in text and "Type" in text) or "AWSTemplateFormatVersion" in text


def _name_in(folder: Path, path: Path) -> str:
    parent = path.parent.relative_to(folder)
    return str(parent / stack_name_of(path))


def _add_file(assembly: Assembly, path: Path, name: str, **known: Any) -> None:
    _add_text(assembly, assembly.files.text(path), path, name, **known)


def _add_text(assembly: Assembly, text: str, path: Path, name: str, **known: Any) -> None:
    body = checked_template(
        parse(text, str(path), by_cdk=assembly.synthesizing), str(path), known.get("given", ())
    )
    may_transform = "Transform" in text or "ForEach" in text or bool(ESCAPE.search(text))
    add_stack(assembly, body, name, path, may_transform=may_transform, text=text, **known)


# Cloud assemblies


def _read_cloud_assembly(assembly: Assembly, folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = parse(assembly.files.text(path), str(path))
    try:
        assembly.lookups.missing.extend(manifest.get("missing") or [])
        for artifact_id, artifact in manifest.get("artifacts", {}).items():
            if artifact["type"] == "cdk:cloud-assembly":
                _read_cloud_assembly(assembly, folder / artifact["properties"]["directoryName"])
            elif artifact["type"] == "aws:cloudformation:stack":
                _read_artifact(assembly, folder, artifact_id, artifact)
    except (AttributeError, KeyError, TypeError):
        raise InputError(str(path), ["is not the manifest of a cloud assembly"]) from None


def _read_artifact(assembly: Assembly, folder: Path, artifact_id: str, artifact: dict[str, Any]) -> None:
    properties = artifact["properties"]
    account, region = _environment(artifact.get("environment", ""))
    name = artifact.get("displayName", artifact_id)
    _add_file(
        assembly,
        folder / properties["templateFile"],
        name,
        account=account,
        region=region,
        stack_name=properties.get("stackName", artifact_id),
        termination_protection=bool(properties.get("terminationProtection")),
        given={key: (value, None) for key, value in properties.get("parameters", {}).items()},
        origins=Origins(lambda word: _metadata(assembly.files, folder, artifact, word), name),
    )


def _environment(text: str) -> tuple[str | None, str | None]:
    match = _ENVIRONMENT.fullmatch(text)
    account, region = match.groups() if match else (None, None)
    return (
        None if account == "unknown-account" else account,
        None if region == "unknown-region" else region,
    )


def _metadata(files: Files, folder: Path, artifact: dict[str, Any], word: str) -> dict[str, Any]:
    metadata: dict[str, Any] = dict(artifact.get("metadata") or {})
    if "additionalMetadataFile" in artifact:
        path = folder / artifact["additionalMetadataFile"]
        text = files.text(path)
        if word in text:
            metadata.update(parse(text, str(path)))
    return metadata
