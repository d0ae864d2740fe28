"""The HTML report: what it says, and that nothing in it is markup but what is ours."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_constructs.cli.main import tts
from tts_constructs.errors import TtsError
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import BaselineRecord, Judgment
from tts_constructs.policy.loading.reader import add_stack, read_assembly
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings
from tts_constructs.printable import page_text
from tts_constructs.report.counts import BLOCKS, WAIVED, WARNS
from tts_constructs.report.formats import html
from tts_constructs.report.formats.html.view_model import KNOWN, MET, NOTHING, Page, page_of
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.system_metadata import Environment

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
    return {tally.name: tally.result for tally in (*page.sections, *page.controls, *page.rules)}


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


KNOWN_TO_BASELINE = "known since this app adopted the rules (baseline)"


@pytest.mark.parametrize(
    ("changes", "result", "answer"),
    [
        (
            {},
            BLOCKS,
            "Deployment is blocked 1 rule is not met. "
            "1 finding must be fixed, or waived if the rule allows it.",
        ),
        (
            {"level": "warn"},
            MET,
            "Nothing blocks Every rule that found something to check is met, except for warnings of 1 rule.",
        ),
        (
            {"waiver": "allowed"},
            "excepted",
            "Nothing blocks, but there are exceptions 1 finding is waived.",
        ),
        (
            {"waiver": KNOWN_TO_BASELINE},
            "excepted",
            "Nothing blocks, but there are exceptions 1 finding is in the baseline. "
            "Nobody has approved those.",
        ),
    ],
)
def test_the_headline_says_whether_anything_blocks_and_what_was_accepted(
    changes: dict[str, Any], result: str, answer: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    judgment = of(make_finding(**changes))
    assert answer in text_of(judgment)
    assert f'<div class="answer {result}">' in html.render(judgment, when=WHEN)


def test_a_run_in_which_no_rule_had_a_subject_is_not_called_green(judged: Callable[..., Judgment]) -> None:
    judgment = judged("Resources: {}", rules="TTS-KMS-001")
    assert "Nothing was checked" in text_of(judgment)
    assert '<div class="answer nothing">' in html.render(judgment, when=WHEN)


def test_a_run_whose_rules_are_met_says_so(judged: Callable[..., Judgment]) -> None:
    key = "Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {EnableKeyRotation: true}}}"
    assert "Nothing blocks Every rule that found something to check is met." in text_of(
        judged(key, rules="TTS-KMS-001")
    )


def test_the_head_counts_rules_by_result(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(make_finding(), make_finding(logical_id="B"), make_finding(rule_id="TTS-A", level="warn"))
    page = page_of(judgment, WHEN)
    assert page.rule_counts == {BLOCKS: 1, WARNS: 1, NOTHING: len(page.rules) - 2}
    assert "1 Not met 1 Warning 0 Met" in text_of(judgment)


def test_what_fails_is_listed_by_title_with_most_findings_first(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    judgment = of(
        make_finding(rule_id="TTS-A", title="One"),
        *(make_finding(rule_id="TTS-B", title="Two", logical_id=name) for name in "AB"),
        make_finding(rule_id="TTS-C", title="Three", level="warn"),
        make_finding(rule_id="TTS-D", title="Four", waiver="allowed"),
    )
    assert [tally.about for tally in page_of(judgment, WHEN).failing] == ["Two", "One"]
    assert "Two TTS-B CP-10 System Recovery and Reconstitution, SC-36" in text_of(judgment)


def test_the_page_says_when_and_what_was_judged(of: JudgmentMaker) -> None:
    assert "3 resources in 1 template judged by version" in text_of(of())
    assert "2026-03-04 at 05:06 UTC" in text_of(of())


def test_an_unknown_verdict_is_told(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    item = '<span class="badge unknown">'
    assert item in html.render(of(make_finding(verdict="unknown")), when=WHEN)
    assert item not in html.render(of(make_finding()), when=WHEN)


WAIVER = "allowed by A. Person until 2026-12-31 (OPS-1): moving"


def test_a_waiver_is_shown_with_who_approved_it_until_when_and_what_it_covers(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    approved = Allowance(WAIVER, "A. Person", date(2026, 3, 5), "OPS-1", "It moves.")
    found = [make_finding(logical_id=name, waiver=WAIVER) for name in ("A", "B")]
    judgment = replace(of(*found), allowances=(approved,))
    assert (
        "Waivers Waived TTS-EC2-001 EC2 instances must be launched by an Auto Scaling group "
        "Approved by A. Person Last day 2026-03-05 (1 day left) Ticket OPS-1 Reason It moves. "
        "Benefits/A Benefits/B"
    ) in text_of(judgment)


def test_a_waiver_of_which_only_the_text_is_known_is_shown(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (told,) = page_of(of(make_finding(waiver=WAIVER)), WHEN).waivers
    assert (told.rule_id, told.places, told.days_left) == ("TTS-EC2-001", ("Benefits/Web",), None)
    assert WAIVER in text_of(of(make_finding(waiver=WAIVER)))


def test_the_baseline_says_who_recorded_it_and_that_nobody_approved_it(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    recorded = BaselineRecord("tts-baseline.toml", 2, "A. Recorder", date(2026, 2, 1), None)
    found = [make_finding(logical_id=name, waiver=KNOWN_TO_BASELINE) for name in ("A", "B")]
    shown = text_of(replace(of(*found), baseline=recorded))
    assert (
        "these 2 findings when it adopted the rules. They don't block. Nobody has approved them. "
        "Recorded by A. Recorder Recorded on 2026-02-01 Last day none set In baseline TTS-EC2-001"
    ) in shown
    assert "Recorded by not stated" in text_of(of(*found))


def test_more_than_five_places_are_folded(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    found = [make_finding(logical_id=name, waiver=WAIVER) for name in "ABCDEFG"]
    assert "Benefits/E 2 more Benefits/F Benefits/G" in text_of(of(*found))


RECORD = {
    "version": 1,
    "system": "Benefits/System",
    "project": "benefits",
    "environment": "sandbox",
    "owner": "benefits@example.gov",
    "data_sensitivity": "public",
    "repository": "https://git.example.gov/benefits",
    "commit": "0123456789abcdef",
    "dirty": True,
}


def test_the_head_says_which_system_it_is_and_whose(judged: Callable[..., Judgment]) -> None:
    judgment = judged(json.dumps({"Metadata": {"TTS": RECORD}, "Resources": {}}))
    assert (
        "System benefits (Benefits/System) Owner benefits@example.gov Environment sandbox Data public "
        "Region any Commit 0123456789ab, with changes that are not committed "
        "Repository https://git.example.gov/benefits Stacks app"
    ) in text_of(judgment)


def test_the_head_says_what_a_record_lacks(judged: Callable[..., Judgment]) -> None:
    shown = text_of(judged("Metadata: {TTS: {version: 1, environment: production}}\nResources: {}"))
    assert "System not stated (app) Owner not stated" in shown
    assert "No system and no owner stated: app." in text_of(judged("Resources: {}"))


def test_the_head_says_where_the_settings_overrule_a_record(tmp_path: Path) -> None:
    (tmp_path / "app.json").write_text(json.dumps({"Metadata": {"TTS": RECORD}, "Resources": {}}))
    settings = Settings(accounts={"111122223333": Environment.PRODUCTION})
    judgment = judge(read_assembly([tmp_path / "app.json"], settings), [])
    assert "Environment production (its record says sandbox)" in text_of(judgment)


def test_the_head_shows_no_account_id(judged: Callable[..., Judgment]) -> None:
    hidden = {name: f"x 111122223333 {value}" for name, value in RECORD.items() if isinstance(value, str)}
    page = html.render(judged(json.dumps({"Metadata": {"TTS": RECORD | hidden}, "Resources": {}})), when=WHEN)
    assert "x &lt;account&gt; benefits@example.gov" in page
    assert "111122223333" not in page


def test_the_worst_rules_come_first(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(
        make_finding(rule_id="TTS-A", level="warn"),
        make_finding(rule_id="TTS-B", waiver="allowed"),
        make_finding(rule_id="TTS-C"),
        make_finding(rule_id="TTS-D", waiver=KNOWN_TO_BASELINE),
    )
    worst_first = ["TTS-C", "TTS-D", "TTS-B", "TTS-A"]
    assert [group.rule_id for group in page_of(judgment, WHEN).groups] == worst_first
    assert [tally.name for tally in page_of(judgment, WHEN).rules][:4] == worst_first


@pytest.mark.parametrize(
    ("changes", "of_rules", "of_control"),
    [
        ([{}, {"level": "warn"}, {"waiver": "w"}], BLOCKS, BLOCKS),
        ([{"level": "warn"}, {"waiver": "w"}], WAIVED, WAIVED),
        ([{"waiver": "w"}, {"waiver": KNOWN_TO_BASELINE}], KNOWN, KNOWN),
        ([{"waiver": "w"}], WAIVED, WAIVED),
        ([{"level": "warn"}], WARNS, MET),
    ],
)
def test_rules_and_sections_have_the_worst_result_and_a_warning_is_no_failure_of_a_control(
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
    assert page.control_words[found["AC-17"]] == "Nothing to check"
    shown = html.render(judged(text, rules="TTS-KMS-001"), when=WHEN)
    badge = '</th><td><span class="badge met">'
    assert f"SC-28 <span>Protection of Information at Rest</span>{badge}No failed check<" in shown
    title = "KMS keys must rotate, and their policies must limit who can use them"
    assert f"TTS-KMS-001 <span>{title}</span>{badge}Met<" in shown


def test_a_control_has_its_title_and_one_of_an_organization_has_none(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    page = page_of(of(make_finding(controls=("MP-4",))), WHEN)
    abouts = {tally.name: tally.about for tally in page.controls}
    assert abouts.items() >= {"SC-7": TITLES["SC-7"], "MP-4": ""}.items()


def test_a_control_names_its_rules_that_found_something_by_title_and_the_others_by_id(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    page = page_of(of(make_finding()), WHEN)
    (control,) = [tally for tally in page.controls if tally.name == "SC-36"]
    assert control.found == ("TTS-EC2-001",)
    assert "TTS-ASG-001" in control.quiet
    shown = text_of(of(make_finding()))
    assert "EC2 instances must be launched by an Auto Scaling group Nothing found: TTS-" in shown


def test_every_rule_is_named_with_its_title_and_links_lead_to_its_result(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    page = html.render(of(make_finding(waiver="w"), make_finding(rule_id="ACME-001", title="X")), when=WHEN)
    anchors = set(re.findall(r'id="(rule-[^"]+)"', page))
    links = re.findall(r'href="#(rule-([^"]+))">([^<]+)</a>(?: <span class="title">([^<]+))?', page)
    rows = dict(re.findall(r'<tr id="rule-([^"]+)"><th scope="row">.*?<span>([^<]+)</span></th>', page))
    titles = {rule.id: rule.title for rule in catalog()} | {"ACME-001": "X"}
    assert {f"rule-{rule_id}" for rule_id in titles} == anchors
    for anchor, rule_id, name, title in links:
        assert anchor in anchors
        assert name == rule_id
        assert Markup(title).text in ("", titles[rule_id])
    assert {rule_id: Markup(title).text for rule_id, title in rows.items()} == titles


def test_a_stack_whose_findings_are_all_waived_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(SERVER, encoding="utf-8")
    assembly = read_assembly([Path("app.yaml")])
    judgment = judge(assembly, [rule for rule in catalog() if rule.id == "TTS-ACC-001"])
    (finding,) = judgment.findings
    waived = replace(judgment, findings=(replace(finding, waiver="w"),))
    assert [stack.result for stack in page_of(judgment, WHEN).stacks] == [BLOCKS]
    assert [stack.result for stack in page_of(waived, WHEN).stacks] == [WAIVED]


def test_a_stack_of_which_no_rule_judged_anything_is_not_met(judged: Callable[..., Judgment]) -> None:
    (stack,) = page_of(judged("Resources: {}", rules="TTS-KMS-001"), WHEN).stacks
    assert stack.result == NOTHING


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


def test_a_stack_says_by_which_environment_it_was_judged(judged: Callable[..., Judgment]) -> None:
    (stack,) = page_of(judged(f"Metadata: {{TTS: {{environment: sandbox}}}}\n{SERVER}"), WHEN).stacks
    assert (stack.name, stack.environment, stack.resources) == ("app", "sandbox", 1)


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
    assert str(caught.value) == ("the HTML report: needs Jinja2; run: pip install Jinja2")


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


def marked_up(text: str, of: JudgmentMaker, make_finding: FindingMaker) -> Markup:
    """The page of a finding that says a text wherever it says anything."""
    fields = (
        *("title", "logical_id", "resource_type", "stack", "construct_path", "location", "message"),
        *("why", "source", "waiver"),
    )
    fix = text.replace("`", "")  # what is in backticks there is code
    finding = make_finding(**dict.fromkeys(fields, f"x{text}"), fix=f"x{fix}", controls=(f"x{text}",))
    approved = Allowance(f"x{text}", f"x{text}", date(2026, 3, 5), f"x{text}", f"x{text}")
    return Markup(html.render(replace(of(finding), allowances=(approved,)), when=WHEN))


@pytest.fixture(scope="module")
def plain(of: JudgmentMaker, make_finding: FindingMaker) -> Markup:
    """The page of a finding whose text holds nothing hostile."""
    return marked_up("plain", of, make_finding)


@settings(max_examples=60)
@given(hostile=HOSTILE)
def test_whatever_names_and_messages_hold_is_text(
    hostile: str, plain: Markup, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    found = marked_up(hostile, of, make_finding)
    assert found.elements == plain.elements
    assert f"x{page_text(hostile)}" in found.text
    assert f"x{page_text(hostile)}" in found.values


def marked_up_template(text: str) -> Markup:
    """The page of a template that has a text wherever its author can write one."""
    assembly = Assembly(Settings())
    named = {"aws:cdk:path": f"App/x{text}", "TTS": {"no_alarms": f"x{text}"}}
    resources = {
        f"x{text}": {"Type": "AWS::S3::Bucket"},
        "Vpc": {"Type": "AWS::EC2::VPC", "Metadata": named},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": f"x{text}"},
        },
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Metadata": named},
    }
    claims = dict.fromkeys(
        ("system", "project", "owner", "environment", "repository", "commit", "data_sensitivity"), f"x{text}"
    )
    add_stack(assembly, {"Metadata": {"TTS": claims}, "Resources": resources}, f"x{text}")
    return Markup(html.render(judge(assembly, []), when=WHEN))


@pytest.fixture(scope="module")
def plain_template() -> Markup:
    """The page of a template that holds nothing hostile."""
    return marked_up_template("plain")


@settings(max_examples=40)
@given(hostile=HOSTILE)
def test_whatever_a_template_names_is_text(hostile: str, plain_template: Markup) -> None:
    assert marked_up_template(hostile).elements == plain_template.elements
