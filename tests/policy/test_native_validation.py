"""AWS's own validation, natively: what it finds in templates, and what becomes of that."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.policy.on_disk import stack_artifact, write
from tts_constructs.errors import TtsError
from tts_constructs.policy import native_validation
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.native_validation import Diagnosis, diagnose
from tts_constructs.policy.review import review_paths
from tts_constructs.policy.settings.model import Settings

pytest.importorskip("cloudformation_validate", reason="the engine is not installed")

REFUSED = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "UPPER", "Color": "red"}}
ADVISED_AGAINST = {
    "Type": "AWS::EC2::Subnet",
    "Properties": {
        "VpcId": "vpc-0f15a4ea0f15a4ea0",
        "CidrBlock": "10.0.0.0/24",
        "AvailabilityZone": "us-east-1a",
    },
}
CLEAN = {"Type": "AWS::SQS::Queue"}

Validate = Callable[..., list[Finding]]


@pytest.fixture
def validate(tmp_path: Path) -> Validate:
    """Validates a template, and judges it by no rule."""

    def run(template: dict[str, Any] | str, name: str = "Stack.json") -> list[Finding]:
        path = write(tmp_path / name, template)
        return list(review_paths([path], Settings(), rules=(), validate=True).judgment.findings)

    return run


def assembly(folder: Path, *stacks: str, template: dict[str, Any], **artifact: Any) -> list[Finding]:
    """Validates a cloud assembly of stacks that have one template."""
    for name in stacks:
        write(folder / f"{name}.template.json", template)
    artifacts = {name: stack_artifact(name) | artifact for name in stacks}
    write(folder / "manifest.json", {"version": "55.0.0", "artifacts": artifacts})
    return list(review_paths([folder], Settings(), rules=(), validate=True).judgment.findings)


def test_what_aws_refuses_blocks(validate: Validate) -> None:
    findings = validate({"Resources": {"Files": REFUSED}})
    assert {(found.rule_id, found.location, found.blocks) for found in findings} == {
        ("F3002", "Properties/Color", True),
        ("F3031", "Properties/BucketName", True),
    }


def test_a_finding_says_where_what_why_and_what_to_write(validate: Validate) -> None:
    (finding,) = [found for found in validate({"Resources": {"Files": REFUSED}}) if found.rule_id == "F3002"]
    assert finding.title == "Additional properties are not allowed"
    assert (finding.stack, finding.logical_id, finding.resource_type) == ("Stack", "Files", "AWS::S3::Bucket")
    assert finding.message == "Additional properties are not allowed ('Color' was unexpected)."
    assert f"(AWS CloudFormation Validate {native_validation.version()}" in finding.why
    assert "AWS::S3::Bucket" in finding.fix


def test_what_aws_advises_against_warns(validate: Validate) -> None:
    (finding,) = validate({"Resources": {"Subnet": ADVISED_AGAINST}})
    assert (finding.rule_id, finding.level) == ("W3010", "warn")


def test_a_clean_template_has_no_findings(validate: Validate) -> None:
    assert validate({"Resources": {"Jobs": CLEAN}}) == []


def test_what_aws_only_remarks_is_left_out() -> None:
    template = json.dumps({"Resources": {"Jobs": CLEAN}})
    assert diagnose(template, "Stack", account=None, region=None) == Diagnosis((), is_complete=True)


def test_yaml_is_validated_as_json_is(validate: Validate) -> None:
    text = "Resources: {Files: {Type: AWS::S3::Bucket, Properties: {BucketName: UPPER, Color: red}}}"
    assert validate(text, "Stack.yaml") == validate({"Resources": {"Files": REFUSED}})


def test_a_fault_outside_of_resources_is_about_the_stack(validate: Validate) -> None:
    parameter = {"Type": "String", "Default": "x", "AllowedValues": ["y"]}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}
    (finding,) = validate({"Parameters": {"Name": parameter}, "Resources": {"Jobs": queue}})
    assert (finding.rule_id, finding.logical_id, finding.location) == ("F2012", "", "Parameters/Name/Default")


def test_the_region_of_a_stack_counts(tmp_path: Path) -> None:
    budget = {
        "Type": "AWS::Budgets::Budget",
        "Properties": {"Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY"}},
    }
    there = assembly(
        tmp_path,
        "Stack",
        template={"Resources": {"Budget": budget}},
        environment="aws://111111111111/us-gov-west-1",
    )
    here = assembly(tmp_path, "Stack", template={"Resources": {"Budget": budget}})
    assert {found.rule_id for found in there} - {found.rule_id for found in here} == {"F3006"}


def test_stacks_with_one_template_in_one_place_are_validated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def diagnose_nothing(_: str, name: str, **__: object) -> Diagnosis:
        asked.append(name)
        return Diagnosis((), is_complete=True)

    monkeypatch.setattr(native_validation, "diagnose", diagnose_nothing)
    assembly(tmp_path, "First", "Second", template={"Resources": {"Jobs": CLEAN}})
    assert len(asked) == 1


def test_a_template_within_another_one_is_validated(validate: Validate) -> None:
    stack_set = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {
            "StackSetName": "all",
            "PermissionModel": "SERVICE_MANAGED",
            "TemplateBody": json.dumps({"Resources": {"Files": REFUSED}}),
        },
    }
    findings = validate({"Resources": {"All": stack_set}})
    assert {found.stack for found in findings if found.rule_id == "F3002"} == {"Stack/All"}


# What the app acknowledges


def acknowledged(folder: Path, rule_id: str, path: str) -> list[Finding]:
    """The findings in `Stack/Vpc/Subnet`, whose zone is written out, where a rule is acknowledged."""
    metadata = {
        "/Stack/Vpc/Subnet": [{"type": "aws:cdk:logicalId", "data": "Subnet"}],
        path: [
            *([{"type": "aws:cdk:logicalId", "data": "Subnet"}] if path == "/Stack/Vpc/Subnet" else []),
            {"type": "aws:cdk:acknowledged-rules", "data": {rule_id: "it is so on purpose"}},
        ],
    }
    return assembly(folder, "Stack", template={"Resources": {"Subnet": ADVISED_AGAINST}}, metadata=metadata)


@pytest.mark.parametrize("path", ["/Stack/Vpc/Subnet", "/Stack/Vpc", "/Stack"])
@pytest.mark.parametrize("name", ["CloudFormation-Validate", "CloudFormation Validate"])
def test_what_the_app_acknowledges_is_left_out(tmp_path: Path, name: str, path: str) -> None:
    assert acknowledged(tmp_path, f"{name}::W3010", path) == []


@pytest.mark.parametrize(
    ("rule_id", "path"),
    [
        ("CloudFormation-Validate::W3011", "/Stack/Vpc/Subnet"),
        ("Annotation::W3010", "/Stack/Vpc/Subnet"),
        ("CloudFormation-Validate::W3010", "/Stack/Vpc2"),
        ("CloudFormation-Validate::W3010", "/Stack/Vpc/Subnet/Other"),
    ],
)
def test_what_is_acknowledged_of_something_else_stays(tmp_path: Path, rule_id: str, path: str) -> None:
    assert [found.rule_id for found in acknowledged(tmp_path, rule_id, path)] == ["W3010"]


# When the engine decides nothing


def test_an_engine_that_gives_up_blocks(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_validation, "diagnose", lambda *_, **__: Diagnosis((), is_complete=False))
    (finding,) = validate({"Resources": {"Jobs": CLEAN}})
    assert (finding.rule_id, finding.verdict, finding.blocks) == ("TTS-ENGINE", "unknown", True)


class _Broken:
    def validate_template(self, *_: object) -> None:
        message = "out of memory"
        raise ValueError(message)


def test_an_engine_that_fails_is_an_error(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_validation, "_engine", lambda _: _Broken())
    with pytest.raises(TtsError, match=r"Stack\.json: AWS's validation failed \(ValueError: out of memory\)"):
        validate({"Resources": {"Jobs": CLEAN}})


def test_an_engine_that_is_not_installed_is_named(
    validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_validation, "is_installed", lambda: False)
    with pytest.raises(TtsError, match=r"not installed; run: pip install 'tts-constructs\[validate\]'"):
        validate({"Resources": {"Jobs": CLEAN}})


def test_an_engine_of_another_platform_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> None:
        message = "version `GLIBC_2.34' not found"
        raise OSError(message)

    monkeypatch.setattr("builtins.__import__", load)
    with pytest.raises(
        TtsError, match=r"cannot be loaded on this machine \(version `GLIBC_2\.34' not found\)"
    ):
        native_validation.version()
