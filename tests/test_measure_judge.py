"""The comparison of the judge with a suite, on a tiny one that is made up."""

import tomllib
from pathlib import Path

import pytest

from scripts.measure_judge import RULES, main
from tests.policy.judging import RULES as OURS

SUITE = """\
- name: a key does not rotate
  input: {Resources: {Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: false}}}}
  expectations: {rules: {ROTATES: FAIL}}
- name: a key rotates
  input: {Resources: {Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}}}
  expectations: {rules: {ROTATES: PASS, NOT_OURS: FAIL}}
- name: no key
  input: {Resources: {Topic: {Type: AWS::SNS::Topic}}}
  expectations: {rules: {ROTATES: SKIP}}
- name: nothing
  input: {}
  expectations: {rules: {ROTATES: SKIP}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    tests = tmp_path / "rules/aws/kms/tests"
    tests.mkdir(parents=True)
    (tests / "rotates_tests.yml").write_text(SUITE)
    (tmp_path / "rules.toml").write_text('ROTATES = ["TTS-KMS-001"]\n')
    return tmp_path


def measure(suite: Path) -> int:
    return main([str(suite), str(suite / "rules.toml")])


def test_a_suite_that_agrees_is_counted(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure(suite) == 0
    assert capsys.readouterr().out.strip() == "2 cases compared, 2 agree."


@pytest.mark.parametrize(
    ("said", "other", "told"),
    [
        ("ROTATES: FAIL}", "ROTATES: PASS}", "a key does not rotate: ROTATES passes and it is found"),
        ("ROTATES: PASS,", "ROTATES: FAIL,", "a key rotates: ROTATES fails and nothing is found"),
    ],
)
def test_a_case_that_disagrees_is_told(
    said: str, other: str, told: str, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = suite / "rules/aws/kms/tests/rotates_tests.yml"
    file.write_text(SUITE.replace(said, other))
    assert measure(suite) == 1
    shown = capsys.readouterr().out
    assert told in shown
    assert "2 cases compared, 1 agree." in shown


def test_a_file_that_is_not_yaml_is_named_and_does_not_end_the_comparison(
    suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (suite / "rules/aws/kms/tests/broken_tests.yml").write_text("a: [")
    assert measure(suite) == 0
    assert "broken_tests.yml" in capsys.readouterr().err


def test_short_forms_of_functions_are_read(suite: Path) -> None:
    file = suite / "rules/aws/kms/tests/rotates_tests.yml"
    file.write_text(SUITE.replace("EnableKeyRotation: true", "EnableKeyRotation: true, Description: !Ref X"))
    assert measure(suite) == 0


def test_a_folder_without_cases_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "has no case" in capsys.readouterr().err


def test_the_table_names_rules_of_the_catalog() -> None:
    table = tomllib.loads(RULES.read_text(encoding="utf-8"))
    assert {rule for ours in table.values() for rule in ours} <= set(OURS)
