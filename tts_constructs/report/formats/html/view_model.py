"""The content of the HTML report, as data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tts_constructs._version import __version__
from tts_constructs.policy.engine.judgment import JudgedStack, Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.policy.rules import catalog
from tts_constructs.redaction import redact
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, Effect, count, effect_of
from tts_constructs.report.formats import text
from tts_constructs.report.formats.html.network_diagram import Picture, picture_of
from tts_constructs.report.formats.html.network_topology import Network, networks_of
from tts_constructs.report.handbook import SECTIONS, section_of
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.source_locations import SourceLocations

MET, NOTHING = "met", "nothing"
VERDICTS = {
    BLOCKS: "Blocks",
    WARNS: "Warns",
    WAIVED: "Waived",
    MET: "Met",
    NOTHING: "Nothing to judge",
}
"""Verdicts on rules in words, the worst first. `NOTHING`: there was no resource to judge."""

CONTROL_VERDICTS = {
    BLOCKS: "Failed check",
    WAIVED: "Failed check, waived",
    MET: "No failed check",
    NOTHING: "Nothing to judge",
}
"""Verdicts on controls. A warning is no failed check; rules show too little of a control to call it met."""


@dataclass(frozen=True)
class Stack:
    """A judged stack, with the record of its system; empty: it has none."""

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
    """The verdict on a rule, on a section of the handbook, or on a control.

    Args:
        name: Id of the rule or control, or the section's heading.
        about: The title of the rule or control; empty for a section.
        rules: Ids of the rules of the section or control.
        verdict: A key of `VERDICTS`, or of `CONTROL_VERDICTS`.
        counts: Findings by what they do.
    """

    name: str
    about: str
    rules: tuple[str, ...]
    verdict: str
    counts: Counter[Effect]


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
    counts: Counter[Effect]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Waiver:
    """A waiver that allows findings, with its text and the findings that it covers."""

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
    """The content of the report. `counts` are numbers of findings by their effect."""

    version: str
    when: datetime
    summary: str
    blocks: bool
    counts: Counter[Effect]
    judged: str
    stacks: tuple[Stack, ...]
    sections: tuple[Tally, ...]
    controls: tuple[Tally, ...]
    rules: tuple[Tally, ...]
    groups: tuple[Group, ...]
    waivers: tuple[Waiver, ...]
    absences: tuple[StatedAbsence, ...]
    systems: tuple[System, ...]
    titles: dict[str, str]
    words: dict[str, str]
    control_words: dict[str, str]


def page_of(judgment: Judgment, when: datetime) -> Page:
    """Collects the data of a judgment's page.

    Args:
        judgment: What is reported.
        when: When it was judged.
    """
    findings = judgment.findings
    rules = _rules(judgment)
    tallies = _Tallies(judgment)
    counts = count(findings)
    return Page(
        version=__version__,
        when=when.astimezone(UTC),
        summary=_headline(counts),
        blocks=judgment.blocks,
        counts=counts,
        judged=text.judged(judgment),
        stacks=tuple(_stack(judged, findings) for judged in judgment.stacks),
        sections=tuple(_sections(rules, tallies)),
        controls=tuple(_controls(rules, tallies)),
        rules=tuple(tallies.of([rule], rule, title) for rule, (title, _) in rules.items()),
        groups=_groups(judgment),
        waivers=_waivers(findings),
        absences=judgment.absences,
        systems=_systems(judgment),
        titles=TITLES | {rule: title for rule, (title, _) in rules.items()},
        words=VERDICTS,
        control_words=CONTROL_VERDICTS,
    )


def _worst(
    counts: Counter[Effect], otherwise: str, effects: Iterable[Effect] = (BLOCKS, WARNS, WAIVED)
) -> str:
    return next((effect for effect in effects if counts[effect]), otherwise)


class _Tallies:
    """Verdicts on rules, alone and together."""

    def __init__(self, judgment: Judgment) -> None:
        self._evaluated = {rule.id for judged in judgment.stacks for rule in judged.rules}
        self._counts: dict[str, Counter[Effect]] = defaultdict(Counter)
        for finding in judgment.findings:
            self._counts[finding.rule_id][effect_of(finding)] += 1

    def of(self, rules: Sequence[str], name: str, about: str = "") -> Tally:
        """Returns the verdict on some rules together: that on the worst of them."""
        counts = self._counted(rules)
        return Tally(name, about, tuple(rules), _worst(counts, self._passed(rules)), counts)

    def of_control(self, rules: Sequence[str], control: str) -> Tally:
        """Returns the verdict on a control that some rules serve."""
        counts = self._counted(rules)
        passed = MET if counts else self._passed(rules)
        verdict = _worst(counts, passed, (BLOCKS, WAIVED))
        return Tally(control, TITLES.get(control, ""), tuple(rules), verdict, counts)

    def _counted(self, rules: Sequence[str]) -> Counter[Effect]:
        return sum((self._counts[rule] for rule in rules), Counter[Effect]())

    def _passed(self, rules: Sequence[str]) -> str:
        return MET if self._evaluated.intersection(rules) else NOTHING


def _headline(counts: Counter[Effect]) -> str:
    blocking = counts[BLOCKS]
    if blocking:
        return f"{blocking} finding blocks" if blocking == 1 else f"{blocking} findings block"
    return "Nothing blocks"


def _stack(judged: JudgedStack, findings: Iterable[Finding]) -> Stack:
    record = judged.stack.system_metadata
    counts = count(finding for finding in findings if finding.stack == judged.stack.name)

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
        verdict=_worst(counts, MET if judged.rules else NOTHING),
    )


def _rules(judgment: Judgment) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Title and controls of each rule of the catalog, of those that were evaluated, and of the engine's."""
    return (
        {rule.id: (rule.title, rule.controls) for rule in catalog()}
        | {rule.id: (rule.title, rule.controls) for judged in judgment.stacks for rule in judged.rules}
        | {finding.rule_id: (finding.title, finding.controls) for finding in judgment.findings}
    )


def _sections(rules: Iterable[str], tallies: _Tallies) -> Iterable[Tally]:
    for section in SECTIONS:
        yield tallies.of([rule for rule in rules if section_of(rule) == section], section)


def _controls(rules: dict[str, tuple[str, tuple[str, ...]]], tallies: _Tallies) -> Iterable[Tally]:
    by_control: dict[str, list[str]] = defaultdict(list)
    for rule, (_, controls) in rules.items():
        for control in controls:
            by_control[control].append(rule)
    for control in sorted(by_control, key=_control_order):
        yield tallies.of_control(by_control[control], control)


def _control_order(control: str) -> tuple[str, list[int]]:
    family, _, number = control.partition("-")
    return family, [
        int(part) for part in number.replace("(", " ").replace(")", " ").split() if part.isdigit()
    ]


def _groups(judgment: Judgment) -> tuple[Group, ...]:
    places = SourceLocations(judgment)
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in judgment.findings:
        by_rule[finding.rule_id].append(finding)
    groups = [_group(findings, places) for findings in by_rule.values()]
    order = list(VERDICTS)
    return tuple(sorted(groups, key=lambda group: (order.index(group.verdict), group.rule_id)))


def _group(findings: Sequence[Finding], places: SourceLocations) -> Group:
    first = findings[0]
    (fix, _), *_ = Counter(finding.fix for finding in findings).most_common(1)
    counts = count(findings)
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


def _item(finding: Finding, fix: str, places: SourceLocations) -> Item:
    place = places.of(finding)
    return Item(
        finding=finding,
        verdict=effect_of(finding),
        place=finding.path,
        file=f"{place.file}:{place.line}" if place and place.line else place.file if place else "",
        fix="" if finding.fix == fix else finding.fix,
    )


def _waivers(findings: Iterable[Finding]) -> tuple[Waiver, ...]:
    covered: dict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in findings:
        if finding.waiver is not None:
            covered[finding.waiver, finding.rule_id].append(finding.path)
    return tuple(
        Waiver(waiver, rule, tuple(dict.fromkeys(places))) for (waiver, rule), places in covered.items()
    )


def _systems(judgment: Judgment) -> tuple[System, ...]:
    if not judgment.stacks:
        return ()
    networks = networks_of(judgment.stacks[0].stack.assembly)
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
