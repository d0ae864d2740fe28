"""The section of the TTS handbook's page "Amazon Web Services" that each rule comes from."""

from __future__ import annotations

ELSEWHERE = "Other mandates and good practice"
"""Where a rule stands that comes from no sentence of the page, those of an organisation among them."""

_AMAZON = "Amazon Web Services"
_BUILDING = "Building systems that will be deployed directly to AWS"
_PERMISSIONS = "Permissions"
_GROUPS = "Auto scale groups"
_VPCS = "VPCs"
_HTTPS = "HTTPS Everywhere"
_SERVICES = "Approved services for production use"
_BASELINE = "Operating system (OS) baseline"
_OTHERS = "Other people's information"
_YOURS = "Your information"
_TAGGING = "Tagging"

SECTIONS = (
    _AMAZON,
    _BUILDING,
    _PERMISSIONS,
    _GROUPS,
    _VPCS,
    _HTTPS,
    _SERVICES,
    _BASELINE,
    _OTHERS,
    _YOURS,
    _TAGGING,
    ELSEWHERE,
)
"""Headings of the page, in its order; the page's title stands for what it says before the first of them."""

_BY_PREFIX = {
    "TTS-ACC": _PERMISSIONS,
    "TTS-ASG": _GROUPS,
    "TTS-ASG-003": _BASELINE,
    "TTS-CD": _PERMISSIONS,
    "TTS-CFN": _PERMISSIONS,
    "TTS-DATA": _OTHERS,
    "TTS-DATA-002": _PERMISSIONS,
    "TTS-DATA-003": _BUILDING,
    "TTS-EC2": _GROUPS,
    "TTS-EC2-003": _BASELINE,
    "TTS-EC2-004": _BASELINE,
    "TTS-EC2-005": _OTHERS,
    "TTS-EC2-006": _VPCS,
    "TTS-IAM": _PERMISSIONS,
    "TTS-KMS": _OTHERS,
    "TTS-LOG": _YOURS,
    "TTS-MON": _GROUPS,
    "TTS-NET": _VPCS,
    "TTS-NET-002": _PERMISSIONS,
    "TTS-S3": _OTHERS,
    "TTS-S3-003": _BUILDING,
    "TTS-S3-004": _YOURS,
    "TTS-SBX": _AMAZON,
    "TTS-SBX-002": _OTHERS,
    "TTS-SBX-003": _TAGGING,
    "TTS-SEC": _PERMISSIONS,
    "TTS-SVC": _SERVICES,
    "TTS-TAG": _TAGGING,
    "TTS-TLS": _HTTPS,
    "TTS-VPC": _VPCS,
    "TTS-VPC-004": _YOURS,
}
"""Section by rule, or by all rules of a topic; the longer entry counts."""


def section_of(rule_id: str) -> str:
    """The heading of the section that a rule comes from; one of `SECTIONS`."""
    return _BY_PREFIX.get(rule_id) or _BY_PREFIX.get(rule_id.rpartition("-")[0]) or ELSEWHERE
