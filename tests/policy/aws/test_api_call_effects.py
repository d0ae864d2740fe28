"""Checks of calls, beside those of resources."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.policy.judging import app
from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import CALLERS, Call
from tts_constructs.policy.model.rule import Check
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

RULE = "TTS-EC2-001"
LAUNCH = {"service": "EC2", "action": "runInstances"}


def names_a(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation("a")


def names_b(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation("b")


def needs_a_number(resource: Resource) -> Iterator[Result]:
    if not resource["Size"].number():
        yield resource.properties.violation("no number")


def said(checks: Mapping[str, Check], name: str, kind: str, **properties: Any) -> list[str]:
    """The messages of the check that is listed at a name, of a resource of some type."""
    stack = app({"R": {"Type": kind, "Properties": properties}}).stacks[0]
    return [result.message for result in checks[name](stack.resources["R"])]


def test_each_type_that_calls_is_checked_for_its_calls() -> None:
    assert set(with_calls(RULE, {})) == set(CALLERS)
    (message,) = said(with_calls(RULE, {}), "Custom::*", "Custom::AWS", Create=LAUNCH)
    assert "EC2 runInstances" in message


@pytest.mark.parametrize("name", ["Custom::*", "Custom::AWS", "Custom::A*"])
def test_a_rule_s_own_check_of_a_type_that_calls_is_kept(name: str) -> None:
    own, call = said(with_calls(RULE, {name: names_a}), name, "Custom::AWS", Create=LAUNCH)
    assert own == "a"
    assert "EC2 runInstances" in call


@pytest.mark.parametrize(
    ("checks", "own"),
    [
        ({"AWS::*": names_a, "AWS::SSM::*": names_b}, "b"),
        ({"AWS::SSM::*": names_b, "AWS::*": names_a}, "b"),
        ({"AWS::*": names_a, "*::SSM::Document": names_b}, "b"),
        ({"AWS::*": names_a, "AWS::S3::*": names_b}, "a"),
        ({"AWS::*": names_b, "AWS::SSM::Document": names_a}, "a"),
    ],
)
def test_the_closest_pattern_s_check_is_kept_beside_the_calls(checks: dict[str, Check], own: str) -> None:
    found = with_calls(RULE, checks)
    assert said(found, "AWS::SSM::Document", "AWS::SSM::Document") == [own]
    assert set(checks) <= set(found)


def test_a_type_that_calls_nothing_keeps_its_check_as_it_is() -> None:
    assert with_calls(RULE, {"AWS::SQS::Queue": names_a})["AWS::SQS::Queue"] is names_a


def test_what_a_check_cannot_decide_does_not_hide_a_call() -> None:
    checks = with_calls(RULE, {"Custom::*": needs_a_number})
    first, call = said(checks, "Custom::*", "Custom::AWS", Size="much", Create=LAUNCH)
    assert "Size is much" in first
    assert "EC2 runInstances" in call


def test_a_call_whose_parameters_decide_is_given_to_its_check() -> None:
    seen: list[tuple[str | None, str]] = []

    def looks(call: Call, needed: str) -> Iterator[Result]:
        seen.append((call.action, needed))
        return iter(())

    checks = with_calls("TTS-CFN-001", {}, {"pipeline": looks})
    kind = {"Category": "Deploy", "Provider": "CloudFormation"}
    actions = [{"ActionTypeId": kind, "Configuration": {"StackName": "web"}}]
    pipeline = "AWS::CodePipeline::Pipeline"
    assert said(checks, pipeline, pipeline, Stages=[{"Actions": actions}]) == []
    assert seen == [("cloudformation", "StackName")]
