"""TTS-TLS-004: CloudFront must serve HTTPS only, with TLS 1.2 or newer."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.checks import check_each, one_of, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._shared import CONTROLS, DISTRIBUTION, HANDBOOK, each_behavior

_VIEWERS = frozenset({"https-only", "redirect-to-https"})
_VIEWER_TLS = frozenset({"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"})
_ORIGIN_TLS = frozenset({"TLSv1.2"})


def _distribution(distribution: Resource) -> Iterator[Result]:
    config = distribution["DistributionConfig"]
    yield from stop_at_unknown(each_behavior(distribution, _viewers))
    yield from stop_at_unknown(_certificate(config))
    yield from stop_at_unknown(
        _custom_origin(config["CustomOrigin"])
    )  # old templates name a single origin this way
    yield from check_each(
        config["Origins"].items(), lambda origin: _custom_origin(origin["CustomOriginConfig"])
    )


def _viewers(behavior: Node) -> Iterator[Result]:
    yield from one_of(behavior["ViewerProtocolPolicy"], _VIEWERS, "so plain HTTP is served.")


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
    """Return whether a distribution serves only its tenants, each of which has its own certificate."""
    return config["ConnectionMode"].text() == "tenant-only" and config["ViewerCertificate"].exists


def _custom_origin(origin: Node) -> Iterator[Result]:
    if not origin.exists:
        return
    yield from one_of(
        origin["OriginProtocolPolicy"], {"https-only"}, "so requests can go on to the origin unencrypted."
    )
    protocols = origin["OriginSSLProtocols"]
    if not protocols.items():
        yield protocols.violation(f"OriginSSLProtocols is {protocols.shown}, which means TLSv1 and SSLv3.")
    for protocol in protocols.items():
        yield from one_of(protocol, _ORIGIN_TLS, "it must be only TLSv1.2.")


def _vpc_origin(origin: Resource) -> Iterator[Result]:
    yield from _custom_origin(origin["VpcOriginEndpointConfig"])


RULE = Rule(
    id="TTS-TLS-004",
    title="CloudFront must serve HTTPS only, with TLS 1.2 or newer",
    why=(
        "If a distribution accepts plain HTTP or old TLS, from a browser or toward the origin, everyone on "
        "the way can read and change what it carries."
    ),
    source=f"{HANDBOOK} OMB M-15-13, BOD 18-01, NIST SP 800-52 rev 2.",
    section="HTTPS Everywhere",
    fix=(
        "Write `viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS` for each "
        "behavior. Write your own `certificate=` and `domain_names=`, with "
        "`minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021`. For a custom origin, "
        "write `protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY` and "
        "`origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2]`."
    ),
    template_fix=(
        "Write `ViewerProtocolPolicy: redirect-to-https` for each behavior, and your own certificate with "
        "`MinimumProtocolVersion: TLSv1.2_2021`. For custom origins, write `OriginProtocolPolicy: "
        "https-only` with `OriginSSLProtocols: [TLSv1.2]`."
    ),
    decides=(
        "Every behavior must be https-only or redirect-to-https. MinimumProtocolVersion must be "
        "TLSv1.2_2021, TLSv1.2_2025, or TLSv1.3_2025. The default certificate breaks the rule, because it "
        "forces TLSv1, whether you ask for it or name no other. Custom and VPC origins must be https-only "
        "with TLSv1.2 only."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="block",
    checks={DISTRIBUTION: _distribution, "AWS::CloudFront::VpcOrigin": _vpc_origin},
)
