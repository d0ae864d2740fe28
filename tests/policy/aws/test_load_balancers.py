"""Joins of load balancers, listeners, rules and target groups."""

from collections.abc import Callable

import pytest

from tts_constructs.policy.aws import load_balancers
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.stack import Stack

StackMaker = Callable[..., Stack]

TEMPLATE = """
Parameters: {Unknown: {Type: String}}
Resources:
  Web: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {SecurityGroups: [!Ref Unknown, sg-1]}}
  Internal: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {Scheme: Internal, Type: Network}}
  Https:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Web
      DefaultActions:
        - {Type: authenticate-oidc}
        - Type: forward
          ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Blue}, {TargetGroupArn: !Ref Unknown}]}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !GetAtt Https.ListenerArn
      Actions: [{Type: forward, TargetGroupArn: !Ref Green}]
  Foreign:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: "arn:of-another-app", DefaultActions: !Ref Unknown}
  Open:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Unknown}
  Blue: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
  Green: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
"""


def test_a_balancer_knows_its_listeners_and_they_their_rules(make_stack: StackMaker) -> None:
    app = make_stack(TEMPLATE).resources
    assert load_balancers.listeners_of(app["Web"]) == [app["Https"]]
    assert load_balancers.rules_of(app["Https"]) == [app["Rule"]]
    assert load_balancers.balancer_of(app["Https"]) is app["Web"]
    assert load_balancers.listener_of(app["Rule"]) is app["Https"]
    assert load_balancers.listeners_of(app["Internal"]) == []


def test_a_balancer_outside_the_app_is_none_and_an_unknown_one_undecided(make_stack: StackMaker) -> None:
    app = make_stack(TEMPLATE).resources
    assert load_balancers.balancer_of(app["Foreign"]) is None
    with pytest.raises(UnknownValue):
        load_balancers.balancer_of(app["Open"])


def test_a_balancer_is_an_application_balancer_that_faces_the_internet_unless_it_says_otherwise(
    make_stack: StackMaker,
) -> None:
    app = make_stack(TEMPLATE).resources
    assert (load_balancers.kind_of(app["Web"]), load_balancers.faces_internet(app["Web"])) == (
        "application",
        True,
    )
    assert (load_balancers.kind_of(app["Internal"]), load_balancers.faces_internet(app["Internal"])) == (
        "network",
        False,
    )


def test_target_groups_of_a_listener_are_those_of_its_actions_and_of_its_rules(
    make_stack: StackMaker,
) -> None:
    app = make_stack(TEMPLATE).resources
    assert set(load_balancers.target_groups_of(app["Https"])) == {app["Blue"], app["Green"]}
    assert list(load_balancers.target_groups_of(app["Foreign"])) == []


def test_a_list_of_target_groups_that_is_not_known_hides_no_other_action(make_stack: StackMaker) -> None:
    text = """
Parameters: {Unknown: {Type: CommaDelimitedList}}
Resources:
  Https:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      DefaultActions:
        - {Type: forward, ForwardConfig: {TargetGroups: !Ref Unknown}}
        - {Type: forward, TargetGroupArn: !Ref Green}
  Green: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
"""
    app = make_stack(text).resources
    assert list(load_balancers.target_groups_of(app["Https"])) == [app["Green"]]


def test_security_groups_are_places_known_or_not(make_stack: StackMaker) -> None:
    known, unknown = sorted(
        load_balancers.security_groups_of(make_stack(TEMPLATE).resources["Web"]),
        key=lambda node: node.is_unknown,
    )
    assert known.value == "sg-1"
    assert unknown.is_unknown


def test_values_of_attributes_are_found_whatever_other_keys_are_unknown(make_stack: StackMaker) -> None:
    text = """
Parameters: {Unknown: {Type: String}}
Resources:
  R: {Type: T, Properties: {A: [{Key: !Ref Unknown, Value: x}, {Key: k, Value: 1}, {Key: k, Value: 2}]}}
"""
    attributes = make_stack(text).resources["R"]["A"]
    assert [node.value for node in load_balancers.values_of(attributes, "k")] == [1, 2]
    with pytest.raises(UnknownValue):
        load_balancers.values_of(attributes, "other")
