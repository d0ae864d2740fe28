"""Parts that all documents of OSCAL share; OSCAL is NIST's format for security documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from tts_constructs.printable import json_text

OSCAL_VERSION = "1.1.2"
"""The version of FedRAMP's templates; newer versions can read it."""

CATALOG = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/"
    "nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json"
)
"""NIST's own catalog of SP 800-53 rev 5, whose identifiers these documents use."""

_OURS = UUID("5d0e4a0b-6a3e-5b59-9f0c-3a1f3d6b7c21")
_CONTROL = re.compile(r"([A-Z]{2})-(\d+)(?:\((\d+)\))?")


def document(kind: str, title: str, at: datetime, content: dict[str, Any]) -> str:
    """Makes a whole document, whose identifier changes with its content, as OSCAL requires.

    Args:
        kind: The key of the document, such as `assessment-results`.
        title: For a person.
        at: When it was made, with its time zone.
        content: All else.
    """
    metadata = {
        "title": title,
        "last-modified": at.isoformat(),
        "version": at.isoformat(),
        "oscal-version": OSCAL_VERSION,
    }
    body = {"metadata": metadata, **content}
    return json_text({kind: {"uuid": identifier(kind, json.dumps(body)), **body}})


def identifier(*parts: str) -> str:
    """Makes an identifier from words: the same in every run."""
    return str(uuid5(_OURS, json.dumps(parts)))


def control_id(control: str) -> str:
    """Converts a control to its id in NIST's catalog: `sc-7.5` for SC-7(5)."""
    family, number, enhancement = _parts(control)
    return f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")


def in_order(controls: Iterable[str]) -> list[str]:
    """Sorts controls as NIST's catalog does, each once."""
    return sorted(set(controls), key=_parts)


def properties(**values: str | None) -> list[dict[str, str]]:
    """Makes properties in this library's own name space; leaves out those without a value."""
    return [
        {"name": name.replace("_", "-"), "ns": f"urn:uuid:{_OURS}", "value": one_line(value)}
        for name, value in values.items()
        if value and one_line(value)
    ]


def one_line(text: str) -> str:
    """Puts text on one line with single spaces, as OSCAL requires of titles and values."""
    return " ".join(text.split())


def _parts(control: str) -> tuple[str, int, int]:
    match = _CONTROL.fullmatch(control)
    if match is None:
        message = f"{control} is not written as a control of NIST SP 800-53, such as SC-7 or SC-7(5)"
        raise ValueError(message)
    return match[1], int(match[2]), int(match[3] or 0)
