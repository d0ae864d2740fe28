"""Who is told when a service fails, as a closed union."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from tts_constructs import Alarms
from tts_constructs.errors import InvalidArgumentError


@pytest.fixture
def stack(make_stack: Callable[..., cdk.Stack]) -> cdk.Stack:
    return make_stack()


@pytest.fixture
def key(stack: cdk.Stack) -> kms.Key:
    return kms.Key(stack, "Key")


def test_a_given_topic_is_the_one_that_is_told(stack: cdk.Stack, key: kms.Key) -> None:
    topic = sns.Topic(stack, "Topic")
    assert Alarms.to_topic(topic).topic(stack, key) is topic
    assert Alarms.to_topic(topic).absence is None


def test_an_address_gets_a_topic_with_the_key(stack: cdk.Stack, key: kms.Key) -> None:
    Alarms.to_email("team@example.gov").topic(stack, key)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": stack.resolve(key.key_arn)})
    template.has_resource_properties(
        "AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": "team@example.gov"}
    )


def test_alarms_of_the_account_may_publish_to_the_topic(stack: cdk.Stack, key: kms.Key) -> None:
    Alarms.to_email("team@example.gov").topic(stack, key)
    allowed = {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(allowed)])}},
    )


def test_the_topic_refuses_plain_http(stack: cdk.Stack, key: kms.Key) -> None:
    Alarms.to_email("team@example.gov").topic(stack, key)
    denied = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    Template.from_stack(stack).has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(denied)])}},
    )


def test_nobody_is_told_for_a_reason(stack: cdk.Stack, key: kms.Key) -> None:
    alarms = Alarms.none(reason="a demonstration, watched while it runs")
    assert alarms.topic(stack, key) is None
    assert alarms.absence == "a demonstration, watched while it runs"


@pytest.mark.parametrize(
    "address", ["", "team", "team@example", "a b@example.gov", "team@example.gov,x@example.gov"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Alarms.to_email(address)
    assert error.value.faults == (f"{address!r} is no address; write one such as 'team@example.gov'",)


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_is_told_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Alarms.none(reason=reason)
    assert error.value.faults == ("has no reason; write why nobody needs to be told when the service fails",)


def test_no_other_alarms_can_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Alarms()  # type: ignore[abstract]  # what is tested
