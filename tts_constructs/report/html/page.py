"""What the HTML report says, as data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tts_constructs._version import __version__
from tts_constructs.policy.engine import JudgedStack, Judgement
from tts_constructs.policy.redact import redact
from tts_constructs.policy.rule import Finding
from tts_constructs.policy.rules import catalogue
from tts_constructs.report import text
from tts_constructs.report.handbook import SECTIONS, section_of
from tts_constructs.report.html.picture import Picture, picture_of
from tts_constructs.report.places import Places
from tts_constructs.report.topology import Network, networks_of

BLOCKS, WARNS, WAIVED, KEPT, NOTHING = "blocks", "warns", "waived", "kept", "nothing"
VERDICTS = {
    BLOCKS: "Blocks",
    WARNS: "Warns",
    WAIVED: "Waived",
    KEPT: "Kept",
    NOTHING: "Nothing to judge",
}
"""Verdicts in words, the worst first. `NOTHING`: no rule of it met a resource that it judges."""

_FAMILIES = {
    "AC": "Access Control",
    "AT": "Awareness and Training",
    "AU": "Audit and Accountability",
    "CA": "Assessment, Authorization, and Monitoring",
    "CM": "Configuration Management",
    "CP": "Contingency Planning",
    "IA": "Identification and Authentication",
    "IR": "Incident Response",
    "MA": "Maintenance",
    "MP": "Media Protection",
    "PE": "Physical and Environmental Protection",
    "PL": "Planning",
    "PM": "Program Management",
    "PS": "Personnel Security",
    "PT": "Personally Identifiable Information Processing and Transparency",
    "RA": "Risk Assessment",
    "SA": "System and Services Acquisition",
    "SC": "System and Communications Protection",
    "SI": "System and Information Integrity",
    "SR": "Supply Chain Risk Management",
}
"""Families of controls of NIST SP 800-53 rev 5."""


@dataclass(frozen=True)
class Stack:
    """A stack that was judged, and what its system says of itself; empty: it does not."""

    name: str
    system: str
    project: str
    environment: str
    region: str
    data_sensitivity: str
    commit: str
    resources: int
    verdict: str


@dataclass(frozen=True)
class Tally:
    """The verdict on a section of the handbook, or on a control.

    Args:
        name: Of the section or control.
        about: The family of the control; empty for a section.
        rules: Ids of its rules.
        verdict: A key of `VERDICTS`.
        counts: Findings by verdict.
    """

    name: str
    about: str
    rules: tuple[str, ...]
    verdict: str
    counts: Counter[str]


@dataclass(frozen=True)
class Item:
    """A finding as the page shows it. `fix` is empty where it is that of the rule."""

    finding: Finding
    verdict: str
    place: str
    file: str
    fix: str


@dataclass(frozen=True)
class Group:
    """The findings of one rule."""

    rule_id: str
    title: str
    why: str
    fix: str
    section: str
    controls: tuple[str, ...]
    verdict: str
    counts: Counter[str]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Waiver:
    """A waiver that allows findings: what it says, and what it covers."""

    text: str
    rule_id: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """A row of the table of flows."""

    source: str
    target: str
    ports: str


@dataclass(frozen=True)
class System:
    """A network with its picture and the flows of its table."""

    network: Network
    picture: Picture | None
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class Page:
    """All that the report says. `counts` are findings by verdict."""

    version: str
    when: datetime
    summary: str
    blocks: bool
    counts: Counter[str]
    judged: str
    stacks: tuple[Stack, ...]
    sections: tuple[Tally, ...]
    controls: tuple[Tally, ...]
    groups: tuple[Group, ...]
    waivers: tuple[Waiver, ...]
    systems: tuple[System, ...]
    words: dict[str, str]


def page_of(judgement: Judgement, when: datetime) -> Page:
    """The data of a judgement's page.

    Args:
        judgement: What is reported.
        when: When it was judged.
    """
    findings = judgement.findings
    groups = _groups(judgement)
    by_rule = {group.rule_id: group.counts for group in groups}
    rules = _controls_by_rule(judgement, groups)
    evaluated = {rule.id for judged in judgement.stacks for rule in judged.rules}
    counts = Counter(map(_verdict, findings))
    return Page(
        version=__version__,
        when=when.astimezone(UTC),
        summary=_headline(counts),
        blocks=judgement.blocks,
        counts=counts,
        judged=text.judged(judgement),
        stacks=tuple(map(_stack, judgement.stacks)),
        sections=tuple(_sections(rules, evaluated, by_rule)),
        controls=tuple(_controls(rules, evaluated, by_rule)),
        groups=groups,
        waivers=_waivers(findings),
        systems=_systems(judgement),
        words=VERDICTS,
    )


def _verdict(finding: Finding) -> str:
    if finding.waiver:
        return WAIVED
    return BLOCKS if finding.blocks else WARNS


def _worst(counts: Counter[str], otherwise: str) -> str:
    return next((verdict for verdict in (BLOCKS, WARNS, WAIVED) if counts[verdict]), otherwise)


def _headline(counts: Counter[str]) -> str:
    blocking = counts[BLOCKS]
    if blocking:
        return f"{blocking} finding blocks" if blocking == 1 else f"{blocking} findings block"
    return "Nothing blocks"


def _stack(judged: JudgedStack) -> Stack:
    record = judged.stack.record

    def claim(key: str) -> str:
        value = record.get(key)
        return redact(value) if isinstance(value, str) else ""

    commit = claim("commit")[:12]
    return Stack(
        name=judged.stack.name,
        system=claim("system"),
        project=claim("project"),
        environment=judged.environment,
        region=judged.stack.region or "",
        data_sensitivity=claim("data_sensitivity"),
        commit=f"{commit}, changed since" if commit and record.get("dirty") is True else commit,
        resources=judged.resources,
        verdict=_worst(Counter(_verdict(found.finding) for found in judged.found), KEPT),
    )


def _controls_by_rule(judgement: Judgement, groups: Iterable[Group]) -> dict[str, tuple[str, ...]]:
    """Controls of each rule: of the catalogue, of an organisation as far as evaluated, and of the engine."""
    return (
        {rule.id: rule.controls for rule in catalogue()}
        | {rule.id: rule.controls for judged in judgement.stacks for rule in judged.rules}
        | {group.rule_id: group.controls for group in groups}
    )


def _sections(rules: Iterable[str], evaluated: set[str], by_rule: dict[str, Counter[str]]) -> Iterable[Tally]:
    for section in SECTIONS:
        yield _tally(section, "", [rule for rule in rules if section_of(rule) == section], evaluated, by_rule)


def _controls(
    rules: dict[str, tuple[str, ...]], evaluated: set[str], by_rule: dict[str, Counter[str]]
) -> Iterable[Tally]:
    by_control: dict[str, list[str]] = defaultdict(list)
    for rule, controls in rules.items():
        for control in controls:
            by_control[control].append(rule)
    for control in sorted(by_control, key=_control_order):
        family = _FAMILIES.get(control.partition("-")[0], "")
        yield _tally(control, family, by_control[control], evaluated, by_rule)


def _control_order(control: str) -> tuple[str, list[int]]:
    family, _, number = control.partition("-")
    return family, [
        int(part) for part in number.replace("(", " ").replace(")", " ").split() if part.isdigit()
    ]


def _tally(
    name: str, about: str, rules: list[str], evaluated: set[str], by_rule: dict[str, Counter[str]]
) -> Tally:
    counts = sum((by_rule[rule] for rule in rules if rule in by_rule), Counter[str]())
    kept = KEPT if evaluated.intersection(rules) else NOTHING
    return Tally(name, about, tuple(rules), _worst(counts, kept), counts)


def _groups(judgement: Judgement) -> tuple[Group, ...]:
    places = Places(judgement)
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in judgement.findings:
        by_rule[finding.rule_id].append(finding)
    groups = [_group(findings, places) for findings in by_rule.values()]
    order = list(VERDICTS)
    return tuple(sorted(groups, key=lambda group: (order.index(group.verdict), group.rule_id)))


def _group(findings: Sequence[Finding], places: Places) -> Group:
    first = findings[0]
    (fix, _), *_ = Counter(finding.fix for finding in findings).most_common(1)
    counts = Counter(map(_verdict, findings))
    return Group(
        rule_id=first.rule_id,
        title=first.title,
        why=first.why,
        fix=fix,
        section=section_of(first.rule_id),
        controls=first.controls,
        verdict=_worst(counts, WARNS),
        counts=counts,
        items=tuple(_item(finding, fix, places) for finding in findings),
    )


def _item(finding: Finding, fix: str, places: Places) -> Item:
    place = places.of(finding)
    return Item(
        finding=finding,
        verdict=_verdict(finding),
        place=text.place(finding),
        file=f"{place.file}:{place.line}" if place and place.line else place.file if place else "",
        fix="" if finding.fix == fix else finding.fix,
    )


def _waivers(findings: Iterable[Finding]) -> tuple[Waiver, ...]:
    covered: dict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in findings:
        if finding.waiver:
            covered[finding.waiver, finding.rule_id].append(text.place(finding))
    return tuple(
        Waiver(waiver, rule, tuple(dict.fromkeys(places))) for (waiver, rule), places in covered.items()
    )


def _systems(judgement: Judgement) -> tuple[System, ...]:
    if not judgement.stacks:
        return ()
    networks = networks_of(judgement.stacks[0].stack.assembly)
    names = {member.key: f"{member.kind} {member.name}" for network in networks for member in network.members}
    return tuple(
        System(
            network,
            picture_of(network),
            tuple(
                Flow(
                    names.get(flow.source, flow.source),
                    names.get(flow.target, flow.target),
                    ", ".join(flow.ports),
                )
                for flow in network.flows
            ),
        )
        for network in networks
    )
