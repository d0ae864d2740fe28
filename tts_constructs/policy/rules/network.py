"""Security groups: what they open to the internet, to remote administration, and outwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from tts_constructs import standards
from tts_constructs.policy.aws.cidr import (
    ALL_PORTS,
    ALL_PROTOCOLS,
    Opening,
    Ports,
    addresses,
    first_shared,
    internet_ports,
    is_internet,
    is_wide,
    lies_in,
)
from tts_constructs.policy.aws.load_balancers import (
    CLASSIC_LOAD_BALANCER,
    LISTENER,
    LOAD_BALANCER,
    actions_of,
    listeners_of,
    rules_of,
)
from tts_constructs.policy.aws.security_groups import (
    EGRESS,
    GROUP,
    HOLDERS,
    INGRESS,
    group_rules,
    groups_on,
    holders_of,
    name_of,
    names_on,
    names_peer,
    networks_at,
    place_of_group,
    ports_of,
    ranges_of,
    rules_naming,
    undecided_holders,
    undecided_rules,
)
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import each, settled
from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, Undecided
from tts_constructs.policy.model.rule import Check, Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result, Verdict
from tts_constructs.system_metadata import Environment

HTTP = 80
HTTPS = 443

_WEB_PORTS: tuple[Ports, ...] = (("tcp", HTTP, HTTP), ("tcp", HTTPS, HTTPS))
"""What a load balancer may open to the internet."""

_MOST_RULES = 1000
"""The most rules that EC2 lets one network interface have, in all of its groups."""

_BALANCERS = (LOAD_BALANCER, CLASSIC_LOAD_BALANCER)
_HANDBOOK = (
    'TTS handbook: "Network security settings are set at the VPC level, including what ports IP addresses '
    'EC2 instances can communicate with each other and back out to the internet."'
)


def _each_item(rules: Node, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    yield from each(rules.items(), check)


def _openings(rules: Iterable[Node]) -> Iterator[Opening]:
    for rule in rules:
        with suppress(Undecided):  # the check of the rule itself says so
            for place in ranges_of(rule):
                for network in networks_at(place):
                    yield ports_of(rule), network


def _shown(protocol: str, first: int, last: int) -> str:
    if protocol == ALL_PROTOCOLS:
        return "All traffic"
    if protocol not in {"tcp", "udp"}:
        return f"Protocol {protocol}"
    return f"{protocol} port {first}" if first == last else f"{protocol} from port {first} to {last}"


# TTS-NET-001


def _for_a_sandbox(check: Check) -> Check:
    """The check with the fix that a sandbox needs, which shows nothing to the internet (TTS-SBX-001)."""
    there = fixed_by(check, _SANDBOX_FIX, _SANDBOX_TEMPLATE_FIX)

    def checked(resource: Resource) -> Iterator[Result]:
        return (there if resource.stack.environment is Environment.SANDBOX else check)(resource)

    return checked


_SANDBOX_FIX = (
    "Use TtsAsgService with Access.restricted([…]) or Access.internal(). Or name the ranges from which your "
    "team comes, with `ec2.Peer.ipv4(…)`, and let only the load balancer in to instances, with "
    "`connections.allow_from(…)`. A sandbox shows nothing to the internet without authentication."
)
_SANDBOX_TEMPLATE_FIX = (
    "Name in `CidrIp` the ranges from which your team comes, and let only the load balancer in to instances, "
    "with `SourceSecurityGroupId`. A sandbox shows nothing to the internet without authentication."
)


def _group_opens(group: Resource) -> Iterator[Result]:
    inline = group["SecurityGroupIngress"]
    yield from settled(_each_item(inline, _rule_opens))
    ways, complete = group.stack.assembly.in_any_way(_opened_together, frozenset({group}))
    for ports in dict.fromkeys(ports for way in ways for ports in way):
        yield from _together(inline, group, ports)
    if not complete:
        yield TOO_MANY_WAYS


def _ingress_opens(ingress: Resource) -> Iterator[Result]:
    yield from settled(_rule_opens(ingress.properties))
    place = place_of_group(ingress)
    with suppress(Undecided):  # a range that is wide says so
        group = name_of(place)
        if group and not isinstance(group, Resource):  # one of the app is judged as a whole where it stands
            yield from _adds_to(place, group, ports_of(ingress.properties))


def _adds_to(place: Node, group: Hashable, own: Ports) -> Iterator[Result]:
    """What a rule opens together with others of its group, once: there can be as many such ports as rules."""
    ways, complete = place.stack.assembly.in_any_way(_opened_together, frozenset({group}))
    found = next(filter(None, (first_shared(way, own) for way in ways)), None)
    if found:
        yield from _together(place, group, found)
    if not complete:
        yield TOO_MANY_WAYS


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
    resource = rule.resource
    group = resource if resource.type == GROUP else name_of(place_of_group(resource))
    objection = _objection(resource.stack.assembly, group, ports)
    if objection and undecided:
        yield undecided
    elif objection and objection.verdict == "unknown":
        yield rule.unknown(objection.message)
    elif objection:
        yield place.violation(f"{_shown(*ports)} is open to {place.shown}, the internet. {objection.message}")


def _together(place: Node, group: Hashable, ports: Ports) -> Iterator[Result]:
    objection = _objection(place.stack.assembly, group, ports)
    if objection and objection.verdict == "unknown":
        yield place.unknown(objection.message)
    elif objection:
        yield _opened(place, ports, "", objection)


def _opened(place: Node, ports: Ports, by: str, objection: _Objection) -> Result:
    return place.violation(
        f"{_shown(*ports)} is open{by} to ranges that together are the internet. {objection.message}"
    )


def _opened_together(assembly: Assembly, groups: frozenset[Hashable]) -> tuple[Ports, ...]:
    """The ports that narrow ranges of groups open to the internet together."""
    return tuple(internet_ports(one for group in groups for one in _opened_by(assembly, group)))


def _opened_by(assembly: Assembly, group: Hashable) -> tuple[Opening, ...]:
    """The ports that a group opens to narrow ranges; read once, unless they depend on a choice."""
    ways, complete = assembly.in_any_way(_narrow_openings, group)
    return ways[0] if complete and len(ways) == 1 else _narrow_openings(assembly, group)


def _narrow_openings(assembly: Assembly, group: Hashable) -> tuple[Opening, ...]:
    """The ports that a group opens to narrow ranges; a wide one is found by itself."""
    try:
        rules = group_rules(group, INGRESS, assembly)
    except Undecided:  # the check of the group says so
        return ()
    return tuple(one for one in _openings(rules) if not is_wide(one[1]))


@dataclass(frozen=True)
class _Objection:
    """Why a group may not open ports to the internet, or why that is not known.

    Args:
        verdict: Of a rule that opens them.
        message: As a sentence.
    """

    verdict: Verdict
    message: str


def _objection(assembly: Assembly, group: Hashable, ports: Ports) -> _Objection | None:
    """What speaks against opening ports of a group to the internet; None: nothing does."""
    if ports not in _WEB_PORTS:
        return _NO_WEB_PORT
    found, _ = assembly.in_any_way(_objection_of_holders, (group, ports))
    return next(filter(None, found), None)


_NO_WEB_PORT = _Objection(
    "violation", "Only tcp port 443, and 80 to redirect, may be, and only on a load balancer."
)


def _objection_of_holders(assembly: Assembly, key: tuple[Hashable, Ports]) -> _Objection | None:
    group, ports = key
    holders = holders_of(group, assembly)
    others = [holder for holder in holders if holder.type not in _BALANCERS]
    if others:
        message = f"The group is on {others[0].logical_id} ({others[0].type}), which is no load balancer."
        return _Objection("violation", message)
    if holders:
        return next(filter(None, (_objection_of_balancer(balancer, ports) for balancer in holders)), None)
    undecided = assembly.once(_undecided_balancers)
    if undecided:
        message = f"Whether {undecided[0].logical_id} has the group is not known. Name its groups in the app."
        return _Objection("unknown", message)
    return _Objection("violation", "No load balancer of the app has the group.")


def _undecided_balancers(assembly: Assembly) -> list[Resource]:
    return undecided_holders(assembly, *_BALANCERS)


def _objection_of_balancer(balancer: Resource, ports: Ports) -> _Objection | None:
    if HTTP in ports and _serves_http(balancer):
        message = f"{balancer.logical_id} does more on port 80 than redirect to HTTPS."
        return _Objection("violation", message)
    return None


def _holder_has(holder: Resource) -> Iterator[Result]:
    """What the groups of one resource open together, beside what one of them opens."""
    groups = frozenset(names_on(holder))
    assembly = holder.stack.assembly
    if len(groups) < 2 or not _may_be_wide(assembly, groups):
        return
    place = next(groups_on(holder))
    if sum(len(_opened_by(assembly, group)) for group in groups) > _MOST_RULES:
        yield place.unknown(
            f"Its groups have more than {_MOST_RULES} rules, which is the most that EC2 lets one network "
            "interface have."
        )
        return
    ways, complete = assembly.in_any_way(_opened_together, groups)
    known = [way for group in groups for way in assembly.in_any_way(_opened_together, frozenset({group}))[0]]
    for ports in dict.fromkeys(ports for way in ways for ports in way):
        objection = _objection_of_holder(holder, ports)
        if objection and not any(lies_in(ports, way) for way in known):
            yield _opened(place, ports, " by its groups", objection)
    if not complete:
        yield TOO_MANY_WAYS


def _may_be_wide(assembly: Assembly, groups: frozenset[Hashable]) -> bool:
    """Whether groups could open a port to the internet together, were it one port that all of them open."""
    counts = [assembly.in_any_way(_addresses_of, group)[0] for group in groups]
    return is_internet(*(sum(max(way[family] for way in ways) for ways in counts) for family in (0, 1)))


def _addresses_of(assembly: Assembly, group: Hashable) -> tuple[int, int]:
    return addresses(network for _, network in _opened_by(assembly, group))


def _objection_of_holder(holder: Resource, ports: Ports) -> _Objection | None:
    if ports not in _WEB_PORTS:
        return _NO_WEB_PORT
    if holder.type in _BALANCERS:
        return _objection_of_balancer(holder, ports)
    return _Objection("violation", "It is no load balancer.")


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
    ports = [str(port) for port in standards.ADMIN_PORTS if first <= port <= last]
    if ports and protocol in {"tcp", "udp", ALL_PROTOCOLS}:
        for place in ranges:
            opened = f"{_shown(protocol, first, last)} is open to {place.shown}"
            yield place.violation(f"{opened}, with remote administration (port {', '.join(ports)}).")


# TTS-NET-003

_HALF_OF_PORTS = 32768


def _group_lets_out(group: Resource) -> Iterator[Result]:
    inline = group["SecurityGroupEgress"]
    rules = inline.items()
    if not rules:
        yield from _stated_elsewhere(inline, group)
    yield from each(rules, _rule_lets_out)
    yield from _let_out(inline, group)


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
    yield from settled(_rule_lets_out(egress.properties))
    place = place_of_group(egress)
    with suppress(Undecided):  # rules of a group that is not known are judged alone
        group = name_of(place)
        if group and not isinstance(group, Resource):  # one of the app is judged as a whole where it stands
            yield from _let_out(place, group)


def _rule_lets_out(rule: Node) -> Iterator[Result]:
    ranges = ranges_of(rule)
    if ranges and _are_most(ports_of(rule)):
        yield from each(ranges, lambda place: _range_lets_out(rule, place))


def _range_lets_out(rule: Node, place: Node) -> Iterator[Result]:
    if any(map(is_wide, networks_at(place))):
        yield place.violation(f"{_shown(*ports_of(rule))} may go out to {place.shown}.")


def _let_out(place: Node, group: Hashable) -> Iterator[Result]:
    ways, complete = place.stack.assembly.in_any_way(_let_out_together, group)
    for protocol in dict.fromkeys(protocol for way in ways for protocol in way):
        shown = _shown(protocol, *ALL_PORTS) if protocol == ALL_PROTOCOLS else f"Most of {protocol}"
        yield place.violation(f"{shown} may go out to ranges that together are the internet.")
    if not complete:
        yield TOO_MANY_WAYS


def _let_out_together(assembly: Assembly, group: Hashable) -> tuple[str, ...]:
    """The protocols of which rules let most ports out together; a rule that does it alone says so itself."""
    openings: list[Opening] = []
    with suppress(Undecided):
        openings += _openings(group_rules(group, EGRESS, assembly))
    together = internet_ports(one for one in openings if not (_are_most(one[0]) and is_wide(one[1])))
    let_out: Counter[str] = Counter()
    for protocol, first, last in together:
        let_out[protocol] += last - first + 1
    return tuple(
        protocol for protocol, count in let_out.items() if _has_ports(protocol) and count > _HALF_OF_PORTS
    )


def _are_most(ports: Ports) -> bool:
    """Whether ports leave out fewer than half of all."""
    protocol, first, last = ports
    return _has_ports(protocol) and last - first + 1 > _HALF_OF_PORTS


def _has_ports(protocol: str) -> bool:
    return protocol in {"tcp", "udp", ALL_PROTOCOLS}


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
            "Use TtsAsgService with Access.restricted([…]) or, in production, Access.public(). Or remove "
            "the rule, open `ec2.Port.tcp(443)` in the security group of the load balancer alone, and let "
            "the load balancer in with `connections.allow_from(…)`. Port 80 may redirect to HTTPS there, "
            "as with `add_redirect()`."
        ),
        template_fix=(
            "Open tcp 443 (and 80, where the listener redirects) in the security group of the load balancer "
            "alone, and let the group of the instances take traffic from that group with "
            "`SourceSecurityGroupId`."
        ),
        decides=(
            "Ingress of security groups, inline and as resources, in IPv4, IPv6 and prefix lists of the app. "
            "The internet is any ranges that together hold more of its addresses than one /8 of IPv4 or one "
            "/16 of IPv6, at one port, in one group or in the groups of one resource. Open to it may be "
            "tcp 443 and tcp 80 alone, each as a rule of its own, in a group that a load balancer of the "
            "app has and nothing else, whatever their conditions; port 80 counts as redirecting unless a "
            "listener of the app shows otherwise."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox="warn",
        checks={
            GROUP: _for_a_sandbox(_group_opens),
            INGRESS: _for_a_sandbox(_ingress_opens),
            **dict.fromkeys(HOLDERS, _for_a_sandbox(_holder_has)),
        },
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
            "Remove the rule. Nobody needs the port: logs go to CloudWatch Logs, and an instance that "
            "misbehaves is replaced, as with TtsAsgService."
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
            "TtsAsgService takes its egress. Or make the group with `allow_all_outbound=False`, and add what "
            "is needed, such as `add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))`."
        ),
        template_fix=(
            "Write `SecurityGroupEgress` with the protocol and port that are needed, such as "
            "`IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0`."
        ),
        decides=(
            "A security group without inline egress that no AWS::EC2::SecurityGroupEgress of the app names "
            "under the same condition is a violation, as is a rule, or rules together, that open more than "
            "half of the ports to the internet (see TTS-NET-001). The CDK's 255.255.255.255/32 states that "
            "nothing goes out."
        ),
        controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
        force="M",
        production="block",
        sandbox=None,
        checks={GROUP: _group_lets_out, EGRESS: _egress_lets_out},
    ),
)
