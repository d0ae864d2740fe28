"""A judgement as JSON, in the format of the contract."""

from __future__ import annotations

import json

from tts_constructs.policy.engine import Judgement

VERSION = 1


def render(judgement: Judgement) -> str:
    """The judgement with its findings sorted by stack, logical id and rule."""
    findings = judgement.findings
    waived = sum(finding.waiver is not None for finding in findings)
    blocking = sum(finding.blocks for finding in findings)
    return json.dumps(
        {
            "version": VERSION,
            "summary": {
                "block": blocking,
                "warn": len(findings) - blocking - waived,
                "waived": waived,
                "resources": judgement.resources,
                "templates": judgement.templates,
            },
            "findings": [finding.as_dict() for finding in findings],
        },
        indent=2,
        ensure_ascii=False,
    )
