"""All examples of a rule as one test, for mutmut alone.

It collects the tests again for each mutant; with a test for each example, that takes longer than all else.
"""

import pytest

from tts_constructs.policy.examples import differences, load_examples
from tts_constructs.policy.rules import library_rules

RULES = {rule.id: rule for rule in library_rules()}
EXAMPLES = {rule_id: load_examples(rule_id) for rule_id in RULES}


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_says_of_its_examples_what_they_expect(rule_id: str) -> None:
    rule = RULES[rule_id]
    assert [difference for example in EXAMPLES[rule_id] for difference in differences(rule, example)] == []
