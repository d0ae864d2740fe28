"""OSCAL: valid by compliance-trestle, and what an assessor reads in it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trestle.core.validator_factory  # noqa: F401 - the validators import each other, only in this order
from hypothesis import given
from hypothesis import strategies as st
from trestle.core.all_validator import AllValidator
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.component import ComponentDefinition

import tts_constructs
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.review import review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import BaselineSettings, Settings
from tts_constructs.policy.suppressions.baseline import entries_for
from tts_constructs.policy.suppressions.baseline_file import write_baseline
from tts_constructs.report.counts import BLOCKS
from tts_constructs.report.formats import oscal
from tts_constructs.report.formats.html.view_model import page_of
from tts_constructs.report.oscal_document import control_id, in_order
from tts_constructs.report.rule_docs import component_definition

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

BAD = """\
Resources:
  Web:
    Type: AWS::EC2::Instance
  Key:
    Type: AWS::KMS::Key
    Properties: {EnableKeyRotation: true}
"""

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]


def result_of(judgment: Judgment) -> dict[str, Any]:
    (result,) = json.loads(oscal.render(judgment, AT))["assessment-results"]["results"]
    assert isinstance(result, dict)
    return result


def findings_of(judgment: Judgment) -> dict[str, dict[str, Any]]:
    """What the results find of controls, by title."""
    return {finding["title"]: finding for finding in result_of(judgment).get("findings", [])}


def status_of(title: str, judgment: Judgment) -> dict[str, str]:
    status = findings_of(judgment)[title]["target"]["status"]
    assert isinstance(status, dict)
    return status


def props_of(observation: dict[str, Any]) -> list[tuple[str, str]]:
    return [(prop["name"], prop["value"]) for prop in observation["props"]]


def definition() -> dict[str, Any]:
    content = json.loads(component_definition.render(catalog(), AT))["component-definition"]
    assert isinstance(content, dict)
    return content


def each_pair(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, list):
        for item in data:
            yield from each_pair(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key, value
            yield from each_pair(value)


def assert_valid(document: str, model: Any, folder: Path) -> None:
    file = folder / "oscal.json"
    file.write_text(document, encoding="utf-8")
    read = model.oscal_read(file)
    assert read is not None
    assert AllValidator().model_is_valid(read, True, folder)
    pairs = list(each_pair(json.loads(document)))
    known = {value for key, value in pairs if key == "uuid"}
    assert len(known) == sum(key == "uuid" for key, _ in pairs)
    named = {value for key, value in pairs if key.endswith("-uuid")}
    named |= {value[1:] for key, value in pairs if key == "href" and value.startswith("#")}
    assert named <= known


def test_the_results_of_a_judged_template_are_valid(judged: JudgmentMaker, tmp_path: Path) -> None:
    assert_valid(oscal.render(judged(BAD), AT), AssessmentResults, tmp_path)


def test_the_results_with_a_stated_absence_are_valid(judged: JudgmentMaker, tmp_path: Path) -> None:
    stated = "Resources: {Web: {Type: AWS::EC2::Instance, Metadata: {TTS: {no_alarms: a trial}}}}"
    assert_valid(oscal.render(judged(stated), AT), AssessmentResults, tmp_path)


def test_the_results_of_made_up_findings_are_valid(
    of: JudgmentMaker, make_finding: FindingMaker, tmp_path: Path
) -> None:
    judgment = of(
        make_finding(waiver="until March\n(TICKET-1)", source="app.py:42"),
        make_finding(logical_id="", resource_type="", level="warn"),
        make_finding(stack="", logical_id="", rule_id="TTS-WAIVER", verdict="unknown"),
    )
    assert_valid(oscal.render(judgment, AT), AssessmentResults, tmp_path)


def test_the_results_of_a_judgment_of_nothing_are_valid(tmp_path: Path) -> None:
    assert_valid(oscal.render(Judgment((), 0, 0), AT), AssessmentResults, tmp_path)


def test_the_component_definition_is_valid(tmp_path: Path) -> None:
    assert_valid(component_definition.render(catalog(), AT), ComponentDefinition, tmp_path)


@given(
    stack=st.text(),
    logical_id=st.text(),
    message=st.text(),
    waiver=st.text(),
    title=st.text(),
    resource_type=st.text(),
)
def test_any_finding_makes_valid_results(of: JudgmentMaker, make_finding: FindingMaker, **parts: str) -> None:
    finding = make_finding(**parts)
    AssessmentResults.model_validate(json.loads(oscal.render(of(finding), AT))["assessment-results"])


def test_the_same_findings_at_the_same_time_are_the_same_document(judged: JudgmentMaker) -> None:
    assert oscal.render(judged(BAD), AT) == oscal.render(judged(BAD), AT)


def test_another_document_has_another_identifier(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    documents = [
        oscal.render(of(make_finding()), AT),
        oscal.render(of(make_finding(level="warn")), AT),
        oscal.render(of(make_finding()), AT.replace(hour=13)),
    ]
    assert len({json.loads(document)["assessment-results"]["uuid"] for document in documents}) == 3


def test_a_run_has_the_time_of_now_where_none_is_given() -> None:
    before = datetime.now(UTC)
    document = json.loads(oscal.render(Judgment((), 0, 0)))["assessment-results"]
    assert before <= datetime.fromisoformat(document["metadata"]["last-modified"]) <= datetime.now(UTC)


SC_36 = "SC-36 Distributed Processing and Storage"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, ("not-satisfied", "fail")), ({"verdict": "unknown"}, ("not-satisfied", "other"))],
)
def test_a_control_is_not_satisfied_where_something_blocks(
    changes: dict[str, str], status: tuple[str, str], of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    found = status_of(SC_36, of(make_finding(**changes)))
    assert (found["state"], found["reason"]) == status


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "warn"},
        {"level": "warn", "verdict": "unknown"},
        {"waiver": "TICKET-1"},
        {"waiver": "TICKET-1", "level": "warn"},
    ],
)
def test_what_does_not_block_is_an_observation_only(
    changes: dict[str, str], of: JudgmentMaker, make_finding: FindingMaker, tmp_path: Path
) -> None:
    judgment = of(make_finding(**changes))
    assert findings_of(judgment) == {}
    (observation,) = result_of(judgment)["observations"]
    assert ("control", "sc-36") in props_of(observation)
    assert_valid(oscal.render(judgment, AT), AssessmentResults, tmp_path)


def test_no_control_is_ever_called_satisfied(judged: JudgmentMaker) -> None:
    judgment = judged(BAD)
    states = {finding["target"]["status"]["state"] for finding in findings_of(judgment).values()}
    assert states == {"not-satisfied"}
    assert '"satisfied"' not in oscal.render(judgment, AT)


@pytest.mark.parametrize("rules", ["", "TTS-EC2-001 TTS-KMS-001 TTS-CD-003", "TTS-KMS-001"])
def test_a_control_is_not_satisfied_where_the_html_report_says_that_a_check_failed(
    rules: str, judged: JudgmentMaker
) -> None:
    judgment = judged(BAD, rules=rules)
    failed = [tally.name for tally in page_of(judgment, AT).controls if tally.result == BLOCKS]
    assert [title.split()[0] for title in findings_of(judgment)] == failed


def test_one_violation_outweighs_what_is_undecided(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(make_finding(verdict="unknown"), make_finding(logical_id="Api"))
    assert status_of(SC_36, judgment)["reason"] == "fail"


def test_a_finding_names_its_objective_and_the_observations_that_block(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    ports = make_finding(rule_id="TTS-NET-001", controls=("SC-7(5)",))
    warns = make_finding(logical_id="ZZ", controls=("AC-4", "AC-6"), level="warn")
    judgment = of(ports, make_finding(logical_id="Z", controls=("AC-4",)), warns)
    result = result_of(judgment)
    assert [finding["target"]["target-id"] for finding in result["findings"]] == ["ac-4_obj", "sc-7.5_obj"]
    of_ports, of_z, _ = result["observations"]
    for finding, observation in zip(result["findings"], (of_z, of_ports), strict=True):
        assert finding["related-observations"] == [{"observation-uuid": observation["uuid"]}]


def test_a_finding_names_the_rules_that_serve_its_control_by_id_and_title(judged: JudgmentMaker) -> None:
    judgment = judged(BAD, rules="TTS-EC2-001 TTS-CFN-001")
    (rule,) = [rule for rule in catalog() if rule.id == "TTS-EC2-001"]
    found = findings_of(judgment)["CM-2 Baseline Configuration"]
    assert f"{rule.id} {rule.title}" in found["description"]
    assert "TTS-CFN-001 " in found["description"]


def test_a_rule_that_is_met_is_an_observation_of_its_stacks_and_controls(
    judged: JudgmentMaker, tmp_path: Path
) -> None:
    judgment = judged(BAD, rules="TTS-EC2-001 TTS-KMS-001 TTS-S3-001")
    result = result_of(judgment)
    (met,) = [each for each in result["observations"] if ("verdict", "met") in props_of(each)]
    (rule,) = [rule for rule in catalog() if rule.id == "TTS-KMS-001"]
    assert met["title"] == f"{rule.id} {rule.title}"
    assert {value for name, value in props_of(met) if name == "control"} == set(
        map(control_id, rule.controls)
    )
    (component,) = result["local-definitions"]["components"]
    assert met["subjects"] == [{"subject-uuid": component["uuid"], "type": "component"}]
    assert "as a whole is for its assessor to say" in met["remarks"]
    assert_valid(oscal.render(judgment, AT), AssessmentResults, tmp_path)


def test_a_control_of_an_organization_has_no_title(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert list(findings_of(of(make_finding(controls=("MP-4",))))) == ["MP-4"]


def test_the_selection_says_how_far_it_goes(judged: JudgmentMaker) -> None:
    (selection,) = result_of(judged(BAD))["reviewed-controls"]["control-selections"]
    assert "as a whole is for its assessor to say" in selection["description"]
    (nothing,) = result_of(Judgment((), 0, 0))["reviewed-controls"]["control-selections"]
    assert "No rule had anything to judge" in nothing["description"]


def test_a_document_has_a_title_for_a_person() -> None:
    results = json.loads(oscal.render(Judgment((), 0, 0), AT))["assessment-results"]
    assert results["metadata"]["title"] == "Assessment results of tts check"
    assert definition()["metadata"]["title"].startswith("Component definition of tts-constructs ")


def test_an_observation_says_what_was_seen_where(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    (observation,) = result_of(of(make_finding(source="app.py:42")))["observations"]
    assert observation["title"].startswith("TTS-EC2-001 ")
    assert observation["description"] == "Properties/ImageId: It is alone."
    assert observation["relevant-evidence"] == [{"description": "app.py, line 42"}]
    assert props_of(observation) == [
        ("rule", "TTS-EC2-001"),
        ("verdict", "violation"),
        ("level", "block"),
        ("control", "cp-10"),
        ("control", "sc-36"),
    ]


def test_a_waiver_is_a_risk_whose_deviation_is_approved(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    result = result_of(of(make_finding(waiver="until March (TICKET-1)"), make_finding(logical_id="Api")))
    (risk,) = result["risks"]
    assert risk["status"] == "deviation-approved"
    assert risk["risk-log"]["entries"][0]["description"] == "until March (TICKET-1)"
    (observed,) = risk["related-observations"]
    (waived,) = [each for each in result["observations"] if each["uuid"] == observed["observation-uuid"]]
    assert ("waiver", "until March (TICKET-1)") in props_of(waived)


def test_what_a_baseline_knows_is_a_risk_that_nobody_approved(tmp_path: Path) -> None:
    template = tmp_path / "app.yaml"
    template.write_text(BAD, encoding="utf-8")
    settings = Settings(baseline=BaselineSettings(tmp_path / "tts-baseline.toml"))
    write_baseline(tmp_path / "tts-baseline.toml", entries_for(review(read_assembly([template])).found))
    waivable = [rule for rule in catalog() if rule.waivable]
    judgment = review(read_assembly([template], settings), rules=waivable).judgment
    assert not judgment.blocks
    risks = result_of(judgment)["risks"]
    assert {risk["status"] for risk in risks} == {"open"}
    assert "approved" not in json.dumps(risks[0]["risk-log"])
    assert_valid(oscal.render(judgment, AT), AssessmentResults, tmp_path)


def test_the_stacks_are_components_that_say_their_environment(judged: JudgmentMaker) -> None:
    (component,) = result_of(judged(BAD))["local-definitions"]["components"]
    assert component["title"] == "app"
    assert "production" in component["description"]


def test_each_construct_serves_the_controls_of_the_rules_whose_fix_names_it() -> None:
    served = {
        component["title"]: {
            requirement["control-id"]
            for requirement in component["control-implementations"][0]["implemented-requirements"]
        }
        for component in definition()["components"]
    }
    for construct in component_definition.CONSTRUCTS:
        controls = {c for rule in catalog() if construct in rule.fix for c in rule.controls}
        assert served[construct] == {control_id(control) for control in controls}
    assert served["TtsGuardrails"] == {control_id(c) for rule in catalog() for c in rule.controls}


def test_a_requirement_names_its_rules() -> None:
    bucket = next(each for each in definition()["components"] if each["title"] == "TtsBucket")
    (requirement,) = [
        each
        for each in bucket["control-implementations"][0]["implemented-requirements"]
        if each["control-id"] == "sc-28.1"
    ]
    rules = [rule.id for rule in catalog() if "TtsBucket" in rule.fix and "SC-28(1)" in rule.controls]
    assert [prop["value"] for prop in requirement["props"]] == rules
    assert all(rule in requirement["description"] for rule in rules)


def test_each_component_says_what_it_makes() -> None:
    described = {component["title"]: component["description"] for component in definition()["components"]}
    assert described.items() >= component_definition.CONSTRUCTS.items()
    assert all(text.endswith(".") and len(text.split()) > 5 for text in described.values())


def test_the_components_are_names_of_the_library() -> None:
    assert {component["title"] for component in definition()["components"]} <= set(tts_constructs.__all__)


def test_controls_are_named_and_ordered_as_nist_does() -> None:
    controls = ["SC-7(10)", "AC-17", "SC-7(5)", "SC-7", "AC-6", "AC-6"]
    assert [control_id(control) for control in in_order(controls)] == [
        "ac-6", "ac-17", "sc-7", "sc-7.5", "sc-7.10",
    ]  # fmt: skip


def test_what_is_no_control_is_refused() -> None:
    with pytest.raises(ValueError, match="AC 6 is not written as a control"):
        control_id("AC 6")
