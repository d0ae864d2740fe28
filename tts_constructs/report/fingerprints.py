"""Fingerprints: each identifies a finding from one run to the next."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

from tts_constructs.policy.model.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """Makes a fingerprint of each finding, in their order.

    It is made of the rule, the stack, the resource and the property, so it stays when lines move or when a
    message is worded differently; findings that have all of these in common are counted.
    """
    findings = list(findings)
    seen: Counter[tuple[str, ...]] = Counter()
    result = dict.fromkeys(range(len(findings)), "")
    for position, finding in sorted(enumerate(findings), key=lambda pair: pair[1].message):
        key = (finding.rule_id, finding.stack, finding.logical_id, finding.location)
        seen[key] += 1
        result[position] = hashlib.sha256(json.dumps([*key, seen[key]]).encode()).hexdigest()
    return list(result.values())
