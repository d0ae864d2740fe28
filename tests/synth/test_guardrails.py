"""`TtsGuardrails`: what it judges, what gets round it (nothing), and what it says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import cloudformation_include as include
from aws_cdk import custom_resources as custom
from constructs import Construct, IConstruct

from tts_constructs import DataSensitivity, Environment, TtsGuardrails
from tts_constructs.errors import BlockedError, InvalidArgumentError, SettingsError
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation
from tts_constructs.policy.rules import catalog
from tts_constructs.synth import metadata as record_module
from tts_constructs.synth import plugin as plugin_module
from tts_constructs.synth.git_provenance import Provenance

Apps = Callable[..., cdk.App]
Reports = Callable[[cdk.App], Any]
Maker = Callable[..., Any]

ENV = cdk.Environment(account="111122223333", region="us-east-1")
INSTANCE = "TTS-EC2-001"


def guard(scope: IConstruct, **arguments: Any) -> None:
    cdk.Aspects.of(scope).add(TtsGuardrails(**arguments))


@pytest.fixture
def app(make_app: Apps) -> cdk.App:
    return make_app()


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Stack", env=ENV)


# What blocks and what does not


def test_a_synth_with_a_blocking_finding_raises(app: cdk.App, stack: cdk.Stack, instance: Maker) -> None:
    instance(stack)
    guard(app)
    with pytest.raises(RuntimeError, match=INSTANCE):
        app.synth()


def test_a_second_synth_raises_too(app: cdk.App, stack: cdk.Stack, instance: Maker) -> None:
    instance(stack)
    guard(app)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=INSTANCE):
            app.synth(force=True)


def test_a_synth_without_findings_passes(app: cdk.App, stack: cdk.Stack) -> None:
    guard(app, environment=Environment.SANDBOX)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    app.synth()


def test_an_app_without_guardrails_is_not_judged(app: cdk.App, stack: cdk.Stack, instance: Maker) -> None:
    instance(stack)
    app.synth()


def test_a_warning_is_reported_and_passes(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app, environment=Environment.SANDBOX)
    assert report(app).of(INSTANCE, "warning") == ["Stack/Instance"]


def test_a_blocking_report_holds_a_violation_that_no_filter_drops(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app)
    (summary,) = [v for v in report(app).violations if v["ruleName"] == plugin_module.SUMMARY]
    assert summary["severity"] == "fatal"
    assert summary["violatingConstructs"] == []


@pytest.mark.usefixtures("traced")
def test_a_finding_says_what_where_why_and_what_to_write_instead(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app)
    (violation,) = [v for v in report(app).violations if v["ruleName"] == INSTANCE]
    (rule,) = [rule for rule in catalog() if rule.id == INSTANCE]
    assert rule.title in violation["description"]
    assert f"Why: {rule.why}" in violation["description"]
    assert rule.source in violation["description"]
    assert "TtsAsgService" in violation["suggestedFix"]
    assert any(
        "test_guardrails.py" in trace or "conftest.py" in trace
        for trace in violation["violatingConstructs"][0]["stackTraces"]
    )


# What is judged: exactly what lies below the scope


def test_a_stage_is_judged_from_the_app(app: cdk.App, instance: Maker, report: Reports) -> None:
    stage = cdk.Stage(app, "Prod", env=ENV)
    instance(cdk.Stack(stage, "Stack"))
    guard(app)
    assert report(app).of(INSTANCE) == ["Prod/Stack/Instance"]


def test_a_stage_inside_a_stage_is_judged(app: cdk.App, instance: Maker, report: Reports) -> None:
    inner = cdk.Stage(cdk.Stage(app, "Outer", env=ENV), "Inner")
    instance(cdk.Stack(inner, "Stack"))
    guard(app)
    assert report(app).of(INSTANCE) == ["Outer/Inner/Stack/Instance"]


def test_a_nested_stack_is_judged(app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    instance(cdk.NestedStack(nested, "Deeper"))
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Nested/Deeper/Instance"]


def test_guardrails_of_a_stage_judge_that_stage_alone(app: cdk.App, instance: Maker, report: Reports) -> None:
    for name in ("One", "Two"):
        instance(cdk.Stack(cdk.Stage(app, name, env=ENV), "Stack"))
    guard(app.node.find_child("One"))
    assert report(app).of(INSTANCE) == ["One/Stack/Instance"]


def test_guardrails_of_a_stack_judge_that_stack_alone(app: cdk.App, instance: Maker, report: Reports) -> None:
    for name in ("One", "OneMore"):
        instance(cdk.Stack(app, name, env=ENV))
    guard(app.node.find_child("One"))
    assert report(app).of(INSTANCE) == ["One/Instance"]


def test_guardrails_of_a_construct_judge_what_lies_below_it(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    part = Construct(stack, "Part")
    instance(part, "Inside")
    instance(stack, "Outside")
    guard(part)
    assert report(app).of(INSTANCE) == ["Stack/Part/Inside"]


def test_one_object_on_two_scopes_judges_both(app: cdk.App, instance: Maker, report: Reports) -> None:
    shared = TtsGuardrails()
    for name in ("One", "Two", "Three"):
        instance(cdk.Stack(app, name, env=ENV))
    cdk.Aspects.of(app.node.find_child("One")).add(shared)
    cdk.Aspects.of(app.node.find_child("Two")).add(shared)
    assert report(app).of(INSTANCE) == ["One/Instance", "Two/Instance"]


def test_several_guardrails_make_one_report_without_repetition(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app)
    guard(stack)
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


# Environments


def test_the_nearest_guardrails_state_the_environment(app: cdk.App, instance: Maker, report: Reports) -> None:
    for name in ("Prod", "Test"):
        instance(cdk.Stack(cdk.Stage(app, name, env=ENV), "Stack"))
    guard(app, environment=Environment.PRODUCTION)
    guard(app.node.find_child("Test"), environment=Environment.SANDBOX)
    found = report(app)
    assert found.of(INSTANCE) == ["Prod/Stack/Instance"]
    assert found.of(INSTANCE, "warning") == ["Test/Stack/Instance"]


def test_a_minimum_allows_nothing_laxer_below(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app, environment=Environment.PRODUCTION, minimum=True)
    guard(stack, environment=Environment.SANDBOX)
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


# Nothing escapes


def test_a_property_override_is_seen(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    template = ec2.CfnLaunchTemplate(
        stack, "Template", launch_template_data={"metadataOptions": {"httpTokens": "required"}}
    )
    template.add_property_override("LaunchTemplateData.MetadataOptions.HttpTokens", "optional")
    guard(app)
    assert report(app).of("TTS-EC2-004") == ["Stack/Template"]


def test_a_generic_resource_is_seen(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    cdk.CfnResource(stack, "Instance", type="AWS::EC2::Instance", properties={"ImageId": "ami-1"})
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


def test_a_changed_type_is_seen(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    resource = cdk.CfnResource(stack, "Instance", type="AWS::EC2::Harmless")
    resource.add_override("Type", "AWS::EC2::Instance")
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


def test_an_included_template_is_seen(
    app: cdk.App, stack: cdk.Stack, report: Reports, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    old.write_text(
        '{"Resources": {"Old": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}}}'
    )
    include.CfnInclude(stack, "Include", template_file=str(old))
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Include/Old"]


def test_a_custom_resource_that_runs_instances_is_seen(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    call = custom.AwsSdkCall(
        service="EC2",
        action="runInstances",
        parameters={"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1},
        physical_resource_id=custom.PhysicalResourceId.of("x"),
    )
    policy = custom.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"])
    custom.AwsCustomResource(stack, "Runs", on_create=call, policy=policy)
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Runs/Resource/Default"]


@jsii.implements(cdk.IAspect)
class _AddsAnInstanceLate:
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, cdk.Stack) and not node.node.try_find_child("Late"):
            cdk.CfnResource(node, "Late", type="AWS::EC2::Instance")


@pytest.mark.parametrize("priority", [1, 900])
def test_what_an_aspect_adds_before_or_after_is_seen(
    app: cdk.App, stack: cdk.Stack, report: Reports, priority: int
) -> None:
    guard(app)
    cdk.Aspects.of(app).add(_AddsAnInstanceLate(), priority=priority)
    assert report(app).of(INSTANCE) == [f"{stack.node.path}/Late"]


def test_an_acknowledgment_does_not_silence_what_blocks(
    app: cdk.App, stack: cdk.Stack, instance: Maker, report: Reports
) -> None:
    instance(stack)
    guard(app)
    for rule_id in (INSTANCE, plugin_module.SUMMARY, f"{plugin_module.NAME}::{INSTANCE}"):
        cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id=rule_id, reason="no"))
    found = report(app)
    assert found.failed
    assert found.of(INSTANCE) == ["Stack/Instance"]


def test_a_parameter_between_nested_stacks_is_followed(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    nested = cdk.NestedStack(stack, "Nested", parameters={"Tokens": "optional"})
    tokens = cdk.CfnParameter(nested, "Tokens", default="required")
    ec2.CfnLaunchTemplate(
        nested, "Template", launch_template_data={"metadataOptions": {"httpTokens": tokens.value_as_string}}
    )
    guard(app)
    assert report(app).of("TTS-EC2-004") == ["Stack/Nested/Template"]


@pytest.mark.parametrize(
    "url", ["https://example.com/elsewhere.json", cdk.Fn.sub("https://example.com/${AWS::Region}.json")]
)
def test_metadata_does_not_vouch_for_a_template_that_is_fetched_elsewhere(
    app: cdk.App, stack: cdk.Stack, report: Reports, url: str
) -> None:
    nested = cdk.NestedStack(stack, "Good")
    cdk.CfnWaitConditionHandle(nested, "Handle")
    other = cdk.CfnStack(stack, "Other", template_url=url)
    other.add_metadata("aws:asset:path", nested.template_file)
    other.add_metadata("aws:asset:property", "TemplateURL")
    guard(app)
    assert report(app).of("TTS-CFN-001") == ["Stack/Other"]


@pytest.mark.parametrize("legacy", [True, False])
def test_a_nested_stack_is_found_whatever_the_synthesizer(
    app: cdk.App, report: Reports, instance: Maker, legacy: bool
) -> None:
    synthesizer = cdk.LegacyStackSynthesizer() if legacy else cdk.DefaultStackSynthesizer()
    stack = cdk.Stack(app, "Stack", env=ENV, synthesizer=synthesizer)
    nested = cdk.NestedStack(stack, "Nested")
    instance(nested)
    instance(cdk.NestedStack(nested, "Deeper"))
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack/Nested/Instance", "Stack/Nested/Deeper/Instance"]


# What a system brings along


def test_a_system_has_its_whole_app_judged(make_system: Maker, instance: Maker, report: Reports) -> None:
    app = make_system().node.root
    instance(cdk.Stack(app, "Beside", env=ENV))
    assert report(app).of(INSTANCE) == ["Beside/Instance"]


def test_a_system_in_a_stage_has_its_whole_app_judged(
    app: cdk.App, stack: cdk.Stack, make_system: Maker, instance: Maker, report: Reports
) -> None:
    make_system(cdk.Stack(cdk.Stage(app, "Prod", env=ENV), "Stack"))
    instance(stack)
    instance(cdk.Stack(cdk.Stage(app, "Other", env=ENV), "Stack"))
    assert report(app).of(INSTANCE) == ["Other/Stack/Instance", "Stack/Instance"]


def test_systems_bring_guardrails_once_an_app(app: cdk.App, make_system: Maker) -> None:
    for name in ("One", "Two"):
        make_system(cdk.Stack(app, name, env=ENV))
    aspects = [aspect for part in app.node.find_all() for aspect in cdk.Aspects.of(part).all]
    assert sum(isinstance(aspect, TtsGuardrails) for aspect in aspects) == 1


@pytest.mark.usefixtures("traced")
def test_a_finding_names_the_line_of_the_app_behind_a_property(
    make_system: Maker, capsys: pytest.CaptureFixture[str], report: Reports
) -> None:
    system = make_system()
    assert system.log_bucket  # made behind functools.cached_property
    report(system.node.root)
    block = capsys.readouterr().err.partition("BLOCKS TTS-S3-003")[2]
    assert "test_guardrails.py:" in block.splitlines()[1]


# Failures of the judge itself


def test_a_judge_that_fails_blocks(
    app: cdk.App,
    stack: cdk.Stack,
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(plugin_module, "review", fails)
    s3.CfnBucket(stack, "Bucket")
    guard(app)
    found = report(app)
    assert found.failed
    assert found.of("TTS-ENGINE") == ["Stack"]
    assert plugin_module.SUMMARY in [violation["ruleName"] for violation in found.violations]
    assert "ZeroDivisionError: oops" in capsys.readouterr().err


def test_settings_that_cannot_be_used_block(
    app: cdk.App,
    stack: cdk.Stack,
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "tts.toml").write_text("environment = 1")
    monkeypatch.chdir(tmp_path)
    s3.CfnBucket(stack, "Bucket")
    guard(app)
    assert report(app).failed
    assert "line 1: environment must be one of production" in capsys.readouterr().err


def test_a_template_that_was_not_read_blocks(
    app: cdk.App,
    stack: cdk.Stack,
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def without_the_stack(*arguments: Any, **keywords: Any) -> Any:
        assembly = read_assembly(*arguments, **keywords)
        assembly.stacks.clear()
        return assembly

    monkeypatch.setattr(plugin_module, "read_assembly", without_the_stack)
    guard(app)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    assert report(app).failed
    assert "Stack.template.json is in no manifest, so it cannot be judged" in capsys.readouterr().err


def test_a_switch_that_lets_a_bad_synth_pass_is_refused(
    app: cdk.App, stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDK_CLI_VERSION", raising=False)
    monkeypatch.setenv("CDK_APP_MODE", "process")
    guard(app)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    with pytest.raises(RuntimeError, match="CDK_APP_MODE=process lets a synth pass that should fail"):
        app.synth()


@pytest.mark.parametrize(
    ("key", "value"),
    [("@aws-cdk/core:failSynthOnValidationErrors", False), ("@aws-cdk/core:appMode", "process")],
)
def test_a_context_that_lets_a_bad_synth_pass_is_refused(make_app: Apps, key: str, value: object) -> None:
    app = make_app({key: value})
    cdk.CfnWaitConditionHandle(cdk.Stack(app, "Stack"), "Handle")
    guard(app)
    with pytest.raises(RuntimeError, match=f"{key}: .* lets a synth pass"):
        app.synth()


# What is said on the terminal


def test_what_blocks_is_shown_with_its_place_and_a_count(
    app: cdk.App, stack: cdk.Stack, instance: Maker, capsys: pytest.CaptureFixture[str], report: Reports
) -> None:
    instance(stack)
    guard(app)
    report(app)
    lines = capsys.readouterr().err.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"BLOCKS {INSTANCE} "))
    assert "Stack/Instance: " in lines[at + 1]
    assert any("block" in line and line.endswith("1 resource in 1 template judged.") for line in lines)


def test_environments_that_the_cdk_asks_for_one_by_one_are_each_reported_once(
    app: cdk.App, instance: Maker, report: Reports, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("1", "2"):
        env = cdk.Environment(account=number * 12, region="us-east-1")
        instance(cdk.Stack(app, f"Stack{number}", env=env))
    guard(app)
    assert report(app).of(INSTANCE) == ["Stack1/Instance", "Stack2/Instance"]
    said = capsys.readouterr().err
    blocks = re.findall(rf"^BLOCKS {INSTANCE} .*\n(?:  .*\n)*", said, re.M)
    assert ["".join(blocks).count(f"Stack{number}/Instance") for number in ("1", "2")] == [1, 1]


def test_a_pass_with_lookups_missing_says_nothing_under_the_command(
    make_app: Apps,
    instance: Maker,
    capsys: pytest.CaptureFixture[str],
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CDK_CLI_VERSION", "2.0.0")
    app = make_app()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="444455556666", region="us-east-1"))
    ec2.Vpc(stack, "Vpc")
    instance(stack)
    guard(app)
    found = report(app)
    assert found.of(INSTANCE)
    assert INSTANCE not in capsys.readouterr().err


LOOKUP = "availability-zones:account=444455556666:region=us-east-1"
SAYS_TO_RECORD = (
    "Lookups without a record: availability-zones. "
    "Run `cdk synth` once with credentials and commit cdk.context.json."
)


def zones_that_nobody_recorded(app: cdk.App) -> None:
    ec2.Vpc(cdk.Stack(app, "Stack", env=cdk.Environment(account="444455556666", region="us-east-1")), "Vpc")
    guard(app)


def test_an_app_whose_lookups_are_not_recorded_says_how_to_record_them(
    make_app: Apps, capsys: pytest.CaptureFixture[str], report: Reports
) -> None:
    app = make_app()
    zones_that_nobody_recorded(app)
    report(app)
    assert SAYS_TO_RECORD in capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("error", "is_said"),
    [
        (None, False),
        ("Need to perform AWS calls for account 444455556666, but no credentials have been configured", True),
        ("The region is not enabled", False),
    ],
)
def test_under_the_command_it_says_so_when_credentials_were_missing(
    error: str | None,
    *,
    is_said: bool,
    make_app: Apps,
    capsys: pytest.CaptureFixture[str],
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CDK_CLI_VERSION", "2.0.0")
    app = make_app({LOOKUP: {"$providerError": error}} if error else {})
    zones_that_nobody_recorded(app)
    report(app)
    assert (SAYS_TO_RECORD in capsys.readouterr().err.splitlines()) == is_said


# The record of an app of raw resources


@pytest.fixture
def clean_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = Provenance("https://git.example.gov/raw.git", "0" * 40, dirty=False)
    monkeypatch.setattr(record_module, "provenance", lambda _: origin)


RECORD = {
    "version": 1,
    "project": "benefits",
    "environment": "production",
    "owner": "benefits@example.gov",
    "data_sensitivity": "undeclared",
    "repository": "https://git.example.gov/raw.git",
    "commit": "0" * 40,
    "dirty": False,
}


def metadata(app: cdk.App, path: str) -> Any:
    import json

    return json.loads((Path(app.outdir) / path).read_text()).get("Metadata", {}).get("TTS")


@pytest.mark.usefixtures("clean_checkout")
def test_the_record_is_written_into_each_stack_below_the_scope(app: cdk.App, report: Reports) -> None:
    stage = cdk.Stage(app, "Prod", env=ENV)
    inner = cdk.Stage(stage, "Inner")
    for scope in (app, stage, inner):
        cdk.CfnWaitConditionHandle(cdk.Stack(scope, "Stack", env=ENV), "Handle")
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    report(app)
    assert metadata(app, "Stack.template.json") == RECORD | {"system": "Stack"}
    (in_stage,) = Path(app.outdir).glob("assembly-Prod/*.template.json")
    assert metadata(app, str(in_stage)) == RECORD | {"system": "Prod/Stack"}
    (in_inner,) = Path(app.outdir).glob("assembly-Prod/assembly-Prod-Inner/*.template.json")
    assert metadata(app, str(in_inner)) == RECORD | {"system": "Prod/Inner/Stack"}


@pytest.mark.usefixtures("clean_checkout")
def test_the_record_is_written_into_nested_stacks(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    cdk.CfnWaitConditionHandle(cdk.NestedStack(stack, "Nested"), "Handle")
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    report(app)
    (nested,) = Path(app.outdir).glob("*.nested.template.json")
    assert metadata(app, str(nested)) == RECORD | {"system": "Stack/Nested"}


@pytest.mark.usefixtures("clean_checkout")
def test_a_record_that_is_there_stays(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    stack.add_metadata("TTS", {"system": "mine", "project": "other"})
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    report(app)
    assert metadata(app, "Stack.template.json") == {"system": "mine", "project": "other"}


def test_without_a_project_no_record_is_written(app: cdk.App, stack: cdk.Stack, report: Reports) -> None:
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app)
    report(app)
    assert metadata(app, "Stack.template.json") is None


MISSING = dict.fromkeys(("repository", "commit", "dirty"), "no-repository")


@pytest.fixture
def unversioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "provenance", lambda _: Provenance(missing=MISSING))


@pytest.mark.usefixtures("unversioned")
def test_a_record_outside_of_version_control_is_written_and_warned_of(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitCondition(stack, "Wait")
    stack.termination_protection = True
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    found = report(app)
    assert not found.failed
    assert found.of("TTS-CD-001", "warning") == ["Stack"]
    written = {name: value for name, value in RECORD.items() if name not in MISSING}
    assert metadata(app, "Stack.template.json") == written | {"system": "Stack", "missing": MISSING}


def protected(scope: Construct, name: str) -> cdk.Stack:
    stack = cdk.Stack(scope, name, env=ENV, termination_protection=True)
    cdk.CfnWaitCondition(stack, "Wait")
    return stack


@pytest.fixture
def three_stacks(app: cdk.App) -> cdk.App:
    """An app of three stacks of production, the first one in a stage."""
    protected(cdk.Stage(app, "Stage"), "One")
    protected(app, "Two")
    protected(app, "Three")
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    return app


@pytest.mark.usefixtures("unversioned")
def test_what_nobody_knows_of_several_stacks_is_warned_of_once_and_outside_of_stages(
    three_stacks: cdk.App, report: Reports
) -> None:
    (violation,) = report(three_stacks).violations
    assert [construct["constructPath"] for construct in violation["violatingConstructs"]] == ["Three"]
    assert "The same holds for Two, Stage/One." in violation["description"]


@pytest.mark.usefixtures("unversioned")
def test_what_nobody_knows_of_several_stacks_blocks_each_in_ci(
    three_stacks: cdk.App, report: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    found = report(three_stacks)
    assert sorted(found.of("TTS-CD-001")) == ["Stage/One", "Three", "Two"]


def test_a_record_with_settings_that_cannot_be_used_raises_nothing_before_the_judge(
    app: cdk.App, stack: cdk.Stack, report: Reports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tts.toml").write_text("environment = 1")
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, project="benefits", owner="benefits@example.gov")
    assert report(app).of("TTS-ENGINE") == ["Stack"]
    assert "line 1: environment must be one of production" in capsys.readouterr().err


@pytest.mark.usefixtures("clean_checkout")
def test_what_is_declared_of_the_data_stands_in_the_record(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitConditionHandle(stack, "Handle")
    who: dict[str, Any] = {"project": "benefits", "owner": "benefits@example.gov"}
    guard(app, environment=Environment.PRODUCTION, data_sensitivity=DataSensitivity.PUBLIC, **who)
    report(app)
    assert metadata(app, "Stack.template.json") == RECORD | {"system": "Stack", "data_sensitivity": "public"}


def test_what_is_declared_of_the_data_stands_alone_where_no_project_is_given(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitConditionHandle(cdk.NestedStack(stack, "Nested"), "Handle")
    clean = cdk.Stack(cdk.Stage(app, "Try", env=ENV), "Stack")
    cdk.CfnWaitConditionHandle(clean, "Handle")
    guard(app, environment=Environment.SANDBOX, data_sensitivity=DataSensitivity.SYNTHETIC)
    assert not report(app).of("TTS-SBX-002", "warning")
    declared = {"version": 1, "data_sensitivity": "synthetic"}
    assert metadata(app, "Stack.template.json") == declared
    (in_stage,) = Path(app.outdir).glob("assembly-Try/*.template.json")
    assert metadata(app, str(in_stage)) == declared
    (nested,) = Path(app.outdir).glob("*.nested.template.json")
    assert metadata(app, str(nested)) is None


@pytest.mark.usefixtures("clean_checkout")
def test_guardrails_add_a_project_to_what_others_declared_of_the_data(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, data_sensitivity=DataSensitivity.SYNTHETIC)
    guard(stack, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    report(app)
    found = metadata(app, "Stack.template.json")
    assert found == RECORD | {"system": "Stack", "data_sensitivity": "synthetic"}


@pytest.mark.usefixtures("clean_checkout")
def test_guardrails_add_what_is_declared_to_the_record_of_others(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov")
    guard(stack, data_sensitivity=DataSensitivity.PUBLIC)
    report(app)
    found = metadata(app, "Stack.template.json")
    assert found == RECORD | {"system": "Stack", "data_sensitivity": "public"}


@pytest.mark.parametrize("mine", [{"system": "mine"}, {"data_sensitivity": "sensitive"}])
def test_what_a_system_says_of_its_data_and_sensitive_data_stay(
    app: cdk.App, stack: cdk.Stack, report: Reports, mine: dict[str, Any]
) -> None:
    stack.add_metadata("TTS", mine)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, data_sensitivity=DataSensitivity.PUBLIC)
    report(app)
    assert metadata(app, "Stack.template.json") == mine


def test_sensitive_data_in_a_sandbox_is_found_where_guardrails_declare_it(
    app: cdk.App, stack: cdk.Stack, report: Reports
) -> None:
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app, environment=Environment.SANDBOX, data_sensitivity=DataSensitivity.SENSITIVE)
    report(app)
    faults = attestation.faults(Path(app.outdir))
    assert [fault for fault in faults if fault.startswith("TTS-SBX-002 blocked")]


# Arguments


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"environment": "production"}, "environment='production' is text; write Environment.PRODUCTION"),
        ({"minimum": True}, "minimum=True needs an environment"),
        ({"project": "benefits"}, "project and owner go together"),
        ({"owner": "a@example.gov"}, "project and owner go together"),
        ({"project": "todo", "owner": "a@example.gov"}, "names no project"),
        ({"project": "benefits", "owner": 1}, "owner=1 is a number"),
        ({"data_sensitivity": "public"}, "data_sensitivity='public' is text; write DataSensitivity.PUBLIC"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidArgumentError, match=fault):
        TtsGuardrails(**arguments)


def test_all_faults_of_the_arguments_are_named_at_once() -> None:
    with pytest.raises(InvalidArgumentError, match="2 faults"):
        TtsGuardrails(environment="x", project="benefits")  # type: ignore[arg-type]


def test_a_switch_is_refused_with_an_error_of_this_library(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDK_CLI_VERSION", raising=False)
    monkeypatch.setenv("CDK_APP_MODE", "process")
    with pytest.raises(BlockedError):
        TtsGuardrails().visit(app)


def test_rules_that_cannot_be_loaded_fail_the_synth_with_their_reason(
    app: cdk.App,
    stack: cdk.Stack,
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise SettingsError("organization rules", ["broken 1.0 cannot be loaded"])

    monkeypatch.setattr(plugin_module, "catalog", broken)
    monkeypatch.setattr("tts_constructs.policy.review.catalog", broken)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    guard(app)
    assert report(app).of("TTS-ENGINE") == ["Stack"]
    assert "broken 1.0 cannot be loaded" in capsys.readouterr().err
