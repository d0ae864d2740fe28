"""The page of a rule, in the documentation and in `tts explain`, and its summary on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tts_constructs.policy.examples import GIVEN, Example, given_in
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.result import Verdict
from tts_constructs.policy.rules.builtin import BUILTIN_RULES
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.rule_docs.example_source import texts
from tts_constructs.report.rule_docs.markup import Block, Code, Heading, Link, Paragraph, Table, Words
from tts_constructs.system_metadata import Environment

LEVELS = {"block": "blocks", "warn": "warns", None: "not evaluated"}

_FORCES = {
    "M": "Required by the TTS handbook or a federal mandate.",
    "S": "Recommended by the TTS handbook or a federal mandate.",
    "P": "Good practice.",
}
_VERDICTS = {
    "violation": ("Examples that break it", "Found at"),
    "pass": ("Examples that meet it", ""),
    "unknown": ("Examples that it can't decide", "Undecided at"),
}


def blocks(rule: Rule, examples: Sequence[Example], cdk_example: str = "") -> Iterator[Block]:
    """Makes the page.

    Args:
        rule: The rule.
        examples: All of its examples.
        cdk_example: Python of a CDK app that meets it; empty: there is none.
    """
    yield Heading(1, f"{rule.id}: {rule.title}")
    yield _levels(rule)
    yield Paragraph((f"{_FORCES[rule.force]} ", *_waiver(rule)))
    yield from _section("Why", rule.why)
    yield from _section("Source", rule.source)
    yield from _section("How to fix it", rule.fix)
    yield from _cdk_example(cdk_example)
    if rule.template_fix:
        yield Paragraph((f"In a CloudFormation template: {rule.template_fix}",))
    yield from _section("How it decides", rule.decides)
    if rule.never_unknown:
        yield Paragraph((f"It can always decide. {rule.never_unknown}",))
    yield Heading(2, "Controls of NIST SP 800-53 rev 5")
    yield Paragraph(_controls(rule))
    shown = list(zip(examples, texts(examples), strict=True))
    for verdict, (heading, place) in _VERDICTS.items():
        of_verdict = [(example, text) for example, text in shown if example.verdict == verdict]
        if of_verdict:
            yield Heading(2, heading)
        for example, text in of_verdict:
            yield from _example(example, text, place)


def summary(rule: Rule, cdk_example: str = "") -> Iterator[Block]:
    """Makes what fits on one screen: why, how to fix it, and how to get a waiver.

    Args:
        rule: The rule.
        cdk_example: See `blocks`.
    """
    yield Heading(1, f"{rule.id}: {rule.title}")
    yield Paragraph((f"{_levels_in_words(rule)} {_FORCES[rule.force]}",))
    yield Paragraph((f"{rule.why} Source: {rule.source}",))
    yield from _section("Fix it in a CDK app", rule.fix)
    yield from _cdk_example(cdk_example)
    if rule.template_fix:
        yield from _section("Fix it in a CloudFormation template", rule.template_fix)
    yield Paragraph(("Waivers: ", *_waiver(rule)))


def _levels(rule: Rule) -> Table:
    verdicts: tuple[Verdict, ...] = ("violation",) if rule.never_unknown else ("violation", "unknown")
    rows = tuple(
        ((verdict,), *((LEVELS[rule.level(environment, verdict)],) for environment in Environment))
        for verdict in verdicts
    )
    return Table(("", *Environment), rows)


def _levels_in_words(rule: Rule) -> str:
    by_level: dict[str, list[str]] = {}
    for environment in Environment:
        by_level.setdefault(LEVELS[rule.level(environment)], []).append(environment)
    text = "; ".join(f"{level} in {_listed(places)}" for level, places in by_level.items())
    return f"{text[0].upper()}{text[1:]}."


def _listed(words: Sequence[str]) -> str:
    comma = "," if len(words) > 2 else ""
    return f"{comma} and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _waiver(rule: Rule) -> Words:
    if rule in BUILTIN_RULES:
        return ("This can't be waived.",)
    if not rule.waivable:
        return ("This rule can't be waived in production.",)
    page = Link("docs/how-to/waiver.md", "../how-to/waiver.md")
    return ("TTS Infrastructure can approve a waiver: see ", page, ".")


def _section(heading: str, text: str) -> tuple[Block, Block]:
    return Heading(2, heading), Paragraph((text,))


def _cdk_example(source: str) -> Iterator[Block]:
    if not source:
        return
    given = [f"`{name}` is {GIVEN[name]}" for name in given_in(source)]
    yield Paragraph((f"This meets the rule{f' ({_listed(given)})' if given else ''}:",))
    yield Code(source, "python")


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
    yield Code(text)
