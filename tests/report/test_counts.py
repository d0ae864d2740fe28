"""Every report of a judgment counts alike."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import click
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS, count, effect_of
from tts_constructs.report.formats import github, html, junit, oscal, sarif, text
from tts_constructs.report.formats import json as as_json

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]
WHEN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)

Counts = tuple[int, int, int]
"""How many findings block, warn, and are waived."""


def test_a_finding_does_one_thing(make_finding: FindingMaker) -> None:
    assert effect_of(make_finding()) == BLOCKS
    assert effect_of(make_finding(verdict="unknown")) == BLOCKS
    assert effect_of(make_finding(level="warn")) == WARNS
    assert effect_of(make_finding(waiver="w")) == WAIVED
    assert effect_of(make_finding(level="warn", waiver="w")) == WAIVED


def of_text(judgment: Judgment) -> Counts:
    (said,) = re.findall(r"^.* judged\.$", click.unstyle(text.render(judgment)), re.M)
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (finding|warn|waived)", said)}
    return numbers["finding"], numbers["warn"], numbers.get("waived", 0)


def of_json(judgment: Judgment) -> Counts:
    summary = json.loads(as_json.render(judgment))["summary"]
    return summary["block"], summary["warn"], summary["waived"]


def of_junit(judgment: Judgment) -> Counts:
    root = ET.fromstring(junit.render(judgment))  # noqa: S314 - we have just written it
    assert int(root.get("failures", "")) == len(root.findall(".//failure"))
    for suite in root:
        for name, outcome in (("tests", "."), ("failures", "failure"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(suite.findall(f"testcase/{outcome}"))
    return (
        int(root.get("failures", "")),
        len(root.findall(".//system-out")),
        len(root.findall(".//skipped")),
    )


def of_github(judgment: Judgment) -> Counts:
    *lines, _ = github.render(judgment).split("\n")
    commands = Counter(line.split()[0] for line in lines)
    return commands["::error"], commands["::warning"], commands["::notice"]


def of_html(judgment: Judgment) -> Counts:
    items = re.findall(r'<li data-result="(\w+)', html.render(judgment, when=WHEN))
    return items.count("blocks"), items.count("warns"), items.count("waived")


def of_sarif(judgment: Judgment) -> Counts:
    (run,) = json.loads(sarif.render(judgment))["runs"]
    active = [result for result in run["results"] if not result["suppressions"]]
    levels = Counter(result["level"] for result in active)
    return levels["error"], levels["warning"], len(run["results"]) - len(active)


def of_oscal(judgment: Judgment) -> Counts:
    (result,) = json.loads(oscal.render(judgment, WHEN))["assessment-results"]["results"]
    seen: list[dict[str, Any]] = [
        {prop["name"]: prop["value"] for prop in each["props"]} for each in result.get("observations", [])
    ]
    active = Counter(props["level"] for props in seen if "level" in props and "waiver" not in props)
    return active["block"], active["warn"], sum("waiver" in props for props in seen)


findings = st.lists(
    st.fixed_dictionaries(
        {
            "stack": st.sampled_from(["Benefits", "Forms"]),
            "logical_id": st.sampled_from(["", "Web", "Api"]),
            "rule_id": st.sampled_from(["TTS-EC2-001", "TTS-NET-001"]),
            "location": st.sampled_from(["", "Properties/A", "Properties/B"]),
            "verdict": st.sampled_from(["violation", "unknown"]),
            "level": st.sampled_from(["block", "warn"]),
            "waiver": st.sampled_from([None, "allowed"]),
            "message": st.sampled_from(["One.", "Two."]),
        }
    ),
    max_size=8,
)


@settings(max_examples=25)
@given(changes=findings)
def test_every_report_counts_alike(
    changes: list[dict[str, Any]], of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    judgment = of(*(make_finding(**change) for change in changes))
    counts = count(judgment.findings)
    expected = (counts[BLOCKS], counts[WARNS], counts[WAIVED])
    assert sum(expected) == len(changes)
    for report in (of_text, of_json, of_junit, of_github, of_html, of_sarif, of_oscal):
        assert (report.__name__, report(judgment)) == (report.__name__, expected)


def test_what_the_library_finds_is_counted_alike(judged: JudgmentMaker) -> None:
    judgment = judged(
        "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {KeyName: k}}, B: {Type: AWS::S3::Bucket}}"
    )
    expected = of_json(judgment)
    assert expected[0] > 5
    for report in (of_text, of_junit, of_github, of_html, of_sarif, of_oscal):
        assert (report.__name__, report(judgment)) == (report.__name__, expected)
