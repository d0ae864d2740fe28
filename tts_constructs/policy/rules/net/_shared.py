"""Runs the security group rules, one opening at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from tts_constructs.policy.aws.cidr import ALL_PROTOCOLS, Opening
from tts_constructs.policy.aws.security_groups import networks_at, ports_of, ranges_of
from tts_constructs.policy.model.checks import check_items
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.result import Result

HANDBOOK = (
    'TTS handbook: "Network security settings are set at the VPC level, including what ports IP addresses '
    'EC2 instances can communicate with each other and back out to the internet."'
)


def each_item(rules: Node, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    yield from check_items(rules, check)


def openings_of(rules: Iterable[Node]) -> Iterator[Opening]:
    for rule in rules:
        with suppress(UnknownValue):  # the check of the rule itself says so
            for place in ranges_of(rule):
                for network in networks_at(place):
                    yield ports_of(rule), network


def show_ports(protocol: str, first: int, last: int) -> str:
    if protocol == ALL_PROTOCOLS:
        return "All traffic"
    if protocol not in {"tcp", "udp"}:
        return f"Protocol {protocol}"
    return f"{protocol} port {first}" if first == last else f"{protocol} from port {first} to {last}"
