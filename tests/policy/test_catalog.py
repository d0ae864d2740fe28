"""Tests about the rules: what each says of its own examples, and that none is missing or malformed."""

import re

import pytest

from tts_constructs.policy.examples import Example, differences, load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import catalog

RULES = {rule.id: rule for rule in catalog()}
EXAMPLES = [example for rule_id in RULES for example in load_examples(rule_id)]

CATALOG = {
    "TTS-EC2-001": ("M", "block", "warn"),
    "TTS-EC2-002": ("M", "block", "warn"),
    "TTS-EC2-003": ("M", "block", "warn"),
    "TTS-EC2-004": ("P", "block", "warn"),
    "TTS-EC2-005": ("M", "block", "warn"),
    "TTS-EC2-006": ("M", "block", "warn"),
    "TTS-ASG-001": ("M", "block", None),
    "TTS-ASG-002": ("P", "block", None),
    "TTS-ASG-003": ("P", "warn", None),
    "TTS-VPC-001": ("M", "block", "warn"),
    "TTS-VPC-002": ("M", "block", "block"),
    "TTS-VPC-003": ("M", "block", "warn"),
    "TTS-VPC-004": ("M", "block", "warn"),
    "TTS-VPC-005": ("M", "block", None),
    "TTS-NET-001": ("M", "block", "warn"),
    "TTS-NET-002": ("M", "block", "warn"),
    "TTS-NET-003": ("M", "block", None),
    "TTS-TLS-001": ("M", "block", "block"),
    "TTS-TLS-002": ("M", "block", "warn"),
    "TTS-TLS-003": ("M", "block", None),
    "TTS-TLS-004": ("M", "block", "block"),
    "TTS-TLS-005": ("M", "block", "warn"),
    "TTS-TLS-006": ("M", "block", "block"),
    "TTS-TLS-007": ("M", "block", "warn"),
    "TTS-S3-001": ("M", "block", "block"),
    "TTS-S3-002": ("M", "block", "warn"),
    "TTS-S3-003": ("M", "block", None),
    "TTS-S3-004": ("M", "block", None),
    "TTS-DATA-001": ("M", "block", "warn"),
    "TTS-DATA-002": ("M", "block", "block"),
    "TTS-DATA-003": ("M", "block", None),
    "TTS-KMS-001": ("P", "block", None),
    "TTS-SEC-001": ("M", "block", "block"),
    "TTS-ACC-001": ("M", "block", None),
    "TTS-IAM-001": ("M", "block", "block"),
    "TTS-IAM-002": ("P", "block", "warn"),
    "TTS-CD-001": ("M", "block", None),
    "TTS-CD-002": ("M", "block", None),
    "TTS-CD-003": ("P", "warn", None),
    "TTS-SVC-001": ("M", "block", "warn"),
    "TTS-SVC-002": ("M", "block", "warn"),
    "TTS-TAG-001": ("M", "block", "block"),
    "TTS-TAG-002": ("M", "block", "block"),
    "TTS-TAG-003": ("P", "block", None),
    "TTS-TAG-004": ("P", "warn", "warn"),
    "TTS-LOG-001": ("M", "block", None),
    "TTS-LOG-002": ("M", "block", None),
    "TTS-MON-001": ("M", "warn", None),
    "TTS-SBX-001": ("M", None, "block"),
    "TTS-SBX-002": ("M", None, "block"),
    "TTS-SBX-003": ("M", None, "warn"),
    "TTS-CFN-001": ("M", "block", "warn"),
    "TTS-REG-001": ("M", "block", "block"),
}
"""Force, and levels in production and in a sandbox, of every rule: a contract that other programs rely on."""

ONLY_UNKNOWN = {"TTS-CFN-001"}
"""Rules about what cannot be judged: they never say that something is wrong."""


def examples_of(rule: Rule) -> list[Example]:
    return [example for example in EXAMPLES if example.rule_id == rule.id]


def by_title(example: Example) -> str:
    return f"{example.rule_id}: {example.title}"


@pytest.mark.parametrize("example", EXAMPLES, ids=by_title)
def test_a_rule_says_of_its_example_what_the_example_expects(example: Example) -> None:
    assert list(differences(RULES[example.rule_id], example)) == []


def test_every_rule_of_the_catalog_is_there_with_its_force_and_levels() -> None:
    assert {rule.id: (rule.force, rule.production, rule.sandbox) for rule in RULES.values()} == CATALOG


def test_some_rules_take_no_waiver_in_production() -> None:
    assert {rule.id for rule in RULES.values() if not rule.waivable} == {
        "TTS-S3-001",
        "TTS-SEC-001",
        "TTS-TAG-001",
        "TTS-TLS-001",
        "TTS-VPC-002",
    }


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_enough_examples(rule: Rule) -> None:
    verdicts = [example.verdict for example in examples_of(rule)]
    decisive = "unknown" if rule.id in ONLY_UNKNOWN else "violation"
    assert verdicts.count(decisive) >= 4
    assert verdicts.count("pass") >= 4
    assert verdicts.count("unknown") >= 1 or rule.never_unknown


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"TTS-[A-Z0-9]{2,4}-\d{3}", rule.id)
    assert "::" not in rule.id
    assert not rule.title.endswith(".")
    for sentence in (rule.why, rule.fix, rule.decides, rule.template_fix or "."):
        assert sentence.endswith((".", ".”", '."')), sentence
    assert rule.controls
    assert all(re.fullmatch(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?", control) for control in rule.controls)
    assert rule.checks or rule.stack_check


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_an_example_has_a_title_of_its_own(rule: Rule) -> None:
    titles = [example.title for example in examples_of(rule)]
    assert [title for title in titles if titles.count(title) > 1] == []
