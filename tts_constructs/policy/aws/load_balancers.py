"""Load balancers, their listeners, and what listeners do with a request."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
CLASSIC_LOAD_BALANCER = "AWS::ElasticLoadBalancing::LoadBalancer"


def kind_of(balancer: Resource) -> str:
    """Return the kind of a load balancer: `application`, `network`, or `gateway`.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return (balancer["Type"].text() or "application").lower()


def faces_internet(balancer: Resource) -> bool:
    """Return whether a load balancer (also a classic one) has public addresses, which is the default.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return (balancer["Scheme"].text() or "internet-facing").lower() != "internal"


def security_groups_of(balancer: Resource) -> list[Node]:
    """Return the places that name the security groups of a load balancer (also a classic one).

    Raises:
        UnknownValue: The list is not known before deployment.
    """
    return balancer["SecurityGroups"].items()


def balancer_of(listener: Resource) -> Resource | None:
    """Return the load balancer of a listener, or None if it is not in the app.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return listener["LoadBalancerArn"].target(LOAD_BALANCER)


def listener_of(rule: Resource) -> Resource | None:
    """Return the listener of a listener rule, or None if it is not in the app.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return rule["ListenerArn"].target(LISTENER)


def listeners_of(balancer: Resource) -> list[Resource]:
    """Return the listeners of a load balancer, whatever their conditions."""
    return balancer.stack.assembly.index(_by_balancer, LISTENER)[balancer]


def rules_of(listener: Resource) -> list[Resource]:
    """Return the listener rules of a listener, whatever their conditions."""
    return listener.stack.assembly.index(_by_listener, LISTENER_RULE)[listener]


def actions_of(resource: Resource) -> Node:
    """Return the place of the actions of a listener (its default actions) or of a listener rule."""
    return resource["DefaultActions" if resource.type == LISTENER else "Actions"]


def target_groups_of(listener: Resource) -> Iterator[Resource]:
    """Yield the app's known target groups that a listener and its rules forward to."""
    for resource in (listener, *rules_of(listener)):
        actions = actions_of(resource)
        for action in actions.items() if isinstance(actions.value, list) else ():
            groups = action.at("ForwardConfig/TargetGroups")
            forwarded = groups.items() if isinstance(groups.value, list) else []
            for place in (action, *forwarded):
                target = place["TargetGroupArn"].value
                if isinstance(target, Reference):
                    yield target.resource


def values_of(attributes: Node, key: str) -> list[Node]:
    """Return the values that a list of attributes (`Key` and `Value`) has for a key.

    Raises:
        UnknownValue: It has none, and another key is not known before deployment.
    """
    values = [item["Value"] for item in attributes.items() if item["Key"].value == key]
    if not values:
        for item in attributes.items():
            item["Key"].text()  # an unknown key could be this key
    return values


def _by_balancer(listener: Resource) -> Iterator[Resource]:
    balancer = balancer_of(listener)
    if balancer:
        yield balancer


def _by_listener(rule: Resource) -> Iterator[Resource]:
    listener = listener_of(rule)
    if listener:
        yield listener
