"""The page of a rule."""

from dataclasses import replace

import click
import pytest

from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import library_rules
from tts_constructs.policy.rules.builtin import BUILTIN_RULES
from tts_constructs.report.rule_docs.markup import markdown, terminal
from tts_constructs.report.rule_docs.rule_page import blocks

RULES = {rule.id: rule for rule in library_rules()}
LOGGED = RULES["TTS-S3-004"]


def page(rule: Rule, *, examples: bool = True) -> str:
    return markdown(blocks(rule, load_examples(rule.id) if examples else ()))


def test_a_page_begins_with_id_and_title() -> None:
    assert page(LOGGED).startswith("# TTS-S3-004: Access to buckets must be logged\n")


@pytest.mark.parametrize("field", ["why", "source", "fix", "decides"])
def test_a_page_says_all_that_the_rule_says(field: str) -> None:
    assert getattr(LOGGED, field) in page(LOGGED)


def test_the_levels_stand_by_verdict_and_environment() -> None:
    lines = page(RULES["TTS-EC2-004"]).splitlines()
    assert lines[2:6] == [
        "|  | production | sandbox | development |",
        "| --- | --- | --- | --- |",
        "| violation | blocks | warns | warns |",
        "| unknown | warns | warns | warns |",
    ]


def test_a_rule_that_is_never_undecided_says_why() -> None:
    people = replace(RULES["TTS-IAM-001"], never_unknown="Types are literal.")
    assert f"It can always decide. {people.never_unknown}" in page(people)
    assert "| unknown |" not in page(people)
    assert "can always decide" not in page(LOGGED)


def test_a_rule_without_waivers_says_so() -> None:
    assert "This rule can't be waived in production." in page(RULES["TTS-S3-001"])
    assert "can't be waived" not in page(LOGGED)


@pytest.mark.parametrize(
    ("force", "words"), [("M", "Required by the"), ("S", "Recommended by the"), ("P", "Good practice.")]
)
def test_a_page_says_how_binding_the_requirement_is(force: str, words: str) -> None:
    assert f"\n\n{words}" in page(replace(LOGGED, force=force))  # type: ignore[arg-type] # one of the three


def test_a_page_shows_python_that_meets_the_rule() -> None:
    text = markdown(blocks(LOGGED, (), 'sqs.Queue(stack, "Jobs")'))
    assert "This meets the rule (`stack` is a `cdk.Stack`):\n\n```python\nsqs.Queue(" in text
    assert "This meets the rule:\n" in markdown(blocks(LOGGED, (), "pass"))
    assert "This meets the rule" not in page(LOGGED)


def test_controls_have_their_titles_and_lead_to_the_matrix() -> None:
    assert "[AU-2](../controls.md) Event Logging, [AU-3](../controls.md) Content" in page(LOGGED)


def test_a_control_without_a_title_of_ours_stands_alone() -> None:
    assert "[RA-5](../controls.md)\n" in page(replace(LOGGED, controls=("RA-5",)))


def test_examples_stand_by_verdict_with_their_places() -> None:
    text = page(LOGGED)
    headings = [line for line in text.splitlines() if line.startswith("## Examples")]
    assert headings == [
        "## Examples that break it",
        "## Examples that meet it",
        "## Examples that it can't decide",
    ]
    assert (
        "### Access to the bucket is not logged\n\nFound at `Uploads Properties/LoggingConfiguration`.\n\n"
        "```yaml\nResources:\n  Uploads: {Type: AWS::S3::Bucket}\n```\n"
    ) in text
    assert "Undecided at `Uploads Properties/LoggingConfiguration`." in text


def test_every_example_is_on_the_page() -> None:
    assert page(LOGGED).count("\n### ") == len(load_examples(LOGGED.id))


def test_an_example_with_a_level_of_its_own_says_it() -> None:
    assert "Found at `Secret`. Here it warns." in page(RULES["TTS-SVC-001"])


def test_a_rule_without_examples_has_no_heading_for_them() -> None:
    assert "Examples" not in page(LOGGED, examples=False)


def test_the_judge_explains_its_own_ids() -> None:
    assert [rule.id for rule in BUILTIN_RULES] == [
        "TTS-ENGINE",
        "TTS-WAIVER",
        "TTS-BASELINE",
        "TTS-ENVIRONMENT",
    ]


def test_a_terminal_shows_the_same_words() -> None:
    shown = click.unstyle(terminal(blocks(LOGGED, load_examples(LOGGED.id))))
    assert "WHY\nAfter a leak, the first question is who read what." in shown
    assert "AU-2 Event Logging" in shown
    assert "    Resources:\n      Uploads: {Type: AWS::S3::Bucket}" in shown
