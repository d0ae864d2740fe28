"""Helpers and texts that the TLS rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from tts_constructs import standards
from tts_constructs.policy.model.checks import check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

T = TypeVar("T")

CONTROLS = ("AC-17(2)", "SC-8", "SC-8(1)", "SC-13", "SC-23")
"""NIST SP 800-53 rev 5 controls that every rule of this topic supports."""

HANDBOOK = 'TTS handbook: "Regardless of what your system does, we enforce HTTPS Everywhere."'


def as_seen_from(place: Node, read: Callable[[], T]) -> T:
    """Return what `read` finds at another resource, and report unknown values at this place.

    Raises:
        UnknownValue: It cannot be decided there; the result is about `place`.
    """
    try:
        return read()
    except UnknownValue as undecided:
        raise UnknownValue(place.unknown(undecided.result.message)) from None


ENCRYPTED_CLASSIC = frozenset({"HTTPS", "SSL"})


def protocol_of(listener: Node | Resource) -> str:
    """Return the protocol of a listener in upper case; empty if there is none.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return (listener["Protocol"].text() or "").upper()


NO_CLASSIC = (
    "Use TtsAsgService, or replace the classic load balancer by an `elbv2.ApplicationLoadBalancer`. Give its "
    "listener `certificates=[…]`, `ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12`, and HSTS: "
    f'`set_attribute("{standards.HSTS_HEADER_ATTRIBUTE}", "{standards.HSTS_HEADER}")`.',
    "Replace the classic load balancer by an `AWS::ElasticLoadBalancingV2::LoadBalancer` whose listener has "
    f"`Protocol: HTTPS`, a certificate, `SslPolicy: {standards.TLS_POLICY}`, and the attribute "
    f"`{standards.HSTS_HEADER_ATTRIBUTE}` with the value `{standards.HSTS_HEADER}`.",
)


DISTRIBUTION = "AWS::CloudFront::Distribution"


def each_behavior(distribution: Resource, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    config = distribution["DistributionConfig"]
    yield from stop_at_unknown(check(config["DefaultCacheBehavior"]))
    yield from check_items(config["CacheBehaviors"], check)
