"""The section of the TTS handbook's page "Amazon Web Services" that each rule comes from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tts_constructs.policy.model.rule import ELSEWHERE
from tts_constructs.policy.rules import catalog

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
"""Headings of the page, in its order; the first is its title, for the text before the other headings."""


@cache
def _sections() -> Mapping[str, str]:
    return {rule.id: rule.section for rule in catalog()}


def section_of(rule_id: str) -> str:
    """Returns the heading of the section that a rule comes from; one of `SECTIONS`."""
    return _sections().get(rule_id, ELSEWHERE)
