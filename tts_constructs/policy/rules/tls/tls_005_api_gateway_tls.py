"""TTS-TLS-005: API Gateway must serve TLS 1.2 or newer."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.checks import check_each
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._shared import CONTROLS, HANDBOOK


def _api_domain(domain: Resource) -> Iterator[Result]:
    yield from _security_policy(domain["SecurityPolicy"])


def _api(api: Resource) -> Iterator[Result]:
    if api["SecurityPolicy"].exists:
        yield from _security_policy(api["SecurityPolicy"])


def _http_api_domain(domain: Resource) -> Iterator[Result]:
    configurations = domain["DomainNameConfigurations"]
    if not configurations.items():
        yield configurations.violation("No configuration states a SecurityPolicy.")
    yield from check_each([item["SecurityPolicy"] for item in configurations.items()], _security_policy)


def _security_policy(policy: Node) -> Iterator[Result]:
    name = policy.text() or ""
    if name != "TLS_1_2" and not name.startswith("SecurityPolicy_TLS13_"):
        yield policy.violation(f"SecurityPolicy is {policy.shown}; it must be TLS_1_2 or newer.")


RULE = Rule(
    id="TTS-TLS-005",
    title="API Gateway must serve TLS 1.2 or newer",
    why=(
        "An API Gateway domain name without a security policy may accept TLS 1.0 and 1.1. Attackers can "
        "break these, and read calls that look encrypted."
    ),
    source=f"NIST SP 800-52 rev 2: servers support TLS 1.2 and newer only. {HANDBOOK}",
    section="HTTPS Everywhere",
    fix="Write `security_policy=apigateway.SecurityPolicy.TLS_1_2` for the domain name.",
    template_fix="Write `SecurityPolicy: TLS_1_2`, or one of SecurityPolicy_TLS13_….",
    decides=(
        "SecurityPolicy of each domain name, and of each configuration of a domain name in API Gateway v2, "
        "must be TLS_1_2 or one of SecurityPolicy_TLS13_…. A missing policy breaks the rule. So does "
        "another policy that a REST API states for its own address."
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
