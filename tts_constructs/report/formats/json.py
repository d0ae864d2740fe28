"""A judgment as JSON, in the format of the contract."""

from __future__ import annotations

from dataclasses import asdict

from tts_constructs.policy.engine.judgment import Judgment
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
            "absences": [asdict(absence) for absence in judgment.absences],
        }
    )
