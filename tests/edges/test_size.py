"""As large as CloudFormation and the CDK allow: judged, in steps that grow no faster than what is judged.

Steps are counted, as time says little on a machine that does other things too.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tests.edges.shapes import (
    a_long_value,
    buckets_and_writers_by_pattern,
    entries_in_descending_order,
    holders_of_one_group,
    inline,
    of_a_group_elsewhere,
    on_balancers_of_a_group_elsewhere,
)
from tests.steps import steps
from tts_constructs import Environment, TtsGuardrails
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.review import review
from tts_constructs.report.formats import text

Command = Callable[..., subprocess.CompletedProcess[str]]

MOST_GROWTH = 1.1
"""Of the steps, beside that of the input: more than a line, and less than any power of it."""


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def reported(path: Path) -> Judgment:
    judgment = review(read_assembly([path])).judgment
    text.render(judgment)
    return judgment


def write_stacks(root: Path, number: int) -> None:
    """A cloud assembly of stacks with one resource each; that of the last is a nested stack."""
    root.mkdir()
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "inner.nested.template.json"},
    }
    resources: list[dict[str, Any]] = [{"Data": {"Type": "AWS::S3::Bucket"}}] * (number - 1) + [{"N": nested}]
    for position, body in enumerate(resources):
        write(root / f"S{position}.template.json", {"Resources": body})
    write(root / "inner.nested.template.json", {"Resources": {"Data": {"Type": "AWS::S3::Bucket"}}})
    artifacts = {
        f"S{position}": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/us-east-1",
            "properties": {"templateFile": f"S{position}.template.json"},
        }
        for position in range(number)
    }
    write(root / "manifest.json", {"artifacts": artifacts})


def write_template(path: Path, number: int) -> None:
    """Buckets with policies and groups with rules, which name each other."""
    resources: dict[str, Any] = {}
    for one in range(number):
        following = (one + 1) % number
        deny = {
            "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": {"Fn::GetAtt": [f"B{one}", "Arn"]},
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }  # fmt: skip
        policy = {"Bucket": {"Ref": f"B{one}"}, "PolicyDocument": {"Statement": [deny]}}
        rule = {
            "GroupId": {"Ref": f"G{one}"}, "SourceSecurityGroupId": {"Ref": f"G{following}"},
            "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        }  # fmt: skip
        resources |= {
            f"B{one}": {"Type": "AWS::S3::Bucket"},
            f"P{one}": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
            f"G{one}": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x" * 200}},
            f"I{one}": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule},
        }
    write(path, {"Resources": resources})


def test_stacks_are_judged_in_steps_that_grow_as_they_do(folder: Path) -> None:
    write_stacks(folder / "few", 50)
    write_stacks(folder / "many", 200)
    reported(folder / "few")  # what is done once in a process
    few, many = (steps(reported, folder / name) for name in ("few", "many"))
    assert many <= MOST_GROWTH * 4 * few


def test_a_template_is_judged_in_steps_that_grow_as_it_does(folder: Path) -> None:
    write_template(folder / "few.json", 25)
    write_template(folder / "many.json", 100)
    reported(folder / "few.json")
    few, many = (steps(reported, folder / name) for name in ("few.json", "many.json"))
    assert many <= MOST_GROWTH * 4 * few


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize(
    "shape", [inline, of_a_group_elsewhere, on_balancers_of_a_group_elsewhere, holders_of_one_group]
)
def test_rules_of_security_groups_are_judged_in_steps_that_grow_as_they_do(
    folder: Path, shape: Callable[[int], dict[str, Any]], environment: Environment
) -> None:
    def judged(file: str) -> Judgment:
        return review(read_assembly([folder / file]), override=environment).judgment

    for name, number in (("few.json", 100), ("many.json", 400)):
        write(folder / name, {"Resources": shape(number)})
    judged("few.json")
    few, many = (steps(judged, name) for name in ("few.json", "many.json"))
    assert many <= MOST_GROWTH * 4 * few


@pytest.mark.parametrize(
    "resources", [entries_in_descending_order, buckets_and_writers_by_pattern, a_long_value]
)
def test_hostile_resources_are_judged_in_steps_that_grow_as_they_do(
    folder: Path, resources: Callable[[int], dict[str, Any]]
) -> None:
    for number in (1, 40, 80):
        write(folder / f"{number}.json", {"Resources": resources(number)})
    reported(folder / "1.json")  # reads the tables that are read once
    one, double = (steps(reported, folder / f"{number}.json") for number in (40, 80))
    assert double < 2 * MOST_GROWTH * one


def test_stacks_are_synthesized_in_steps_that_grow_as_they_do(make_app: Callable[..., cdk.App]) -> None:
    def app(number: int) -> cdk.App:
        app = make_app()
        env = cdk.Environment(account="111122223333", region="us-east-1")
        for one in range(number):
            cdk.CfnWaitConditionHandle(cdk.Stack(app, f"S{one}", env=env), "Handle")
        cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
        return app

    app(1).synth()
    few, many = (steps(app(number).synth) for number in (10, 40))
    assert many <= MOST_GROWTH * 4 * few


@pytest.mark.slow
def test_two_thousand_stacks_are_judged_with_the_nested_one_of_the_last(tts: Command, folder: Path) -> None:
    write_stacks(folder / "cdk.out", 2_000)
    done = tts("check", "cdk.out", "--select", "TTS-S3-001,TTS-CFN-001")
    assert done.returncode == 1
    assert done.stderr == ""
    assert "TTS-CFN-001" not in done.stdout
    assert "2001 resources in 2001 templates judged.\n" in done.stdout


@pytest.mark.slow
def test_a_template_of_one_megabyte_is_judged(tts: Command, folder: Path) -> None:
    write_template(folder / "large.json", 1_300)
    assert (folder / "large.json").stat().st_size > 1_000_000
    done = tts("check", "large.json", "--format", "json", "--output", "report.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads((folder / "report.json").read_text())["summary"]["resources"] == 4 * 1_300
