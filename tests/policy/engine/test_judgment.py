"""Findings where they are, judged stacks, and what is said of stacks that come out alike."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.policy import samples
from tts_constructs.policy.engine.judgment import JudgedStack, Judgment, LocatedFinding
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.origin import Origins
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]

RULE = replace(samples.RULE, production="warn", sandbox=None)
TWIN = {"/Twin/Other/Resource": [{"type": "aws:cdk:logicalId", "data": "R"}]}


@pytest.fixture
def stack(make_stack: StackMaker) -> Stack:
    return make_stack("Resources: {R: {Type: T::T::T}}", origins=Origins(lambda _: TWIN))


# Judgments


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), False),
        ((samples.FINDING,), True),
        ((replace(samples.FINDING, level="warn"),), False),
        ((replace(samples.FINDING, waiver="allowed by Ada"), replace(samples.FINDING, level="warn")), False),
        ((replace(samples.FINDING, waiver="allowed by Ada"), samples.FINDING), True),
    ],
)
def test_a_judgment_blocks_where_a_finding_does(findings: tuple[Finding, ...], expected: bool) -> None:
    assert Judgment(findings, resources=1, templates=1).blocks is expected


@pytest.mark.parametrize(
    ("whole", "environment", "expected"),
    [
        (True, Environment.PRODUCTION, True),
        (False, Environment.PRODUCTION, False),
        (True, Environment.SANDBOX, False),
    ],
)
def test_a_rule_is_evaluated_in_all_of_a_stack_where_it_has_a_level(
    stack: Stack, whole: bool, environment: Environment, expected: bool
) -> None:
    assert JudgedStack(stack, environment, whole, 0).evaluates(RULE) is expected


def test_the_settings_can_have_a_rule_evaluated_in_a_stack(stack: Stack) -> None:
    stack.assembly.settings = Settings(levels={Environment.SANDBOX: {RULE.id: "warn"}})
    assert JudgedStack(stack, Environment.SANDBOX, True, 0).evaluates(RULE)


def test_a_judged_stack_has_its_name_and_those_for_which_it_stands(stack: Stack) -> None:
    stack.twins = ["Twin", "Other"]
    assert JudgedStack(stack, Environment.PRODUCTION, True, 0).names == ("Example", "Twin", "Other")


# Findings where they are


def test_two_findings_that_are_alike_are_two(stack: Stack) -> None:
    assert LocatedFinding(samples.FINDING, stack, None) != LocatedFinding(samples.FINDING, stack, None)


def test_a_finding_is_said_of_each_stack_for_which_it_is_said_too(stack: Stack) -> None:
    resource = stack.resources["R"]
    each = list(LocatedFinding(samples.FINDING, stack, resource, ("Twin", "Unknown")).in_each_stack())
    assert [(one.finding.stack, one.finding.construct_path, one.also) for one in each] == [
        ("Example", "Example/Data/Resource", ()),
        ("Twin", "Twin/Other/Resource", ()),
        ("Unknown", "Example/Data/Resource", ()),
    ]
    assert {(one.stack, one.resource, one.finding.message) for one in each} == {
        (stack, resource, "P is off.")
    }


def test_a_finding_about_a_stack_is_said_of_each_stack_for_which_it_is_said_too(stack: Stack) -> None:
    about_stack = replace(samples.FINDING, logical_id="", construct_path=None)
    each = LocatedFinding(about_stack, stack, None, ("Twin",)).in_each_stack()
    assert [(one.finding.stack, one.finding.construct_path) for one in each] == [
        ("Example", None),
        ("Twin", None),
    ]


@pytest.mark.parametrize(
    ("also", "named"),
    [
        (("One",), "One"),
        (("One", "Two", "111122223333"), "One, Two, <account>"),
        (("One", "Two", "Three", "Four"), "One, Two, Three and 1 more"),
        (("One", "Two", "Three", "Four", "Five"), "One, Two, Three and 2 more"),
    ],
)
def test_a_finding_that_is_said_once_for_all_names_some_of_the_others(
    stack: Stack, also: tuple[str, ...], named: str
) -> None:
    found = LocatedFinding(samples.FINDING, stack, stack.resources["R"], also)
    once = found.for_all()
    assert once.finding.message.startswith(f"P is off. It holds for {named} too")
    assert (once.stack, once.resource, once.also) == (found.stack, found.resource, also)
    assert replace(once.finding, message="") == replace(samples.FINDING, message="")


def test_a_finding_of_one_stack_is_said_as_it_is(stack: Stack) -> None:
    found = LocatedFinding(samples.FINDING, stack, stack.resources["R"])
    assert found.for_all() is found
