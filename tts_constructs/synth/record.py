"""What a system says of itself in the metadata of its templates (contract; CM-8, PM-5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk

from tts_constructs.policy.system import (
    METADATA_KEY,
    RECORD_VERSION,
    UNDECLARED,
    DataSensitivity,
    Environment,
)
from tts_constructs.synth.provenance import NotVersioned, Provenance, provenance


def record(
    *,
    system: str,
    project: str,
    environment: Environment,
    owner: str,
    data_sensitivity: DataSensitivity | None,
    provenance: Provenance | None,
) -> dict[str, Any]:
    """A system's record, as it stands below `Metadata.TTS` of a template.

    Args:
        system: Path of the system's construct.
        project: Value of the `Project` tag.
        environment: Where it runs.
        owner: Whom to ask.
        data_sensitivity: What the owner of its data declared, or None.
        provenance: Where its code comes from, or None outside version control.
    """
    origin: dict[str, Any] = (
        {"repository": provenance.repository, "commit": provenance.commit, "dirty": provenance.dirty}
        if provenance
        else {}
    )
    return {
        "version": RECORD_VERSION,
        "system": system,
        "project": project,
        "environment": environment.value,
        "owner": owner,
        "data_sensitivity": data_sensitivity.value if data_sensitivity else UNDECLARED,
    } | origin


def write_record(stack: cdk.Stack, content: dict[str, Any]) -> None:
    """Puts a record into the template of `stack`; it changes no resource."""
    stack.add_metadata(METADATA_KEY, content)


def system_in(stack: cdk.Stack) -> str | None:
    """The system that the template of `stack` belongs to, if any, as its record names it."""
    written = (stack.template_options.metadata or {}).get(METADATA_KEY)
    return written.get("system") if written else None


def origin(environment: object) -> tuple[Provenance | None, list[str]]:
    """Where the code in the working folder comes from, and what is wrong with it in an environment.

    Args:
        environment: Where the code will run; production needs an origin (TTS-CD-001).

    Returns:
        The origin, or None outside version control; the faults, one sentence each.
    """
    try:
        return provenance(Path.cwd()), []
    except NotVersioned as fault:
        if environment is Environment.PRODUCTION:
            return None, [f"production is deployed from version control only, and {fault}"]
        return None, []
