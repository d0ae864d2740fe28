"""What guardrails write into an assembly, attestation and registration, and how it speaks at the gates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3_assets as assets
from constructs import Construct, IConstruct

from tts_constructs import Environment, TtsGuardrails, TtsSystem
from tts_constructs.policy.engine.environments import NO_GUARDRAILS, Guardrails
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation, registration
from tts_constructs.synth import plugin as plugin_module

Apps = Callable[..., cdk.App]
Reports = Callable[[cdk.App], Any]
Maker = Callable[..., Any]

ENV = cdk.Environment(account="111122223333", region="us-east-1")


def guard(scope: IConstruct, **arguments: Any) -> None:
    cdk.Aspects.of(scope).add(TtsGuardrails(**arguments))


def clean(scope: Construct, name: str, env: cdk.Environment = ENV) -> cdk.Stack:
    """A stack in which nothing blocks in a sandbox."""
    stack = cdk.Stack(scope, name, env=env)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    return stack


def faults(app: cdk.App) -> list[str]:
    return attestation.faults(Path(app.outdir))


def attested(app: cdk.App) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((Path(app.outdir) / attestation.FILE_NAME).read_text())
    return said


@pytest.fixture
def app(make_app: Apps) -> cdk.App:
    return make_app()


# Attestation


def test_a_clean_app_is_attested_with_its_stages_nested_stacks_and_assets(
    app: cdk.App, report: Reports, tmp_path: Path
) -> None:
    stack = clean(app, "Stack")
    cdk.CfnWaitConditionHandle(cdk.NestedStack(stack, "Nested"), "Handle")
    (tmp_path / "product.yaml").write_text("Resources: {}")
    assets.Asset(stack, "Product", path=str(tmp_path / "product.yaml"))
    clean(cdk.Stage(app, "Prod", env=ENV), "Stack")
    cdk.Tags.of(app).add("Project", "benefits")
    guard(app, environment=Environment.SANDBOX)
    report(app)
    assert faults(app) == []
    stack_file, nested, in_stage, asset = sorted(attested(app)["templates"])
    assert stack_file == "Stack.template.json"
    assert nested.endswith(".nested.template.json")
    assert asset.startswith("asset.")
    assert in_stage.startswith("assembly-Prod/")


def test_all_rules_of_the_catalog_are_attested(app: cdk.App, report: Reports) -> None:
    clean(app, "Stack")
    guard(app, environment=Environment.SANDBOX)
    report(app)
    assert {"TTS-EC2-001", "TTS-TLS-001", "TTS-CD-001"} <= set(attested(app)["rules"])


def test_what_blocks_is_attested(app: cdk.App, report: Reports, instance: Maker) -> None:
    instance(clean(app, "Stack"))
    guard(app)
    report(app)
    assert any(fault.startswith("TTS-EC2-001 blocked at Stack/Instance") for fault in faults(app))


def test_a_stack_outside_the_guardrails_is_not_attested(app: cdk.App, report: Reports) -> None:
    guarded, _ = clean(app, "One"), clean(app, "Two")
    guard(guarded, environment=Environment.SANDBOX)
    report(app)
    assert faults(app) == ["Two.template.json was not judged"]


def test_a_stack_that_is_judged_in_part_is_not_attested(app: cdk.App, report: Reports) -> None:
    stack = clean(app, "Stack")
    guard(stack.node.find_child("Handle"), environment=Environment.SANDBOX)
    report(app)
    assert faults(app) == ["Stack.template.json was not judged"]


def test_stacks_of_two_environments_are_attested_together(
    app: cdk.App, report: Reports, instance: Maker
) -> None:
    """Older CDKs ask for one environment after the other."""
    instance(clean(app, "East"))
    clean(app, "West", cdk.Environment(account="444455556666", region="us-west-2"))
    guard(app, environment=Environment.PRODUCTION)
    report(app)
    assert set(attested(app)["templates"]) == {"East.template.json", "West.template.json"}
    assert sum(fault.startswith("TTS-EC2-001 blocked at East/Instance") for fault in faults(app)) == 1


def test_another_synth_of_the_same_app_is_attested_anew(
    app: cdk.App, report: Reports, instance: Maker
) -> None:
    clean(cdk.Stage(app, "Prod", env=ENV), "Stack")
    guard(app, environment=Environment.SANDBOX)
    report(app)
    assert faults(app) == []
    instance(clean(app, "Bad"))
    guard(app.node.find_child("Bad"), environment=Environment.PRODUCTION)
    report(app)
    assert any(fault.startswith("TTS-EC2-001 blocked at Bad/Instance") for fault in faults(app))
    assert "Bad.template.json" in attested(app)["templates"]


def test_what_an_earlier_synth_found_is_forgotten(app: cdk.App, report: Reports, instance: Maker) -> None:
    stack = clean(app, "Stack")
    instance(stack)
    guard(app)
    report(app)
    stack.node.try_remove_child("Instance")
    guard(app, environment=Environment.SANDBOX)
    clean(app, "Another")  # what makes the CDK synthesize again
    report(app)
    assert faults(app) == []


def test_a_synth_into_the_folder_of_another_app_is_attested(
    make_app: Apps, report: Reports, tmp_path: Path
) -> None:
    for name in ("One", "Two"):
        app = make_app(outdir=str(tmp_path / "cdk.out"))
        clean(app, name)
        guard(app, environment=Environment.SANDBOX)
        report(app)
    assert faults(app) == ["One.template.json was not judged"]


def test_a_judge_that_fails_attests_nothing(
    app: cdk.App, report: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(plugin_module, "review", fails)
    clean(app, "Stack")
    guard(app)
    report(app)
    assert attested(app)["templates"] == {}
    assert any(fault.startswith("TTS-ENGINE blocked: the judge failed") for fault in faults(app))


def test_a_lookup_without_a_result_is_attested_as_pending(app: cdk.App, report: Reports) -> None:
    stack = clean(app, "Stack", cdk.Environment(account="444455556666", region="us-east-1"))
    ec2.MachineImage.lookup(name="FISMA*", owners=["777788889999"]).get_image(stack)
    guard(app, environment=Environment.SANDBOX)
    report(app)
    assert attested(app)["pending"] == ["ami"]


def test_no_account_id_is_written(app: cdk.App, report: Reports, instance: Maker, tmp_path: Path) -> None:
    (tmp_path / "tts.toml").write_text('[accounts]\n"111122223333" = "sandbox"\n')
    instance(clean(app, "Stack"))
    guard(app, project="benefits", owner="benefits@example.gov", environment=Environment.SANDBOX)
    report(app)
    for name in (attestation.FILE_NAME, registration.FILE_NAME):
        assert "111122223333" not in (Path(app.outdir) / name).read_text()


# What a later `tts check` reads of it


def test_a_check_knows_what_the_guardrails_said(app: cdk.App, report: Reports) -> None:
    clean(app, "Stack")
    stage = cdk.Stage(app, "Prod", env=ENV)
    clean(stage, "Stack")
    guard(app, environment=Environment.SANDBOX)
    guard(stage, environment=Environment.DEVELOPMENT, minimum=True)
    report(app)
    root = Path(app.outdir)
    guardrails = attestation.stated_guardrails([root])
    sandbox = Guardrails(environment=Environment.SANDBOX)
    development = Guardrails(environment=Environment.DEVELOPMENT, minimum=Environment.DEVELOPMENT)
    assert {stack.name: guardrails(stack) for stack in read_assembly([root]).stacks} == {
        "Stack": sandbox,
        "Prod/Stack": development,
    }
    (root / "Stack.template.json").write_text('{"Resources": {}}')
    (stack,) = (stack for stack in read_assembly([root]).stacks if stack.name == "Stack")
    assert attestation.stated_guardrails([root])(stack) == NO_GUARDRAILS


# Registration


def test_the_systems_of_an_app_are_registered(make_system: Callable[..., TtsSystem], report: Reports) -> None:
    system = make_system()
    report(system.node.root)  # type: ignore[arg-type]  # the root is an App
    (registered,) = json.loads(
        (Path(cdk.App.of(system).outdir) / registration.FILE_NAME).read_text()  # type: ignore[union-attr]  # an App
    )["systems"]
    assert registered["project"] == "benefits"
    assert registered["system"] == "Stack/System"
    assert registered["stacks"] == ["Stack"]
    assert registered["regions"] == ["us-east-1"]
