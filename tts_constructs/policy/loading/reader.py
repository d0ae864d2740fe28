"""Reads a cloud assembly (`cdk.out`), a folder of templates, or one template into an `Assembly`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tts_constructs import ci
from tts_constructs.errors import InputError
from tts_constructs.files import Files
from tts_constructs.policy.loading.folders import (
    ENDINGS,
    MANIFEST,
    Manifest,
    Skipped,
    is_manifest,
    look_through,
    manifest_in,
    template_in,
)
from tts_constructs.policy.loading.nested_stacks import child_of, given_to, likeness
from tts_constructs.policy.loading.parser import ESCAPE, is_template, parse
from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.policy.model.origin import Origins, nested_stack_path
from tts_constructs.policy.model.stack import NESTED_STACK, STACK_SET, Resource, Stack
from tts_constructs.policy.model.transforms import expand
from tts_constructs.policy.settings.model import Settings

_ENVIRONMENT = re.compile(r"aws://([^/]*)/(.*)")
_MAX_NESTING = 32
_MAX_NESTED = 2_000
_MAX_NESTED_RESOURCES = 20_000
_MAX_RESOURCES_BELOW = 5_000
"""Limits for nested templates: a few that nest each other could multiply without end.

CloudFormation makes at most 2,500 resources below one stack in one operation.
"""

_NOTHING = "holds neither a template nor a cloud assembly with a stack; in a CDK app, run `cdk synth` first"
_CDK_OUT = "cdk.out"
"""The folder of an app's cloud assembly, unless the app says otherwise."""

_NO_TEMPLATE = "has no Resources, so it isn't a CloudFormation template"

Track = Callable[[list[Path]], Iterable[Path]]


def read_assembly(
    paths: Iterable[Path],
    settings: Settings | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    synthesizing: bool = False,
    in_ci: bool | None = None,
    track: Track = list,
    skip: Callable[[Skipped], object] = lambda _: None,
) -> Assembly:
    """Return one assembly with everything that the paths hold.

    Args:
        paths: Cloud assemblies, folders of templates, templates (JSON or YAML).
        settings: Settings of the organization. Default: those of an organization without a settings file.
        context: Recorded lookups, as in `cdk.context.json`.
        synthesizing: The app is being synthesized, so that a lookup may still be pending.
        in_ci: This runs in continuous integration. Default: what the environment's variables say.
        track: Passes on the files of a folder, and can show progress.
        skip: Called for each file and folder in a given folder that is not judged.

    Raises:
        InputError: Something cannot be read, or a path holds nothing that can be judged.
    """
    lookups = Lookups(recorded=context or {})
    assembly = Assembly(
        settings or Settings(),
        lookups,
        synthesizing=synthesizing,
        in_ci=ci.in_ci(os.environ) if in_ci is None else in_ci,
    )
    for path in paths:
        before = len(assembly.stacks)
        if not path.is_dir():
            _read_template(assembly, path)
        elif manifest := manifest_in(assembly.files, path):
            _read_cloud_assembly(assembly, path, manifest)
        else:
            _read_folder(assembly, path, track, skip)
        if len(assembly.stacks) == before and not synthesizing:
            raise InputError(str(path), [_NOTHING])
    return assembly


def stack_name_of(path: Path) -> str:
    """Return the name of a template without a manifest: its file name without the ending."""
    ending = next((ending for ending in ENDINGS if path.name.lower().endswith(ending)), "")
    return path.name[: len(path.name) - len(ending)]


def checked_template(
    body: Any,
    name: str,
    given: Collection[str] = (),
    *,
    region: str | None = None,
    account: str | None = None,
) -> dict[str, Any]:
    """Return the template in data, with its loops expanded.

    Args:
        body: The data.
        name: Name of the template, for messages.
        given: Names of parameters whose values differ from their defaults.
        region: Where it is deployed; None: not known.
        account: Where it is deployed; None: not known.

    Raises:
        InputError: It is not a template; all faults are named.
    """
    if not isinstance(body, dict):
        raise InputError(name, ["isn't a template: a template is a map that holds Resources"])
    body = expand(body, given, {"AWS::Region": region, "AWS::AccountId": account})
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
    text: str | None = None,
    **known: Any,
) -> Stack:
    """Add a checked template, and the nested stacks that can be found, to an assembly.

    Args:
        assembly: The assembly to add it to.
        body: The template.
        name: Name of the stack.
        path: File of the template; nested templates are looked for beside it.
        text: The text of its file.
        known: What else is known about the stack, see `Stack`.
    """
    has_escapes = text is None or bool(ESCAPE.search(text))
    known.setdefault("has_escapes", has_escapes)
    known.setdefault("may_transform", has_escapes or _may_transform(text))
    stack = Stack(assembly, name, body, template_path=path, text=text, **known)
    assembly.stacks.append(stack)
    if stack.parent:
        assembly.nested_stacks += 1
        assembly.resources_below[stack.outermost] += len(stack.resources)
    for resource in stack.resources.values():
        if resource.type in {NESTED_STACK, STACK_SET}:
            _add_child(resource)
    return stack


def _may_transform(text: str | None) -> bool:
    return text is None or "Transform" in text or "ForEach" in text


def _add_child(resource: Resource) -> None:
    """Add the template that a nested stack or StackSet deploys, unless an equal one is there."""
    stack = resource.stack
    assembly = stack.assembly
    if fault := _is_too_much(stack):
        stack.unread[resource.logical_id] = fault
        return
    child = child_of(resource)
    if child is None:
        return
    key = likeness(resource, child)
    alike = assembly.alike.get(key)
    if alike:
        stack.nested[resource.logical_id] = alike
        alike.twins.append(_name_of(resource))
        return
    add_nested(resource, child.body, child.path, text=child.text)
    if key:
        assembly.alike[key] = stack.nested[resource.logical_id]


def _is_too_much(stack: Stack) -> str | None:
    """Return why a stack's nested templates are not read (a limit), or None if they are."""
    assembly = stack.assembly
    if _depth(stack) >= _MAX_NESTING:
        return f"is nested more than {_MAX_NESTING} levels deep"
    if assembly.nested_stacks >= _MAX_NESTED:
        return f"is one of more than {_MAX_NESTED:,} nested stacks"
    if assembly.resources_below[stack.outermost] >= _MAX_RESOURCES_BELOW:
        return f"comes after {_MAX_RESOURCES_BELOW:,} resources that are nested in {stack.outermost.name}"
    if assembly.resources_below.total() >= _MAX_NESTED_RESOURCES:
        return f"comes after nested stacks that already have {_MAX_NESTED_RESOURCES:,} resources"
    return None


def _depth(stack: Stack) -> int:
    """Return how many stacks a stack is nested in."""
    depth = 0
    while stack.parent:
        stack = stack.parent.stack
        depth += 1
    return depth


def add_nested(resource: Resource, body: Any, path: Path | None = None, *, text: str | None = None) -> None:
    """Add the template that a nested stack or StackSet deploys.

    Args:
        resource: The resource that deploys it.
        body: The template.
        path: Its file, where it has one.
        text: The text of its file.

    Raises:
        InputError: It is not a template; all faults are named.
    """
    stack = resource.stack
    in_place = resource.type == NESTED_STACK
    region, account = (stack.region, stack.account) if in_place else (None, None)
    name = _name_of(resource)
    given = given_to(resource, body)
    nested = add_stack(
        stack.assembly,
        checked_template(body, str(path or name), given, region=region, account=account),
        name,
        path,
        region=region,
        account=account,
        given=given,
        parent=resource,
        origins=stack.origins,
        text=text,
    )
    stack.nested[resource.logical_id] = nested


def _name_of(resource: Resource) -> str:
    """Return the name of the stack that a nested stack or StackSet deploys."""
    return nested_stack_path(resource.origin.construct_path) or f"{resource.stack.name}/{resource.logical_id}"


# Folders and templates


def _read_template(assembly: Assembly, path: Path) -> None:
    """Add a file that is given by name, and so must be a template."""
    if not path.exists():
        raise InputError(
            str(path),
            [
                "there is no such file or folder"
                + ("; run `cdk synth` first" if path.name == _CDK_OUT else "")
            ],
        )
    text = assembly.files.text(path)
    body = parse(text, str(path))
    if is_manifest(body):
        raise InputError(str(path), [f"{_NO_TEMPLATE}; to judge a cloud assembly, give its folder"])
    if not is_template(body):
        raise InputError(str(path), [_NO_TEMPLATE])
    _add(assembly, body, text, path, stack_name_of(path))


def _read_folder(assembly: Assembly, folder: Path, track: Track, skip: Callable[[Skipped], object]) -> None:
    found = look_through(folder, lambda below: manifest_in(assembly.files, below))
    for skipped in found.skipped:
        skip(skipped)
    faults: list[str] = []
    added: list[Stack] = []
    for path in track(found.paths):
        try:
            if path in found.manifests:
                _read_cloud_assembly(assembly, path, found.manifests[path])
            elif template := template_in(assembly.files, path):
                text, body = template
                added.append(_add(assembly, body, text, path, _name_in(folder, path)))
            else:
                skip(Skipped(path, "not a template"))
        except InputError as error:
            faults += [f"{error.subject}: {fault}" for fault in error.faults]
    if faults:
        raise InputError(str(folder), faults)
    _leave_to_parents(assembly, added)


def _leave_to_parents(assembly: Assembly, added: list[Stack]) -> None:
    """Remove templates of a folder that other templates deploy: they are judged as nested stacks."""
    nested = {path.resolve() for stack in assembly.stacks if stack.parent and (path := stack.template_path)}
    if nested:
        twice = {stack for stack in added if stack.template_path and stack.template_path.resolve() in nested}
        assembly.stacks = [stack for stack in assembly.stacks if stack.outermost not in twice]


def _name_in(folder: Path, path: Path) -> str:
    parent = path.parent.relative_to(folder)
    return str(parent / stack_name_of(path))


def _add(assembly: Assembly, body: Any, text: str, path: Path, name: str, **known: Any) -> Stack:
    place = {"region": known.get("region"), "account": known.get("account")}
    checked = checked_template(body, str(path), known.get("given", ()), **place)
    return add_stack(assembly, checked, name, path, text=text, **known)


# Cloud assemblies


@dataclass(frozen=True)
class _StackArtifact:
    """The entry of a stack in a manifest.

    Args:
        artifact: All that the manifest says, in which the origins of resources are looked up.
        name: The name that people see.
        template: Path of the template.
        account: Its account, if it is known.
        region: Its region, if it is known.
        stack_name: The name in AWS.
        termination_protection: True if the stack can't be deleted by mistake.
        parameters: Values that the CDK passes to the template's parameters.
    """

    artifact: dict[str, Any]
    name: str
    template: Path
    account: str | None
    region: str | None
    stack_name: str
    termination_protection: bool
    parameters: Mapping[str, Any]


def _read_cloud_assembly(assembly: Assembly, folder: Path, manifest: Manifest) -> None:
    if folder.resolve() in assembly.folders:
        return  # a manifest that names its own folder as a stage
    assembly.folders.append(folder.resolve())
    try:
        missing = list(manifest.get("missing") or [])
        parts = list(_parts(folder, manifest))
    except (AttributeError, KeyError, TypeError):
        raise _no_manifest(folder) from None
    assembly.lookups.missing.extend(missing)
    for part in parts:
        if isinstance(part, _StackArtifact):
            _read_artifact(assembly, folder, part)
        elif stage := manifest_in(assembly.files, part):
            _read_cloud_assembly(assembly, part, stage)
        else:
            raise _no_manifest(part)


def _parts(folder: Path, manifest: Manifest) -> Iterator[_StackArtifact | Path]:
    """Yield the stacks of a manifest, and the folders of its stages, in order."""
    for artifact_id, artifact in manifest["artifacts"].items():
        if artifact["type"] == "cdk:cloud-assembly":
            yield folder / artifact["properties"]["directoryName"]
        elif artifact["type"] == "aws:cloudformation:stack":
            properties = artifact["properties"]
            account, region = _environment(artifact.get("environment"))
            yield _StackArtifact(
                artifact=artifact,
                name=str(artifact.get("displayName", artifact_id)),
                template=folder / properties["templateFile"],
                account=account,
                region=region,
                stack_name=str(properties.get("stackName", artifact_id)),
                termination_protection=bool(properties.get("terminationProtection")),
                parameters=MappingProxyType(properties.get("parameters", {})),
            )


def _no_manifest(folder: Path) -> InputError:
    return InputError(str(folder / MANIFEST), ["is not the manifest of a cloud assembly"])


def _read_artifact(assembly: Assembly, folder: Path, stack: _StackArtifact) -> None:
    text = assembly.files.text(stack.template)
    _add(
        assembly,
        parse(text, str(stack.template), by_cdk=assembly.synthesizing),
        text,
        stack.template,
        stack.name,
        account=stack.account,
        region=stack.region,
        stack_name=stack.stack_name,
        termination_protection=stack.termination_protection,
        given={key: (value, None) for key, value in stack.parameters.items()},
        origins=Origins(lambda word: _metadata(assembly.files, folder, stack.artifact, word), stack.name),
    )


def _environment(text: str | None) -> tuple[str | None, str | None]:
    match = _ENVIRONMENT.fullmatch(text) if text else None
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
