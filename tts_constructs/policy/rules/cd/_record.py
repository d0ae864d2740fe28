"""The record of a stack (`Metadata.TTS`), as a place that rules read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tts_constructs.policy.model.checks import as_warnings, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.provenance import gaps
from tts_constructs.system_metadata import METADATA_KEY

HANDBOOK = (
    'TTS handbook, AWS, "Permissions": "All systems are deployed using a continuous delivery service from '
    'scripts stored in version control, and registered with #infrastructure".'
)

WRITE_RECORD = (
    "Use TtsSystem, which writes the record, or write `Aspects.of(app).add(TtsGuardrails(environment=…, "
    "project=…, owner=…))`. docs/reference/record.md explains each field."
)

WRITE_RECORD_IN_TEMPLATE = (
    "Write the record below `Metadata:` and `TTS:`, with `version: 1`, `project: …`, `owner: …`, "
    "`environment: …`, `repository: …`, `commit: …`, and `dirty: false`. docs/reference/record.md explains "
    "each field."
)


def record_of(stack: Stack) -> Node:
    """Return the record of a stack as a place to read, as if the template were a resource with metadata."""
    stated = {name: value for name, value in stack.system_metadata.items() if value is not None}
    template = Resource(stack, "", {"Type": "", "Metadata": {METADATA_KEY: stated}})
    return template.attribute("Metadata")[METADATA_KEY]


def each_of(stack: Stack, *checks: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    if not stack.is_deployed:
        return
    record = record_of(stack)
    if not record.value:
        yield record.violation(
            "Metadata.TTS is not set, so the template doesn't say which system it belongs to.",
            fix=WRITE_RECORD,
            template_fix=WRITE_RECORD_IN_TEMPLATE,
        )
        return
    for check in checks:
        yield from stop_at_unknown(check(record))


def as_ci_does(stack: Stack, results: Iterator[Result]) -> Iterator[Result]:
    """Yield results that only warn outside of CI, where nobody deploys production."""
    return results if stack.assembly.in_ci else as_warnings(results)


def is_explained(field: Node) -> bool:
    """Return whether the record explains why it leaves a field out, which has its own finding."""
    return any(field.key in fields for fields in gaps(field.stack.system_metadata).values())
