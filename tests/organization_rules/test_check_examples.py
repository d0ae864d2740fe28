"""`check_examples`, which tests of an organization's rules call."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tts_constructs.errors import InputError
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.testing.rule_examples import check_examples


def _acl(bucket: Resource) -> Iterator[Result]:
    acl = bucket["AccessControl"]
    if acl.text() == "PublicRead":
        yield acl.violation("AccessControl is PublicRead.")


RULE = Rule(
    id="NEW-1", title="T", why="W.", source="S.", fix="F.", decides="D.", controls=("SC-7",), force="S",
    production="block", sandbox="warn", checks={"AWS::S3::Bucket": _acl},
)  # fmt: skip
BREAKS = """
- title: Public
  verdict: violation
  at: [Bucket Properties/AccessControl]
  template: {Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}}}
"""
KEEPS = """
- title: Private
  verdict: pass
  template: {Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {AccessControl: Private}}}}
"""
UNKNOWN = """
- title: A parameter
  verdict: unknown
  at: [Bucket Properties/AccessControl]
  template:
    Parameters: {Acl: {Type: String}}
    Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {AccessControl: !Ref Acl}}}
"""

Faults = Callable[..., str]


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    """What is wrong with a rule and the text of its examples; empty: nothing."""

    def check(text: str, rule: Rule = RULE) -> str:
        (tmp_path / "NEW-1.yaml").write_text(text, encoding="utf-8")
        try:
            check_examples(rule, tmp_path)
        except AssertionError as error:
            return str(error)
        return ""

    return check


def test_examples_that_agree_pass(faults: Faults) -> None:
    assert faults(BREAKS + KEEPS + UNKNOWN) == ""


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(KEEPS + UNKNOWN, "violation"), (BREAKS + UNKNOWN, "pass"), (BREAKS + KEEPS, "unknown")],
)
def test_a_verdict_without_an_example_is_a_fault(faults: Faults, text: str, verdict: str) -> None:
    assert faults(text) == f"NEW-1:\n  - no example has the verdict {verdict}"


def test_a_rule_that_says_why_nothing_is_unknown_needs_no_such_example(faults: Faults) -> None:
    assert faults(BREAKS + KEEPS, replace(RULE, never_unknown="A type is literal.")) == ""


def test_a_finding_elsewhere_is_a_fault(faults: Faults) -> None:
    message = faults(BREAKS.replace("at: [Bucket ", "at: [Other ") + KEEPS + UNKNOWN)
    assert "Public: found at Bucket Properties/AccessControl; the example expects Other" in message


def test_a_finding_with_another_verdict_is_a_fault(faults: Faults) -> None:
    message = faults(BREAKS.replace("violation", "unknown") + KEEPS + UNKNOWN)
    assert "Public: the verdict is violation; it expects unknown" in message


def test_a_rule_that_finds_nothing_is_a_fault(faults: Faults) -> None:
    message = faults(BREAKS + KEEPS + UNKNOWN, replace(RULE, checks={}))
    assert "Public: found at no place; the example expects Bucket Properties/AccessControl" in message
    assert "Public: the verdict is pass; it expects violation" in message


def test_a_level_other_than_that_of_the_rule_is_a_fault(faults: Faults) -> None:
    assert faults(BREAKS + "  level: block\n" + KEEPS + UNKNOWN) == ""
    message = faults(BREAKS + "  level: warn\n" + KEEPS + UNKNOWN)
    assert "Public: Bucket Properties/AccessControl has the level block; it expects warn" in message


def test_the_level_is_that_of_the_environment_of_the_example(faults: Faults) -> None:
    assert faults(BREAKS + "  environment: sandbox\n  level: warn\n" + KEEPS + UNKNOWN) == ""


def test_settings_of_an_example_name_files_beside_its_own(tmp_path: Path) -> None:
    template = "{Resources: {Bucket: {Type: AWS::S3::Bucket}}}"
    (tmp_path / "NEW-1.yaml").write_text(
        f"- {{title: A, verdict: pass, settings: {{services: {{approved: list.csv}}}}, template: {template}}}"
    )
    (example,) = load_examples("NEW-1", tmp_path)
    seen = []

    def check(bucket: Resource) -> Iterator[Result]:
        seen.append(bucket.stack.assembly.settings.services.approved)
        yield from ()

    example.judge([replace(RULE, checks={"AWS::S3::Bucket": check})])
    assert set(seen) == {tmp_path / "list.csv"}


def test_a_rule_without_a_file_of_examples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"NEW-1\.yaml: cannot be read"):
        check_examples(RULE, tmp_path)
