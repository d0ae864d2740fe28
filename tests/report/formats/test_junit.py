"""JUnit XML: valid by Jenkins' schema, and what a CI server shows of it."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.report.formats import junit

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "data" / "jenkins-junit.xsd")

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]

BAD = """\
Resources:
  Web:
    Type: AWS::EC2::Instance
  Api:
    Type: AWS::EC2::Instance
  Key:
    Type: AWS::KMS::Key
    Properties: {EnableKeyRotation: true}
"""


def suites_of(judgment: Judgment) -> list[ET.Element]:
    """The suites of the document, once it is valid."""
    document = junit.render(judgment)
    SCHEMA.validate(document)
    return ET.fromstring(document).findall("testsuite")  # noqa: S314 - we have just written it


def case_of(judgment: Judgment) -> ET.Element:
    (suite,) = suites_of(judgment)
    (case,) = suite
    return case


def test_each_finding_that_blocks_is_a_failed_case(judged: JudgmentMaker) -> None:
    (suite,) = suites_of(judged(BAD, rules="TTS-EC2-001 TTS-KMS-001"))
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["TTS-EC2-001 Api", "TTS-EC2-001 Web"]


def test_a_rule_that_found_nothing_is_one_case_that_passes(judged: JudgmentMaker) -> None:
    (suite,) = suites_of(judged(BAD, rules="TTS-EC2-001 TTS-KMS-001"))
    passed = [case for case in suite if len(case) == 0]
    (case,) = passed
    assert (case.get("name") or "").startswith("TTS-KMS-001 ")


def test_a_stack_that_states_an_absence_is_a_valid_suite(judged: JudgmentMaker) -> None:
    (suite,) = suites_of(
        judged(BAD.replace("Instance\n", "Instance\n    Metadata: {TTS: {no_alarms: a trial}}\n", 1))
    )
    assert len(suite.findall("properties/property")) == 1


def test_a_rule_with_nothing_to_judge_is_no_case(judged: JudgmentMaker) -> None:
    (suite,) = suites_of(judged(BAD, rules="TTS-EC2-001 TTS-S3-001"))
    assert not [case for case in suite if "TTS-S3-001" in (case.get("name") or "")]


def test_the_suite_of_a_stack_counts_its_cases(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(
        make_finding(logical_id="A"),
        make_finding(logical_id="B", waiver="TICKET-1"),
        make_finding(logical_id="C", level="warn"),
        make_finding(stack="Forms"),
    )
    counts = [
        tuple(suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped"))
        for suite in suites_of(judgment)
    ]
    assert counts == [("Benefits", "3", "1", "0", "1"), ("Forms", "1", "1", "0", "0")]


def test_the_document_counts_all_cases(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    root = ET.fromstring(junit.render(of(make_finding(), make_finding(stack="Forms", level="warn"))))  # noqa: S314 - we have just written it
    assert (root.get("name"), root.get("tests"), root.get("failures")) == ("tts", "2", "1")


def test_a_case_has_its_stack_as_class(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert case_of(of(make_finding(stack="Prod/Benefits"))).get("classname") == "Prod/Benefits"


def test_many_findings_of_a_rule_on_a_resource_are_a_case_each(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (suite,) = suites_of(
        of(
            make_finding(location="A", message="One."),
            make_finding(location="B", message="Two."),
            make_finding(location="B", message="Three."),
        )
    )
    assert [(case.get("name"), (case[0].text or "").split("\n")[1]) for case in suite] == [
        ("TTS-EC2-001 Web A", "A: One."),
        ("TTS-EC2-001 Web B", "B: Two."),
        ("TTS-EC2-001 Web B (2)", "B: Three."),
    ]


def test_a_failure_says_where_what_why_and_what_instead(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (failure,) = case_of(of(make_finding(source="app.py:42", verdict="unknown")))
    assert failure.get("type") == "unknown"
    assert failure.get("message") == "EC2 instances must be launched by an Auto Scaling group"
    assert failure.text == (
        "Benefits/Web (AWS::EC2::Instance), app.py:42\nProperties/ImageId: It is alone.\n"
        "why: Hardware fails.\nfix: Use TtsAsgService."
    )


def test_a_waived_finding_is_a_skipped_case(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    (skipped,) = case_of(of(make_finding(waiver="until March (TICKET-1)")))
    assert skipped.tag == "skipped"
    assert (skipped.text or "").endswith("\nwaived: until March (TICKET-1)")


def test_what_warns_passes_with_an_output(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    (output,) = case_of(of(make_finding(level="warn")))
    assert output.tag == "system-out"
    assert "It is alone." in (output.text or "")


def test_a_finding_about_a_stack_is_named_by_its_rule(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    finding = make_finding(logical_id="", resource_type="", location="")
    assert case_of(of(finding)).get("name") == "TTS-EC2-001"


def test_a_judgment_without_stacks_is_a_valid_document() -> None:
    assert suites_of(Judgment((), 0, 0)) == []


@pytest.mark.parametrize(
    ("character", "written"),
    [
        ("\0", "\\x00"), ("\x1b", "\\x1b"), ("\r", "\\r"), ("\x9f", "\\x9f"), ("\ufffe", "\\ufffe"),
        ("\ud800", "\\ud800"), ("\t", "\\t"), ("\n", "\\n"), ("😀", "😀"), ("<&>'\"]]>", "<&>'\"]]>"),
    ],
)  # fmt: skip
def test_what_xml_cannot_hold_is_written_as_an_escape(
    character: str, written: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (failure,) = case_of(of(make_finding(message=f"It is {character}.")))
    assert f"It is {written}." in (failure.text or "")


@given(stack=st.text(), logical_id=st.text(), title=st.text(), message=st.text())
def test_any_finding_is_read_back_as_it_was(
    of: JudgmentMaker, make_finding: FindingMaker, stack: str, logical_id: str, title: str, message: str
) -> None:
    finding = make_finding(stack=stack, logical_id=logical_id, title=title, message=message)
    document = junit.render(of(finding))
    assert document.isascii()
    SCHEMA.validate(document)
    (case,) = ET.fromstring(document).findall("testsuite/testcase")  # noqa: S314 - we have just written it
    assert case.get("classname") == junit.xml_text(stack)
    assert case[0].get("message") == junit.xml_text(title)
    assert junit.xml_text(message) in (case[0].text or "")
