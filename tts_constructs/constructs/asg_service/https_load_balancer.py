"""The load balancer of a service: it serves HTTPS, and port 80 only redirects there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.asg_service.access import RANGES_PER_GROUP, Access
from tts_constructs.constructs.asg_service.listener_route import ListenerRoute
from tts_constructs.constructs.asg_service.private_name import add_private_name, has_private_name
from tts_constructs.constructs.asg_service.server_name import ServerName
from tts_constructs.constructs.system.network_policy import HTTP, HTTPS, is_ipv6
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError

LISTENERS_PER_BALANCER = 50
RULES_PER_BALANCER = 100
"""Default quotas of an account, which AWS raises on request."""


class HttpsBalancer:
    """Makes an application load balancer that serves HTTPS only.

    Every listener has the same TLS policy, HSTS header, certificate, default action and routes.

    Args:
        scope: The service that it belongs to.
        system: The service's system, which has the VPC and the log bucket.
        access: Access that it allows.
        name: Its name, with the certificate that proves it.
        tls_policy: One of `standards.TLS_POLICIES_APPROVED`.
        target_group: Target group that gets the requests.
        deletion_protection: Whether AWS refuses to delete it.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        system: TtsSystem,
        access: Access,
        name: ServerName,
        tls_policy: str,
        target_group: elbv2.ApplicationTargetGroup,
        deletion_protection: bool,
    ) -> None:
        self._scope = scope
        self._system = system
        self._access = access
        self._name = name
        self._certificate = name.certificate_in(scope)
        self._tls_policy = tls_policy
        self._target_group = target_group
        # Inside the VPC, IPv4 is enough.
        self._ipv6 = system.ipv6 and access.internet_facing
        self._routes: list[ListenerRoute] = []
        self._listeners: dict[int, elbv2.ApplicationListener] = {}
        self.load_balancer = _load_balancer(
            scope, system, access, ipv6=self._ipv6, deletion_protection=deletion_protection
        )
        self.listener = self._listen(HTTPS)
        if access.ranges:
            self._admit(access.ranges)
        if has_private_name(name, access):
            add_private_name(
                scope, system=system, domain_name=str(name.domain_name), load_balancer=self.load_balancer
            )
        else:
            name.lead_to(self.load_balancer, scope, ipv6=self._ipv6)

    @property
    def url(self) -> str:
        """Address of the service: `https://` with its domain name, else with the balancer's."""
        return f"https://{self._name.domain_name or self.load_balancer.load_balancer_dns_name}"

    def accept(self, caller: ec2.IConnectable, port: int) -> None:
        """Serves HTTPS at `port` to the instances of `caller`.

        Raises:
            InvalidArgumentError: The balancer faces the internet. Its name then has public addresses, so a
                caller inside the VPC arrives through NAT, and the balancer can't see its security group.
        """
        if self._access.internet_facing:
            raise InvalidArgumentError(
                self._scope.node.path,
                [
                    "a flow between services names it, but its balancer faces the internet, where the caller "
                    "comes from NAT and is not known; write access=Access.internal(), or take the flow away"
                ],
            )
        balancer = (self._listeners.get(port) or self._listen(port)).connections
        rule = ec2.Port.tcp(port), "a flow of the network policy"
        # Both rules are in the stack that opens it: the caller's, unless that one must not need the
        # stack of the called service, which needs it already.
        of_caller, own = cdk.Stack.of(caller.connections.security_groups[0]), cdk.Stack.of(self._scope)
        if self._system.stack_order.lets(of_caller, own):
            caller.connections.allow_to(balancer, *rule)
        else:
            self._system.stack_order.lets(own, of_caller)
            balancer.allow_from(caller, *rule)

    @property
    def routes(self) -> Sequence[ListenerRoute]:
        """The routes that each listener has."""
        return self._routes

    def add_route(self, route: ListenerRoute) -> None:
        """Adds a rule to every listener, including listeners that are added later."""
        self._routes.append(route)
        for listener in self._listeners.values():
            route.add_to(listener)
        self._warn_of_quotas()

    def _warn_of_quotas(self) -> None:
        """Warns of more listeners or rules than an account may have unless AWS has raised its quotas."""
        listeners = len(self._listeners) + bool(self._access.ranges)  # one redirects
        for what, count, quota in (
            ("listeners", listeners, LISTENERS_PER_BALANCER),
            ("rules", len(self._routes) * len(self._listeners), RULES_PER_BALANCER),
        ):
            if count > quota:
                cdk.Annotations.of(self._scope).add_warning_v2(
                    f"tts-constructs:{what}-per-balancer",
                    f"The load balancer has more than {quota} {what}, the default quota of an account. Ask "
                    "AWS for a higher one (Service Quotas) before you deploy, or write fewer.",
                )

    def _listen(self, port: int) -> elbv2.ApplicationListener:
        listener = self.load_balancer.add_listener(
            f"Https{port}",
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            certificates=[self._certificate],
            default_target_groups=[self._target_group],
            open=False,
        )
        # The CDK's enum does not name every approved policy in every version.
        cast(elbv2.CfnListener, listener.node.default_child).ssl_policy = self._tls_policy
        # Every host below a federal domain serves HTTPS only (BOD 18-01), so the header covers them all.
        listener.set_attribute(standards.HSTS_HEADER_ATTRIBUTE, standards.HSTS_HEADER)
        for route in self._routes:
            route.add_to(listener)
        self._listeners[port] = listener
        self._warn_of_quotas()
        return listener

    def _admit(self, ranges: Sequence[str]) -> None:
        self.load_balancer.add_redirect(open=False)
        groups: list[ec2.ISecurityGroup] = [*self.load_balancer.connections.security_groups]
        for place, of_group in enumerate(_by_group(ranges, ipv6=self._ipv6)):
            if place == len(groups):
                groups.append(_security_group(self._scope, self._system, place + 1))
            for cidr in of_group:
                peer = ec2.Peer.ipv6(cidr) if is_ipv6(cidr) else ec2.Peer.ipv4(cidr)
                for port, what in ((HTTPS, "HTTPS"), (HTTP, "HTTP, redirected to HTTPS")):
                    groups[place].add_ingress_rule(peer, ec2.Port.tcp(port), what)
        if further := groups[1:]:
            resource = cast(elbv2.CfnLoadBalancer, self.load_balancer.node.default_child)
            resource.security_groups = cdk.Lazy.list(_Groups(self.load_balancer, further))


def id_by_scheme(part: str, access: Access) -> str:
    """Returns the construct id of a balancer's part: another one for an internal balancer.

    CloudFormation replaces a balancer whose scheme changes, and deletes the old one last. AWS lets a target
    group have one balancer, so the new one needs another.
    """
    return part if access.internet_facing else f"Internal{part}"


def _by_group(ranges: Sequence[str], *, ipv6: bool) -> Iterator[list[str]]:
    """Yields the ranges that each security group lets in: of each version of IP as many as it holds."""
    # As EC2 and the CDK write them: a range is let in once, however often and in whatever way it is stated.
    stated = dict.fromkeys(str(ipaddress.ip_network(cidr)) for cidr in ranges)
    four = [cidr for cidr in stated if not is_ipv6(cidr)]
    six = [cidr for cidr in stated if is_ipv6(cidr) and ipv6]
    for start in range(0, max(len(four), len(six)), RANGES_PER_GROUP):
        end = start + RANGES_PER_GROUP
        yield four[start:end] + six[start:end]


@jsii.implements(cdk.IStableListProducer)
class _Groups:
    """Names the security groups of a balancer at synth: its own, and further ones that only let ranges in.

    The further ones stay out of the balancer's connections, which would write every rule into each of them.
    """

    def __init__(
        self, load_balancer: elbv2.ApplicationLoadBalancer, further: Sequence[ec2.ISecurityGroup]
    ) -> None:
        self._connections = load_balancer.connections
        self._further = further

    def produce(self) -> list[str]:
        """Returns the ids of the groups."""
        return [group.security_group_id for group in (*self._connections.security_groups, *self._further)]


def _security_group(scope: Construct, system: TtsSystem, number: int | None = None) -> ec2.SecurityGroup:
    """Makes a security group of a balancer: the first, or one with a number."""
    return ec2.SecurityGroup(
        scope,
        f"BalancerSecurityGroup{number or ''}",
        vpc=system.vpc,
        description=f"Load balancer of {scope.node.path}" + (f", group {number}" if number else ""),
        allow_all_outbound=False,
    )


def _load_balancer(
    scope: Construct, system: TtsSystem, access: Access, *, ipv6: bool, deletion_protection: bool
) -> elbv2.ApplicationLoadBalancer:
    load_balancer = elbv2.ApplicationLoadBalancer(
        scope,
        id_by_scheme("LoadBalancer", access),
        vpc=system.vpc,
        vpc_subnets=system.public_subnets if access.internet_facing else system.private_subnets,
        internet_facing=access.internet_facing,
        ip_address_type=elbv2.IpAddressType.DUAL_STACK if ipv6 else None,
        security_group=_security_group(scope, system),
        deletion_protection=deletion_protection,  # False is stated too: leaving it out switches nothing off
        drop_invalid_header_fields=True,
    )
    load_balancer.log_access_logs(system.log_bucket, f"load-balancer/{scope.node.path}")
    return load_balancer


def tls_policy_faults(tls_policy: str) -> Iterator[str]:
    """Yields a sentence if a TLS policy is not approved."""
    if tls_policy not in standards.TLS_POLICIES_APPROVED:
        approved = ", ".join(sorted(standards.TLS_POLICIES_APPROVED))
        yield f"tls_policy={tls_policy!r} is not approved (TTS-TLS-002); write one of {approved}"
