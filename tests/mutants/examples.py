"""All examples of a rule as one test, for mutmut alone.

It collects the tests anew for each mutant; with a test for each example, that takes longer than all else.
"""

import pytest

from tts_constructs.policy.examples import Example, load_examples
from tts_constructs.policy.result import Verdict
from tts_constructs.policy.rules import library_rules

RULES = {rule.id: rule for rule in library_rules()}
EXAMPLES = {rule_id: load_examples(rule_id) for rule_id in RULES}


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_says_of_its_examples_what_they_expect(rule_id: str) -> None:
    for example in EXAMPLES[rule_id]:
        assert said_of(example) == expected_of(example), example.title


Said = set[tuple[str, str, str | None]]
"""Place, verdict and level of each finding."""


def said_of(example: Example) -> Said:
    """What the rule says of an example."""
    findings = example.judge([RULES[example.rule_id]]).findings
    return {
        (f"{finding.logical_id or '(stack)'} {finding.location}".strip(), finding.verdict, finding.level)
        for finding in findings
    }


def expected_of(example: Example) -> Said:
    """What the example expects of the rule."""
    if example.verdict == "pass":
        return set()
    verdict: Verdict = "unknown" if example.verdict == "unknown" else "violation"
    level = example.data.get("level") or RULES[example.rule_id].level(example.environment, verdict)
    return {(place, verdict, level) for place in example.at}
