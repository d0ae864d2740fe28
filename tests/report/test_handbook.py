"""Which section of the handbook a rule comes from."""

import re

import pytest

from tts_constructs.policy.model.rule import ELSEWHERE, Rule
from tts_constructs.policy.rules import catalog
from tts_constructs.report.handbook import SECTIONS, section_of

FROM_NO_SENTENCE = {"TTS-REG-001"}
"""Rules of a federal mandate that the page does not speak of."""


@pytest.mark.parametrize("rule", catalog(), ids=lambda rule: rule.id)
def test_a_rule_comes_from_a_section_of_the_handbook(rule: Rule) -> None:
    assert (section_of(rule.id) == ELSEWHERE) == (rule.id in FROM_NO_SENTENCE)


@pytest.mark.parametrize("rule", catalog(), ids=lambda rule: rule.id)
def test_a_section_that_a_rule_names_in_its_source_is_its_section(rule: Rule) -> None:
    named = re.findall(r"[Hh]andbook(?:, AWS)?, [“\"]([^”\"]+)[”\"]", rule.source)
    sections = [name for name in named if name in SECTIONS]
    assert not sections or section_of(rule.id) in sections


def test_a_rule_of_an_organization_comes_from_elsewhere() -> None:
    assert section_of("ACME-001") == ELSEWHERE


def test_the_sections_stand_once() -> None:
    assert len(set(SECTIONS)) == len(SECTIONS)
