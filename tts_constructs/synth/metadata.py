"""What a system says of itself in the metadata of its templates (contract; CM-8, PM-5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk

from tts_constructs.synth.git_provenance import provenance
from tts_constructs.system_metadata import (
    METADATA_KEY,
    RECORD_VERSION,
    UNDECLARED,
    DataSensitivity,
    Environment,
)


def record(
    *,
    system: str,
    project: str,
    environment: Environment,
    owner: str,
    data_sensitivity: DataSensitivity | None,
) -> dict[str, Any]:
    """A system's record, as it stands below `Metadata.TTS` of a template.

    It says where the code in the working folder comes from, as far as anything knows it.

    Args:
        system: Path of the system's construct.
        project: Value of the `Project` tag.
        environment: Where it runs.
        owner: Whom to ask.
        data_sensitivity: What the owner of its data declared, or None.
    """
    return {
        "version": RECORD_VERSION,
        "system": system,
        "project": project,
        "environment": environment.value,
        "owner": owner,
        "data_sensitivity": data_sensitivity.value if data_sensitivity else UNDECLARED,
    } | provenance(Path.cwd()).as_record()


def write_record(stack: cdk.Stack, content: dict[str, Any]) -> None:
    """Puts a record into the template of `stack`; it changes no resource."""
    stack.add_metadata(METADATA_KEY, content)


def record_in(stack: cdk.Stack) -> dict[str, Any]:
    """The record that the template of `stack` has; empty: it has none."""
    written = (stack.template_options.metadata or {}).get(METADATA_KEY)
    return written if isinstance(written, dict) else {}


def system_in(stack: cdk.Stack) -> str | None:
    """The system that the template of `stack` belongs to, if any, as its record names it."""
    return record_in(stack).get("system")
