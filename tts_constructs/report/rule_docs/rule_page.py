"""The page of a rule: the same in the documentation and in `tts explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tts_constructs.policy.examples import Example
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.result import Verdict
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.rule_docs.example_source import texts
from tts_constructs.report.rule_docs.markup import Block, Heading, Link, Paragraph, Table, Words, Yaml
from tts_constructs.system_metadata import Environment

LEVELS = {"block": "blocks", "warn": "warns", None: "not evaluated"}

_FORCES = {
    "M": "It is a must, of the handbook or of a mandate.",
    "S": "It is a should, of the handbook or of a mandate.",
    "P": "It is good practice.",
}
_VERDICTS = {
    "violation": ("Examples that break it", "Found at"),
    "pass": ("Examples that keep it", ""),
    "unknown": ("Examples that leave it undecided", "Unknown at"),
}


def blocks(rule: Rule, examples: Sequence[Example]) -> Iterator[Block]:
    """Makes the page.

    Args:
        rule: The rule.
        examples: All of its examples.
    """
    yield Heading(1, f"{rule.id}: {rule.title}")
    yield _levels(rule)
    yield Paragraph((_standing(rule),))
    yield from _section("Why", rule.why)
    yield from _section("Source", rule.source)
    yield from _section("How it decides", rule.decides)
    if rule.never_unknown:
        yield Paragraph((f"It is never left undecided. {rule.never_unknown}",))
    yield from _section("What to write instead", rule.fix)
    if rule.template_fix:
        yield Paragraph((f"In a CloudFormation template: {rule.template_fix}",))
    yield Heading(2, "Controls of NIST SP 800-53 rev 5")
    yield Paragraph(_controls(rule))
    shown = list(zip(examples, texts(examples), strict=True))
    for verdict, (heading, place) in _VERDICTS.items():
        of_verdict = [(example, text) for example, text in shown if example.verdict == verdict]
        if of_verdict:
            yield Heading(2, heading)
        for example, text in of_verdict:
            yield from _example(example, text, place)


def _levels(rule: Rule) -> Table:
    verdicts: tuple[Verdict, ...] = ("violation",) if rule.never_unknown else ("violation", "unknown")
    rows = tuple(
        ((verdict,), *((LEVELS[rule.level(environment, verdict)],) for environment in Environment))
        for verdict in verdicts
    )
    return Table(("", *Environment), rows)


def _standing(rule: Rule) -> str:
    waiver = "" if rule.waivable else " It takes no waiver in production."
    return f"{_FORCES[rule.force]}{waiver}"


def _section(heading: str, text: str) -> tuple[Block, Block]:
    return Heading(2, heading), Paragraph((text,))


def _controls(rule: Rule) -> Words:
    words: list[str | Link] = []
    for control in rule.controls:
        title = f" {TITLES[control]}" if control in TITLES else ""
        words += [", ", Link(control, "../controls.md"), title]
    return tuple(words[1:])


def _example(example: Example, text: str, place: str) -> Iterator[Block]:
    yield Heading(3, example.title)
    if example.at:
        level = f" Here it {LEVELS[example.data['level']]}." if "level" in example.data else ""
        yield Paragraph((f"{place} {', '.join(f'`{at}`' for at in example.at)}.{level}",))
    yield Yaml(text)
