"""The agency's rules say of their examples what these expect."""

from pathlib import Path

import agency_rules
import pytest

from tts_constructs.policy import Rule
from tts_constructs.testing import check_examples

EXAMPLES = Path(agency_rules.__file__).parent / "examples"


@pytest.mark.parametrize("rule", agency_rules.RULES, ids=lambda rule: rule.id)
def test_a_rule_says_of_its_examples_what_they_expect(rule: Rule) -> None:
    check_examples(rule, EXAMPLES)
