"""Counts findings that block, warn, or are waived, for every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from tts_constructs.policy.model.finding import Finding

Effect = Literal["blocks", "warns", "waived"]

BLOCKS: Effect = "blocks"
WARNS: Effect = "warns"
WAIVED: Effect = "waived"


def effect_of(finding: Finding) -> Effect:
    """The effect of a finding on a run."""
    if finding.waiver is not None:
        return WAIVED
    return BLOCKS if finding.blocks else WARNS


def count(findings: Iterable[Finding]) -> Counter[Effect]:
    """Counts the findings by their effect."""
    return Counter[Effect](map(effect_of, findings))
