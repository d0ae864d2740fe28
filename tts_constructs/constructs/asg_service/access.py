"""Access to a service: for everybody, for stated address ranges, or only for services of its system."""

from __future__ import annotations

import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tts_constructs.arguments import checked
from tts_constructs.constructs.system.network_policy import ANYWHERE
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.aws import cidr

_NARROWER = "name narrower ranges, or write Access.public()"


class Access(ABC):
    """Chooses who may reach a service. You must choose; there is no default.

    Write `Access.public()`, `Access.restricted(ranges)` or `Access.internal()`.

    Source: handbook, "Network security settings are set at the VPC level, including what ports IP addresses
    EC2 instances can communicate with". Controls: AC-3, AC-4, SC-7.
    """

    ranges: tuple[str, ...]
    """CIDR ranges that may reach the load balancer. Empty: none may."""

    @property
    @abstractmethod
    def internet_facing(self) -> bool:
        """True if the load balancer has public addresses."""

    @staticmethod
    def public() -> Access:
        """Lets everybody on the internet in, over HTTPS. A sandbox refuses it (TTS-SBX-001)."""
        return PublicAccess()

    @staticmethod
    @checked
    def restricted(ranges: Iterable[str]) -> Access:
        """Lets only stated address ranges in, over HTTPS.

        Args:
            ranges: CIDR ranges as the internet sees them (the public addresses of an office or a VPN), such
                as `["192.0.2.0/24"]`. Alone and together they must hold no more public addresses than one /8
                of IPv4 and one /16 of IPv6 (TTS-NET-001).

        Raises:
            InvalidArgumentError: No range is given, or one is malformed or too wide.
        """
        return RestrictedAccess(tuple(ranges))

    @staticmethod
    def internal() -> Access:
        """Lets in only services that the system's `NetworkPolicy(between=[Flow.service(...)])` names."""
        return InternalAccess()


@dataclass(frozen=True)
class PublicAccess(Access):
    """The choice that `Access.public()` makes."""

    ranges = ANYWHERE

    @property
    def internet_facing(self) -> bool:
        """True if the load balancer has public addresses."""
        return True


@dataclass(frozen=True)
class RestrictedAccess(Access):
    """The choice that `Access.restricted(ranges)` makes."""

    ranges: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if faults := list(_faults(self.ranges)):
            raise InvalidArgumentError("Access.restricted", faults)

    @property
    def internet_facing(self) -> bool:
        """True if the load balancer has public addresses."""
        return True


@dataclass(frozen=True)
class InternalAccess(Access):
    """The choice that `Access.internal()` makes."""

    ranges = ()

    @property
    def internet_facing(self) -> bool:
        """True if the load balancer has public addresses."""
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
    """Suggests the network that an address with a prefix length lies in, which was probably meant."""
    try:
        return f"; write {str(ipaddress.ip_network(text, strict=False))!r}"
    except ValueError:
        return ""
