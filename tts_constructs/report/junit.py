"""A judgement as JUnit XML, as the CI servers Jenkins and GitLab read it.

What such a server shows as failed is what fails the run: in the suite of a stack, each rule and resource
that blocks is a failed case, and a skipped one where a waiver allows it. What warns passes, and its output
says why. A rule that had something to judge in the stack and found nothing is one case that passes.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tts_constructs.policy.engine import Judgement
from tts_constructs.policy.rule import Finding
from tts_constructs.report import text

_NOT_XML = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


def render(judgement: Judgement) -> str:
    """The judgement, in ASCII so that no console or file can spoil its encoding."""
    passed = {
        judged.stack.name: {rule.id: rule.title for rule in judged.rules} for judged in judgement.stacks
    }
    found = {name: list(group) for name, group in groupby(judgement.findings, lambda each: each.stack)}
    root = Element("testsuites", name="tts")
    for name in passed | found:
        root.append(_suite(name, passed.get(name, {}), found.get(name, [])))
    _count(root)
    indent(root)
    written: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii")


def xml_text(anything: str) -> str:
    r"""The text with each character that XML 1.0 cannot hold, or advises against, written as `\u0007`."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", anything)


def _suite(stack: str, titles: dict[str, str], findings: list[Finding]) -> Element:
    suite = Element("testsuite", name=xml_text(stack))
    for (logical_id, rule_id), group in groupby(findings, lambda each: (each.logical_id, each.rule_id)):
        case = _case(suite, stack, f"{rule_id} {logical_id}".rstrip())
        _outcome(case, list(group))
    broken = {finding.rule_id for finding in findings}
    for rule_id, title in titles.items():
        if rule_id not in broken:
            _case(suite, stack, f"{rule_id} {title}")
    _count(suite)
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _case(suite: Element, stack: str, name: str) -> Element:
    """A case; servers show its class as the suite, and know it again by class and name."""
    return SubElement(suite, "testcase", classname=xml_text(stack), name=xml_text(name))


def _outcome(case: Element, findings: list[Finding]) -> None:
    details = xml_text(_details(findings))
    blocking = next((finding for finding in findings if finding.blocks), None)
    if blocking:
        failure = SubElement(case, "failure", type=blocking.verdict, message=xml_text(blocking.title))
        failure.text = details
    elif any(finding.waiver for finding in findings):
        SubElement(case, "skipped").text = details
    else:
        SubElement(case, "system-out").text = details


def _details(findings: list[Finding]) -> str:
    first = findings[0]
    where = f"{text.place(first)} ({first.resource_type})" if first.resource_type else text.place(first)
    lines = [f"{where}, {first.source}" if first.source else where]
    lines += [text.located(finding) for finding in findings]
    lines.append(f"why: {first.why}")
    lines += dict.fromkeys(f"fix: {finding.fix}" for finding in findings)
    lines += dict.fromkeys(f"waived: {finding.waiver}" for finding in findings if finding.waiver)
    return "\n".join(lines)


def _count(element: Element) -> None:
    cases = element.findall(".//testcase")
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
