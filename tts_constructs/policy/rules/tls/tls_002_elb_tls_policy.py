"""TTS-TLS-002: Load balancers must use an approved TLS policy."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from tts_constructs import standards
from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER, LISTENER
from tts_constructs.policy.model.checks import check_items
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._shared import (
    CONTROLS,
    ENCRYPTED_CLASSIC,
    HANDBOOK,
    NO_CLASSIC,
    protocol_of,
)

_PREFIX = "ELBSecurityPolicy-"

_WARN = {
    "TLS13-1-2-2021-06": "is not of a FIPS module",
    "TLS13-1-2-Res-2021-06": "is not of a FIPS module",
    "TLS13-1-3-2021-06": "is not of a FIPS module",
    "TLS13-1-2-PQ-2025-09": "is not of a FIPS module",
    "TLS13-1-2-Res-PQ-2025-09": "is not of a FIPS module",
    "TLS13-1-3-PQ-2025-09": "is not of a FIPS module",
    "TLS13-1-2-Ext0-FIPS-*": "has ciphers without authenticated encryption",
}

_REFUSED = {
    "2016-08": "allows TLS 1.0",
    "2015-05": "allows TLS 1.0",
    "TLS-1-0-*": "allows TLS 1.0",
    "TLS13-1-0-*": "allows TLS 1.0",
    "TLS-1-1-*": "allows TLS 1.1",
    "TLS13-1-1-*": "allows TLS 1.1",
    "TLS-1-2-*": "does not offer TLS 1.3",
    "FS-*": "does not offer TLS 1.3",
    "*-Ext1-*": "has static RSA ciphers, without forward secrecy",
    "*-Ext2-*": "has static RSA ciphers, without forward secrecy",
}


def _tls_policy(listener: Resource) -> Iterator[Result]:
    policy = listener["SslPolicy"]
    if policy.value in _APPROVED or protocol_of(listener) not in {"HTTPS", "TLS"}:
        return
    name = policy.text()
    if name is None:
        yield policy.violation(
            f"SslPolicy is {policy.shown}, which means ELBSecurityPolicy-2016-08: TLS 1.0."
        )
    elif name not in standards.TLS_POLICIES_APPROVED:
        yield _judged(policy, name)


_APPROVED: tuple[str, ...] = tuple(standards.TLS_POLICIES_APPROVED)
"""As a tuple, because a value in a template may not be hashable."""


def _judged(policy: Node, name: str) -> Result:
    if name.startswith(_PREFIX):
        for known in (_WARN, _REFUSED):
            fault = next((fault for pattern, fault in known.items() if _fits(name, pattern)), None)
            if fault:
                message = f"SslPolicy is {name}, which {fault}."
                return policy.violation(message, at_most="warn" if known is _WARN else None)
    return policy.unknown(
        f"SslPolicy is {name}, which is on no list of this rule. Write {standards.TLS_POLICY}."
    )


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.removeprefix(_PREFIX), pattern)


def _classic_tls(balancer: Resource) -> Iterator[Result]:
    yield from check_items(balancer["Listeners"], _classic_listener_tls)


def _classic_listener_tls(listener: Node) -> Iterator[Result]:
    if protocol_of(listener) in ENCRYPTED_CLASSIC:
        yield listener["PolicyNames"].violation("No policy of a classic load balancer offers TLS 1.3.")


RULE = Rule(
    id="TTS-TLS-002",
    title="Load balancers must use an approved TLS policy",
    why=(
        "Attackers can break TLS 1.0 and 1.1 and old ciphers, and read traffic that looks encrypted. "
        "Federal systems must also use cryptography from a validated (FIPS) module."
    ),
    source=(
        "NIST SP 800-52 rev 2: servers support TLS 1.2, and TLS 1.3 since 2024-01-01; BOD 18-01: no SSLv2, "
        f"SSLv3, 3DES and RC4; GSA CIO-IT Security-14-69. {HANDBOOK}"
    ),
    section="HTTPS Everywhere",
    fix="Use TtsAsgService, which sets it, or write `ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12`.",
    template_fix=f"Write `SslPolicy: {standards.TLS_POLICY}`.",
    decides=(
        "SslPolicy of each HTTPS or TLS listener must be one of the policies that offer TLS 1.3, require at "
        "least TLS 1.2, use a FIPS module, and exclude static RSA. The same policies without FIPS, and "
        "those named Ext0-FIPS, warn. Policies that allow versions below 1.2, lack 1.3, or include static "
        "RSA break the rule. A listener without a policy breaks it too, because AWS then uses "
        "ELBSecurityPolicy-2016-08. The rule can't decide about a name that this library doesn't know. No "
        "policy of a classic load balancer offers TLS 1.3."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="warn",
    checks={LISTENER: _tls_policy, CLASSIC_LOAD_BALANCER: fixed_by(_classic_tls, *NO_CLASSIC)},
)
