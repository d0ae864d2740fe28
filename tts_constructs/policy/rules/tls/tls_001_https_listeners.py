"""TTS-TLS-001: Load balancers must serve HTTPS only, and use HTTP only to redirect."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call, named
from tts_constructs.policy.aws.load_balancers import (
    CLASSIC_LOAD_BALANCER,
    LISTENER,
    LISTENER_RULE,
    LOAD_BALANCER,
    actions_of,
    balancer_of,
    faces_internet,
    kind_of,
    listener_of,
)
from tts_constructs.policy.model.checks import check_items, one_of
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._shared import (
    CONTROLS,
    ENCRYPTED_CLASSIC,
    HANDBOOK,
    NO_CLASSIC,
    protocol_of,
)

_ENCRYPTED = frozenset({"HTTPS", "TLS", "QUIC"})
_PERMANENT_OR_FOUND = frozenset({"HTTP_301", "HTTP_302"})


def _listener(listener: Resource) -> Iterator[Result]:
    protocol = protocol_of(listener)
    if protocol == "HTTP":
        yield from _only_redirects(actions_of(listener))
    elif protocol not in _ENCRYPTED:
        yield from _unencrypted(listener, balancer_of(listener))
    if protocol in _ENCRYPTED:
        yield from _redirects_stay_encrypted(actions_of(listener))


def _unencrypted(listener: Resource, balancer: Resource | None) -> Iterator[Result]:
    protocol = listener["Protocol"]
    if balancer is None:
        yield protocol.unknown(
            f"Protocol is {protocol.shown} and the load balancer is not in the app, so it isn't known "
            "whether it faces the internet. Judge the stack that has it together with this one."
        )
        return
    kind = kind_of(balancer)
    if kind == "application":
        yield protocol.violation(
            f"Protocol is {protocol.shown}, where an application load balancer takes HTTPS."
        )
    elif kind == "network" and faces_internet(balancer):
        yield protocol.violation(
            f"Protocol is {protocol.shown} on a load balancer that faces the internet, so what it serves is "
            "not encrypted by it.",
            fix="Write `protocol=elbv2.Protocol.TLS` with `certificates=[…]` and an approved TLS policy, "
            "`ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12` (TTS-TLS-002).",
            template_fix="Write `Protocol: TLS` with a certificate and an approved TLS policy, "
            f"`SslPolicy: {standards.TLS_POLICY}` (TTS-TLS-002).",
        )


def _listener_rule(rule: Resource) -> Iterator[Result]:
    listener = listener_of(rule)
    if listener is None:
        yield rule["ListenerArn"].unknown(
            "The listener of this rule is not in the app, so it isn't known whether it uses HTTP. Judge "
            "the stack that has it together with this one."
        )
    elif protocol_of(listener) == "HTTP":
        yield from _only_redirects(actions_of(rule))
    else:
        yield from _redirects_stay_encrypted(actions_of(rule))


def _redirects_stay_encrypted(actions: Node) -> Iterator[Result]:
    yield from check_items(actions, _stays_encrypted)


def _stays_encrypted(action: Node) -> Iterator[Result]:
    """Yield a violation if a request over HTTPS is redirected to HTTP; by default the protocol stays."""
    if (action["Type"].text() or "").lower() == "redirect":
        protocol = action["RedirectConfig"]["Protocol"]
        if (protocol.text() or "HTTPS").upper() not in {"HTTPS", "#{PROTOCOL}"}:
            yield protocol.violation(
                f"A request over HTTPS is redirected to {protocol.shown}.",
                fix='Write `protocol="HTTPS"` in the redirect.',
                template_fix="Write `Protocol: HTTPS` in RedirectConfig.",
            )


def _only_redirects(actions: Node) -> Iterator[Result]:
    if not actions.items():
        yield actions.violation("HTTP is served, and no action redirects it to HTTPS.")
    yield from check_items(actions, _redirects)


def _redirects(action: Node) -> Iterator[Result]:
    kind = action["Type"]
    if (kind.text() or "").lower() != "redirect":
        yield kind.violation(f"A request over HTTP meets the action {kind.shown}; HTTP may only redirect.")
        return
    redirect = action["RedirectConfig"]
    yield from one_of(redirect["Protocol"], {"HTTPS"}, "so HTTP is not redirected to HTTPS.")
    yield from one_of(redirect["StatusCode"], _PERMANENT_OR_FOUND, "where HTTP_301 or HTTP_302 belongs.")


def _classic(balancer: Resource) -> Iterator[Result]:
    yield from check_items(balancer["Listeners"], _classic_listener)


def _classic_listener(listener: Node) -> Iterator[Result]:
    protocol = listener["Protocol"]
    if protocol_of(listener) not in ENCRYPTED_CLASSIC:
        yield protocol.violation(
            f"Protocol is {protocol.shown}, which a classic load balancer cannot redirect."
        )
    elif not listener.resource["Subnets"].exists:
        behind = listener["InstanceProtocol"]
        if (behind.text() or "").upper() not in ENCRYPTED_CLASSIC:
            yield behind.violation(
                f"InstanceProtocol is {behind.shown} and no Subnets put the load balancer in a VPC, so "
                "requests reach the instances unencrypted."
            )


def _lattice(listener: Resource) -> Iterator[Result]:
    if protocol_of(listener) == "HTTP":
        yield listener["Protocol"].violation("Protocol is HTTP, so services talk unencrypted.")


def _listener_of_call(call: Call, _: str) -> Iterator[Result]:
    protocol = (call.parameter("Protocol").text() or "").upper()
    actions = call.at("DefaultActions/*")
    if protocol == "HTTP" and not (actions and all(map(_redirects_by_call, actions))):
        yield call.place.violation(f"{call.name} serves HTTP, and does more than redirect it to HTTPS.")
    elif protocol not in {*_ENCRYPTED, "HTTP", ""}:
        yield call.place.unknown(
            f"{call.name} makes a listener of {protocol}. It isn't known whether its load balancer faces "
            "the internet."
        )
    elif not protocol:
        yield from _rule_of_call(call, "DefaultActions/*")


def _rule_of_call(call: Call, path: str) -> Iterator[Result]:
    """Yield a result for actions of a listener that may speak HTTP; one of the app says what it speaks."""
    actions = call.at(path or "Actions/*")
    listener = call.parameter("ListenerArn").value
    if isinstance(listener, Reference) and protocol_of(listener.resource) in _ENCRYPTED:
        return
    if not all(map(_redirects_by_call, actions)):
        yield call.place.unknown(f"{call.name} changes a listener that may speak HTTP.")


def _redirects_by_call(action: Node) -> bool:
    redirect = named(action, "RedirectConfig")
    return (
        (named(action, "Type").text() or "").lower() == "redirect"
        and named(redirect, "Protocol").text() == "HTTPS"
        and named(redirect, "StatusCode").text() in _PERMANENT_OR_FOUND
    )


def _classic_listener_of_call(call: Call, path: str) -> Iterator[Result]:
    for listener in call.at(path):
        protocol = named(listener, "Protocol")
        if (protocol.text() or "").upper() not in ENCRYPTED_CLASSIC:
            yield protocol.violation(f"{call.name} listens with {protocol.shown}, which does not redirect.")


def _lattice_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for protocol in call.at(parameter):
        if (protocol.text() or "").upper() == "HTTP":
            yield protocol.violation(f"{call.name} lets services talk unencrypted.")


def _lightsail(balancer: Resource) -> Iterator[Result]:
    redirection = balancer["HttpsRedirectionEnabled"]
    if not redirection.boolean():
        yield redirection.violation(
            f"HttpsRedirectionEnabled is {redirection.shown}, so the load balancer serves HTTP on port 80."
        )


def _accelerator(listener: Resource) -> Iterator[Result]:
    """Yield what an accelerator, which ends no TLS, forwards to something else than application balancers."""
    ranges = [(place, place["FromPort"].number(), place["ToPort"].number()) for place in _ports_of(listener)]
    others = [place for place, first, last in ranges if (first, last) != (_HTTPS, _HTTPS)]
    if others and not _reaches_application_balancers(listener):
        yield from (
            place.violation(
                "It forwards ports other than 443, and not only to application load balancers of the app, "
                "whose listeners are judged."
            )
            for place in others
        )


_HTTPS = 443
_ENDPOINTS = "AWS::GlobalAccelerator::EndpointGroup"


def _ports_of(listener: Resource) -> list[Node]:
    return listener["PortRanges"].items()


def _reaches_application_balancers(listener: Resource) -> bool:
    groups = listener.stack.assembly.index(_listener_of_endpoints, _ENDPOINTS)[listener]
    endpoints = [
        place
        for group in groups
        for place in group.properties.find_all("EndpointConfigurations/*/EndpointId")
    ]
    balancers = [place.target(LOAD_BALANCER) for place in endpoints]
    return bool(balancers) and all(balancer and kind_of(balancer) == "application" for balancer in balancers)


def _listener_of_endpoints(group: Resource) -> Iterator[Resource]:
    reference = group["ListenerArn"].reference()
    if reference:
        yield reference.resource


RULE = Rule(
    id="TTS-TLS-001",
    title="Load balancers must serve HTTPS only, and use HTTP only to redirect",
    why=(
        "Everyone on the way can read and change plain HTTP: passwords, session cookies, the public's "
        "information, and the pages of the government itself."
    ),
    source=f"{HANDBOOK} OMB M-15-13 requires HTTPS of every federal website and service; BOD 18-01.",
    section="HTTPS Everywhere",
    fix=(
        "Use TtsAsgService, whose load balancer serves HTTPS on port 443 and redirects port 80. Or write a "
        "listener with `certificates=[…]`, an approved TLS policy, "
        "`ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12` (TTS-TLS-002), and HSTS (TTS-TLS-003): "
        f'`set_attribute("{standards.HSTS_HEADER_ATTRIBUTE}", "{standards.HSTS_HEADER}")`. For port 80, '
        "call `add_redirect()` on the load balancer. A pattern of aws_ecs_patterns takes `certificate=`, "
        "`redirect_http=True`, and the policy, and has the `listener`."
    ),
    template_fix=(
        "Write `Protocol: HTTPS` with a certificate, an approved TLS policy, "
        f"`SslPolicy: {standards.TLS_POLICY}` (TTS-TLS-002), and HSTS (TTS-TLS-003): the listener "
        f"attribute `{standards.HSTS_HEADER_ATTRIBUTE}` with the value `{standards.HSTS_HEADER}`. Give a "
        "listener for port 80 one action: `Type: redirect`, to HTTPS with `StatusCode: HTTP_301`."
    ),
    decides=(
        "An HTTP listener of an application load balancer passes if its default actions and all actions of "
        "its rules redirect to HTTPS with 301 or 302. A network load balancer that faces the internet must "
        "listen with TLS. A classic load balancer must listen with HTTPS or SSL, and must pass requests on "
        "encrypted or inside a VPC. A VPC Lattice listener must not use HTTP, and a Lightsail load balancer "
        "must redirect to HTTPS. A listener of Global Accelerator must forward only port 443, or only to "
        "application load balancers of the app. A redirect of HTTPS must stay on HTTPS. The rule can't "
        "decide about a listener rule whose listener isn't in the app, or about a TCP listener whose load "
        "balancer isn't. Calls of APIs that make or change listeners are judged by their parameters."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="block",
    checks=with_calls(
        "TTS-TLS-001",
        {
            LISTENER: _listener,
            LISTENER_RULE: _listener_rule,
            CLASSIC_LOAD_BALANCER: fixed_by(_classic, *NO_CLASSIC),
            "AWS::GlobalAccelerator::Listener": fixed_by(
                _accelerator,
                "Listen only on port 443, in front of a load balancer that serves HTTPS.",
                "Write one range of ports, from 443 to 443, in front of a load balancer that serves HTTPS.",
            ),
            "AWS::Lightsail::LoadBalancer": fixed_by(
                _lightsail,
                "Use TtsAsgService. Or attach a certificate and write `https_redirection_enabled=True`.",
                "Attach a certificate and write `HttpsRedirectionEnabled: true`.",
            ),
            "AWS::VpcLattice::Listener": fixed_by(
                _lattice, 'Write `protocol="HTTPS"`.', "Write `Protocol: HTTPS`."
            ),
        },
        {
            "classic": _classic_listener_of_call,
            "lattice": _lattice_of_call,
            "listener": _listener_of_call,
            "rule": _rule_of_call,
        },
    ),
    waivable=False,
)
