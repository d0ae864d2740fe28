"""The comparison behind `tts_snapshot`, and its report of differences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from syrupy.extensions.json import JSONSnapshotExtension

from tts_constructs.policy.aws.stateful import STATEFUL
from tts_constructs.provenance import FIELDS
from tts_constructs.system_metadata import METADATA_KEY
from tts_constructs.testing.synthesis import template_of

_ASSET = re.compile(r"\b[0-9a-f]{64}\b")
_NAMED_BY_CONTENT = ("AWS::ApiGateway::Deployment", "AWS::Lambda::Version")
_CONTENT = re.compile(r"(?<=[0-9A-F]{8})[0-9a-f]{32}$")
"""The hash that the CDK appends to logical ids of these types: of their content and their assets."""

_OF_THE_TOOLS = {
    "Parameters": ("BootstrapVersion",),
    "Rules": ("CheckBootstrapVersion",),
    "Resources": ("CDKMetadata",),
    "Conditions": ("CDKMetadataAvailable",),
}
"""Entries that the CDK adds for its bootstrap stack, and to record which library releases made a template."""


def stable(template: dict[str, Any]) -> dict[str, Any]:
    """Removes empty sections from a template, and what depends on the machine, commit, or tool releases.

    Hashes of assets follow the content of files that releases of the CDK bring along, so they are left out;
    what an asset is used for stays.
    """
    text = _ASSET.sub("<asset>", json.dumps(template))
    for logical_id, resource in template.get("Resources", {}).items():
        if resource.get("Type") in _NAMED_BY_CONTENT:
            text = text.replace(logical_id, _CONTENT.sub("<content>", logical_id))
    copy: dict[str, Any] = json.loads(text)
    for section, names in _OF_THE_TOOLS.items():
        for name in names:
            copy.get(section, {}).pop(name, None)
    record = copy.get("Metadata", {}).get(METADATA_KEY, {})
    record.pop("changes", None)
    said = {*record, *record.pop("missing", ())}
    record.update({name: f"<{name}>" for name in FIELDS if name in said})
    return {section: content for section, content in copy.items() if content}


def changed_logical_ids(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Lists stateful resources that have lost their logical id, one line for each type.

    Args:
        before: A template.
        after: A later one of the same stack.
    """
    old, new = _stores(before), _stores(after)
    lines = []
    for kind in sorted({kind for kind, _ in old - new}):
        gone = ", ".join(sorted(logical_id for of, logical_id in old - new if of == kind))
        come = ", ".join(sorted(logical_id for of, logical_id in new - old if of == kind)) or "nothing"
        lines.append(f"{kind}: {gone} -> {come}")
    return lines


def _stores(template: dict[str, Any]) -> set[tuple[str, str]]:
    resources = template.get("Resources", {}).items()
    return {(one["Type"], logical_id) for logical_id, one in resources if one.get("Type") in STATEFUL}


class TemplateSnapshot(JSONSnapshotExtension):
    """Writes a stack's template as JSON, the same for each machine, commit, and release of the tools."""

    def serialize(self, data: Any, **options: Any) -> Any:
        """Serializes the stable template of `data`, which may be anything that `template_of` takes."""
        return super().serialize(stable(template_of(data)), **options)

    def diff_lines(self, serialized_data: Any, snapshot_data: Any) -> Iterator[str]:
        """Yields what the difference means for stored data, then the lines that differ."""
        if snapshot_data:
            yield from _meaning(json.loads(snapshot_data), json.loads(serialized_data))
        yield from super().diff_lines(serialized_data, snapshot_data)


def _meaning(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    changed = changed_logical_ids(before, after)
    if not changed:
        yield "No resource that keeps data has lost its logical id. What differs:"
        return
    # pytest cuts what it shows after eight lines, so what matters is in the first ones.
    yield "DATA IS LEFT BEHIND: under another logical id, CloudFormation makes a new and empty resource:"
    yield from (f"  {line}" for line in changed)
    yield "Give the construct its id and place back, or use override_logical_id; else move the data first."
    yield "What differs:"
