"""Stacks of a system never need each other: a grant is where the other stack is needed already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tts_constructs import (
    Access,
    Alarms,
    FismaReadyImage,
    Flow,
    NetworkPolicy,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
)
from tts_constructs.constructs.system.stack_order import StackOrder

pytestmark = pytest.mark.usefixtures("unjudged", "image_by_parameter")

MakeStack = Callable[..., cdk.Stack]
PARAMETER = "/tts/ami/fisma-ready"


@pytest.fixture
def image_by_parameter(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tts.toml").write_text(f'[image]\nssm_parameters = ["{PARAMETER}"]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stacks(make_stack: MakeStack) -> list[cdk.Stack]:
    """Three stacks of one app: that of the system, and two others."""
    first = make_stack(name="First")
    return [first, *(make_stack(name=name, scope=first.node.root) for name in ("Second", "Third"))]


def service(system: TtsSystem, scope: Any, name: str, access: Access) -> TtsAsgService:
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/0f15a4ea"
    return TtsAsgService(
        scope,
        name,
        system=system,
        access=access,
        port=8080,
        alarms=Alarms.none(reason="a test"),
        certificate=acm.Certificate.from_certificate_arn(scope, f"{name}Certificate", arn),
        image=FismaReadyImage(ssm_parameter=PARAMETER),
    )


def policies(stack: cdk.Stack) -> Iterator[dict[str, Any]]:
    for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values():
        yield policy["Properties"]


def granting(stack: cdk.Stack, action: str) -> list[dict[str, Any]]:
    return [
        policy
        for policy in policies(stack)
        if any(action in statement["Action"] for statement in policy["PolicyDocument"]["Statement"])
    ]


def test_a_bucket_of_another_stack_grants_to_a_service_in_the_systems(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, _ = stacks
    system = make_system(first)
    bucket = TtsBucket(second, "Uploads", system=system)
    bucket.grant_read(service(system, system, "Web", Access.public()))
    (policy,) = granting(second, "s3:GetObject*")
    assert [list(role) for role in policy["Roles"]] == [["Fn::ImportValue"]]
    assert granting(first, "s3:GetObject*") == []


def test_several_grants_to_one_role_share_a_policy(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, _ = stacks
    system = make_system(first)
    web = service(system, system, "Web", Access.public())
    bucket = TtsBucket(second, "Uploads", system=system)
    bucket.grant_read(web)
    bucket.grant_put(web)
    assert len(granting(second, "s3:PutObject")) == 1
    assert len(list(policies(second))) == 1


def test_a_service_of_another_stack_keeps_its_policy_there(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, _ = stacks
    system = make_system(first)
    TtsBucket(system, "Uploads").grant_read(service(system, second, "Web", Access.public()))
    assert len(granting(second, "s3:GetObject*")) == 1
    assert granting(first, "s3:GetObject*") == []


def test_two_stacks_grant_each_other_and_call_each_other(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, third = stacks
    system = make_system(first, network=NetworkPolicy(between=[Flow.service("Web", "Api")]))
    web = service(system, second, "Web", Access.public())
    api = service(system, third, "Api", Access.internal())
    TtsBucket(second, "Up", system=system).grant_read(api)
    TtsBucket(third, "Down", system=system).grant_read(web)
    assert len(granting(second, "s3:GetObject*")) == 2  # Web's own, and Api's
    assert granting(third, "s3:GetObject*") == []


def test_an_identity_that_is_no_role_of_the_app_is_granted_as_it_is(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, _ = stacks
    bucket = TtsBucket(second, "Uploads", system=make_system(first))
    assert bucket.grant_read(iam.AccountPrincipal("444455556666")).success


def test_an_order_lets_stacks_need_others_but_not_in_a_circle(stacks: list[cdk.Stack]) -> None:
    first, second, third = stacks
    order = StackOrder(first)
    assert order.lets(second, first)
    assert not order.lets(first, second)
    assert order.lets(second, third)
    assert order.lets(second, third)
    assert not order.lets(third, second)
    assert order.lets(third, third)


def test_an_order_sees_a_circle_of_three(stacks: list[cdk.Stack], make_stack: MakeStack) -> None:
    first, second, third = stacks
    fourth = make_stack(name="Fourth", scope=first.node.root)
    order = StackOrder(first)
    assert order.lets(second, third)
    assert order.lets(third, fourth)
    assert not order.lets(fourth, second)


def test_a_nested_stack_counts_as_the_one_around_it(stacks: list[cdk.Stack]) -> None:
    first, second, _ = stacks
    order = StackOrder(first)
    assert order.lets(cdk.NestedStack(first, "Nested"), first)
    assert not order.lets(cdk.NestedStack(first, "Other"), second)


def test_an_output_with_the_name_of_a_services_is_named_at_synth(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    system = make_system(stacks[0])
    cdk.CfnOutput(stacks[0], "WebUrl", value="mine")
    service(system, system, "Web", Access.public())
    with pytest.raises(RuntimeError) as refused:
        Template.from_stack(stacks[0])
    assert (
        "[First/System/Web] the stack has the output WebUrl twice: that of the service "
        '"First/System/Web", and "First/WebUrl"; give that one another id'
    ) in str(refused.value)


def test_outputs_of_two_services_with_one_name_but_for_its_punctuation_are_named_at_synth(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    system = make_system(stacks[0])
    service(system, system, "Web", Access.public())
    service(system, system, "W-eb", Access.public())
    with pytest.raises(RuntimeError, match="has the output WebUrl twice"):
        Template.from_stack(stacks[0])


def test_an_output_of_the_same_name_in_another_stack_is_its_own(
    make_system: Callable[..., TtsSystem], stacks: list[cdk.Stack]
) -> None:
    first, second, _ = stacks
    system = make_system(first)
    cdk.CfnOutput(second, "WebUrl", value="mine")
    service(system, system, "Web", Access.public())
    assert "WebUrl" in Template.from_stack(first).to_json()["Outputs"]
