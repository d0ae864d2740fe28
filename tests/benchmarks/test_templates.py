"""The folder of templates that the commands judge in the benchmarks."""

from pathlib import Path

import pytest

from benchmarks.templates import TEMPLATES, cut, write_templates
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.rules import catalog


def resource(**properties: object) -> dict[str, object]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def test_a_template_has_all_that_its_resources_refer_to() -> None:
    resources = {
        "A": resource(Name={"Fn::Sub": "${B.Arn}/x-${AWS::Region}"}),
        "B": resource(Name={"Fn::GetAtt": ["C", "Arn"]}) | {"DependsOn": ["D"]},
        "C": resource(Name={"Fn::Join": ["", [{"Ref": "E"}, {"Ref": "Parameter"}]]}),
        "D": resource(),
        "E": resource() | {"DependsOn": "F"},
        "F": resource(),
    } | {f"Other{number}": resource() for number in range(30)}
    body = cut({"Resources": resources, "Parameters": {"Parameter": {}}, "Metadata": {"TTS": {}}}, 0)
    assert {"A", "B", "C", "D", "E", "F"} < body["Resources"].keys()
    assert (len(body["Resources"]), body["Parameters"], "Metadata" in body) == (18, {"Parameter": {}}, False)


def test_a_template_goes_on_from_the_first_resource_after_the_last() -> None:
    body = cut({"Resources": {f"R{number}": resource() for number in range(30)}}, 25)
    assert list(body["Resources"]) == [f"R{number}" for number in (*range(13), *range(25, 30))]


def test_a_template_has_no_tags() -> None:
    body = cut({"Resources": {"A": resource(Tags=[], Name="a"), "B": {"Type": "AWS::SNS::Topic"}}}, 0)
    assert body["Resources"] == {"A": resource(Name="a"), "B": {"Type": "AWS::SNS::Topic"}}


@pytest.mark.slow
def test_a_hundred_templates_have_two_findings_for_each_resource(tmp_path: Path) -> None:
    resources = write_templates(tmp_path)
    judgment = judge(read_assembly([tmp_path]), catalog())
    assert (judgment.templates, judgment.resources) == (TEMPLATES, resources)
    assert 1.8 < len(judgment.findings) / resources < 2.6
    assert len({finding.rule_id for finding in judgment.findings}) > 40
