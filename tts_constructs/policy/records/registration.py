"""The registration record of the systems in an assembly, from their templates (`Metadata.TTS`).

Source: handbook, "All systems are […] registered with #infrastructure" (CM-8, PM-5).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tts_constructs.files import write_text
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Stack
from tts_constructs.printable import printable
from tts_constructs.redaction import redact

FILE_NAME = "tts-registration.json"
VERSION = 1

_TEXTS = ("system", "project", "environment", "owner", "data_sensitivity", "repository", "commit")
_CHANGED = " (with changes that are not committed)"
_NOT_STATED = "not stated"


@dataclass(frozen=True)
class Registration:
    """The facts about a system that the infrastructure team needs.

    Args:
        system, project, environment, owner, data_sensitivity, repository, commit: As its record states them;
            None if it does not.
        dirty: Whether the working tree had changes that the commit lacks; None if it is not stated.
        stacks: Names of its stacks.
        regions: Where these are deployed, as far as known.
    """

    system: str | None
    project: str | None
    environment: str | None
    owner: str | None
    data_sensitivity: str | None
    repository: str | None
    commit: str | None
    dirty: bool | None
    stacks: tuple[str, ...]
    regions: tuple[str, ...]


def registrations(assembly: Assembly) -> tuple[Registration, ...]:
    """Return the systems of an assembly, without account ids; stacks with equal records are one system."""
    stacks: dict[tuple[tuple[str, Any], ...], list[Stack]] = {}
    for stack in assembly.stacks:
        if stack.parent is None and stack.system_metadata:
            stacks.setdefault(_stated(stack), []).append(stack)
    return tuple(
        Registration(
            **dict(stated),
            stacks=tuple(sorted(redact(stack.name) for stack in of_system)),
            regions=tuple(sorted({stack.region for stack in of_system if stack.region})),
        )
        for stated, of_system in stacks.items()
    )


def write(folder: Path, systems: tuple[Registration, ...]) -> None:
    """Write the registration record into an assembly."""
    document = {"version": VERSION, "systems": [asdict(system) for system in systems]}
    write_text(folder / FILE_NAME, f"{json.dumps(document, indent=2)}\n")


def message(systems: tuple[Registration, ...]) -> str:
    """Return the record as a message to the infrastructure channel."""
    return "\n\n".join("\n".join(_lines(system)) for system in systems)


def _lines(system: Registration) -> Iterator[str]:
    yield printable(f"*{system.project or _NOT_STATED}* ({system.environment or _NOT_STATED})")
    facts = {
        "Owner": system.owner,
        "System": system.system,
        "Repository": system.repository,
        "Commit": f"{system.commit}{_CHANGED if system.dirty else ''}" if system.commit else None,
        "Data": system.data_sensitivity,
        "Stacks": ", ".join(system.stacks),
        "Regions": ", ".join(system.regions),
    }
    yield from (printable(f"• {name}: {fact or _NOT_STATED}") for name, fact in facts.items())


def _stated(stack: Stack) -> tuple[tuple[str, Any], ...]:
    """Return what a stack's record states, by field; a value of a wrong type is left out."""
    record = stack.system_metadata
    stated = {name: record[name] if isinstance(record.get(name), str) else None for name in _TEXTS}
    stated["system"] = redact(stated["system"] or stack.name)
    dirty = record.get("dirty")
    return (*stated.items(), ("dirty", dirty if isinstance(dirty, bool) else None))
