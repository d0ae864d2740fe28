"""Groups findings by rule: a person fixes a rule in all its places, and reads why and how once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BUILTIN_RULES
from tts_constructs.policy.settings.model import BaselineSettings
from tts_constructs.policy.suppressions.baseline import can_be_known, is_known
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, Effect, effect_of

_ORDER: dict[Effect, int] = {BLOCKS: 0, WARNS: 1, WAIVED: 2}


@dataclass(frozen=True)
class RuleFindings:
    """All findings of a rule with one effect, and with one waiver if they are waived.

    Args:
        findings: At least one, in the order of the judgment.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The first finding. What it says about the rule holds for all."""
        return self.findings[0]

    @property
    def rule_id(self) -> str:
        """ID of the rule."""
        return self.first.rule_id

    @property
    def effect(self) -> Effect:
        """The effect of the findings on a run."""
        return effect_of(self.first)

    @property
    def fixes(self) -> tuple[str, ...]:
        """The fix to write: one text, or several if the places differ."""
        return tuple(dict.fromkeys(finding.fix for finding in self.findings))


def by_rule(findings: Iterable[Finding]) -> list[RuleFindings]:
    """Groups findings by rule. What blocks comes first, then warnings, then waived findings.

    Among these, the rule with the most places comes first.
    """
    groups: defaultdict[tuple[Effect, str, str | None], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[effect_of(finding), finding.rule_id, finding.waiver].append(finding)
    return sorted(
        (RuleFindings(tuple(group)) for group in groups.values()),
        key=lambda group: (_ORDER[group.effect], -len(group.findings), group.rule_id),
    )


def of_effect(groups: Iterable[RuleFindings], effect: Effect) -> list[RuleFindings]:
    """Selects the groups with an effect."""
    return [group for group in groups if group.effect == effect]


class SharedPlaces:
    """Properties that several rules are about, such as one that opens port 22.

    Args:
        groups: The findings by rule, in the order in which they are shown.
    """

    def __init__(self, groups: Iterable[RuleFindings]) -> None:
        self._rules: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for group in groups:
            for finding in filter(_is_about_a_part, group.findings):
                self._rules[_place(finding)].append(group.rule_id)

    def also(self, finding: Finding) -> tuple[str, ...]:
        """Returns the rules shown later that are about the same place."""
        rules = list(dict.fromkeys(self._rules.get(_place(finding), ())))
        return tuple(rules[1:]) if rules[:1] == [finding.rule_id] else ()

    def shown_by(self, group: RuleFindings) -> str | None:
        """Returns the rule, shown before, that is about each place of a group; None if none is."""
        shown = [self._rules.get(_place(finding), [group.rule_id])[0] for finding in group.findings]
        return shown[0] if len(set(shown)) == 1 and shown[0] != group.rule_id else None


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.stack, finding.logical_id, finding.location


def _is_about_a_part(finding: Finding) -> bool:
    """Returns True for a part of a property. Rules may share a property as a whole without one cause."""
    return finding.location.count("/") > 1


def baselined(findings: Iterable[Finding]) -> int:
    """Counts the findings that the baseline has."""
    return sum(map(is_known, findings))


@dataclass(frozen=True)
class NextSteps:
    """The next steps for findings that block.

    Args:
        fix_first: The rule to fix first. A rule that no baseline covers goes before the others.
        is_explained: True if `tts explain` knows that rule. It doesn't know those of AWS's validation.
        uncovered: IDs of the rules that block and that no baseline covers.
        can_adopt: True if a baseline could cover some of the findings, and there is none yet.
        names_baseline: True if the settings name a file for it.
    """

    fix_first: RuleFindings
    is_explained: bool
    uncovered: tuple[str, ...]
    can_adopt: bool
    names_baseline: bool


def next_steps(judgment: Judgment, groups: Sequence[RuleFindings]) -> NextSteps | None:
    """Returns what to do next, or None if nothing blocks.

    Args:
        judgment: The judgment.
        groups: Its findings by rule.
    """
    blocking = of_effect(groups, BLOCKS)
    if not blocking:
        return None
    ids = {group.rule_id for group in blocking}
    found = [one for judged in judgment.stacks for one in judged.found if one.finding.rule_id in ids]
    coverable = {one.finding.rule_id for one in found if can_be_known(one)}
    uncovered = tuple(group.rule_id for group in blocking if group.rule_id not in coverable)
    settings = found[0].stack.assembly.settings.baseline if found else BaselineSettings(allowed=False)
    has_one = settings.file is not None and settings.file.exists()
    first = next((group for group in blocking if group.rule_id in uncovered), blocking[0])
    return NextSteps(
        fix_first=first,
        is_explained=any(rule.id == first.rule_id for rule in (*catalog(), *BUILTIN_RULES)),
        uncovered=uncovered,
        can_adopt=bool(coverable) and settings.allowed is not False and not has_one,
        names_baseline=settings.file is not None,
    )
