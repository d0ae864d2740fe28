"""A judgment as JSON, in the format of the contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tts_constructs.policy.engine.judgment import BaselineRecord, Judgment
from tts_constructs.printable import json_text
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, count

VERSION = 1


def render(judgment: Judgment) -> str:
    """Writes the judgment with its findings sorted by stack, logical id, and rule."""
    counts = count(judgment.findings)
    return json_text(
        {
            "version": VERSION,
            "summary": {
                "block": counts[BLOCKS],
                "warn": counts[WARNS],
                "waived": counts[WAIVED],
                "resources": judgment.resources,
                "templates": judgment.templates,
            },
            "findings": [finding.as_dict() for finding in judgment.findings],
            "baseline": _baseline(judgment.baseline),
            "absences": [asdict(absence) for absence in judgment.absences],
        }
    )


def _baseline(record: BaselineRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    days = {
        key: str(day) if day else None
        for key, day in (("recorded_on", record.recorded_on), ("until", record.until))
    }
    return asdict(record) | days
