"""Address ranges: which are as wide as the internet, alone or together, and at which ports."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WIDEST_PREFIX = {4: 8, 6: 16}
"""Shortest prefix of a stated range, by IP version; a wider public range is the internet (TTS-NET-001)."""

ALL_PORTS = (0, 65535)

_NOT_PUBLIC: tuple[Network, ...] = (
    ipaddress.IPv4Network("224.0.0.0/3"),
    ipaddress.IPv6Network("fc00::/7"),
    ipaddress.IPv6Network("fe80::/10"),
    ipaddress.IPv6Network("ff00::/8"),
)
"""Ranges that no host of the internet has; narrower ones need no mention, as they are never too wide."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Network | None:
    """The range that a text names, without host bits, as EC2 stores it; None: it names none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_anywhere(network: Network) -> bool:
    """Whether a range is `0.0.0.0/0` or `::/0`."""
    return network.prefixlen == 0


def is_wide(network: Network) -> bool:
    """Whether a range is as wide as the internet: public, and wider than /8 (IPv4) or /16 (IPv6)."""
    too_wide = network.prefixlen < WIDEST_PREFIX[network.version]
    return too_wide and not any(_lies_in(network, special) for special in _NOT_PUBLIC)


def are_wide(networks: Collection[Network]) -> bool:
    """Whether ranges, together, are as wide as the internet: the internet in halves is the internet."""
    share = {4: 0.0, 6: 0.0}
    for network in networks:
        share[network.version] += 2.0**-network.prefixlen
    if all(share[version] < 2.0 ** (1 - prefix) for version, prefix in WIDEST_PREFIX.items()):
        return False
    return any(map(is_wide, _merged(networks)))


def internet_ports(openings: Iterable[tuple[tuple[int, int], Network]]) -> list[tuple[int, int]]:
    """The ports at which ranges, together, are as wide as the internet.

    Args:
        openings: First and last port, with a range for which they are open.

    Returns:
        First and last ports, ascending, neither overlapping nor adjacent.
    """
    changes: dict[int, list[tuple[Network, int]]] = {}
    for (first, last), network in openings:
        changes.setdefault(first, []).append((network, 1))
        changes.setdefault(last + 1, []).append((network, -1))
    ports: list[tuple[int, int]] = []
    open_here: Counter[Network] = Counter()
    opened_at: int | None = None
    is_open = False
    for port in sorted(changes):
        before = frozenset(open_here)
        for network, change in changes[port]:
            open_here[network] += change
            if not open_here[network]:
                del open_here[network]
        # More ranges close nothing, and fewer open nothing.
        if not (before <= open_here.keys() if is_open else before >= open_here.keys()):
            is_open = are_wide(open_here)
        if is_open and opened_at is None:
            opened_at = port
        elif not is_open and opened_at is not None:
            ports.append((opened_at, port - 1))
            opened_at = None
    return ports


def _merged(networks: Iterable[Network]) -> Iterator[Network]:
    """The same addresses in the fewest ranges."""
    families = list(networks)
    yield from ipaddress.collapse_addresses(n for n in families if isinstance(n, ipaddress.IPv4Network))
    yield from ipaddress.collapse_addresses(n for n in families if isinstance(n, ipaddress.IPv6Network))


def _lies_in(network: Network, other: Network) -> bool:
    return (
        network.version == other.version
        and network.prefixlen >= other.prefixlen
        and network.network_address in other
    )
