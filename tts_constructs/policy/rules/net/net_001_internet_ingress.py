"""TTS-NET-001: Only load balancers may be open to the internet, on port 443 and on port 80 to redirect."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.cidr import (
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
    GROUP,
    INGRESS,
    SECURITY_GROUP_PROPERTIES,
    group_rules,
    groups_on,
    holders_of,
    is_packet_too_big,
    name_of,
    names_on,
    names_peer,
    networks_at,
    place_of_group,
    ports_of,
    ranges_of,
    undecided_holders,
)
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import check_each, stop_at_unknown, with_fix
from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, UnknownValue
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.net._calls import ingress_of_call
from tts_constructs.policy.rules.net._shared import HANDBOOK, each_item, openings_of, show_ports
from tts_constructs.system_metadata import Environment

HTTP = 80
HTTPS = 443

_WEB_PORTS: tuple[Ports, ...] = (("tcp", HTTP, HTTP), ("tcp", HTTPS, HTTPS))
"""The ports that a load balancer may open to the internet."""

_MOST_RULES = 1000
"""The most rules that EC2 allows for one network interface, in all of its groups."""

_BALANCERS = (LOAD_BALANCER, CLASSIC_LOAD_BALANCER)


def _for_a_sandbox(check: Check, resource: Resource) -> Iterator[Result]:
    """Yield the results of a check; in a sandbox, which shows nothing to the internet, with a fix for it."""
    found = check(resource)
    if resource.stack.environment is Environment.SANDBOX:
        return with_fix(found, _SANDBOX_FIX, _SANDBOX_TEMPLATE_FIX)
    return found


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
    yield from stop_at_unknown(each_item(inline, _rule_opens))
    ways, complete = group.stack.assembly.in_any_way(_opened_together, frozenset({group}))
    for ports in dict.fromkeys(ports for way in ways for ports in way):
        yield from _together(inline, group, ports)
    if not complete:
        yield TOO_MANY_WAYS


def _ingress_opens(ingress: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_rule_opens(ingress.properties))
    place = place_of_group(ingress)
    with suppress(UnknownValue):  # a wide range is reported by itself
        group = name_of(place)
        if group and not isinstance(group, Resource):  # a group of the app is judged as a whole
            yield from _adds_to(place, group, ports_of(ingress.properties))


def _adds_to(place: Node, group: Hashable, own: Ports) -> Iterator[Result]:
    """Yield what a rule opens together with others of its group, once: there can be a port for each rule."""
    ways, complete = place.stack.assembly.in_any_way(_opened_together, frozenset({group}))
    found = next(filter(None, (first_shared(way, own) for way in ways)), None)
    if found:
        yield from _together(place, group, found)
    if not complete:
        yield TOO_MANY_WAYS


def _rule_opens(rule: Node) -> Iterator[Result]:
    if not names_peer(rule):
        yield rule.unknown("The rule does not say from where; CloudFormation would refuse it.")
    yield from check_each(ranges_of(rule), lambda place: _range_opens(rule, place))


def _range_opens(rule: Node, place: Node) -> Iterator[Result]:
    undecided = None
    try:
        if not any(map(is_wide, networks_at(place))):
            return
    except UnknownValue as error:
        undecided = error.result
    if is_packet_too_big(rule):
        return
    ports = ports_of(rule)
    resource = rule.resource
    group = resource if resource.type == GROUP else name_of(place_of_group(resource))
    objection = _objection(resource.stack.assembly, group, ports)
    if objection and undecided:
        yield undecided
    elif objection and objection.is_unknown:
        yield rule.unknown(objection.message)
    elif objection:
        yield place.violation(
            f"{show_ports(*ports)} is open to {place.shown}, the internet. {objection.message}"
        )


def _together(place: Node, group: Hashable, ports: Ports) -> Iterator[Result]:
    objection = _objection(place.stack.assembly, group, ports)
    if objection and objection.is_unknown:
        yield place.unknown(objection.message)
    elif objection:
        yield _opened(place, ports, "", objection)


def _opened(place: Node, ports: Ports, by: str, objection: _Objection) -> Result:
    return place.violation(
        f"{show_ports(*ports)} is open{by} to ranges that together are the internet. {objection.message}"
    )


def _opened_together(assembly: Assembly, groups: frozenset[Hashable]) -> tuple[Ports, ...]:
    """Return the ports that narrow ranges of groups open to the internet together."""
    return tuple(internet_ports(one for group in groups for one in _opened_by(assembly, group)))


def _opened_by(assembly: Assembly, group: Hashable) -> tuple[Opening, ...]:
    """Return the ports that a group opens to narrow ranges; read once, unless they depend on a choice."""
    ways, complete = assembly.in_any_way(_narrow_openings, group)
    return ways[0] if complete and len(ways) == 1 else _narrow_openings(assembly, group)


def _narrow_openings(assembly: Assembly, group: Hashable) -> tuple[Opening, ...]:
    """Return the ports that a group opens to narrow ranges; a wide range is reported by itself."""
    try:
        rules = group_rules(group, INGRESS, assembly)
    except UnknownValue:  # the check of the group says so
        return ()
    judged = (rule for rule in rules if not _is_packet_too_big(rule))
    return tuple(one for one in openings_of(judged) if not is_wide(one[1]))


def _is_packet_too_big(rule: Node) -> bool:
    """Return whether a rule is known to be about the message of path MTU discovery alone."""
    try:
        return is_packet_too_big(rule)
    except UnknownValue:
        return False


@dataclass(frozen=True)
class _Objection:
    """Why a group must not open ports to the internet, or why that is not known.

    Args:
        message: As a sentence.
        is_unknown: Whether it is not known.
    """

    message: str
    is_unknown: bool = False


def _objection(assembly: Assembly, group: Hashable, ports: Ports) -> _Objection | None:
    """Return why a group must not open ports to the internet, or None if it may."""
    if ports not in _WEB_PORTS:
        return _NO_WEB_PORT
    found, _ = assembly.in_any_way(_objection_of_holders, (group, ports))
    return next(filter(None, found), None)


_NO_WEB_PORT = _Objection("Only tcp port 443, and 80 to redirect, may be, and only on a load balancer.")


def _objection_of_holders(assembly: Assembly, key: tuple[Hashable, Ports]) -> _Objection | None:
    group, ports = key
    holders = holders_of(group, assembly)
    others = [holder for holder in holders if holder.type not in _BALANCERS]
    if others:
        message = f"The group is on {others[0].logical_id} ({others[0].type}), which isn't a load balancer."
        return _Objection(message)
    if holders:
        return next(filter(None, (_objection_of_balancer(balancer, ports) for balancer in holders)), None)
    undecided = assembly.cached(_undecided_balancers)
    if undecided:
        doubtful = undecided[0].logical_id
        message = f"{doubtful} has groups that are not known, and this may be one. Name them in the app."
        return _Objection(message, is_unknown=True)
    return _Objection("No load balancer of the app has the group.")


def _undecided_balancers(assembly: Assembly) -> list[Resource]:
    return undecided_holders(assembly, *_BALANCERS)


def _objection_of_balancer(balancer: Resource, ports: Ports) -> _Objection | None:
    if HTTP in ports and _serves_http(balancer):
        message = f"{balancer.logical_id} does more on port 80 than redirect to HTTPS."
        return _Objection(message)
    return None


def _holder_has(holder: Resource) -> Iterator[Result]:
    """Yield what the groups of one resource open together, beyond what one of them opens."""
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
    """Return whether groups could open a port to the internet together, if all opened the same port."""
    counts = [assembly.in_any_way(_addresses_of, group)[0] for group in groups]
    return is_internet(*(sum(max(way[family] for way in ways) for ways in counts) for family in (0, 1)))


def _addresses_of(assembly: Assembly, group: Hashable) -> tuple[int, int]:
    return addresses(network for _, network in _opened_by(assembly, group))


def _objection_of_holder(holder: Resource, ports: Ports) -> _Objection | None:
    if ports not in _WEB_PORTS:
        return _NO_WEB_PORT
    if holder.type in _BALANCERS:
        return _objection_of_balancer(holder, ports)
    return _Objection("It isn't a load balancer.")


def _serves_http(balancer: Resource) -> bool:
    """Return whether a listener of the app shows that port 80 is not there only to redirect."""
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
    except UnknownValue:
        return False  # it shows nothing; TTS-TLS-001 judges the listener


def _redirects(answering: Resource) -> bool:
    if answering.type == LISTENER and answering["Protocol"].text() != "HTTP":
        return False
    actions = actions_of(answering).items()
    return bool(actions) and all(
        action["Type"].text() == "redirect" and action.at("RedirectConfig/Protocol").text() == "HTTPS"
        for action in actions
    )


def _call_opens(call: Call, _: str) -> Iterator[Result]:
    rules = list(ingress_of_call(call))
    for ports in internet_ports(openings_of(rule for rule in rules if not _is_packet_too_big(rule))):
        opened = f"{call.name} opens {show_ports(*ports)} to the internet."
        if ports in _WEB_PORTS:
            yield call.place.unknown(f"{opened} It isn't known whether only load balancers have the group.")
        else:
            yield call.place.violation(f"{opened} {_NO_WEB_PORT.message}")
    for place in (place for rule in rules for place in ranges_of(rule)):
        list(networks_at(place))  # raises where a range is not known


RULE = Rule(
    id="TTS-NET-001",
    title="Only load balancers may be open to the internet, on port 443 and on port 80 to redirect",
    why=(
        "Attackers try everything that the internet can reach. A load balancer that serves HTTPS in front "
        "of the instances can be watched, logged, and patched. Every other open port is a way around it."
    ),
    source=HANDBOOK,
    section="VPCs",
    fix=(
        "Use TtsAsgService with Access.restricted([…]) or, in production, Access.public(). Or remove the "
        "rule, open `ec2.Port.tcp(443)` only in the security group of the load balancer, and let the load "
        "balancer in with `connections.allow_from(…)`. Port 80 may redirect to HTTPS there, as with "
        "`add_redirect()`."
    ),
    template_fix=(
        "Open tcp 443 (and 80, if the listener redirects) only in the security group of the load balancer. "
        "Let the group of the instances take traffic from that group with `SourceSecurityGroupId`."
    ),
    decides=(
        "The rule checks ingress of security groups, inline and as resources, in IPv4, IPv6, and prefix "
        "lists of the app. Ranges count as the internet if together they hold more public addresses than "
        "one /8 of IPv4 or one /16 of IPv6, at one port, in one group or in the groups of one resource. "
        "Only tcp 443 and tcp 80 may be open to the internet, each as a rule of its own, in a group that "
        "only load balancers of the app have, whatever their conditions. Port 80 counts as redirecting "
        "unless a listener of the app shows otherwise. The ICMP message of path MTU discovery (type 3 with "
        "code 4, ICMPv6 type 2) may come from anywhere to anything, because AWS recommends it. A call of an "
        "API that opens another port to the internet, or makes a default VPC, breaks the rule. The rule "
        "can't decide about a call that opens 443 or 80."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-NET-001",
        {
            GROUP: partial(_for_a_sandbox, _group_opens),
            INGRESS: partial(_for_a_sandbox, _ingress_opens),
            **dict.fromkeys(SECURITY_GROUP_PROPERTIES, partial(_for_a_sandbox, _holder_has)),
        },
        {"ingress": _call_opens},
    ),
)
