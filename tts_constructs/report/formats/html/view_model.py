"""The content of the HTML report, as data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from tts_constructs._version import __version__
from tts_constructs.policy.engine.judgment import BaselineRecord, JudgedStack, Judgment
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.policy.records.registration import Registration, registrations
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.suppressions.baseline import is_known
from tts_constructs.redaction import redact, redact_contact
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, Effect, effect_of
from tts_constructs.report.formats import text
from tts_constructs.report.formats.html.network_diagram import Picture, picture_of
from tts_constructs.report.formats.html.network_topology import Network, networks_of
from tts_constructs.report.handbook import SECTIONS, section_of
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.source_locations import SourceLocations

State = Effect | Literal["known"]

KNOWN: State = "known"
"""A finding of the baseline: it blocks no longer, and nobody has approved it."""

MET, NOTHING = "met", "nothing"
RESULTS = {
    BLOCKS: "Not met",
    KNOWN: "In baseline",
    WAIVED: "Waived",
    WARNS: "Warning",
    MET: "Met",
    NOTHING: "Nothing to check",
}
"""Results of rules in words, the worst first. `NOTHING`: there was no resource to check."""

CONTROL_RESULTS = {
    BLOCKS: "Failed check",
    KNOWN: "Failed check, in baseline",
    WAIVED: "Failed check, waived",
    MET: "No failed check",
    NOTHING: "Nothing to check",
}
"""Results of controls. A warning isn't a failed check; rules show too little of a control to call it met."""

STATES: tuple[State, ...] = (BLOCKS, KNOWN, WAIVED, WARNS)
"""The kinds of findings, the worst first."""

_ORDER = {result: place for place, result in enumerate(RESULTS)}
_FAILURES: tuple[State, ...] = (BLOCKS, KNOWN, WAIVED)


@dataclass(frozen=True)
class System:
    """A system as its record describes it; empty: the record doesn't say.

    Args:
        environments: The environments that its stacks were judged by.
        claimed: The environment of its record, if it was judged by another one.
        commit: The first characters of the commit.
        dirty: Whether the code had changes that the commit lacks.
    """

    project: str
    name: str
    owner: str
    environments: tuple[str, ...]
    claimed: str
    data_sensitivity: str
    regions: tuple[str, ...]
    repository: str
    commit: str
    dirty: bool
    stacks: tuple[str, ...]


@dataclass(frozen=True)
class Stack:
    """A judged stack."""

    name: str
    environment: str
    region: str
    resources: int
    result: str


@dataclass(frozen=True)
class Tally:
    """The result of a rule, of a section of the handbook, or of a control.

    Args:
        name: Id of the rule or control, or the section's heading.
        about: The title of the rule or control; empty for a section.
        found: Ids of its rules that found something.
        quiet: Ids of its other rules.
        result: A key of `RESULTS`, or of `CONTROL_RESULTS`.
        counts: Findings by what they are.
        controls: Ids of the controls that a rule serves.
    """

    name: str
    about: str
    found: tuple[str, ...]
    quiet: tuple[str, ...]
    result: str
    counts: Counter[State]
    controls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A finding as the page shows it. `fix` is empty where it is that of the rule."""

    finding: Finding
    result: str
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
    result: str
    counts: Counter[State]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Waiver:
    """A waiver that allows findings of a rule.

    Args:
        allowance: Who approved it, until when, and why.
        days_left: Days until its last day; None: the report has only its text.
        places: The findings that it covers.
    """

    rule_id: str
    allowance: Allowance
    days_left: int | None
    places: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """The findings that the app had when it adopted the rules.

    Args:
        record: Who recorded them, and when. What isn't known is None.
        findings: How many there are.
        places: Where they are, by rule.
    """

    record: BaselineRecord
    findings: int
    places: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Flow:
    """A row of the table of flows."""

    source: str
    target: str
    ports: str


@dataclass(frozen=True)
class DrawnNetwork:
    """A network with its picture and the flows of its table."""

    network: Network
    picture: Picture | None
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class Page:
    """The content of the report.

    Args:
        result: Whether the findings stop a deployment: `blocks`, `excepted`, `met`, or `nothing`.
        headline: The same in words.
        summary: What it means, in one or two sentences.
        unregistered: Names of stacks without a record.
        counts: Numbers of findings by what they are.
        rule_counts: Numbers of rules by their results.
        rules: Results of all rules, the worst first.
        failing: Rules that are not met, those with most findings first.
    """

    version: str
    when: datetime
    result: str
    headline: str
    summary: str
    checked: str
    systems: tuple[System, ...]
    unregistered: tuple[str, ...]
    counts: Counter[State]
    rule_counts: Counter[str]
    failing: tuple[Tally, ...]
    waivers: tuple[Waiver, ...]
    baseline: Baseline | None
    absences: tuple[StatedAbsence, ...]
    rules: tuple[Tally, ...]
    controls: tuple[Tally, ...]
    sections: tuple[Tally, ...]
    groups: tuple[Group, ...]
    stacks: tuple[Stack, ...]
    networks: tuple[DrawnNetwork, ...]
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
    counts = _count(findings)
    of_rules = [tallies.of([rule], rule, title, controls) for rule, (title, controls) in rules.items()]
    rule_counts = Counter(tally.result for tally in of_rules)
    failing = [tally for tally in of_rules if tally.result == BLOCKS]
    result, headline, summary = _answer(counts, rule_counts)
    return Page(
        version=__version__,
        when=when.astimezone(UTC),
        result=result,
        headline=headline,
        summary=summary,
        checked=text.judged(judgment),
        systems=tuple(_systems(judgment)),
        unregistered=tuple(
            redact(judged.stack.name)
            for judged in judgment.stacks
            if judged.stack.parent is None and not judged.stack.system_metadata
        ),
        counts=counts,
        rule_counts=rule_counts,
        failing=tuple(sorted(failing, key=lambda tally: (-tally.counts[BLOCKS], tally.name))),
        waivers=_waivers(judgment, when.astimezone(UTC).date()),
        baseline=_baseline(judgment),
        absences=judgment.absences,
        rules=tuple(sorted(of_rules, key=lambda tally: (_ORDER[tally.result], tally.name))),
        controls=tuple(_controls(rules, tallies)),
        sections=tuple(_sections(rules, tallies)),
        groups=_groups(judgment),
        stacks=tuple(_stack(judged, findings) for judged in judgment.stacks),
        networks=_networks(judgment),
        titles=TITLES | {rule: title for rule, (title, _) in rules.items()},
        words=RESULTS,
        control_words=CONTROL_RESULTS,
    )


def state_of(finding: Finding) -> State:
    """Returns what a finding does to a run, and apart from waivers, whether the baseline has it."""
    return KNOWN if is_known(finding) else effect_of(finding)


def _count(findings: Iterable[Finding]) -> Counter[State]:
    return Counter[State](map(state_of, findings))


def _answer(counts: Counter[State], rules: Counter[str]) -> tuple[str, str, str]:
    """Returns the result of the run, its headline, and what it means."""
    excepted = _exceptions(counts)
    if counts[BLOCKS]:
        broken = _number(rules[BLOCKS], "rule is", "rules are")
        found = _number(counts[BLOCKS], "finding", "findings")
        said = f"{broken} not met. {found} must be fixed, or waived if the rule allows it."
        return BLOCKS, "Deployment is blocked", " ".join([said, *excepted])
    if excepted:
        return "excepted", "Nothing blocks, but there are exceptions", " ".join(excepted)
    if not rules.total() - rules[NOTHING]:
        said = "No rule found anything to check. This report says nothing about the system."
        return NOTHING, "Nothing was checked", said
    warned = f", except for warnings of {_number(rules[WARNS], 'rule', 'rules')}" if rules[WARNS] else ""
    return MET, "Nothing blocks", f"Every rule that found something to check is met{warned}."


def _exceptions(counts: Counter[State]) -> list[str]:
    said = []
    if counts[WAIVED]:
        said.append(f"{_number(counts[WAIVED], 'finding is', 'findings are')} waived.")
    if counts[KNOWN]:
        known = _number(counts[KNOWN], "finding is", "findings are")
        said.append(f"{known} in the baseline. Nobody has approved those.")
    return said


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _worst(counts: Counter[State], otherwise: str, states: Iterable[State] = STATES) -> str:
    return next((state for state in states if counts[state]), otherwise)


class _Tallies:
    """Results of rules, alone and together."""

    def __init__(self, judgment: Judgment) -> None:
        self._evaluated = {rule.id for judged in judgment.stacks for rule in judged.rules}
        self._counts: dict[str, Counter[State]] = defaultdict(Counter)
        for finding in judgment.findings:
            self._counts[finding.rule_id][state_of(finding)] += 1

    def of(self, rules: Sequence[str], name: str, about: str = "", controls: tuple[str, ...] = ()) -> Tally:
        """Returns the result of some rules together: that of the worst of them."""
        return self._tally(rules, name, about, controls, STATES)

    def of_control(self, rules: Sequence[str], control: str) -> Tally:
        """Returns the result of a control that some rules serve."""
        return self._tally(rules, control, TITLES.get(control, ""), (), _FAILURES)

    def _tally(
        self, rules: Sequence[str], name: str, about: str, controls: tuple[str, ...], states: Iterable[State]
    ) -> Tally:
        counts = sum((self._counts[rule] for rule in rules), Counter[State]())
        checked = counts or self._evaluated.intersection(rules)
        return Tally(
            name,
            about,
            found=tuple(rule for rule in rules if self._counts[rule]),
            quiet=tuple(rule for rule in rules if not self._counts[rule]),
            result=_worst(counts, MET if checked else NOTHING, states),
            counts=counts,
            controls=controls,
        )


def _systems(judgment: Judgment) -> Iterable[System]:
    if not judgment.stacks:
        return
    environments: dict[str, list[str]] = defaultdict(list)
    for judged in judgment.stacks:
        environments[redact(judged.stack.name)].append(judged.environment)
    for registered in registrations(judgment.stacks[0].stack.assembly):
        yield _system(registered, environments)


def _system(registered: Registration, environments: Mapping[str, list[str]]) -> System:
    """Returns a system with the environments that it was judged by: the settings may overrule its record."""
    judged_by = dict.fromkeys(one for stack in registered.stacks for one in environments.get(stack, ()))
    claimed = redact(registered.environment or "")
    return System(
        project=redact(registered.project or ""),
        name=registered.system or "",
        owner=redact_contact(registered.owner or ""),
        environments=tuple(judged_by),
        claimed="" if claimed in judged_by or not judged_by else claimed,
        data_sensitivity=redact(registered.data_sensitivity or ""),
        regions=registered.regions,
        repository=redact(registered.repository or ""),
        commit=redact(registered.commit or "")[:12],
        dirty=registered.dirty is True,
        stacks=registered.stacks,
    )


def _stack(judged: JudgedStack, findings: Iterable[Finding]) -> Stack:
    counts = _count(finding for finding in findings if finding.stack == judged.stack.name)
    return Stack(
        name=judged.stack.name,
        environment=judged.environment,
        region=judged.stack.region or "",
        resources=judged.resources,
        result=_worst(counts, MET if judged.rules else NOTHING),
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
    return tuple(sorted(groups, key=lambda group: (_ORDER[group.result], group.rule_id)))


def _group(findings: Sequence[Finding], places: SourceLocations) -> Group:
    first = findings[0]
    (fix, _), *_ = Counter(finding.fix for finding in findings).most_common(1)
    counts = _count(findings)
    return Group(
        rule_id=first.rule_id,
        title=first.title,
        why=first.why,
        fix=fix,
        section=section_of(first.rule_id),
        controls=first.controls,
        result=_worst(counts, WARNS),
        counts=counts,
        items=tuple(_item(finding, fix, places) for finding in findings),
    )


def _item(finding: Finding, fix: str, places: SourceLocations) -> Item:
    place = places.of(finding)
    return Item(
        finding=finding,
        result=state_of(finding),
        place=finding.path,
        file=f"{place.file}:{place.line}" if place and place.line else place.file if place else "",
        fix="" if finding.fix == fix else finding.fix,
    )


def _waivers(judgment: Judgment, today: date) -> tuple[Waiver, ...]:
    allowances = {allowance.text: allowance for allowance in judgment.allowances}
    waivers = []
    for (said, rule_id), places in _covered(judgment, WAIVED).items():
        allowance = allowances.get(said, Allowance(said))
        days = (allowance.until - today).days if allowance.until else None
        waivers.append(Waiver(rule_id, allowance, days, places))
    return tuple(waivers)


def _baseline(judgment: Judgment) -> Baseline | None:
    covered = _covered(judgment, KNOWN)
    if not covered:
        return None
    known = sum(state_of(finding) == KNOWN for finding in judgment.findings)
    record = judgment.baseline or BaselineRecord("", known, None, None, None)
    return Baseline(record, known, {rule_id: places for (_, rule_id), places in covered.items()})


def _covered(judgment: Judgment, state: State) -> dict[tuple[str, str], tuple[str, ...]]:
    """Returns the places of the findings of a state, by the text of their waiver and by rule."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in judgment.findings:
        if finding.waiver is not None and state_of(finding) == state:
            places[finding.waiver, finding.rule_id].append(finding.path)
    return {key: tuple(dict.fromkeys(of_key)) for key, of_key in places.items()}


def _networks(judgment: Judgment) -> tuple[DrawnNetwork, ...]:
    if not judgment.stacks:
        return ()
    networks = networks_of(judgment.stacks[0].stack.assembly)
    names = {member.key: f"{member.kind} {member.name}" for network in networks for member in network.members}
    return tuple(
        DrawnNetwork(
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
