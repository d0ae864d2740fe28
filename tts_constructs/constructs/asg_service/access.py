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

RANGES_PER_GROUP = 30
"""Ranges of one IP version that a security group holds at two ports: AWS's quota is 60 inbound rules."""

_MOST_GROUPS = 5
"""Security groups that AWS lets a network interface have."""

_MOST_RANGES = RANGES_PER_GROUP * _MOST_GROUPS

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
                of IPv4 and one /16 of IPv6 (TTS-NET-001). At most 150 of IPv4 and 150 of IPv6: each 30 take
                a security group, of which a balancer can have five. Add new ones at the end: a range that
                moves to another group is shut out for seconds during the deployment.

        Raises:
            InvalidArgumentError: No range is given, there are too many, or one is malformed or too wide.
        """
        return RestrictedAccess(tuple(ranges))

    @staticmethod
    def internal() -> Access:
        """Lets in only services that the system's `NetworkPolicy(between=[Flow.service(...)])` names.

        If none is named, `cdk synth` warns (`tts-constructs:internal-service-without-caller`).
        """
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
    for version in (4, 6):
        count = len({network for network in networks if network.version == version})
        if count > _MOST_RANGES:
            yield (
                f"names {count} ranges of IPv{version}, and a load balancer has room for {_MOST_RANGES}: "
                "each takes a rule at port 443 and one at port 80, and AWS's quotas are 60 inbound rules for "
                f"a security group and {_MOST_GROUPS} security groups for a network interface; "
                "name fewer and wider ranges"
            )


def _suggestion(text: str) -> str:
    """Suggests the network that an address with a prefix length lies in, which was probably meant."""
    try:
        return f"; write {str(ipaddress.ip_network(text, strict=False))!r}"
    except ValueError:
        return ""
