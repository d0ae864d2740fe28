"""The HTML report: what it says, and that nothing in it is markup but what is ours."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_constructs.cli.main import tts
from tts_constructs.errors import TtsError
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import add_stack, read_assembly
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS
from tts_constructs.report.formats import html
from tts_constructs.report.formats.html.view_model import MET, NOTHING, Page, page_of
from tts_constructs.report.nist_controls import TITLES

WHEN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]

SERVER = "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {KeyName: ops}}}"


class Markup(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.values: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.values += [value for _, value in attrs if value]

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(judgment: Judgment) -> str:
    return " ".join(Markup(html.render(judgment, when=WHEN)).text.split())


def tallies(page: Page) -> dict[str, str]:
    return {tally.name: tally.verdict for tally in (*page.sections, *page.controls, *page.rules)}


def test_a_finding_shows_all_that_is_known_of_it(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    finding = make_finding(construct_path="Benefits/Web/Resource", source="app.py:42")
    shown = text_of(of(finding))
    for field in ("rule_id", "title", "why", "fix", "construct_path", "location", "message", "source"):
        assert getattr(finding, field) in shown
    assert "CP-10 System Recovery and Reconstitution, SC-36 Distributed Processing and Storage" in shown
    assert "Auto scale groups" in shown


def test_a_fix_that_is_that_of_the_rule_stands_once(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    findings = [make_finding(logical_id=name) for name in ("A", "B")]
    assert text_of(of(*findings)).count("Use TtsAsgService.") == 1


def test_a_fix_of_its_own_stands_with_the_finding(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    findings = [make_finding(logical_id=name) for name in ("A", "B")]
    shown = text_of(of(*findings, make_finding(logical_id="C", fix="Take it out.")))
    assert "Fix: Take it out." in shown


def test_what_the_reader_types_is_code_in_a_fix(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    for fix, shown in (
        ("Write `a=<b>` & `c`.", "Write <code>a=&lt;b&gt;</code> &amp; <code>c</code>."),
        ("Take <i> out.", "Take &lt;i&gt; out."),
        ("Take ` out.", "Take ` out."),
    ):
        assert shown in html.render(of(make_finding(fix=fix)), when=WHEN)


@pytest.mark.parametrize(
    ("changes", "headline", "rest"),
    [
        ({}, "1 finding blocks", "0 more warn, 0 waived."),
        ({"level": "warn"}, "Nothing blocks", "1 more warn, 0 waived."),
        ({"waiver": "allowed"}, "Nothing blocks", "0 more warn, 1 waived."),
    ],
)
def test_the_headline_counts_what_blocks(
    changes: dict[str, Any], headline: str, rest: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    shown = text_of(of(make_finding(**changes)))
    assert f"TTS guardrails: {headline}" in shown
    assert rest in shown


def test_the_page_says_when_and_what_was_judged(of: JudgmentMaker) -> None:
    assert "3 resources in 1 template judged by version" in text_of(of())
    assert "2026-03-04 at 05:06 UTC" in text_of(of())


def test_an_unknown_verdict_is_told(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    item = '<span class="badge unknown">'
    assert item in html.render(of(make_finding(verdict="unknown")), when=WHEN)
    assert item not in html.render(of(make_finding()), when=WHEN)


def test_a_waiver_stands_with_what_it_covers(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    waiver = "allowed by A. Person until 2026-12-31 (OPS-1): moving"
    page = page_of(of(*(make_finding(logical_id=name, waiver=waiver) for name in ("A", "B"))), WHEN)
    (told,) = page.waivers
    assert (told.text, told.places) == (waiver, ("Benefits/A", "Benefits/B"))
    assert waiver in text_of(of(make_finding(waiver=waiver)))


def test_what_blocks_stands_before_what_warns(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(
        make_finding(rule_id="TTS-A", level="warn"),
        make_finding(rule_id="TTS-B", waiver="allowed"),
        make_finding(rule_id="TTS-C"),
    )
    assert [group.rule_id for group in page_of(judgment, WHEN).groups] == ["TTS-C", "TTS-A", "TTS-B"]


@pytest.mark.parametrize(
    ("changes", "of_rules", "of_control"),
    [
        ([{}, {"level": "warn"}, {"waiver": "w"}], BLOCKS, BLOCKS),
        ([{"level": "warn"}, {"waiver": "w"}], WARNS, WAIVED),
        ([{"waiver": "w"}], WAIVED, WAIVED),
        ([{"level": "warn"}], WARNS, MET),
    ],
)
def test_rules_and_sections_have_the_worst_verdict_and_a_warning_is_no_failure_of_a_control(
    changes: list[dict[str, Any]],
    of_rules: str,
    of_control: str,
    of: JudgmentMaker,
    make_finding: FindingMaker,
) -> None:
    found = tallies(page_of(of(*(make_finding(**change) for change in changes)), WHEN))
    assert (found["Auto scale groups"], found["TTS-EC2-001"], found["SC-36"]) == (
        of_rules, of_rules, of_control,
    )  # fmt: skip


def test_a_rule_is_met_and_a_control_has_no_failed_check(judged: Callable[..., Judgment]) -> None:
    text = "Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {EnableKeyRotation: true}}}"
    page = page_of(judged(text, rules="TTS-KMS-001"), WHEN)
    found = tallies(page)
    assert page.words[found["TTS-KMS-001"]] == "Met"
    assert page.control_words[found["SC-28"]] == "No failed check"
    assert page.control_words[found["AC-17"]] == "Nothing to judge"
    shown = html.render(judged(text, rules="TTS-KMS-001"), when=WHEN)
    badge = '</th><td><span class="badge met">'
    assert f"SC-28 <small>Protection of Information at Rest</small>{badge}No failed check<" in shown
    title = "KMS keys must rotate, and their policies must limit who can use them"
    assert f"TTS-KMS-001 <small>{title}</small>{badge}Met<" in shown


def test_a_control_has_its_title_and_one_of_an_organization_has_none(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    page = page_of(of(make_finding(controls=("MP-4",))), WHEN)
    abouts = {tally.name: tally.about for tally in page.controls}
    assert abouts.items() >= {"SC-7": TITLES["SC-7"], "MP-4": ""}.items()


def test_every_rule_is_named_with_its_title_and_a_link_to_its_verdict(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    page = html.render(of(make_finding(waiver="w"), make_finding(rule_id="ACME-001", title="X")), when=WHEN)
    anchors = set(re.findall(r'id="(rule-[^"]+)"', page))
    links = re.findall(r'href="#(rule-([^"]+))">([^<]+)</a> ([^<:]+)', page)
    titles = {rule.id: rule.title for rule in catalog()} | {"ACME-001": "X"}
    assert {f"rule-{rule_id}" for rule_id in titles} == anchors
    for anchor, rule_id, name, title in links:
        assert anchor in anchors
        assert name == rule_id
        assert Markup(title).text.strip() == titles[rule_id]
    assert len({name for _, name, _, _ in links}) == len(titles)


def test_a_stack_whose_findings_are_all_waived_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(SERVER, encoding="utf-8")
    assembly = read_assembly([Path("app.yaml")])
    judgment = judge(assembly, [rule for rule in catalog() if rule.id == "TTS-ACC-001"])
    (finding,) = judgment.findings
    waived = replace(judgment, findings=(replace(finding, waiver="w"),))
    assert [stack.verdict for stack in page_of(judgment, WHEN).stacks] == [BLOCKS]
    assert [stack.verdict for stack in page_of(waived, WHEN).stacks] == [WAIVED]


def test_a_stack_of_which_no_rule_judged_anything_is_not_met(judged: Callable[..., Judgment]) -> None:
    (stack,) = page_of(judged("Resources: {}", rules="TTS-KMS-001"), WHEN).stacks
    assert stack.verdict == NOTHING


def test_a_rule_that_found_nothing_is_met_and_one_without_a_subject_is_not(
    judged: Callable[..., Judgment],
) -> None:
    text = "Resources: {Web: {Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: {MinSize: 2}}}"
    found = tallies(page_of(judged(text, rules="TTS-ASG-003 TTS-TLS-004"), WHEN))
    assert found["Operating system (OS) baseline"] == WARNS
    assert found["HTTPS Everywhere"] == NOTHING
    text = text.replace("MinSize: 2", "MinSize: 2, MaxInstanceLifetime: 86400")
    assert tallies(page_of(judged(text, rules="TTS-ASG-003"), WHEN))["Operating system (OS) baseline"] == MET


def test_a_finding_of_the_engine_counts_for_its_controls(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    found = tallies(page_of(of(make_finding(rule_id="TTS-ENGINE", controls=("CM-6",))), WHEN))
    assert found["CM-6"] == found["Other mandates and good practice"] == BLOCKS


def test_controls_stand_in_the_order_of_their_numbers(of: JudgmentMaker) -> None:
    names = [tally.name for tally in page_of(of(), WHEN).controls]
    assert names.index("AC-6") < names.index("AC-17") < names.index("AC-17(1)") < names.index("AU-2")


def test_a_stack_says_where_it_comes_from(judged: Callable[..., Judgment]) -> None:
    record = "{version: 1, project: forms, environment: sandbox, commit: 0123456789abcdef, dirty: true}"
    (stack,) = page_of(judged(f"Metadata: {{TTS: {record}}}\n{SERVER}"), WHEN).stacks
    assert (stack.name, stack.project, stack.environment) == ("app", "forms", "sandbox")
    assert stack.commit == "0123456789ab, changed since"
    assert stack.resources == 1


def test_a_finding_names_the_line_of_its_template(judged: Callable[..., Judgment]) -> None:
    assert "source app.yaml:1." in text_of(judged(SERVER, rules="TTS-EC2-001"))


def test_the_same_judgment_at_the_same_time_is_the_same_page(judged: Callable[..., Judgment]) -> None:
    judgment = judged(SERVER)
    assert html.render(judgment, when=WHEN) == html.render(judgment, when=WHEN)


def test_the_page_names_nothing_outside_of_itself(judged: Callable[..., Judgment]) -> None:
    page = html.render(judged(SERVER), when=WHEN)
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#)[^"'\s>]+""", page)
    assert "@import" not in page


def test_the_policy_allows_the_style_and_the_script_of_the_page_alone(of: JudgmentMaker) -> None:
    page = html.render(of(), when=WHEN)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {
        f"'{html._hash(text)}'"
        for tag in ("style", "script")
        for text in re.findall(f"<{tag}>(.*?)</{tag}>", page, re.S)
    } == set(re.findall(r"'sha256-[^']+'", policy))
    assert "style=" not in page


def test_without_jinja_one_line_says_what_to_install(
    of: JudgmentMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    html._template.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(TtsError) as caught:
        html.render(of())
    assert str(caught.value) == (
        "the HTML report: needs Jinja2, which is not installed; run: pip install Jinja2"
    )


def test_the_command_writes_the_report_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(SERVER, encoding="utf-8")
    report = tmp_path / "report.html"
    arguments = ["check", str(tmp_path / "app.yaml"), "--format", "html", "--output", str(report)]
    assert CliRunner().invoke(tts, arguments).exit_code == 1
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='alert(1)",
            "</title></style></script><b>",
            "{{ 7 * 7 }}{% raw %}",
            "]]><!--",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(hostile=HOSTILE)
def test_whatever_names_and_messages_hold_is_text(
    hostile: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    fields = (
        *("title", "logical_id", "resource_type", "stack", "construct_path", "location", "message"),
        *("why", "source", "waiver"),
    )

    def markup(text: str) -> Markup:
        fix = text.replace("`", "")  # what stands in backticks there is code
        finding = make_finding(**dict.fromkeys(fields, f"x{text}"), fix=f"x{fix}", controls=(f"x{text}",))
        return Markup(html.render(of(finding), when=WHEN))

    found = markup(hostile)
    assert found.elements == markup("plain").elements
    assert f"x{hostile}" in found.text
    assert f"x{hostile}" in found.values


@settings(max_examples=40)
@given(hostile=HOSTILE)
def test_whatever_a_template_names_is_text(hostile: str) -> None:
    def markup(text: str) -> Markup:
        assembly = Assembly(Settings())
        named = {"aws:cdk:path": f"App/x{text}"}
        resources = {
            f"x{text}": {"Type": "AWS::S3::Bucket"},
            "Vpc": {"Type": "AWS::EC2::VPC", "Metadata": named},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": f"x{text}"},
            },
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Metadata": named},
        }
        claims = dict.fromkeys(("system", "project", "commit", "data_sensitivity"), f"x{text}")
        add_stack(assembly, {"Metadata": {"TTS": claims}, "Resources": resources}, f"x{text}")
        return Markup(html.render(judge(assembly, []), when=WHEN))

    assert markup(hostile).elements == markup("plain").elements
