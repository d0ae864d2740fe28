"""Who is told when a service fails, as a closed union."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from tts_constructs import Alarms, Environment
from tts_constructs.constructs.system.encryption_key import system_key
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
    assert admissions(stack) == [admission()]


def admission(account: str = "111122223333") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }


def admissions(stack: cdk.Stack) -> list[dict[str, Any]]:
    """The statements of the one topic policy that let anybody in."""
    (policy,) = Template.from_stack(stack).find_resources("AWS::SNS::TopicPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return [{key: one[key] for key in admission()} for one in statements if one["Effect"] == "Allow"]


def warnings(stack: cdk.Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(one.entry.data) for one in found]


@pytest.mark.parametrize("enforce_ssl", [True, False])
def test_alarms_may_publish_to_a_given_topic(stack: cdk.Stack, key: kms.Key, enforce_ssl: bool) -> None:
    topic = sns.Topic(stack, "Topic", enforce_ssl=enforce_ssl)
    for service in ("Web", "Api"):  # two services share it
        Alarms.to_topic(topic).topic(Construct(stack, service), key)
    assert admissions(stack) == [admission()]
    assert warnings(stack) == []


def test_alarms_may_use_the_key_of_a_given_topic(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "OfTopic", enable_key_rotation=True)
    topic = sns.Topic(stack, "Topic", master_key=key)
    Alarms.to_topic(topic).topic(Construct(stack, "Web"), key)
    allowed = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::KMS::Key", {"KeyPolicy": {"Statement": Match.array_with([Match.object_like(allowed)])}}
    )


def test_the_key_of_a_system_is_not_given_the_same_statement_twice(
    make_stack: Callable[..., cdk.Stack],
) -> None:
    stack = make_stack()
    key = system_key(stack, "Key", Environment.PRODUCTION)
    Alarms.to_topic(sns.Topic(stack, "Topic", master_key=key)).topic(stack, key)
    (resource,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    sids = [one.get("Sid") for one in resource["Properties"]["KeyPolicy"]["Statement"]]
    assert sids.count("CloudWatchAlarms") == 1


def test_an_imported_topic_is_left_alone_with_a_warning(stack: cdk.Stack, key: kms.Key) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Imported", "arn:aws:sns:us-east-1:111122223333:operators")
    assert Alarms.to_topic(topic).topic(stack, key) is topic
    Template.from_stack(stack).resource_count_is("AWS::SNS::TopicPolicy", 0)
    (warning,) = warnings(stack)
    assert "the policy of the topic must let it use sns:Publish; if the topic is encrypted, " in warning


def test_a_topic_with_an_imported_key_gets_a_policy_and_a_warning(stack: cdk.Stack, key: kms.Key) -> None:
    imported = kms.Key.from_key_arn(stack, "Imported", "arn:aws:kms:us-east-1:111122223333:key/operators")
    Alarms.to_topic(sns.Topic(stack, "Topic", master_key=imported)).topic(stack, key)
    assert admissions(stack) == [admission()]
    (warning,) = warnings(stack)
    assert "can't be let in here: the policy of its key must let it use kms:Decrypt" in warning


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
    assert error.value.faults == (f"{address!r} is not an address; write one such as 'team@example.gov'",)


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_is_told_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Alarms.none(reason=reason)
    assert error.value.faults == ("has no reason; write why nobody needs to be told when the service fails",)


def test_no_other_alarms_can_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Alarms()  # type: ignore[abstract]  # what is tested
