"""Reports show what a team states that it does without, and why."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.report import formats

TEMPLATE = """
Resources:
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Metadata: {TTS: {no_alarms: "a trial <b>that</b> ends in March"}}
"""
ROWS = """
Resources:
  Data:
    Type: AWS::RDS::DBInstance
    Metadata: {TTS: {row_encryption: {none: "no row is about a person"}}}
"""
REASON = "a trial <b>that</b> ends in March"


def test_the_text_shows_the_reason(judged: Callable[..., Judgment]) -> None:
    report = formats.render(judged(TEMPLATE), "text")
    assert "No alarms\n  at app/Web\n  reason: a trial <b>that</b> ends in March" in report


def test_the_json_holds_the_reason(judged: Callable[..., Judgment]) -> None:
    (absence,) = json.loads(formats.render(judged(TEMPLATE), "json"))["absences"]
    assert absence == {
        "stack": "app",
        "logical_id": "Web",
        "place": "app/Web",
        "absent": "alarms",
        "reason": "a trial <b>that</b> ends in March",
    }


def test_the_html_shows_the_reason(judged: Callable[..., Judgment]) -> None:
    report = formats.render(judged(TEMPLATE), "html")
    assert (
        "<b>No alarms</b> at app/Web</p><p>Reason: a trial &lt;b&gt;that&lt;/b&gt; ends in March<" in report
    )


@pytest.mark.parametrize(("format_", "says"), [("json", '"absences": []'), ("html", "no stated absence.")])
def test_where_none_is_stated_the_report_says_so(
    judged: Callable[..., Judgment], format_: str, says: str
) -> None:
    assert says in formats.render(judged("Resources: {}"), format_)


def test_a_sarif_log_has_a_note_that_is_no_result(judged: Callable[..., Judgment]) -> None:
    (run,) = json.loads(formats.render(judged(TEMPLATE), "sarif"))["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("note", f"No alarms at app/Web, as stated: {REASON}")
    assert note["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "app/Web"


def test_the_suite_of_a_junit_document_has_a_property(judged: Callable[..., Judgment]) -> None:
    document = formats.render(judged(TEMPLATE), "junit")
    suite = ElementTree.fromstring(document).find("testsuite")  # noqa: S314 - we have just written it
    assert suite is not None
    (stated,) = suite.findall("properties/property")
    assert stated.attrib == {"name": "stated: no alarms", "value": f"app/Web: {REASON}"}
    assert suite[0].tag == "properties"
    assert suite.get("tests") == str(len(suite.findall("testcase")))


def test_github_gets_a_notice(judged: Callable[..., Judgment]) -> None:
    first = formats.render(judged(TEMPLATE), "github").splitlines()[0]
    assert first == f"::notice title=Stated%3A no alarms::app/Web%0Areason: {REASON}"


def test_oscal_has_an_observation_of_the_stack(judged: Callable[..., Judgment]) -> None:
    (result,) = json.loads(formats.render(judged(TEMPLATE), "oscal"))["assessment-results"]["results"]
    (stated,) = [one for one in result["observations"] if one["types"] == ["stated-absence"]]
    assert stated["description"] == f"No alarms at app/Web: {REASON}"
    (component,) = result["local-definitions"]["components"]
    assert stated["subjects"] == [{"subject-uuid": component["uuid"], "type": "component"}]


@pytest.mark.parametrize("format_", [one for one in formats.FORMATS if one != "html"])
def test_each_format_shows_why_rows_are_not_encrypted(judged: Callable[..., Judgment], format_: str) -> None:
    report = formats.render(judged(ROWS), format_)
    assert "no row is about a person" in report
    assert "row encryption" in report


@pytest.mark.parametrize("stated", ["{none: ''}", "{none: [x]}", "{some: x}", "x", "[none]"])
def test_row_encryption_without_a_reason_is_no_statement(
    judged: Callable[..., Judgment], stated: str
) -> None:
    assert judged(ROWS.replace('{none: "no row is about a person"}', stated)).absences == ()
