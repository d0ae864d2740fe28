"""The CDK example of every rule runs, is judged by its rule, and meets all rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from tts_constructs import (
    DataSensitivity,
    Environment,
    Flow,
    NetworkPolicy,
    TtsGuardrails,
    TtsSystem,
    standards,
)
from tts_constructs.policy.examples import GIVEN, given_in, load_cdk_example
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import library_rules
from tts_constructs.policy.settings.model import Settings
from tts_constructs.testing import findings

_OWNER = "777788889999"
_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
_WITHOUT_THE_SYSTEM = ("TtsSystem(", "TtsGuardrails(", "Tags.of(", "Stack(app")
"""What an example says that makes its own system, or needs none."""

_OF_WHAT_MUST_NOT_BE = frozenset({"TTS-EC2-001", "TTS-VPC-003", "TTS-IAM-001"})
"""Rules that judge only types that no app may use, so that no good example has any."""
_ANY_IMAGE = "filters.image-type.0=machine"
_RECORDED = {
    f"ami:account=111122223333:{kind}:filters.name.0={standards.IMAGE_NAME}:filters.state.0=available:"
    f"owners.0={_OWNER}:region=us-east-1": "ami-0f15a"
    for kind in (_ANY_IMAGE, f"filters.architecture.0=x86_64:{_ANY_IMAGE}")
}

Run = Callable[..., cdk.App]


@pytest.fixture
def run(make_app: Callable[..., cdk.App], make_stack: Callable[..., cdk.Stack]) -> Run:
    """Runs the Python of an example, or other Python, in an app that has what the example is given."""
    Path("tts.toml").write_text(f'[image]\nowners = ["{_OWNER}"]\n', encoding="utf-8")

    def run_example(example: str, python: str | None = None) -> cdk.App:
        app = make_app(_RECORDED)
        stack = make_stack(scope=app)
        given = _given(app, stack, example)
        exec(compile(example if python is None else python, "example", "exec"), given)  # noqa: S102 - ours
        return app

    return run_example


def _given(app: cdk.App, stack: cdk.Stack, source: str) -> dict[str, Any]:
    names = given_in(source)
    given: dict[str, Any] = {"app": app, "stack": stack}
    if "sandbox" in names:
        given["sandbox"] = _system(stack, Environment.SANDBOX)
    elif "system" in names or not any(words in source for words in _WITHOUT_THE_SYSTEM):
        given["system"] = _system(stack, Environment.PRODUCTION)
    elif "TtsSystem(" not in source and "TtsGuardrails(" not in source:
        guardrails = TtsGuardrails(
            environment=Environment.PRODUCTION, project="forms", owner="forms@example.gov"
        )
        cdk.Aspects.of(app).add(guardrails)
    if "certificate" in names:
        given["certificate"] = acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE)
    if "launch_template" in names:
        given["launch_template"] = _launch_template(stack, given["system"])
    if "topic" in names:
        given["topic"] = _topic(stack, given["system"])
    return given


def _system(stack: cdk.Stack, environment: Environment) -> TtsSystem:
    inbound = Flow.https_from_internet()
    if environment is Environment.SANDBOX:
        inbound = Flow.https_from("192.0.2.0/24")
    return TtsSystem(
        stack,
        "System",
        project="forms",
        environment=environment,
        owner="forms@example.gov",
        data_sensitivity=DataSensitivity.SYNTHETIC,
        network=NetworkPolicy(inbound=[inbound], outbound=[Flow.https_anywhere()]),
    )


def _launch_template(stack: cdk.Stack, system: TtsSystem) -> ec2.LaunchTemplate:
    volume = ec2.BlockDeviceVolume.ebs(20, encrypted=True)
    return ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=ec2.MachineImage.lookup(name=standards.IMAGE_NAME, owners=[_OWNER]),
        instance_type=ec2.InstanceType("t3.small"),
        role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
        security_group=ec2.SecurityGroup(stack, "Instances", vpc=system.vpc, allow_all_outbound=False),
        require_imdsv2=True,
        block_devices=[ec2.BlockDevice(device_name=name, volume=volume) for name in standards.IMAGE_DEVICES],
    )


def _topic(stack: cdk.Stack, system: TtsSystem) -> sns.Topic:
    topic = sns.Topic(stack, "Topic", master_key=system.key, enforce_ssl=True)
    cloudwatch = iam.ServicePrincipal(
        "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
    )
    topic.grant_publish(cloudwatch)
    return topic


@pytest.mark.parametrize("rule", library_rules(), ids=lambda rule: rule.id)
def test_the_cdk_example_of_a_rule_meets_all_rules(rule: Rule, run: Run) -> None:
    found = findings(run(load_cdk_example(rule.id)))
    told = [f"{finding.rule_id} {finding.path}: {finding.message}" for finding in found]
    assert [line for line, finding in zip(told, found, strict=True) if finding.blocks] == []
    assert [line for line in told if line.startswith(rule.id)] == []


@pytest.mark.parametrize(
    "rule",
    [rule for rule in library_rules() if not rule.stack_check and rule.id not in _OF_WHAT_MUST_NOT_BE],
    ids=lambda rule: rule.id,
)
def test_the_cdk_example_of_a_rule_has_what_the_rule_judges(rule: Rule, run: Run) -> None:
    example = load_cdk_example(rule.id)
    assert _judged(rule, run(example)) - _judged(rule, run(example, ""))


def _judged(rule: Rule, app: cdk.App) -> set[str]:
    """The resources that a rule judges."""
    assembly = read_assembly([Path(app.synth().directory)], Settings())
    return {
        f"{stack.name}/{resource.logical_id}"
        for stack in assembly.stacks
        for resource in stack.resources.values()
        if rule.check_of(resource.type)
    }


def test_what_examples_take_from_their_app_is_what_a_reader_is_told() -> None:
    used = {name for rule in library_rules() for name in given_in(load_cdk_example(rule.id))}
    assert used == set(GIVEN)


@pytest.mark.parametrize("rule", library_rules(), ids=lambda rule: rule.id)
def test_an_example_fits_into_a_terminal(rule: Rule) -> None:
    assert [line for line in load_cdk_example(rule.id).splitlines() if len(line) > 96] == []
