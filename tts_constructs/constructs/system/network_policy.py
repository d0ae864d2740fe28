"""The network policy of a system: the traffic that its VPC allows, stated in one place.

Source: handbook, "Network security settings are set at the VPC level, including what ports IP addresses
EC2 instances can communicate with each other and back out to the internet" (SC-7, SC-7(5), AC-4).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct

from tts_constructs.arguments import checked, refuse

HTTP = 80
HTTPS = 443
ANYWHERE = ("0.0.0.0/0", "::/0")


class SystemService(IConstruct, Protocol):
    """A service that other services of its system can call."""

    @property
    def connections(self) -> ec2.Connections:
        """Connections of the service's instances, the caller's side of a flow."""

    def accept(self, caller: ec2.IConnectable, port: int) -> None:
        """Serves HTTPS to `caller` on the `port` of the service's balancer."""


@checked
@dataclass(frozen=True)
class InboundFlow:
    """HTTPS from some address ranges. It includes HTTP on port 80, which redirects.

    Args:
        cidrs: The ranges, IPv4 or IPv6.
    """

    cidrs: tuple[str, ...]

    def __str__(self) -> str:
        if self.cidrs == ANYWHERE:
            return "Flow.https_from_internet()"
        return f"Flow.https_from({', '.join(map(repr, self.cidrs))})"

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each thing that is wrong with the flow."""
        if not self.cidrs:
            yield f"{self} names no range; write one, such as Flow.https_from('192.0.2.0/24')"
        for cidr in self.cidrs:
            yield from _cidr_faults(self, cidr)


@checked
@dataclass(frozen=True)
class ServiceFlow:
    """HTTPS from the instances of one service to the balancer of another.

    Args:
        caller: Construct id of the service that calls.
        called: Construct id of the service that is called.
        port: Port at which the balancer of `called` listens for that caller.
    """

    caller: str
    called: str
    port: int

    def __str__(self) -> str:
        return f"Flow.service({self.caller!r}, {self.called!r}, {self.port})"

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each thing that is wrong with the flow."""
        if not (self.caller and self.called):
            yield f"{self} lacks a name; write the construct ids of two services of the system"
        elif self.caller == self.called:
            yield f"{self} names one service twice; write the construct ids of two services of the system"
        yield from _port_faults(self, self.port)
        if self.port == HTTP:
            yield f"{self} asks for port 80, which only redirects; write the port of HTTPS, such as 443"


@checked
@dataclass(frozen=True)
class OutboundFlow:
    """TCP from the system's instances to one port of some address ranges.

    Args:
        cidrs: The ranges, IPv4 or IPv6.
        port: The port there.
    """

    cidrs: tuple[str, ...]
    port: int

    def __str__(self) -> str:
        if self == OutboundFlow(ANYWHERE, HTTPS):
            return "Flow.https_anywhere()"
        return f"Flow.tcp_to({', '.join(map(repr, self.cidrs))}, {self.port})"

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each thing that is wrong with the flow."""
        for cidr in self.cidrs:
            yield from _cidr_faults(self, cidr)
        yield from _port_faults(self, self.port)


class Flow:
    """Makes the flows that a `NetworkPolicy` states."""

    @staticmethod
    def https_from_internet() -> InboundFlow:
        """Allows inbound HTTPS from anywhere."""
        return InboundFlow(ANYWHERE)

    @staticmethod
    @checked
    def https_from(*cidrs: str) -> InboundFlow:
        """Allows inbound HTTPS from stated ranges, such as `"192.0.2.0/24"`."""
        return InboundFlow(cidrs)

    @staticmethod
    @checked
    def service(caller: str, called: str, port: int = HTTPS) -> ServiceFlow:
        """Allows HTTPS from one service of the system to another.

        Args:
            caller: Construct id of the service that calls.
            called: Construct id of the service that is called.
            port: Port at which the balancer of `called` listens for that caller. Default: 443.
        """
        return ServiceFlow(caller, called, port)

    @staticmethod
    def https_anywhere() -> OutboundFlow:
        """Allows outbound HTTPS to anywhere."""
        return OutboundFlow(ANYWHERE, HTTPS)

    @staticmethod
    @checked
    def tcp_to(cidr: str, port: int) -> OutboundFlow:
        """Allows outbound TCP to one port of a range, such as that of a mail relay."""
        return OutboundFlow((cidr,), port)


@checked(values=True)
@dataclass(frozen=True)
class NetworkPolicy:
    """The traffic that a system allows: inbound, between its services, and outbound.

    It becomes the VPC's network ACLs, by tier and port, and the rules of security groups, which also
    distinguish address ranges and services. DNS and time come from the VPC itself and need no flow.

    Args:
        inbound: HTTPS into the system. Default: from the internet.
        between: HTTPS from one service of the system to another. Default: none.
        outbound: TCP out of the system. Default: HTTPS to anywhere. Without it, instances can't reach S3
            either, unless the system has an interface endpoint of S3.

    Raises:
        InvalidArgumentError: A flow is wrong. The message lists all faults.
    """

    inbound: Sequence[InboundFlow] = (InboundFlow(ANYWHERE),)
    between: Sequence[ServiceFlow] = ()
    outbound: Sequence[OutboundFlow] = (OutboundFlow(ANYWHERE, HTTPS),)

    def __post_init__(self) -> None:
        refuse("NetworkPolicy", self._faults())

    def _faults(self) -> Iterator[str]:
        yield from self._list_faults("inbound", InboundFlow)
        yield from self._list_faults("between", ServiceFlow)
        yield from self._list_faults("outbound", OutboundFlow)

    def _list_faults(self, name: str, kind: type[InboundFlow | ServiceFlow | OutboundFlow]) -> Iterator[str]:
        flows = tuple(getattr(self, name))
        object.__setattr__(self, name, flows)  # a list given here could be changed later
        for flow in flows:
            if isinstance(flow, kind):
                yield from flow.faults()
            else:
                yield f"{name} cannot hold {flow}; write {_EXAMPLES[name]}"
        yield from (f"{name} states {flow} twice" for flow in dict.fromkeys(flows) if flows.count(flow) > 1)

    @checked
    def admits(self, cidr: str) -> bool:
        """Returns True if all of the range `cidr` may send HTTPS into the system."""
        return any(_covers(stated, cidr) for flow in self.inbound for stated in flow.cidrs)


_EXAMPLES = {
    "inbound": "Flow.https_from_internet() or Flow.https_from('192.0.2.0/24')",
    "between": "Flow.service('Web', 'Api', 8443)",
    "outbound": "Flow.https_anywhere() or Flow.tcp_to('192.0.2.0/24', 587)",
}


def is_ipv6(cidr: str) -> bool:
    """Returns True if a range is an IPv6 range."""
    return ":" in cidr


def _covers(stated: str, wanted: str) -> bool:
    wide, narrow = ipaddress.ip_network(stated), ipaddress.ip_network(wanted)
    if isinstance(wide, ipaddress.IPv4Network):
        return isinstance(narrow, ipaddress.IPv4Network) and narrow.subnet_of(wide)
    return isinstance(narrow, ipaddress.IPv6Network) and narrow.subnet_of(wide)


def _cidr_faults(flow: object, cidr: str) -> Iterator[str]:
    try:
        ipaddress.ip_network(cidr)
    except ValueError as error:
        yield f"{flow}: {error}; write a range such as '192.0.2.0/24'"


def _port_faults(flow: object, port: int) -> Iterator[str]:
    if port not in range(1, 65536):
        yield f"{flow} asks for port {port!r}; write one from 1 to 65535"
