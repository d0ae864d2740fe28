"""What the documents of OSCAL, NIST's format for security documentation, share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from tts_constructs.printable import json_text

OSCAL_VERSION = "1.1.2"
"""What FedRAMP's templates are written in; newer versions read it."""

CATALOG = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/"
    "nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json"
)
"""NIST's own catalog of SP 800-53 rev 5, whose identifiers these documents use."""

_OURS = UUID("5d0e4a0b-6a3e-5b59-9f0c-3a1f3d6b7c21")
_CONTROL = re.compile(r"([A-Z]{2})-(\d+)(?:\((\d+)\))?")


def document(kind: str, title: str, at: datetime, content: dict[str, Any]) -> str:
    """A whole document; OSCAL wants a new identifier for other content, and the same gets the same.

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
    """The identifier of what these words name: the same in every run."""
    return str(uuid5(_OURS, json.dumps(parts)))


def control_id(control: str) -> str:
    """A control's id in NIST's catalog: `sc-7.5` for SC-7(5)."""
    family, number, enhancement = _parts(control)
    return f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")


def in_order(controls: Iterable[str]) -> list[str]:
    """Each control once, in the order of NIST's catalog."""
    return sorted(set(controls), key=_parts)


def properties(**values: str | None) -> list[dict[str, str]]:
    """Properties in this library's own name space; those without a value are left out."""
    return [
        {"name": name.replace("_", "-"), "ns": f"urn:uuid:{_OURS}", "value": one_line(value)}
        for name, value in values.items()
        if value and one_line(value)
    ]


def one_line(text: str) -> str:
    """The text as OSCAL takes titles and values: in a line, with single spaces."""
    return " ".join(text.split())


def _parts(control: str) -> tuple[str, int, int]:
    match = _CONTROL.fullmatch(control)
    if match is None:
        message = f"{control} is not written as a control of NIST SP 800-53, such as SC-7 or SC-7(5)"
        raise ValueError(message)
    return match[1], int(match[2]), int(match[3] or 0)
