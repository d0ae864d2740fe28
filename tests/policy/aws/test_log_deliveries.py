"""Which deliveries take the logs of a resource."""

from collections.abc import Callable

import pytest

from tts_constructs.policy.aws.log_deliveries import deliveries_of
from tts_constructs.policy.model.stack import Stack

StackMaker = Callable[..., Stack]


def delivered(make_stack: StackMaker, *, acl: str = "", source: str = "", delivery: str = "") -> bool:
    """Whether an ACL's logs are delivered, where each of the three has a condition or exists always."""
    text = f"""
Conditions: {{Big: !Equals [!Ref AWS::StackName, big]}}
Resources:
  Acl: {{Type: "AWS::WAFv2::WebACL"{acl}}}
  Source:
    {{Type: "AWS::Logs::DeliverySource", Properties: {{Name: web, ResourceArn: !GetAtt Acl.Arn}}{source}}}
  Delivery: {{Type: "AWS::Logs::Delivery", Properties: {{DeliverySourceName: web}}{delivery}}}
"""
    return any(deliveries_of(make_stack(text).resources["Acl"]))


BIG = ", Condition: Big"


def test_logs_are_delivered_by_a_delivery_that_names_the_source(make_stack: StackMaker) -> None:
    assert delivered(make_stack)


def test_a_source_and_a_delivery_may_stand_under_the_condition_of_the_resource(
    make_stack: StackMaker,
) -> None:
    assert delivered(make_stack, acl=BIG, source=BIG, delivery=BIG)


@pytest.mark.parametrize("part", ["source", "delivery"])
def test_a_source_or_a_delivery_that_stands_sometimes_does_not_count(
    make_stack: StackMaker, part: str
) -> None:
    assert not delivered(make_stack, **{part: BIG})
