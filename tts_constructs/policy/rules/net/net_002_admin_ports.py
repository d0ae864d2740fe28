"""TTS-NET-002: Remote administration ports must not be open to any address range."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.cidr import ALL_PROTOCOLS
from tts_constructs.policy.aws.security_groups import GROUP, INGRESS, ports_of, ranges_of
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.net._calls import ingress_of_call
from tts_constructs.policy.rules.net._shared import each_item, show_ports


def _group_administers(group: Resource) -> Iterator[Result]:
    yield from each_item(group["SecurityGroupIngress"], _rule_administers)


def _ingress_administers(ingress: Resource) -> Iterator[Result]:
    yield from _rule_administers(ingress.properties)


def _rule_administers(rule: Node) -> Iterator[Result]:
    ranges = ranges_of(rule)
    if not ranges:
        return
    protocol, first, last = ports_of(rule)
    ports = [str(port) for port in standards.ADMIN_PORTS if first <= port <= last]
    if ports and protocol in {"tcp", "udp", ALL_PROTOCOLS}:
        for place in ranges:
            opened = f"{show_ports(protocol, first, last)} is open to {place.shown}"
            yield place.violation(f"{opened}, with remote administration (port {', '.join(ports)}).")


def _call_administers(call: Call, _: str) -> Iterator[Result]:
    for rule in ingress_of_call(call):
        yield from _rule_administers(rule)


RULE = Rule(
    id="TTS-NET-002",
    title="Remote administration ports must not be open to any address range",
    why=(
        "People don't log in to instances: you change a system by a deployment, which is reviewed and "
        "recorded. An open SSH, RDP, or WinRM port is a back channel, and scanners try these ports first."
    ),
    source=(
        "TTS handbook: “There will be no 'back channel' access to AWS resources for systems deployed "
        "into production.”"
    ),
    section="Permissions",
    fix=(
        "Remove the rule. You don't need the port: send logs to CloudWatch Logs, and replace an instance "
        "that misbehaves, as TtsAsgService does."
    ),
    decides=(
        "Ingress of security groups, inline and as resources, breaks the rule if it allows tcp, udp, or all "
        "traffic on port 22, 3389, 5985, or 5986 from a CIDR range or prefix list, however narrow. So does "
        "a call of an API that authorizes such ingress."
    ),
    controls=("AC-6", "AC-17", "AC-17(1)", "CM-7", "SC-7"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-NET-002",
        {GROUP: _group_administers, INGRESS: _ingress_administers},
        {"ingress": _call_administers},
    ),
)
