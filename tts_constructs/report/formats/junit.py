"""A judgment as JUnit XML, as the CI servers Jenkins and GitLab read it.

In the suite of a stack, each finding is a case, so that a server counts what the summary counts. One that
blocks fails, one that a waiver allows is skipped, and one that warns passes, with an output that says why. A
rule that had something to judge in the stack and found nothing is one case that passes. What the stack states
that a resource does without is a property of the suite.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stated_absences import StatedAbsence
from tts_constructs.printable import printable, prose
from tts_constructs.report.counts import BLOCKS, WAIVED, count, effect_of
from tts_constructs.report.formats import text

_NOT_XML = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


def render(judgment: Judgment) -> str:
    """Writes the judgment in ASCII, so that no console or file can spoil its encoding."""
    passed = {judged.stack.name: {rule.id: rule.title for rule in judged.rules} for judged in judgment.stacks}
    found = {name: list(group) for name, group in groupby(judgment.findings, lambda each: each.stack)}
    root = Element("testsuites", name="tts")
    stated: dict[str, list[StatedAbsence]] = defaultdict(list)
    for absence in judgment.absences:
        stated[absence.stack].append(absence)
    for name in passed | found:
        root.append(_suite(name, passed.get(name, {}), found.get(name, []), stated[name]))
    root.set("tests", str(len(root.findall("testsuite/testcase"))))
    root.set("failures", str(count(judgment.findings)[BLOCKS]))
    indent(root)
    written: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii")


def xml_text(anything: str) -> str:
    r"""The text on one line, with what acts, and what XML 1.0 cannot hold or advises against, as `\x07`."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(anything))


def _suite(
    stack: str, titles: dict[str, str], findings: list[Finding], stated: list[StatedAbsence]
) -> Element:
    suite = Element("testsuite", name=xml_text(stack))
    if stated:
        properties = SubElement(suite, "properties")
        for absence in stated:
            value = xml_text(f"{absence.place}: {absence.reason}")
            SubElement(properties, "property", name=f"stated: no {absence.absent}", value=value)
    seen: Counter[str] = Counter()
    for finding in findings:
        name = " ".join(filter(None, (finding.rule_id, finding.logical_id, finding.location)))
        seen[name] += 1
        _outcome(_case(suite, stack, f"{name} ({seen[name]})" if seen[name] > 1 else name), finding)
    broken = {finding.rule_id for finding in findings}
    for rule_id, title in titles.items():
        if rule_id not in broken:
            _case(suite, stack, f"{rule_id} {title}")
    counts = count(findings)
    totals = {
        "tests": len(suite.findall("testcase")),
        "failures": counts[BLOCKS],
        "errors": 0,
        "skipped": counts[WAIVED],
    }
    for name, total in totals.items():
        suite.set(name, str(total))
    return suite


def _case(suite: Element, stack: str, name: str) -> Element:
    """A case; servers show its class as the suite, and know it again by class and name."""
    return SubElement(suite, "testcase", classname=xml_text(stack), name=xml_text(name))


def _outcome(case: Element, finding: Finding) -> None:
    effect = effect_of(finding)
    if effect == BLOCKS:
        outcome = SubElement(case, "failure", type=finding.verdict, message=xml_text(finding.title))
    else:
        outcome = SubElement(case, "skipped" if effect == WAIVED else "system-out")
    outcome.text = "\n".join(map(xml_text, _details(finding)))


def _details(finding: Finding) -> list[str]:
    where = finding.path
    if finding.resource_type:
        where += f" ({finding.resource_type})"
    if finding.source:
        where += f", {finding.source}"
    lines = [where, text.located(finding), f"why: {prose(finding.why)}", f"fix: {prose(finding.fix)}"]
    if finding.waiver:
        lines.append(f"waived: {prose(finding.waiver)}")
    return lines
