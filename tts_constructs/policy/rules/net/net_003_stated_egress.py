"""TTS-NET-003: Outbound traffic must be restricted to the ports that are needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import suppress

from tts_constructs.policy.aws.cidr import ALL_PORTS, ALL_PROTOCOLS, Ports, internet_ports, is_wide
from tts_constructs.policy.aws.security_groups import (
    EGRESS,
    GROUP,
    group_rules,
    name_of,
    networks_at,
    place_of_group,
    ports_of,
    ranges_of,
    rules_naming,
    undecided_rules,
)
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.net._shared import HANDBOOK, openings_of, show_ports

_HALF_OF_PORTS = 32768


def _group_lets_out(group: Resource) -> Iterator[Result]:
    inline = group["SecurityGroupEgress"]
    rules = inline.items()
    if not rules:
        yield from _stated_elsewhere(inline, group)
    yield from check_each(rules, _rule_lets_out)
    yield from _let_out(inline, group)


def _stated_elsewhere(inline: Node, group: Resource) -> Iterator[Result]:
    assembly = group.stack.assembly
    if any(rule.exists_whenever(group) for rule in rules_naming(group, EGRESS, assembly)):
        return
    undecided = undecided_rules(EGRESS, assembly)
    if undecided:
        message = f"No egress is stated here, and {undecided[0].logical_id} names a group that is not known."
        yield inline.unknown(f"{message} State the egress here.")
    else:
        yield inline.violation("No egress is stated, so CloudFormation lets everything out to everywhere.")


def _egress_lets_out(egress: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_rule_lets_out(egress.properties))
    place = place_of_group(egress)
    with suppress(UnknownValue):  # rules of an unknown group are judged alone
        group = name_of(place)
        if group and not isinstance(group, Resource):  # a group of the app is judged as a whole
            yield from _let_out(place, group)


def _rule_lets_out(rule: Node) -> Iterator[Result]:
    ranges = ranges_of(rule)
    if ranges and _are_most(ports_of(rule)):
        yield from check_each(ranges, lambda place: _range_lets_out(rule, place))


def _range_lets_out(rule: Node, place: Node) -> Iterator[Result]:
    if any(map(is_wide, networks_at(place))):
        yield place.violation(f"{show_ports(*ports_of(rule))} may go out to {place.shown}.")


def _let_out(place: Node, group: Hashable) -> Iterator[Result]:
    ways, complete = place.stack.assembly.in_any_way(_let_out_together, group)
    for protocol in dict.fromkeys(protocol for way in ways for protocol in way):
        shown = show_ports(protocol, *ALL_PORTS) if protocol == ALL_PROTOCOLS else f"Most of {protocol}"
        yield place.violation(f"{shown} may go out to ranges that together are the internet.")
    if not complete:
        yield TOO_MANY_WAYS


def _let_out_together(assembly: Assembly, group: Hashable) -> tuple[str, ...]:
    """Return the protocols for which rules let most ports out only together."""
    try:
        rules = group_rules(group, EGRESS, assembly)
    except UnknownValue:  # the check of the group says so
        return ()
    together = internet_ports(
        one for one in openings_of(rules) if not (_are_most(one[0]) and is_wide(one[1]))
    )
    let_out: Counter[str] = Counter()
    for protocol, first, last in together:
        let_out[protocol] += last - first + 1
    return tuple(
        protocol for protocol, count in let_out.items() if _has_ports(protocol) and count > _HALF_OF_PORTS
    )


def _are_most(ports: Ports) -> bool:
    """Return whether ports include more than half of all ports."""
    protocol, first, last = ports
    return _has_ports(protocol) and last - first + 1 > _HALF_OF_PORTS


def _has_ports(protocol: str) -> bool:
    return protocol in {"tcp", "udp", ALL_PROTOCOLS}


RULE = Rule(
    id="TTS-NET-003",
    title="Outbound traffic must be restricted to the ports that are needed",
    why=(
        "Malware usually connects to a server of the attacker. If only the ports that you need lead out, "
        "most of these connections fail, and the flow log shows the attempt. CloudFormation allows all "
        "outbound traffic unless you state egress."
    ),
    source=HANDBOOK,
    section="VPCs",
    fix=(
        "State it once in TtsSystem(network=NetworkPolicy(outbound=[Flow.https_anywhere()])). TtsAsgService "
        "takes its egress from there. Or write `ec2.SecurityGroup(…, allow_all_outbound=False)`, and add "
        "what you need, such as `add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))`. If a construct "
        "made the group, give it yours with `security_groups=`."
    ),
    template_fix=(
        "Write `SecurityGroupEgress` with the protocol and port that you need, such as `IpProtocol: tcp, "
        "FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0`."
    ),
    decides=(
        "A security group breaks the rule if it has no inline egress and no AWS::EC2::SecurityGroupEgress "
        "of the app names it under the same condition. So does an egress rule, or several together, that "
        "open more than half of the ports to the internet (see TTS-NET-001). The CDK's 255.255.255.255/32 "
        "states that nothing may go out."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox=None,
    checks={GROUP: _group_lets_out, EGRESS: _egress_lets_out},
)
