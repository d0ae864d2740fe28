"""What is written instead of a template that was not read."""

import pytest

from tests.policy import judging
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.model.finding import Finding


def nested(fault: str | None, **metadata: str) -> Finding:
    stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": metadata}
    assembly = judging.app({"Nested": stack})
    if fault:
        assembly.stacks[0].unread["Nested"] = fault
    (finding,) = judge(assembly, [judging.RULES["TTS-CFN-001"]]).findings
    return finding


@pytest.mark.parametrize("path", ["", "App/Nested/Resource"])
def test_a_template_that_was_not_read_says_why_and_to_check_it_alone(path: str) -> None:
    finding = nested("is one of too many", **({"aws:cdk:path": path} if path else {}))
    assert "Nested deploys is one of too many, so" in finding.message
    assert finding.fix.startswith("Check the stacks that hold it one by one")


def test_a_template_that_is_not_at_hand_has_the_fix_of_its_type() -> None:
    assert nested(None).fix.startswith("Put the template beside this one")
    assert nested(None, **{"aws:cdk:path": "App/Nested"}).fix.startswith("Make the resources in a")


@pytest.mark.parametrize(
    ("mode", "verdicts"),
    [
        ("CREATE_UPDATE", ["unknown"]),
        ("CHANGE_SET_REPLACE", ["unknown"]),
        ("CHANGE_SET_EXECUTE", []),
        ("DELETE_ONLY", []),
    ],
)
def test_a_pipeline_that_deploys_no_template_of_its_own_passes(mode: str, verdicts: list[str]) -> None:
    action = {
        "ActionTypeId": {"Category": "Deploy", "Provider": "CloudFormation"},
        "Configuration": {"ActionMode": mode, "StackName": "elsewhere"},
    }
    pipeline = {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Stages": [{"Actions": [action]}]}}
    assert [one.verdict for one in judging.findings("TTS-CFN-001", {"Pipeline": pipeline})] == verdicts
