"""Values that the CDK hands from a stack in one region to a stack in another (`cross_region_references`)."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Value

_READER = "Custom::CrossRegionExportReader"
_WRITER = "Custom::CrossRegionExportWriter"
_EXPORTS = "WriterProps/exports"


def as_exported(value: Value) -> Value:
    """Return what a value is in the stack that exports it; a value that no stack of the app exports stays.

    Args:
        value: A folded value; an attribute of the CDK's reader has the name of an export.
    """
    if not (isinstance(value, Reference) and value.resource.type == _READER):
        return value
    for writer in value.resource.stack.assembly.index(_names_of_exports, _WRITER)[value.attribute]:
        return writer.properties.at(_EXPORTS)[value.attribute].value
    return value


def _names_of_exports(writer: Resource) -> Iterator[str]:
    yield from (name for name, _ in writer.properties.at(_EXPORTS).entries())
