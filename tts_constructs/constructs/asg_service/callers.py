"""Finds who may call a service when the app is complete: flows, ranges, and rules of security groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct, IConstruct, IValidation

from tts_constructs.constructs.asg_service.access import Access
from tts_constructs.constructs.system.network_policy import HTTPS, NetworkPolicy

NO_CALLER = "tts-constructs:internal-service-without-caller"
"""Id of the warning. Acknowledge it with `Annotations.of(service).acknowledge_warning(NO_CALLER)`."""


class Callers:
    """Says where nobody may call a service: an error at synth for each address asked for, else a warning.

    Args:
        service: The service. Flows of the network policy name it by its construct id.
        network: The network policy of its system.
        access: Access to it.
        load_balancer: Its balancer.
    """

    def __init__(
        self,
        service: Construct,
        *,
        network: NetworkPolicy,
        access: Access,
        load_balancer: elbv2.ApplicationLoadBalancer,
    ) -> None:
        self.service = service
        self.asked: set[int] = set()
        self._network = network
        self._access = access
        self._load_balancer = load_balancer
        service.node.add_validation(_AddressesHaveCallers(self))
        if not access.internet_facing and not self._flows:
            _warn(service)
            # At a leaf, as an Aspect in Python is called for each construct below its scope.
            cdk.Aspects.of(Construct(service, "Callers")).add(_NoWarningWithRule(self))

    def may_call(self, port: int) -> bool:
        """Returns whether a flow, a range or a rule lets anybody in at `port` of the balancer."""
        return (port == HTTPS and bool(self._access.ranges)) or port in self._flows or self._has_rule(port)

    @property
    def _flows(self) -> set[int]:
        return {flow.port for flow in self._network.between if flow.called == self.service.node.id}

    def _has_rule(self, port: int) -> bool:
        return any(_opens(rule, port) for rule in self.rules())

    def rules(self) -> Iterator[dict[str, Any]]:
        """Yields the ingress rules of the balancer's security groups, wherever they were made."""
        groups = self._load_balancer.connections.security_groups
        for group in groups:
            resource = group.node.default_child  # None: it was imported
            if isinstance(resource, ec2.CfnSecurityGroup):
                yield from cdk.Stack.of(resource).resolve(resource.security_group_ingress) or ()
        ids = {group.security_group_id for group in groups}
        for part in self.service.node.root.node.find_all():
            if isinstance(part, ec2.CfnSecurityGroupIngress) and part.group_id in ids:
                yield {"ipProtocol": part.ip_protocol, "fromPort": part.from_port, "toPort": part.to_port}


def _opens(rule: dict[str, Any], port: int) -> bool:
    """Returns whether a rule opens a port of TCP. One that only CloudFormation can read may do so."""
    if rule.get("ipProtocol") not in {"tcp", "6", "-1"}:
        return cdk.Token.is_unresolved(rule.get("ipProtocol"))
    first, last = rule.get("fromPort"), rule.get("toPort")
    if not (isinstance(first, int | float) and isinstance(last, int | float)):
        return True
    if cdk.Token.is_unresolved(first) or cdk.Token.is_unresolved(last):
        return True
    return rule["ipProtocol"] == "-1" or first <= port <= last


@jsii.implements(IValidation)
class _AddressesHaveCallers:
    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def validate(self) -> list[str]:
        """Returns one sentence for each address that was asked for and that nobody may call."""
        name = self._callers.service.node.id
        return [
            f"url_for({port}) is asked for, but nothing lets a caller in at port {port}; write "
            f'NetworkPolicy(between=[Flow.service("<caller>", "{name}", {port})]), or allow it with '
            "`load_balancer.connections`"
            for port in sorted(self._callers.asked)
            if not self._callers.may_call(port)
        ]


@jsii.implements(cdk.IAspect)
class _NoWarningWithRule:
    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def visit(self, _: IConstruct) -> None:
        """Takes the warning back if a rule that was made after the service lets somebody in."""
        if any(self._callers.rules()):
            cdk.Annotations.of(self._callers.service).acknowledge_warning(NO_CALLER)


def _warn(service: Construct) -> None:
    # At once, as older versions of the CDK let a team acknowledge only a warning that is there.
    cdk.Annotations.of(service).add_warning_v2(
        NO_CALLER,
        "Its access is internal, and no flow of the network policy names it, so nobody can call it. "
        f'Write NetworkPolicy(between=[Flow.service("<caller>", "{service.node.id}")]).',
    )
