"""Who may reach a service: everybody, stated address ranges, or only other services of the system."""

from __future__ import annotations

import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tts_constructs.constructs.system.network_policy import ANYWHERE
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.aws import cidr

_NARROWER = "name narrower ranges, or write Access.public()"


class Access(ABC):
    """Who may reach a service: a required choice, without a default.

    A closed union, made by `Access.public()`, `Access.restricted(ranges)` or `Access.internal()`.

    Source: handbook, "Network security settings are set at the VPC level, including what ports IP addresses
    EC2 instances can communicate with". Controls: AC-3, AC-4, SC-7.
    """

    ranges: tuple[str, ...]
    """CIDR ranges that reach the load balancer; empty: none."""

    @property
    @abstractmethod
    def internet_facing(self) -> bool:
        """Whether the load balancer has public addresses."""

    @staticmethod
    def public() -> Access:
        """Everybody on the internet, over HTTPS. A sandbox refuses it (TTS-SBX-001)."""
        return PublicAccess()

    @staticmethod
    def restricted(ranges: Iterable[str]) -> Access:
        """Only stated address ranges, over HTTPS.

        Args:
            ranges: CIDR ranges as the internet sees them (the public addresses of an office or a VPN), such
                as `["192.0.2.0/24"]`. Alone and together they hold no more addresses of the internet than one
                /8 of IPv4 and one /16 of IPv6 (TTS-NET-001).

        Raises:
            InvalidArgumentError: There is no range, or one is malformed or as wide as the internet.
        """
        if isinstance(ranges, str):
            raise InvalidArgumentError("Access.restricted", [f"takes a list of ranges; write [{ranges!r}]"])
        return RestrictedAccess(tuple(ranges))

    @staticmethod
    def internal() -> Access:
        """Only the services that `NetworkPolicy(between=[Flow.service(...)])` of the system names."""
        return InternalAccess()


@dataclass(frozen=True)
class PublicAccess(Access):
    """Made by `Access.public()`."""

    ranges = ANYWHERE

    @property
    def internet_facing(self) -> bool:
        """Whether the load balancer has public addresses."""
        return True


@dataclass(frozen=True)
class RestrictedAccess(Access):
    """Made by `Access.restricted(ranges)`."""

    ranges: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if faults := list(_faults(self.ranges)):
            raise InvalidArgumentError("Access.restricted", faults)

    @property
    def internet_facing(self) -> bool:
        """Whether the load balancer has public addresses."""
        return True


@dataclass(frozen=True)
class InternalAccess(Access):
    """Made by `Access.internal()`."""

    ranges = ()

    @property
    def internet_facing(self) -> bool:
        """Whether the load balancer has public addresses."""
        return False


def _faults(ranges: Sequence[str]) -> Iterator[str]:
    if not ranges:
        yield (
            'takes at least one range, such as ["192.0.2.0/24"]; for a service that only others of its '
            "system may reach, write Access.internal()"
        )
    networks: list[cidr.Network] = []
    for text in ranges:
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError as error:
            yield f"{text!r} is not a CIDR range ({error}){_suggestion(text)}"
    wide = [network for network in networks if cidr.is_wide(network)]
    for network in wide:
        widest = cidr.WIDEST_PREFIX[network.version]
        yield f"{str(network)!r} is wider than /{widest} and counts as the internet; {_NARROWER}"
    if not wide and cidr.are_wide(networks):
        yield (
            "together, the ranges hold more addresses than one /8 of IPv4 or one /16 of IPv6 and count as "
            f"the internet; {_NARROWER}"
        )


def _suggestion(text: str) -> str:
    """What was probably meant: the network that an address with its prefix length lies in."""
    try:
        return f"; write {str(ipaddress.ip_network(text, strict=False))!r}"
    except ValueError:
        return ""
