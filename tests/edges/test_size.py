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


GROUP = "AWS::EC2::SecurityGroup"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def rule(one: int, port: int | None = None, cidr: str | None = None) -> dict[str, Any]:
    """One of many rules, each for an address of its own and, if none is said, at a port of its own."""
    port = port or 1000 + one
    cidr = cidr or f"8.{one // 250}.{one % 250}.7/32"
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def inline(number: int) -> dict[str, Any]:
    rules = [rule(one) for one in range(number)]
    return {"Group": resource(GROUP, SecurityGroupIngress=rules, SecurityGroupEgress=rules)}


def of_a_group_elsewhere(number: int) -> dict[str, Any]:
    halves = [rule(one, 1000 + one // 2, f"{8 + one % 2}.0.0.0/8") for one in range(number)]
    return {
        f"{way}{one}": resource(f"AWS::EC2::SecurityGroup{way}", GroupId="sg-1", **half)
        for way in ("Ingress", "Egress")
        for one, half in enumerate(halves)
    }


def on_balancers_of_a_group_elsewhere(number: int) -> dict[str, Any]:
    return {
        f"{kind}{one}": resource(f"AWS::{kind}", **properties)
        for one in range(number)
        for kind, properties in (
            ("EC2::SecurityGroupIngress", rule(one, 80, "0.0.0.0/0") | {"GroupId": "sg-1"}),
            ("ElasticLoadBalancingV2::LoadBalancer", {"SecurityGroups": ["sg-1"]}),
        )
    }


def holders_of_one_group(number: int) -> dict[str, Any]:
    shared = resource(GROUP, SecurityGroupIngress=[rule(one, 443) for one in range(number)])
    own = {f"Own{one}": resource(GROUP, SecurityGroupIngress=[rule(one, 443)]) for one in range(number)}
    balancers = {
        f"Balancer{one}": resource(BALANCER, SecurityGroups=[{"Ref": f"Own{one}"}, {"Ref": "Shared"}])
        for one in range(number)
    }
    return {"Shared": shared, **own, **balancers}


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


def entries_in_descending_order(number: int) -> dict[str, Any]:
    return {
        f"Entry{port}": {
            "Type": "AWS::EC2::NetworkAclEntry",
            "Properties": {
                "NetworkAclId": "acl-1", "Protocol": 6, "RuleNumber": number - port, "RuleAction": "allow",
                "PortRange": {"From": port, "To": port}, "CidrBlock": "0.0.0.0/0",
            },
        }
        for port in range(number)
    }  # fmt: skip


def buckets_and_writers_by_pattern(number: int) -> dict[str, Any]:
    logging = {"LoggingConfiguration": {"DestinationBucketName": {"Fn::Sub": "logs-${AWS::StackName}"}}}
    buckets = {
        f"Logs{i}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"logs-{i}"}}
        for i in range(number)
    }
    return buckets | {f"Data{i}": {"Type": "AWS::S3::Bucket", "Properties": logging} for i in range(number)}


def a_long_value(number: int) -> dict[str, Any]:
    return {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "a" * 500 * number}}}


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
    last = done.stdout.splitlines()[-1]
    assert last.endswith("2001 resources in 2001 templates judged.")


@pytest.mark.slow
def test_a_template_of_one_megabyte_is_judged(tts: Command, folder: Path) -> None:
    write_template(folder / "large.json", 1_300)
    assert (folder / "large.json").stat().st_size > 1_000_000
    done = tts("check", "large.json", "--format", "json", "--output", "report.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads((folder / "report.json").read_text())["summary"]["resources"] == 4 * 1_300
