"""The ingress that a call of an API authorizes, as rules of a security group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tts_constructs.policy.aws.api_calls import Call, named
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.values import Value

_LISTS = {"IpRanges": "CidrIp", "Ipv6Ranges": "CidrIpv6", "PrefixListIds": "PrefixListId"}
"""The lists of a permission, with what each of their items names."""

_AS_OF_A_RULE = {
    "CidrIp": "CidrIp",
    "CidrIpv4": "CidrIp",
    "CidrIpv6": "CidrIpv6",
    "PrefixListId": "SourcePrefixListId",
}
"""How a rule of a template names what a call names."""


def ingress_of_call(call: Call) -> Iterator[Node]:
    """Yield what a call lets in, as a template writes it in a security group, a range at a time.

    Raises:
        UnknownValue: The parameters, or one of their lists, are not known.
    """
    parameters = call.parameters
    parameters.entries()
    yield from _ranges(parameters, parameters)
    for permission in call.at("IpPermissions/*"):
        permission.entries()
        for key in _LISTS:
            for item in named(permission, key).items():
                yield from _ranges(permission, item)
    for rule in call.at("SecurityGroupRules/*/SecurityGroupRule"):
        rule.entries()
        yield from _ranges(rule, rule)


def _ranges(ports: Node, item: Node) -> Iterator[Node]:
    """Yield a rule for each range that is named at a place, with the ports named at another."""
    opened: dict[str, Any] = {key: named(ports, key).value for key in ("IpProtocol", "FromPort", "ToPort")}
    for key, as_of_a_rule in _AS_OF_A_RULE.items():
        stated: Value = named(item, key)
        if stated.exists:
            yield ports.holding({**opened, as_of_a_rule: stated.value})
