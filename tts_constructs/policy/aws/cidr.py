"""Address ranges: how much of the internet they cover, alone or together, and on which ports."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Ports = tuple[str, int, int]
"""A protocol with its first and last port; `ALL_PROTOCOLS` has all ports."""

Opening = tuple[Ports, Network]
"""Ports, and a range that they are open to."""

WIDEST_PREFIX = {4: 8, 6: 16}
"""Prefix of the widest stated range, by IP version. Ranges that hold more addresses of the internet than one
such range count as the internet (TTS-NET-001, TTS-SBX-001, `Access.restricted`)."""

_MOST = {4: 2**24, 6: 2**112}
"""The number of addresses in such a range."""

ALL_PROTOCOLS = "-1"
ALL_PORTS = (0, 65535)

_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/3",
        "100::/64", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
"""Ranges that no internet host uses; they do not overlap (IANA, special-purpose registries)."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Network | None:
    """Return the range that a text names, without host bits, as EC2 stores it, or None if it names none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_anywhere(network: Network) -> bool:
    """Return whether a range is `0.0.0.0/0` or `::/0`."""
    return network.prefixlen == 0


@lru_cache(maxsize=4096)
def is_wide(network: Network) -> bool:
    """Return whether a range alone counts as the internet."""
    return network.prefixlen < WIDEST_PREFIX[network.version] and are_wide([network])


def are_wide(networks: Iterable[Network]) -> bool:
    """Return whether ranges together count as the internet, however they divide it."""
    return is_internet(*addresses(networks))


def addresses(networks: Iterable[Network]) -> tuple[int, int]:
    """Return how many IPv4 and IPv6 internet addresses ranges cover together; each counts once."""
    spans = set(map(_span, networks))
    covered = _Covered(spans)
    for span in spans:
        covered.change(span, 1)
    return covered.addresses


def is_internet(ipv4: int, ipv6: int) -> bool:
    """Return whether this many addresses count as the internet."""
    return ipv4 > _MOST[4] or ipv6 > _MOST[6]


def internet_ports(openings: Iterable[Opening]) -> list[Ports]:
    """Return the ports on which ranges together count as the internet.

    A range that is open for all protocols is open for each one.

    Args:
        openings: Ports, each with a range that they are open to.

    Returns:
        Sorted; ports of one protocol neither overlap nor touch. `ALL_PROTOCOLS` is the only item, or absent.
    """
    by_protocol: dict[str, list[tuple[int, int, _Span]]] = {}
    for (protocol, first, last), network in openings:
        by_protocol.setdefault(protocol, []).append((first, last, _span(network)))
    covered = _Covered(span for stated in by_protocol.values() for _, _, span in stated)
    for _, _, span in by_protocol.pop(ALL_PROTOCOLS, ()):
        covered.change(span, 1)
    if covered.are_wide:
        return [(ALL_PROTOCOLS, *ALL_PORTS)]
    return [
        (protocol, first, last)
        for protocol, stated in sorted(by_protocol.items())
        for first, last in _ports_open_wide(stated, covered)
    ]


def shared(one: Ports, other: Ports) -> Ports | None:
    """Return the ports that are in both, or None if there are none."""
    if one[0] == ALL_PROTOCOLS:
        return other
    if other[0] == ALL_PROTOCOLS:
        return one
    first, last = max(one[1], other[1]), min(one[2], other[2])
    return (one[0], first, last) if one[0] == other[0] and first <= last else None


def first_shared(ports: Sequence[Ports], own: Ports) -> Ports | None:
    """Return the first of sorted `internet_ports` that shares a port with `own`, or None if none does."""
    protocol, first, _ = own
    place = bisect_right(ports, (protocol, first, ALL_PORTS[1]))  # `ALL_PROTOCOLS` sorts before the others
    return next((near for near in ports[max(place - 1, 0) : place + 1] if shared(near, own)), None)


def lies_in(own: Ports, ports: Sequence[Ports]) -> bool:
    """Return whether sorted `internet_ports` contain all of `own`."""
    near = first_shared(ports, own)
    return near is not None and shared(own, near) == own


_Span = tuple[int, int, int]
"""The version, the first address, and the negative last one, which sorts a range before those it contains."""


def _span(network: Network) -> _Span:
    first = int(network.network_address)
    return network.version, first, 1 - first - 2 ** (network.max_prefixlen - network.prefixlen)


def _ports_open_wide(openings: list[tuple[int, int, _Span]], covered: _Covered) -> Iterator[tuple[int, int]]:
    """Yield the ports of one protocol on which the ranges together count as the internet."""
    changes: dict[int, list[tuple[_Span, int]]] = {}
    for first, last, span in openings:
        changes.setdefault(first, []).append((span, 1))
        changes.setdefault(last + 1, []).append((span, -1))
    opened_at: int | None = None
    for port in sorted(changes):
        for span, change in changes[port]:
            covered.change(span, change)
        if covered.are_wide and opened_at is None:
            opened_at = port
        elif not covered.are_wide and opened_at is not None:
            yield opened_at, port - 1
            opened_at = None


class _Covered:
    """Counts the internet addresses that open ranges cover, each once, while ranges open and close.

    If two ranges share an address, one contains the other. So ranges form trees, and a change looks only at
    the ranges that contain the changed one: 128 at most.

    Args:
        spans: All ranges that will open.
    """

    def __init__(self, spans: Iterable[_Span]) -> None:
        not_public = [_span(network) for network in _NOT_PUBLIC]
        ordered = sorted({*spans, *not_public})
        self._place = {span: place for place, span in enumerate(ordered)}
        self._holder = _holders(ordered)
        self._opened = [0] * len(ordered)
        self._covered_within = [0] * len(ordered)
        self._covered: Counter[int] = Counter()
        for span in not_public:  # always open, so that no range adds their addresses
            self.change(span, 1)
        self._covered.clear()

    @property
    def addresses(self) -> tuple[int, int]:
        """The numbers of IPv4 and IPv6 addresses that the open ranges cover."""
        return self._covered[4], self._covered[6]

    @property
    def are_wide(self) -> bool:
        """True if the open ranges count as the internet."""
        return is_internet(*self.addresses)

    def change(self, span: _Span, by: int) -> None:
        """Open a range once more (1), or close it once (-1)."""
        place = self._place[span]
        was_open = bool(self._opened[place])
        self._opened[place] += by
        if bool(self._opened[place]) is was_open:
            return
        version, first, negative_last = span
        difference = by * (1 - negative_last - first - self._covered_within[place])
        holder = self._holder[place]
        while holder is not None:
            self._covered_within[holder] += difference
            if self._opened[holder]:
                return  # already covered, whatever it contains
            holder = self._holder[holder]
        self._covered[version] += difference


def _holders(ordered: list[_Span]) -> list[int | None]:
    """Return the position of the narrowest other range that contains each one, for sorted ranges."""
    holders: list[int | None] = []
    around: list[int] = []
    for place, (version, first, _) in enumerate(ordered):
        while around and (version != ordered[around[-1]][0] or first > -ordered[around[-1]][2]):
            around.pop()
        holders.append(around[-1] if around else None)
        around.append(place)
    return holders
