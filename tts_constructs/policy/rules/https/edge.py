"""What browsers and clients meet first: HSTS, CloudFront, API Gateway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.load_balancers import LISTENER, values_of
from tts_constructs.policy.model.checks import each, one_of, settled
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.https.balancers import protocol_of
from tts_constructs.policy.rules.tls._shared import CONTROLS, HANDBOOK, as_seen_from

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_HEADERS_POLICY = "AWS::CloudFront::ResponseHeadersPolicy"


def _each_behaviour(distribution: Resource, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    config = distribution["DistributionConfig"]
    yield from settled(check(config["DefaultCacheBehavior"]))
    yield from each(config["CacheBehaviors"].items(), check)


# TTS-TLS-003

_MAX_AGE = re.compile(r'(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?=;|$)', re.IGNORECASE)

_MANAGED_WITH_HSTS = frozenset(
    {
        "67f7725c-6f97-4210-82d7-5512b31e9d03",  # SecurityHeadersPolicy
        "e61eb60c-9c35-4d20-a928-2b84e02af89c",  # CORS-and-SecurityHeadersPolicy
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63",  # CORS-with-preflight-and-SecurityHeadersPolicy
    }
)
"""Response headers policies of AWS itself that send max-age=31536000."""

_MANAGED_WITHOUT_HSTS = frozenset(
    {
        "60669652-455b-4ae9-85a4-c4c02393f86c",  # SimpleCORS
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd",  # CORS-With-Preflight
    }
)


def max_age(header: str) -> int:
    """Seconds for which a Strict-Transport-Security header holds; 0 where it does not say so."""
    return min((int(seconds) for seconds in _MAX_AGE.findall(header)), default=0)


def _listener_hsts(listener: Resource) -> Iterator[Result]:
    if protocol_of(listener) != "HTTPS":
        return
    attributes = listener["ListenerAttributes"]
    headers = values_of(attributes, standards.HSTS_HEADER_ATTRIBUTE)
    if not headers:
        yield attributes.violation(f"No attribute {standards.HSTS_HEADER_ATTRIBUTE} is set.")
    yield from each(headers, _long_enough)


def _long_enough(header: Node) -> Iterator[Result]:
    if max_age(header.text() or "") < standards.HSTS_MAX_AGE_SECONDS:
        yield header.violation(
            f"The header is {header.shown}, where max-age={standards.HSTS_MAX_AGE_SECONDS} or more belongs."
        )


def _distribution_hsts(distribution: Resource) -> Iterator[Result]:
    yield from _each_behaviour(distribution, _behaviour_hsts)


def _behaviour_hsts(behaviour: Node) -> Iterator[Result]:
    place = behaviour["ResponseHeadersPolicyId"]
    policy = place.target(_HEADERS_POLICY)
    if policy:
        seconds = policy.properties.at(
            "ResponseHeadersPolicyConfig/SecurityHeadersConfig/StrictTransportSecurity/AccessControlMaxAgeSec"
        )
        if (as_seen_from(place, seconds.number) or 0) < standards.HSTS_MAX_AGE_SECONDS:
            yield place.violation(
                f"AccessControlMaxAgeSec of {policy.logical_id} is {seconds.shown}, where "
                f"{standards.HSTS_MAX_AGE_SECONDS} or more belongs."
            )
    elif not place.exists or place.value in tuple(_MANAGED_WITHOUT_HSTS):
        yield place.violation(f"ResponseHeadersPolicyId is {place.shown}, so no HSTS header is sent.")
    elif place.value not in tuple(_MANAGED_WITH_HSTS):
        yield place.unknown(
            f"ResponseHeadersPolicyId is {place.shown}, which is not in the app, so its headers are not "
            "known. Name a policy of the app, or SecurityHeadersPolicy of AWS."
        )


HSTS = Rule(
    id="TTS-TLS-003",
    title="Browsers are told to insist on HTTPS for at least one year",
    why=(
        "A redirect protects from the second request on: the first, in plain HTTP, can be caught and "
        "answered by another. A browser that knows the header Strict-Transport-Security (HSTS) never sends "
        "that one."
    ),
    source=f"OMB M-15-13 and BOD 18-01: HSTS with a max-age of at least one year. {HANDBOOK}",
    fix=(
        "Use TtsAsgService, which sends it. Or call "
        f'`set_attribute("{standards.HSTS_HEADER_ATTRIBUTE}", "{standards.HSTS_HEADER}")` on the listener.'
    ),
    template_fix=(
        f"Set the listener attribute `{standards.HSTS_HEADER_ATTRIBUTE}` to `{standards.HSTS_HEADER}`."
    ),
    decides=(
        "Each HTTPS listener of an application load balancer sets the header with a max-age of at least "
        f"{standards.HSTS_MAX_AGE_SECONDS} seconds; each behaviour of a distribution has a response headers "
        "policy that does, of the app or one of AWS's own with security headers. Whether an origin's own "
        "header goes before (Override: false, as in those of AWS) is left to the origin."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox=None,
    checks={
        LISTENER: _listener_hsts,
        _DISTRIBUTION: fixed_by(
            _distribution_hsts,
            "Write `response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS` at each "
            "behavior, or a policy of your own with an `access_control_max_age=` of "
            "`cdk.Duration.days(365)` or more.",
            "Name at each behavior a `ResponseHeadersPolicyId` of a policy with "
            f"`AccessControlMaxAgeSec: {standards.HSTS_MAX_AGE_SECONDS}`.",
        ),
    },
)


# TTS-TLS-004

_VIEWERS = frozenset({"https-only", "redirect-to-https"})
_VIEWER_TLS = frozenset({"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"})
_ORIGIN_TLS = frozenset({"TLSv1.2"})


def _distribution(distribution: Resource) -> Iterator[Result]:
    config = distribution["DistributionConfig"]
    yield from settled(_each_behaviour(distribution, _viewers))
    yield from settled(_certificate(config))
    yield from settled(_custom_origin(config["CustomOrigin"]))  # as templates of old name a single origin
    yield from each(config["Origins"].items(), lambda origin: _custom_origin(origin["CustomOriginConfig"]))


def _viewers(behaviour: Node) -> Iterator[Result]:
    yield from one_of(behaviour["ViewerProtocolPolicy"], _VIEWERS, "so plain HTTP is served.")


def _certificate(config: Node) -> Iterator[Result]:
    certificate = config["ViewerCertificate"]
    default = certificate["CloudFrontDefaultCertificate"]
    if default.boolean():
        yield default.violation(f"{_DEFAULT}, which forces TLSv1.")
    elif not (_names_certificate(certificate) or _is_for_tenants(config)):
        yield certificate.violation(f"No certificate is named. {_DEFAULT} then, which forces TLSv1.")
    else:
        yield from one_of(
            certificate["MinimumProtocolVersion"], _VIEWER_TLS, "where TLSv1.2_2021 or newer belongs."
        )


_DEFAULT = "The default certificate of CloudFront is used"


def _names_certificate(certificate: Node) -> bool:
    names = (certificate["AcmCertificateArn"], certificate["IamCertificateId"])
    return any(name.is_unknown or name.names_something() for name in names)


def _is_for_tenants(config: Node) -> bool:
    """Whether a distribution answers for its tenants alone, each of which has a certificate of its own."""
    return config["ConnectionMode"].text() == "tenant-only" and config["ViewerCertificate"].exists


def _custom_origin(origin: Node) -> Iterator[Result]:
    if not origin.exists:
        return
    yield from one_of(
        origin["OriginProtocolPolicy"], {"https-only"}, "so requests can go on to the origin in the clear."
    )
    protocols = origin["OriginSSLProtocols"]
    if not protocols.items():
        yield protocols.violation(f"OriginSSLProtocols is {protocols.shown}, which means TLSv1 and SSLv3.")
    for protocol in protocols.items():
        yield from one_of(protocol, _ORIGIN_TLS, "where TLSv1.2 alone belongs.")


def _vpc_origin(origin: Resource) -> Iterator[Result]:
    yield from _custom_origin(origin["VpcOriginEndpointConfig"])


CLOUDFRONT = Rule(
    id="TTS-TLS-004",
    title="CloudFront serves HTTPS only, with TLS 1.2 or newer",
    why=(
        "A distribution stands in front of everything that it caches: where it takes plain HTTP or old TLS, "
        "from a browser or towards the origin, what it carries can be read and altered on the way."
    ),
    source=f"{HANDBOOK} OMB M-15-13, BOD 18-01, NIST SP 800-52 rev 2.",
    fix=(
        "Write `viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS` at each behavior; "
        "`certificate=` and `domain_names=` of your own, with "
        "`minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021`; and for an origin of "
        "your own `protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY` and "
        "`origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2]`."
    ),
    template_fix=(
        "Write `ViewerProtocolPolicy: redirect-to-https` at each behavior, a certificate of your own with "
        "`MinimumProtocolVersion: TLSv1.2_2021`, and for custom origins `OriginProtocolPolicy: https-only` "
        "with `OriginSSLProtocols: [TLSv1.2]`."
    ),
    decides=(
        "Every behaviour is https-only or redirect-to-https; MinimumProtocolVersion is TLSv1.2_2021, "
        "TLSv1.2_2025 or TLSv1.3_2025, and the default certificate, which forces TLSv1, is a violation, "
        "asked for or because no other is named; "
        "custom and VPC origins are https-only with TLSv1.2 alone."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="block",
    checks={_DISTRIBUTION: _distribution, "AWS::CloudFront::VpcOrigin": _vpc_origin},
)


# TTS-TLS-005


def _api_domain(domain: Resource) -> Iterator[Result]:
    yield from _security_policy(domain["SecurityPolicy"])


def _api(api: Resource) -> Iterator[Result]:
    if api["SecurityPolicy"].exists:
        yield from _security_policy(api["SecurityPolicy"])


def _http_api_domain(domain: Resource) -> Iterator[Result]:
    configurations = domain["DomainNameConfigurations"]
    if not configurations.items():
        yield configurations.violation("No configuration states a SecurityPolicy.")
    yield from each([item["SecurityPolicy"] for item in configurations.items()], _security_policy)


def _security_policy(policy: Node) -> Iterator[Result]:
    name = policy.text() or ""
    if name != "TLS_1_2" and not name.startswith("SecurityPolicy_TLS13_"):
        yield policy.violation(f"SecurityPolicy is {policy.shown}, where TLS_1_2 or newer belongs.")


API_GATEWAY = Rule(
    id="TTS-TLS-005",
    title="API Gateway serves TLS 1.2 or newer",
    why=(
        "A domain name of API Gateway that states no security policy may answer TLS 1.0 and 1.1, which can "
        "be broken, so that calls that seem encrypted can be read."
    ),
    source=f"NIST SP 800-52 rev 2: servers support TLS 1.2 and newer only. {HANDBOOK}",
    fix="Write `security_policy=apigateway.SecurityPolicy.TLS_1_2` at the domain name.",
    template_fix="Write `SecurityPolicy: TLS_1_2`, or one of SecurityPolicy_TLS13_….",
    decides=(
        "SecurityPolicy of each domain name, of each of its configurations in API Gateway v2, is TLS_1_2 or "
        "one of SecurityPolicy_TLS13_…; none is a violation, and so is another that a REST API states for "
        "its own address."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="warn",
    checks={
        "AWS::ApiGateway::DomainName": _api_domain,
        "AWS::ApiGateway::DomainNameV2": _api_domain,
        "AWS::ApiGateway::RestApi": _api,
        "AWS::ApiGatewayV2::DomainName": fixed_by(
            _http_api_domain,
            "Write `security_policy=apigatewayv2.SecurityPolicy.TLS_1_2` at the domain name.",
            "Write `SecurityPolicy: TLS_1_2` in each of the DomainNameConfigurations.",
        ),
    },
)
