"""TTS-TLS-003: HTTPS responses must set HSTS for at least one year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.load_balancers import LISTENER, values_of
from tts_constructs.policy.model.checks import check_each
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._shared import (
    CONTROLS,
    DISTRIBUTION,
    HANDBOOK,
    as_seen_from,
    each_behavior,
    protocol_of,
)

_HEADERS_POLICY = "AWS::CloudFront::ResponseHeadersPolicy"
_MAX_AGE = re.compile(r'(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?=;|$)', re.IGNORECASE)

_MANAGED_WITH_HSTS = frozenset(
    {
        "67f7725c-6f97-4210-82d7-5512b31e9d03",  # SecurityHeadersPolicy
        "e61eb60c-9c35-4d20-a928-2b84e02af89c",  # CORS-and-SecurityHeadersPolicy
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63",  # CORS-with-preflight-and-SecurityHeadersPolicy
    }
)
"""AWS managed response headers policies that send max-age=31536000."""

_MANAGED_WITHOUT_HSTS = frozenset(
    {
        "60669652-455b-4ae9-85a4-c4c02393f86c",  # SimpleCORS
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd",  # CORS-With-Preflight
    }
)


def max_age(header: str) -> int:
    """Return the max-age of a Strict-Transport-Security header in seconds; 0 if it has none."""
    return min((int(seconds) for seconds in _MAX_AGE.findall(header)), default=0)


def _listener_hsts(listener: Resource) -> Iterator[Result]:
    if protocol_of(listener) != "HTTPS":
        return
    attributes = listener["ListenerAttributes"]
    headers = values_of(attributes, standards.HSTS_HEADER_ATTRIBUTE)
    if not headers:
        yield attributes.violation(f"No attribute {standards.HSTS_HEADER_ATTRIBUTE} is set.")
    yield from check_each(headers, _long_enough)


def _long_enough(header: Node) -> Iterator[Result]:
    if max_age(header.text() or "") < standards.HSTS_MAX_AGE_SECONDS:
        yield header.violation(
            f"The header is {header.shown}; it must have max-age={standards.HSTS_MAX_AGE_SECONDS} or more."
        )


def _distribution_hsts(distribution: Resource) -> Iterator[Result]:
    yield from each_behavior(distribution, _behavior_hsts)


def _behavior_hsts(behavior: Node) -> Iterator[Result]:
    place = behavior["ResponseHeadersPolicyId"]
    policy = place.target(_HEADERS_POLICY)
    if policy:
        seconds = policy.properties.at(
            "ResponseHeadersPolicyConfig/SecurityHeadersConfig/StrictTransportSecurity/AccessControlMaxAgeSec"
        )
        if (as_seen_from(place, seconds.number) or 0) < standards.HSTS_MAX_AGE_SECONDS:
            yield place.violation(
                f"AccessControlMaxAgeSec of {policy.logical_id} is {seconds.shown}; it must be "
                f"{standards.HSTS_MAX_AGE_SECONDS} or more."
            )
    elif not place.exists or place.value in tuple(_MANAGED_WITHOUT_HSTS):
        yield place.violation(f"ResponseHeadersPolicyId is {place.shown}, so no HSTS header is sent.")
    elif place.value not in tuple(_MANAGED_WITH_HSTS):
        yield place.unknown(
            f"ResponseHeadersPolicyId is {place.shown}, which is not in the app, so its headers are not "
            "known. Name a policy of the app, or SecurityHeadersPolicy of AWS."
        )


RULE = Rule(
    id="TTS-TLS-003",
    title="HTTPS responses must set HSTS for at least one year",
    why=(
        "A redirect protects only from the second request on. An attacker can intercept the first one, in "
        "plain HTTP, and answer it. A browser that has seen the header Strict-Transport-Security (HSTS) "
        "uses HTTPS for the first request too."
    ),
    source=f"OMB M-15-13 and BOD 18-01: HSTS with a max-age of at least one year. {HANDBOOK}",
    section="HTTPS Everywhere",
    fix=(
        "Use TtsAsgService, which sends it. Or call "
        f'`set_attribute("{standards.HSTS_HEADER_ATTRIBUTE}", "{standards.HSTS_HEADER}")` on the listener.'
    ),
    template_fix=(
        f"Set the listener attribute `{standards.HSTS_HEADER_ATTRIBUTE}` to `{standards.HSTS_HEADER}`."
    ),
    decides=(
        "Each HTTPS listener of an application load balancer must set the header with a max-age of at least "
        f"{standards.HSTS_MAX_AGE_SECONDS} seconds. Each behavior of a distribution must have a response "
        "headers policy that does so, of the app or one of AWS's own with security headers. If the policy "
        "lets the origin's own header win (Override: false, as AWS's own policies do), the rule doesn't "
        "check that header."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox=None,
    checks={
        LISTENER: _listener_hsts,
        DISTRIBUTION: fixed_by(
            _distribution_hsts,
            "Write `response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS` at each "
            "behavior, or a policy of your own with an `access_control_max_age=` of "
            "`cdk.Duration.days(365)` or more.",
            "Name at each behavior a `ResponseHeadersPolicyId` of a policy with "
            f"`AccessControlMaxAgeSec: {standards.HSTS_MAX_AGE_SECONDS}`.",
        ),
    },
)
