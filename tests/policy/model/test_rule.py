"""Levels of a rule, and the check of a resource type."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.policy.samples import RULE
from tts_constructs.policy.model.rule import fixed_by
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Level, Result
from tts_constructs.system_metadata import Environment

PRODUCTION, SANDBOX, DEVELOPMENT = Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack("Resources: {R: {Type: T}}")


def check(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation("It is wrong.")
    yield resource.properties.violation("It is wrong here.", fix="Write b.")


@pytest.mark.parametrize(
    ("force", "environment", "verdict", "level"),
    [
        ("M", PRODUCTION, "violation", "block"),
        ("M", PRODUCTION, "unknown", "block"),
        ("M", DEVELOPMENT, "violation", "block"),
        ("M", DEVELOPMENT, "unknown", "block"),
        ("M", SANDBOX, "violation", "warn"),
        ("P", PRODUCTION, "violation", "block"),
        ("P", PRODUCTION, "unknown", "warn"),
        ("P", DEVELOPMENT, "violation", "warn"),
        ("S", PRODUCTION, "unknown", "warn"),
        ("S", SANDBOX, "unknown", "warn"),
    ],
)
def test_a_level_follows_force_environment_and_verdict(
    force: str, environment: Environment, verdict: str, level: str
) -> None:
    assert replace(RULE, force=force).level(environment, verdict) == level  # type: ignore[arg-type]


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("verdict", ["violation", "unknown"])
@pytest.mark.parametrize("force", ["M", "S"])
def test_a_rule_without_a_level_has_none_for_any_verdict(
    environment: Environment, verdict: str, force: str
) -> None:
    rule = replace(RULE, production=None, sandbox=None, force=force)  # type: ignore[arg-type]
    assert rule.level(environment, verdict) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("production", ["block", "warn"])
def test_without_a_verdict_the_level_is_that_of_a_violation(production: Level) -> None:
    assert replace(RULE, production=production, force="P").level(PRODUCTION) == production


PATTERNS = ("AWS::*", "AWS::RDS::*", "AWS::RDS::DBCluster", "*::SQS::Queue", "*::MODULE")
OWN = {name: fixed_by(check, name) for name in PATTERNS}


@pytest.mark.parametrize(
    ("resource_type", "pattern"),
    [
        ("AWS::RDS::DBCluster", "AWS::RDS::DBCluster"),
        ("AWS::RDS::DBInstance", "AWS::RDS::*"),
        ("AWS::S3::Bucket", "AWS::*"),
        ("AWS::SQS::Queue", "*::SQS::Queue"),
        ("aws::S3::Bucket", None),
        ("My::Own::MODULE", "*::MODULE"),
        ("Custom::X", None),
    ],
)
def test_the_longest_pattern_of_a_type_counts_where_the_type_itself_is_not_named(
    resource_type: str, pattern: str | None
) -> None:
    assert replace(RULE, checks=OWN).check_of(resource_type) is (OWN[pattern] if pattern else None)


def test_a_check_says_what_to_write_where_its_results_do_not(stack: Stack) -> None:
    results = list(fixed_by(check, "Write a.", "Write A.")(stack.resources["R"]))
    assert [(result.fix, result.template_fix) for result in results] == [
        ("Write a.", "Write A."),
        ("Write b.", None),
    ]


def test_one_fix_of_a_check_does_for_templates_too(stack: Stack) -> None:
    (first, _) = fixed_by(check, "Write a.")(stack.resources["R"])
    assert (first.fix, first.template_fix) == ("Write a.", None)
