"""SARIF: valid by the official schema, and what services make of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import ENGINE
from tts_constructs.report.formats import sarif

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.schema.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)

BAD = """\
Resources:
  Web:
    Type: AWS::EC2::Instance
  Api:
    Type: AWS::EC2::Instance
"""

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]


def run_of(judgment: Judgment) -> dict[str, Any]:
    """The one run of the log, once the log is valid."""
    log = json.loads(sarif.render(judgment))
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def result_of(judgment: Judgment) -> dict[str, Any]:
    (result,) = run_of(judgment)["results"]
    assert isinstance(result, dict)
    return result


def test_a_judged_template_is_a_valid_log(judged: JudgmentMaker) -> None:
    run = run_of(judged(BAD))
    assert {result["ruleId"] for result in run["results"]} >= {"TTS-EC2-001", "TTS-TAG-001"}


def test_a_judgment_without_findings_is_a_valid_log() -> None:
    run = run_of(Judgment((), 0, 0))
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_the_template_is_the_place_where_no_python_is_known(judged: JudgmentMaker) -> None:
    results = run_of(judged(BAD, rules="TTS-EC2-001"))["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert [place["region"]["startLine"] for place in places] == [4, 2]
    assert {place["artifactLocation"]["uri"] for place in places} == {"app.yaml"}


def test_the_python_is_the_place_where_it_is_known(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    finding = make_finding(source="my app/main.py:7", construct_path="Benefits/Web/Resource")
    (location,) = result_of(of(finding))["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20app/main.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "Benefits/Web/Resource"


def test_a_finding_without_a_file_has_its_logical_place(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (location,) = result_of(of(make_finding(logical_id="")))["locations"]
    assert list(location) == ["logicalLocations"]
    assert location["logicalLocations"][0]["name"] == "Benefits"


def test_a_name_that_is_not_unicode_is_a_uri_all_the_same(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (location,) = result_of(of(make_finding(source="caf\udce9.py:1")))["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "caf%E9.py"


@pytest.mark.parametrize(("level", "expected"), [("block", "error"), ("warn", "warning")])
def test_what_blocks_is_an_error(
    level: str, expected: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    assert result_of(of(make_finding(level=level)))["level"] == expected


def test_what_is_undecided_fails_too(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    result = result_of(of(make_finding(verdict="unknown")))
    assert (result["kind"], result["level"]) == ("fail", "error")
    assert result["properties"]["verdict"] == "unknown"


def test_a_waived_finding_is_suppressed_with_its_justification(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    waived = make_finding(waiver="until March (TICKET-1)", logical_id="A")
    results = run_of(of(waived, make_finding(logical_id="B")))["results"]
    assert results[0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "until March (TICKET-1)"}
    ]
    assert results[1]["suppressions"] == []


def test_the_message_says_where_what_and_what_instead(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert result_of(of(make_finding()))["message"]["text"] == (
        "Properties/ImageId: It is alone.\n\nWhat to write instead: Use TtsAsgService."
    )


def test_a_result_says_what_services_have_no_field_for(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert result_of(of(make_finding()))["properties"] == {
        "verdict": "violation",
        "stack": "Benefits",
        "resourceType": "AWS::EC2::Instance",
        "property": "Properties/ImageId",
    }


def test_braces_are_doubled_since_single_ones_are_placeholders(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    text = result_of(of(make_finding(message="It is ${Web}.")))["message"]["text"]
    assert "It is ${{Web}}." in text


def test_a_rule_has_its_help_and_its_controls_as_tags(judged: JudgmentMaker) -> None:
    run = run_of(judged(BAD, rules="TTS-EC2-001"))
    (described,) = run["tool"]["driver"]["rules"]
    rule = next(rule for rule in catalog() if rule.id == "TTS-EC2-001")
    assert described["id"] == rule.id
    assert described["shortDescription"]["text"] == f"{rule.title}."
    assert described["properties"]["tags"] == list(rule.controls)
    assert described["defaultConfiguration"]["level"] == "error"
    for kind in ("text", "markdown"):
        for part in (rule.why, rule.source, rule.decides, rule.fix, rule.template_fix):
            assert part.replace("{", "{{").replace("}", "}}") in described["help"][kind]


def test_each_result_points_to_its_rule(judged: JudgmentMaker) -> None:
    run = run_of(judged(BAD))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_rule_of_the_engine_is_described_too(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    (rule,) = run_of(of(make_finding(rule_id=ENGINE)))["tool"]["driver"]["rules"]
    assert (rule["id"], rule["fullDescription"]["text"]) == (ENGINE, "Hardware fails.")
    assert "Use TtsAsgService." in rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("rule_id", "level", "expected"),
    [
        ("TTS-EC2-001", "block", (True, 1)),
        ("TTS-EC2-001", "warn", (True, 0)),
        (ENGINE, "block", (False, 1)),
    ],
)
def test_the_invocation_says_how_the_run_ended(
    rule_id: str, level: str, expected: tuple[bool, int], of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    (invocation,) = run_of(of(make_finding(rule_id=rule_id, level=level)))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == expected


def test_github_compares_the_same_fingerprint(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    prints = result_of(of(make_finding()))["partialFingerprints"]
    assert prints["primaryLocationLineHash"] == prints["ttsFinding/v1"]


@given(
    stack=st.text(), logical_id=st.text(), message=st.text(), source=st.none() | st.text(), waiver=st.text()
)
def test_any_finding_makes_a_valid_log(
    of: JudgmentMaker,
    make_finding: FindingMaker,
    stack: str,
    logical_id: str,
    message: str,
    source: str | None,
    waiver: str,
) -> None:
    finding = make_finding(
        stack=stack, logical_id=logical_id, message=message, source=source, waiver=waiver or None
    )
    run_of(of(finding, replace(finding, location="Properties/Tags")))
