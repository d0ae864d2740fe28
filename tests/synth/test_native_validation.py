"""AWS's validation at synth, natively: the CDK treats what it says as it treats what its own says."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from sample_app import app as sample_app
from tests.raw_app import app as raw_app
from tests.raw_app.faults import FAULTS
from tts_constructs import Environment, TtsApp, TtsGuardrails
from tts_constructs.policy import native_validation as engine
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.native_validation import Diagnosis, Validation
from tts_constructs.policy.records import attestation
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings
from tts_constructs.synth import native_validation
from tts_constructs.synth.native_validation import Violation, rules_of_the_cdk, violations

pytest.importorskip("cloudformation_validate", reason="AWS's engine is not installed")

ENV = cdk.Environment(account="111122223333", region="us-east-1")
ERRORS_FAIL = {"@aws-cdk/core:validateAgainstDefaultRules": True}
CDKS = Path(cdk.__file__).parent / "_jsii"
ROOT = Path(__file__).parents[2]

Aws = Callable[[cdk.App], Any]


@pytest.fixture
def aws() -> Aws:
    """Synthesizes an app; returns what the CDK reports of AWS's validation, and whether the synth failed."""

    def synthesize(app: cdk.App) -> tuple[dict[str, Any], bool]:
        failed = True
        with contextlib.suppress(RuntimeError):
            app.synth(force=True)
            failed = False
        path = Path(app.outdir) / "validation-report.json"
        reports = json.loads(path.read_text(encoding="utf-8"))["pluginReports"]
        found = [report for report in reports if report["pluginName"] == engine.NAME]
        assert len(found) <= 1  # the CDK leaves out who found nothing
        return (found[0] if found else {"violations": []}), failed

    return synthesize


def app_of(**arguments: Any) -> TtsApp:
    return TtsApp(environment=Environment.SANDBOX, **arguments)


def refused(scope: Any) -> s3.CfnBucket:
    """A bucket that AWS refuses for its name, in a stack that no rule of ours blocks in a sandbox."""
    return s3.CfnBucket(cdk.Stack(scope, "Stack", env=ENV), "Files", bucket_name="UPPER")


def rules(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(violation["ruleName"], violation["severity"]) for violation in report["violations"]]


def test_what_aws_refuses_fails_the_synth_if_the_app_says_so(aws: Aws) -> None:
    app = app_of(context=ERRORS_FAIL)
    refused(app)
    report, failed = aws(app)
    assert failed
    assert report["conclusion"] == "failure"
    assert ("F3031", "error") in rules(report)


def test_what_aws_refuses_is_a_warning_if_the_app_does_not_say_so(aws: Aws) -> None:
    app = app_of()
    refused(app)
    report, _ = aws(app)
    assert report["conclusion"] == "success"
    assert ("F3031", "warning") in rules(report)


def test_a_second_synth_fails_too(aws: Aws) -> None:
    app = app_of(context=ERRORS_FAIL)
    refused(app)
    assert aws(app) == aws(app)


def test_a_clean_app_has_no_violation(aws: Aws) -> None:
    app = app_of(context=ERRORS_FAIL)
    cdk.CfnWaitConditionHandle(cdk.Stack(app, "Stack", env=ENV), "Handle")
    report, failed = aws(app)
    assert (report["violations"], failed) == ([], False)


@pytest.mark.usefixtures("traced")
def test_a_violation_names_the_construct_the_property_and_the_line(aws: Aws) -> None:
    app = app_of()
    refused(app)
    (violation,) = [one for one in aws(app)[0]["violations"] if one["ruleName"] == "F3031"]
    (construct,) = violation["violatingConstructs"]
    assert violation["description"].startswith("BucketName: 'UPPER' does not match pattern")
    assert construct["constructPath"] == "Stack/Files"
    assert construct["cloudFormationResource"] == {
        "templatePath": "Stack.template.json",
        "logicalId": "Files",
        "propertyPaths": ["Properties.BucketName"],
    }
    assert any("test_native_validation.py" in trace for trace in construct["stackTraces"])


def test_an_acknowledgment_counts_as_with_the_cdks_own(aws: Aws) -> None:
    app = app_of(context=ERRORS_FAIL)
    bucket = refused(app)
    reason = cdk.Acknowledgment(id="CloudFormation-Validate::F3031", reason="for a test")
    cdk.Validations.of(bucket).acknowledge(reason)
    report, _ = aws(app)
    assert ("F3031", "error") not in rules(report)
    assert [one["ruleName"] for one in report["suppressedViolations"]] == ["F3031"]


def test_one_message_about_several_resources_is_one_violation(aws: Aws) -> None:
    app = app_of()
    stack = cdk.Stack(app, "Stack", env=ENV)
    for name in ("First", "Second"):
        s3.CfnBucket(stack, name, bucket_name="UPPER")
    (violation,) = [one for one in aws(app)[0]["violations"] if one["ruleName"] == "F3031"]
    assert [one["constructPath"] for one in violation["violatingConstructs"]] == [
        "Stack/First",
        "Stack/Second",
    ]


def test_a_stack_in_a_stage_is_validated(aws: Aws) -> None:
    app = app_of()
    refused(cdk.Stage(app, "Prod", env=ENV))
    assert ("F3031", "warning") in rules(aws(app)[0])


def test_the_region_of_a_stack_counts(aws: Aws) -> None:
    app = app_of()
    for region in ("us-east-1", "us-gov-west-1"):
        stack = cdk.Stack(app, region, env=cdk.Environment(account="111122223333", region=region))
        cdk.CfnResource(
            stack, "Budget", type="AWS::Budgets::Budget",
            properties={"Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY"}},
        )  # fmt: skip
    (violation,) = [one for one in aws(app)[0]["violations"] if one["ruleName"] == "F3006"]
    assert [one["constructPath"] for one in violation["violatingConstructs"]] == ["us-gov-west-1/Budget"]


def test_guardrails_on_an_app_of_the_cdk_validate_if_they_are_told_to(make_app: Any, aws: Aws) -> None:
    app = make_app(ERRORS_FAIL)
    refused(app)
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX, native_validation=True))
    assert ("F3031", "error") in rules(aws(app)[0])


def test_guardrails_do_not_validate_by_themselves(make_app: Any) -> None:
    app = make_app(ERRORS_FAIL)
    cdk.CfnWaitConditionHandle(cdk.Stack(app, "Stack", env=ENV), "Handle")
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.SANDBOX))
    report = json.loads(Path(app.synth().directory, "validation-report.json").read_text(encoding="utf-8"))
    assert engine.NAME not in [report["pluginName"] for report in report["pluginReports"]]


# When the engine decides nothing


def fails(*_: object, **__: object) -> Diagnosis:
    message = "out of memory"
    raise ValueError(message)


def gives_up(*_: object, **__: object) -> Diagnosis:
    return Diagnosis((), is_complete=False)


@pytest.mark.parametrize(
    ("diagnose", "message"),
    [(fails, "AWS's validation failed (ValueError: out of memory)"), (gives_up, "gave up on Stack")],
)
def test_an_engine_that_decides_nothing_fails_the_synth_whatever_the_app_says(
    diagnose: Any, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "diagnose", diagnose)
    app = app_of()
    cdk.CfnWaitConditionHandle(cdk.Stack(app, "Stack", env=ENV), "Handle")
    with pytest.raises(RuntimeError, match=re.escape(message)):
        app.synth()
    assert f"TTS-ENGINE {'' if diagnose is fails else 'AWS'}" in capsys.readouterr().err
    assert attestation.faults(Path(app.outdir))


def test_a_judge_that_fails_does_not_hide_that_it_failed(tmp_path: Path) -> None:
    (tmp_path / "tts.toml").write_text("nonsense = 1", encoding="utf-8")
    app = app_of()
    refused(app)
    with pytest.raises(RuntimeError, match="nonsense"):
        app.synth()


# The rules that the CDK adds


def test_the_cdks_own_rules_count(aws: Aws) -> None:
    app = app_of()
    fleet = cdk.CfnResource(cdk.Stack(app, "Stack", env=ENV), "Fleet", type="AWS::GameLift::Fleet")
    inverted = {"FromPort": 9, "ToPort": 8, "IpRange": "10.0.0.0/8", "Protocol": "TCP"}
    fleet.add_property_override("EC2InboundPermissions", [inverted])
    assert ("CDK-GameLift-001", "warning") in rules(aws(app)[0])


def test_the_cdks_own_rules_are_about_no_other_types() -> None:
    texts = [rule.content for rule in rules_of_the_cdk()]
    assert texts
    types = {match for text in texts for match in re.findall(r'"(AWS::\w+::)', text)}
    assert types == set(native_validation.TYPES_OF_THE_CDKS_RULES)


# The same findings as the CDK's own engine


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of the CDK that validates templates, in JavaScript and WebAssembly."""
    folder = tmp_path_factory.mktemp("cdk")
    parts = ("core/", "cx-api/", "node_modules/@aws/", ".warnings.jsii.js", "package.json")
    (packed,) = CDKS.glob("*.tgz")
    with tarfile.open(packed, "r|gz") as files:
        for file in files:
            if file.name.startswith(tuple(f"package/{part}" for part in parts)):
                files.extract(file, folder, filter="data")
    return folder / "package"


ASK = """
const { CloudFormationValidatePlugin } = require('./core/lib/validation/cloudformation-validate-plugin.js');
const plugin = new CloudFormationValidatePlugin();
const stackTemplates = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const { violations } = plugin.validate({ stackTemplates });
console.log(JSON.stringify({ version: plugin.version, ruleIds: plugin.ruleIds, violations }));
"""


def asked(package: Path, stacks: list[Stack]) -> dict[str, Any]:
    """What the plugin of the CDK says of templates."""
    templates = [
        {
            "stackConstructPath": stack.name,
            "templatePath": str(stack.template_path),
            "accountId": stack.account,
            "region": stack.region,
        }
        for stack in stacks
    ]
    done = subprocess.run(
        ["node", "--eval", ASK], input=json.dumps(templates), cwd=package,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def as_the_cdk_says_it(violation: Violation) -> dict[str, Any]:
    """A violation in the words of JavaScript, which leaves out what is undefined."""
    resources = [
        {
            "resourceLogicalId": place.logical_id,
            "constructPath": place.construct_path,
            "templatePath": place.template_path,
            "locations": [place.location] if place.location else [],
        }
        for place in violation.places
    ]
    said = {
        "ruleName": violation.rule_name,
        "description": violation.description,
        "severity": violation.severity,
        "fix": violation.fix,
        "violatingResources": [_stated(resource) for resource in resources],
        "ruleMetadata": {"category": violation.category} if violation.category else None,
    }
    return _stated(said)


def _stated(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def every_example(folder: Path) -> Iterator[Stack]:
    """The template of each example of each rule, in its place."""
    assembly = Assembly(Settings())
    for rule in catalog():
        for number, example in enumerate(load_examples(rule.id)):
            name = f"{rule.id}-{number}"
            path = folder / f"{name}.json"
            text = json.dumps(example.data["template"], default=str)
            path.write_text(text, encoding="utf-8")
            yield Stack(
                assembly, name, {}, template_path=path, text=text,
                account=example.data.get("account", "111111111111"),
                region=example.data.get("region", "us-east-1"),
            )  # fmt: skip


@pytest.mark.slow
def test_it_is_the_engine_of_the_locked_cdk_with_the_same_rules(unpacked: Path) -> None:
    said = asked(unpacked, [])
    assert (engine.version(), set(engine.rule_ids())) == (
        said["version"],
        {rule_id for rule_id in said["ruleIds"] if not rule_id.startswith("CDK-")},
    )


def of_the_sample_app(app: cdk.App) -> None:
    sample_app.build(app)


def of_the_raw_app(app: cdk.App) -> None:
    raw = raw_app.build(app)
    for fault in FAULTS.values():
        fault(raw)
    stack = cdk.Stack(app, "Refused", env=ENV)
    s3.CfnBucket(stack, "Files", bucket_name="UPPER")
    ec2.CfnInstance(stack, "Instance", image_id="ami-1", instance_type="t3.small")
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id="CloudFormation-Validate::F3031", reason="for a test")
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "folder"), [(of_the_sample_app, "."), (of_the_raw_app, "tests/raw_app")], ids=["sample", "raw"]
)
def test_in_the_report_of_a_synth_both_engines_say_the_same(
    build: Callable[[cdk.App], None], folder: str, aws: Aws
) -> None:
    def reported(**arguments: Any) -> Any:
        with contextlib.chdir(ROOT / folder):
            context = json.loads(Path("cdk.context.json").read_text(encoding="utf-8"))
            app = TtsApp(context=ERRORS_FAIL | context, **arguments)
            build(app)
            return aws(app)[0]

    native, own = reported(), reported(builtin_cloud_formation_validation=True)
    assert native["violations"] or native["suppressedViolations"]
    assert native == own


@pytest.mark.slow
def test_of_every_example_both_engines_say_the_same(unpacked: Path, tmp_path: Path) -> None:
    stacks = list(every_example(tmp_path))
    validation = Validation(stacks)
    native = violations((stack, validation.of(stack)) for stack in stacks)
    assert len(native) > 500
    assert list(map(as_the_cdk_says_it, native)) == asked(unpacked, stacks)["violations"]
