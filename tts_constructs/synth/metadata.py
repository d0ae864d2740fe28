"""The record of a system in the metadata of its templates (CM-8, PM-5). Its format is a contract."""

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
    """Returns a system's record, for `Metadata.TTS` of a template.

    It includes the provenance of the code in the working folder, as far as it is known.

    Args:
        system: Path of the system's construct.
        project: Value of the `Project` tag.
        environment: Environment that the system runs in.
        owner: E-mail address of the team that is responsible for it.
        data_sensitivity: Sensitivity that the owner of its data declared, or None.
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
    """Writes a record into the template of `stack`. It changes no resource."""
    stack.add_metadata(METADATA_KEY, content)


def record_in(stack: cdk.Stack) -> dict[str, Any]:
    """Returns the record in the template of `stack`. Empty: it has none."""
    written = (stack.template_options.metadata or {}).get(METADATA_KEY)
    return written if isinstance(written, dict) else {}


def system_in(stack: cdk.Stack) -> str | None:
    """Returns the system that the record of `stack` names, if any."""
    return record_in(stack).get("system")
