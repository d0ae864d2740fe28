"""Security groups: what they open to the internet, to remote administration, and outwards."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from tts_constructs.policy import baseline
from tts_constructs.policy.balancers import (
    CLASSIC_LOAD_BALANCER,
    LISTENER,
    LOAD_BALANCER,
    actions_of,
    listeners_of,
    rules_of,
)
from tts_constructs.policy.cidr import Network, internet_ports, is_wide
from tts_constructs.policy.node import Node, Result, Undecided, each, settled
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.security_groups import (
    EGRESS,
    GROUP,
    INGRESS,
    egress_of,
    holders_of,
    ingress_of,
    name_of,
    names_peer,
    networks_at,
    place_of_group,
    ports_of,
    ranges_of,
    rules_naming,
    undecided_holders,
    undecided_rules,
)
from tts_constructs.policy.template import Resource

HTTP = 80
HTTPS = 443
ALL_PROTOCOLS = "-1"

Ports = tuple[str, int, int]
"""A protocol with its first and last port, as `ports_of` a rule."""

_BALANCERS = (LOAD_BALANCER, CLASSIC_LOAD_BALANCER)
_HANDBOOK = (
    'TTS handbook: "Network security settings are set at the VPC level, including what ports IP addresses '
    'EC2 instances can communicate with each other and back out to the internet."'
)


def _each_item(rules: Node, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    yield from each(rules.items(), check)


def _together(rules: list[Node], alone: Callable[[Ports, Network], bool]) -> Iterator[Ports]:
    """The ports that rules open to the internet together, less what one of them opens `alone`."""
    openings: dict[str, list[tuple[tuple[int, int], Network]]] = {}
    for rule in rules:
        for ports, network in _openings(rule):
            if not alone(ports, network):
                protocol, first, last = ports
                openings.setdefault(protocol, []).append(((first, last), network))
    for protocol, stated in openings.items():
        for first, last in internet_ports([*stated, *openings.get(ALL_PROTOCOLS, [])]):
            yield protocol, first, last


def _openings(rule: Node) -> Iterator[tuple[Ports, Network]]:
    try:
        for place in ranges_of(rule):
            for network in networks_at(place):
                yield ports_of(rule), network
    except Undecided:
        return  # the check of the rule itself says so


def _shown(protocol: str, first: int, last: int) -> str:
    if protocol == ALL_PROTOCOLS:
        return "All traffic"
    if protocol not in {"tcp", "udp"}:
        return f"Protocol {protocol}"
    return f"{protocol} port {first}" if first == last else f"{protocol} from port {first} to {last}"


# TTS-NET-001


def _group_opens(group: Resource) -> Iterator[Result]:
    inline = group["SecurityGroupIngress"]
    yield from settled(_each_item(inline, _rule_opens))
    yield from _rules_open(inline, ingress_of(group))


def _ingress_opens(ingress: Resource) -> Iterator[Result]:
    yield from settled(_rule_opens(ingress.properties))
    place = place_of_group(ingress)
    if isinstance(place.value, str):  # a group of the app is judged as a whole where it stands
        group = name_of(place)
        rules = rules_naming(group, INGRESS, ingress.stack.assembly)
        yield from _rules_open(place, [rule.properties for rule in rules])


def _rule_opens(rule: Node) -> Iterator[Result]:
    if not names_peer(rule):
        yield rule.unknown("The rule does not say from where; CloudFormation would refuse it.")
    yield from each(ranges_of(rule), lambda place: _range_opens(rule, place))


def _range_opens(rule: Node, place: Node) -> Iterator[Result]:
    undecided = None
    try:
        if not any(map(is_wide, networks_at(place))):
            return
    except Undecided as error:
        undecided = error.result
    ports = ports_of(rule)
    objection = _objection(rule, ports)
    if objection and undecided:
        yield undecided
    elif objection:
        yield place.violation(f"{_shown(*ports)} is open to {place.shown}, the internet. {objection}")


def _rules_open(place: Node, rules: list[Node]) -> Iterator[Result]:
    for ports in _together(rules, alone=lambda _, network: is_wide(network)):
        objection = _objection(place, ports)
        if objection:
            message = f"{_shown(*ports)} is open to ranges that together are the internet. {objection}"
            yield place.violation(message)


def _objection(place: Node, ports: Ports) -> str | None:
    """Why a group may not open these ports to the internet; None: it may.

    Args:
        place: In the group, or in one of its rules.
        ports: What is opened.

    Raises:
        Undecided: Whether the group belongs to a load balancer is not known before deployment.
    """
    if ports not in {("tcp", HTTP, HTTP), ("tcp", HTTPS, HTTPS)}:
        return "Only tcp port 443, and 80 to redirect, may be, and only on a load balancer."
    holders = [holder for holder in _holders(place) if holder.stands_with(place.resource)]
    balancers = [holder for holder in holders if holder.type in _BALANCERS]
    others = [holder for holder in holders if holder.type not in _BALANCERS]
    if others:
        return f"The group is also on {others[0].logical_id} ({others[0].type}), which is no load balancer."
    if not balancers:
        return "No load balancer of the app has the group."
    serving = [balancer for balancer in balancers if HTTP in ports and _serves_http(balancer)]
    return f"{serving[0].logical_id} does more on port 80 than redirect to HTTPS." if serving else None


def _holders(place: Node) -> list[Resource]:
    resource = place.resource
    group: Hashable = resource if resource.type == GROUP else name_of(place_of_group(resource))
    assembly = resource.stack.assembly
    holders = holders_of(group, assembly)
    undecided = undecided_holders(assembly, *_BALANCERS)
    if undecided and not any(holder.type in _BALANCERS for holder in holders):
        message = f"Whether {undecided[0].logical_id} has the group is not known. Name its groups in the app."
        raise Undecided(place.unknown(message))
    return holders


def _serves_http(balancer: Resource) -> bool:
    """Whether a listener of the app shows that port 80 is not there to redirect."""
    try:
        if balancer.type == CLASSIC_LOAD_BALANCER:
            return any(
                listener["LoadBalancerPort"].number() == HTTP for listener in balancer["Listeners"].items()
            )
        return any(
            not _redirects(answering)
            for listener in listeners_of(balancer)
            if listener["Port"].number() == HTTP
            for answering in (listener, *rules_of(listener))
        )
    except Undecided:
        return False  # it shows nothing; TTS-TLS-001 judges the listener


def _redirects(answering: Resource) -> bool:
    if answering.type == LISTENER and answering["Protocol"].text() != "HTTP":
        return False
    actions = actions_of(answering).items()
    return bool(actions) and all(
        action["Type"].text() == "redirect" and action.at("RedirectConfig/Protocol").text() == "HTTPS"
        for action in actions
    )


# TTS-NET-002


def _group_administers(group: Resource) -> Iterator[Result]:
    yield from _each_item(group["SecurityGroupIngress"], _rule_administers)


def _ingress_administers(ingress: Resource) -> Iterator[Result]:
    yield from _rule_administers(ingress.properties)


def _rule_administers(rule: Node) -> Iterator[Result]:
    ranges = ranges_of(rule)
    if not ranges:
        return
    protocol, first, last = ports_of(rule)
    ports = [str(port) for port in baseline.ADMIN_PORTS if first <= port <= last]
    if ports and protocol in {"tcp", "udp", ALL_PROTOCOLS}:
        for place in ranges:
            opened = f"{_shown(protocol, first, last)} is open to {place.shown}"
            yield place.violation(f"{opened}, with remote administration (port {', '.join(ports)}).")


# TTS-NET-003


def _group_lets_out(group: Resource) -> Iterator[Result]:
    inline = group["SecurityGroupEgress"]
    rules = inline.items()
    if not rules:
        yield from _stated_elsewhere(inline, group)
    yield from each(rules, _rule_lets_out)
    for ports in _together(egress_of(group), alone=lambda ports, net: _is_all(*ports) and is_wide(net)):
        if _is_all(*ports):
            message = "may go out to ranges that together are the internet."
            yield inline.violation(f"{_shown(*ports)} {message}")


def _stated_elsewhere(inline: Node, group: Resource) -> Iterator[Result]:
    assembly = group.stack.assembly
    if any(rule.stands_with(group) for rule in rules_naming(group, EGRESS, assembly)):
        return
    undecided = undecided_rules(EGRESS, assembly)
    if undecided:
        message = f"No egress is stated here, and of which group {undecided[0].logical_id} is is not known."
        yield inline.unknown(f"{message} State the egress here.")
    else:
        yield inline.violation("No egress is stated, so CloudFormation lets everything out to everywhere.")


def _egress_lets_out(egress: Resource) -> Iterator[Result]:
    yield from _rule_lets_out(egress.properties)


def _rule_lets_out(rule: Node) -> Iterator[Result]:
    ranges = ranges_of(rule)
    if ranges and _is_all(*ports_of(rule)):
        yield from each(ranges, lambda place: _range_lets_out(rule, place))


def _range_lets_out(rule: Node, place: Node) -> Iterator[Result]:
    if any(map(is_wide, networks_at(place))):
        yield place.violation(f"{_shown(*ports_of(rule))} may go out to {place.shown}.")


def _is_all(protocol: str, first: int, last: int) -> bool:
    """Whether these are all ports; port 0 is none that traffic can have."""
    return protocol in {"tcp", "udp", ALL_PROTOCOLS} and first <= 1 and last >= 65535


RULES = (
    Rule(
        id="TTS-NET-001",
        title="Only 443, and 80 to redirect, is open to the internet, and only on a load balancer",
        why=(
            "What the internet can reach, it attacks. One door that speaks HTTPS, in front of the instances, "
            "can be watched, logged and patched; every other open port is a way around it."
        ),
        source=_HANDBOOK,
        fix=(
            "Use TtsAsgService with access=Access.public() or Access.restricted([…]). In raw CloudFormation, "
            "open tcp 443 (and 80 with a redirect) in the security group of the load balancer, and let the "
            "instances' group take traffic from that group by SourceSecurityGroupId."
        ),
        decides=(
            "Ingress of security groups, inline and as resources, in IPv4, IPv6 and prefix lists of the app. "
            "The internet is any public range wider than /8 (IPv4) or /16 (IPv6), or ranges that together "
            "make one. Open to it may be tcp 443 and tcp 80 alone, each as a rule of its own, in a group "
            "that a load balancer of the app has and nothing else; port 80 counts as redirecting unless a "
            "listener of the app shows otherwise."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox="warn",
        checks={GROUP: _group_opens, INGRESS: _ingress_opens},
    ),
    Rule(
        id="TTS-NET-002",
        title="No remote administration port is open to any address range",
        why=(
            "Nobody logs in to an instance: what changes a system is a deployment, which is reviewed and "
            "recorded. An open SSH, RDP or WinRM port is a back channel, and the first thing that scanners "
            "try."
        ),
        source=(
            "TTS handbook: “There will be no 'back channel' access to AWS resources for systems deployed "
            "into production.”"
        ),
        fix=(
            "Delete the rule. TtsAsgService opens no such port; its logs go to CloudWatch Logs, and an "
            "instance that misbehaves is replaced."
        ),
        decides=(
            "Ingress of security groups, inline and as resources, of tcp, udp or all traffic, that includes "
            "port 22, 3389, 5985 or 5986 and names a CIDR range or prefix list, however narrow."
        ),
        controls=("AC-6", "AC-17", "AC-17(1)", "CM-7", "SC-7"),
        force="M",
        production="block",
        sandbox="warn",
        checks={GROUP: _group_administers, INGRESS: _ingress_administers},
    ),
    Rule(
        id="TTS-NET-003",
        title="What goes out is stated",
        why=(
            "A program that an intruder runs calls home. Where only stated ports lead out, most of them "
            "cannot, and the attempt shows in the flow log. CloudFormation lets everything out unless egress "
            "is stated."
        ),
        source=_HANDBOOK,
        fix=(
            "State it once in TtsSystem(network=NetworkPolicy(outbound=[Flow.https_anywhere()])), from which "
            "TtsAsgService takes its egress. In the CDK, make the group with allow_all_outbound=False and "
            "add what is needed; in CloudFormation, write SecurityGroupEgress with the protocol and port, "
            "such as tcp 443."
        ),
        decides=(
            "A security group without inline egress that no AWS::EC2::SecurityGroupEgress of the app names "
            "under the same condition is a violation, as is a rule, or rules together, that open all ports "
            "to the internet (0.0.0.0/0, ::/0, or as much of it in pieces). The CDK's 255.255.255.255/32 "
            "states that nothing goes out."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox=None,
        checks={GROUP: _group_lets_out, EGRESS: _egress_lets_out},
    ),
)
