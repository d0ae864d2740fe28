"""`findings`, `assert_compliant` and `assert_blocked`: what they judge, and how they fail."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template
from constructs import Construct, IValidation, RootConstruct

from tts_constructs import Environment, TtsBucket, TtsGuardrails, TtsSystem
from tts_constructs.errors import InputError, InvalidArgumentError
from tts_constructs.policy.review import utc_today
from tts_constructs.testing import assert_blocked, assert_compliant, findings

Maker = Callable[..., Any]

INSTANCE = "TTS-EC2-001"
RAW: dict[str, Any] = {
    "Resources": {"Web": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}}
}


def instance(scope: Construct, name: str = "Instance") -> ec2.CfnInstance:
    return ec2.CfnInstance(scope, name, image_id="ami-1", instance_type="t3.small")


def guard(scope: Construct, **arguments: Any) -> None:
    cdk.Aspects.of(scope).add(TtsGuardrails(**arguments))


def places(subject: Any, rule_id: str = INSTANCE) -> list[str | None]:
    """Construct paths of what a rule finds, or where there is none its logical ids."""
    return [one.construct_path or one.logical_id for one in findings(subject) if one.rule_id == rule_id]


# What is judged


def test_an_app_whose_guardrails_block_is_judged_and_does_not_raise(stack: cdk.Stack) -> None:
    guard(stack.node.root)  # type: ignore[arg-type]  # the root is the App
    assert places(stack.node.root) == ["Stack/Instance"]


def test_an_app_without_guardrails_is_judged_too(stack: cdk.Stack) -> None:
    assert places(stack.node.root) == ["Stack/Instance"]


def test_of_a_stack_only_its_own_findings_are_given(stack: cdk.Stack, make_stack: Maker) -> None:
    other = make_stack(name="Stack2", scope=stack.node.root)
    instance(other, "Other")
    assert (places(stack), places(other)) == (["Stack/Instance"], ["Stack2/Other"])


def test_a_nested_stack_belongs_to_the_stack_that_holds_it(make_stack: Maker) -> None:
    stack = make_stack()
    instance(cdk.NestedStack(stack, "Nested"))
    assert places(stack) == ["Stack/Nested/Instance"]


def test_a_nested_stack_can_be_judged_by_itself(stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    instance(nested)
    assert places(nested) == ["Stack/Nested/Instance"]


def test_of_a_stage_what_stands_in_it_is_given(make_app: Maker, make_stack: Maker) -> None:
    app = make_app()
    stage = cdk.Stage(app, "Prod")
    instance(make_stack(name="Own", scope=stage))
    instance(make_stack(scope=app), "Other")
    assert places(stage) == ["Prod/Own/Instance"]


def test_what_changed_since_it_was_last_judged_is_seen(make_stack: Maker) -> None:
    stack = make_stack()
    volume = ec2.CfnVolume(stack, "Volume", availability_zone="us-east-1a", size=8, encrypted=True)
    assert places(stack, "TTS-EC2-005") == []
    volume.encrypted = False
    assert places(stack, "TTS-EC2-005") == ["Stack/Volume"]


def test_a_template_of_the_cdks_assertions_is_judged(stack: cdk.Stack) -> None:
    assert places(Template.from_stack(stack)) == ["Instance"]


def test_the_template_of_an_empty_stack_is_judged(make_stack: Maker) -> None:
    template = Template.from_stack(make_stack())
    assert "Resources" not in template.to_json()
    assert places(template) == []


def test_a_map_that_is_no_template_is_refused() -> None:
    with pytest.raises(InputError, match="the template: has no Resources"):
        findings({"name": "a package"})


def test_a_map_is_judged() -> None:
    assert places(RAW) == ["Web"]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_judged(kind: Callable[[str], Any], tmp_path: Path) -> None:
    (tmp_path / "web.json").write_text(json.dumps(RAW), encoding="utf-8")
    found = findings(kind("web.json"))
    assert {one.stack for one in found} == {"web"}
    assert INSTANCE in {one.rule_id for one in found}


def test_the_settings_of_the_working_folder_hold(tmp_path: Path) -> None:
    (tmp_path / "tts.toml").write_text('environment = "sandbox"', encoding="utf-8")
    assert [one.level for one in findings(RAW) if one.rule_id == INSTANCE] == ["warn"]


def test_the_environment_that_guardrails_state_counts(stack: cdk.Stack) -> None:
    guard(stack, environment=Environment.SANDBOX)
    assert [one.level for one in findings(stack) if one.rule_id == INSTANCE] == ["warn"]


@pytest.mark.parametrize("subject", ["stack", "map"])
def test_the_environment_can_be_given(subject: str, stack: cdk.Stack) -> None:
    found = findings(stack if subject == "stack" else RAW, environment=Environment.SANDBOX)
    assert [one.level for one in found if one.rule_id == INSTANCE] == ["warn"]


def test_a_lookup_that_is_pending_warns_as_it_does_at_synth(make_app: Callable[..., cdk.App]) -> None:
    env = cdk.Environment(account="444455556666", region="us-east-1")
    stack = cdk.Stack(make_app(), "Stack", env=env)
    TtsSystem(
        stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="benefits@example.gov"
    )
    assert {one.level for one in findings(stack) if one.rule_id == "TTS-REG-001"} == {"warn"}


IMAGE_LOOKUP = (
    "ami:account=111122223333:filters.image-type.0=machine"
    ":filters.name.0=FISMA Ready Baseline Ubuntu (* - Packer):owners.0=777788889999:region=us-east-1"
)


@pytest.mark.parametrize(
    ("recorded", "found"), [({IMAGE_LOOKUP: "ami-0f15a0b1e5ea50001"}, []), ({}, ["Stack/Template"])]
)
def test_lookups_that_the_app_was_given_count(
    recorded: dict[str, str], found: list[str], tmp_path: Path, make_app: Maker, make_stack: Maker
) -> None:
    (tmp_path / "tts.toml").write_text('[image]\nowners = ["777788889999"]', encoding="utf-8")
    stack = make_stack(scope=make_app(recorded))
    data = ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(image_id="ami-0f15a0b1e5ea50001")
    template = ec2.CfnLaunchTemplate(stack, "Template", launch_template_data=data)
    autoscaling.CfnAutoScalingGroup(
        stack,
        "Group",
        min_size="2",
        max_size="2",
        launch_template=autoscaling.CfnAutoScalingGroup.LaunchTemplateSpecificationProperty(
            launch_template_id=template.ref, version=template.attr_latest_version_number
        ),
    )
    assert places(stack, "TTS-EC2-003") == found


def test_an_app_that_cannot_be_synthesized_raises(stack: cdk.Stack) -> None:
    @jsii.implements(IValidation)
    class Refuses:
        def validate(self) -> list[str]:
            return ["the stack has no name"]

    stack.node.add_validation(Refuses())
    with pytest.raises(RuntimeError, match="the stack has no name"):
        findings(stack)


def test_what_stands_in_no_app_cannot_be_judged() -> None:
    with pytest.raises(InvalidArgumentError, match=r"Root/Stack is not in an App; create it in one"):
        findings(cdk.Stack(RootConstruct("Root"), "Stack"))


def test_what_is_no_template_cannot_be_judged() -> None:
    with pytest.raises(InvalidArgumentError, match=r"takes an App, .* or a path; 7 is none of these"):
        findings(7)  # type: ignore[arg-type]  # the wrong type is the test


def test_a_map_that_is_no_template_is_named_without_a_path() -> None:
    with pytest.raises(InputError, match=r"^the template: Resources is not a map of resources"):
        findings({"Resources": []})


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match=r"missing\.json: there is no such file or folder"):
        findings("missing.json")


# assert_compliant


def test_what_complies_passes(make_system: Maker) -> None:
    system = make_system()
    TtsBucket(system, "Uploads")
    assert_compliant(system.stack)


def test_a_warning_passes() -> None:
    tagged = {"ImageId": "ami-1", "Tags": [{"Key": "Project", "Value": "benefits"}]}
    instance = {"Type": "AWS::EC2::Instance", "Properties": tagged}
    assert_compliant({"Resources": {"Web": instance}}, environment=Environment.SANDBOX)


def test_a_failure_says_how_much_was_found_then_what_blocks(stack: cdk.Stack) -> None:
    with pytest.raises(AssertionError) as failure:
        assert_compliant(stack)
    summary, *blocks = str(failure.value).split("\n\n")
    assert re.fullmatch(r"\d+ findings block, [1-9]\d* warn; 1 resource in 1 template judged\.", summary)
    assert {block.split()[0] for block in blocks} == {"BLOCKS"}
    (block,) = (block for block in blocks if block.startswith(f"BLOCKS {INSTANCE} "))
    assert re.search(r"^  \S+:\d+ Stack/Instance: AWS::EC2::Instance ", block, re.M)
    assert "fix: Use TtsAsgService" in block


def test_a_failure_points_at_the_line_of_the_test(stack: cdk.Stack) -> None:
    with pytest.raises(AssertionError) as failure:
        assert_compliant(stack)
    assert failure.traceback.filter(failure)[-1].path == Path(__file__)


# assert_blocked


def test_a_rule_that_blocks_passes(stack: cdk.Stack) -> None:
    assert_blocked(stack, INSTANCE)


def test_a_rule_that_does_not_block_fails_and_says_which_do() -> None:
    with pytest.raises(AssertionError, match=r"^TTS-KMS-001 does not block here\. These block: TTS-CD-002, "):
        assert_blocked(RAW, "TTS-KMS-001")


def test_a_rule_that_only_warns_fails_and_shows_its_warning_and_no_other() -> None:
    with pytest.raises(AssertionError, match=rf"^{INSTANCE} does not block here\.") as failure:
        assert_blocked(RAW, INSTANCE, environment=Environment.SANDBOX)
    assert re.findall(r"^WARNS (\S+) ", str(failure.value), re.M) == [INSTANCE]


def test_where_nothing_blocks_it_says_so() -> None:
    with pytest.raises(
        AssertionError, match=r"^TTS-S3-001 does not block here\. Nothing blocks\.\n0 findings block, "
    ):
        assert_blocked({"Resources": {}}, "TTS-S3-001", environment=Environment.SANDBOX)


def test_a_finding_that_is_waived_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "tts.toml").write_text('[waivers]\nfile = "waivers.toml"', encoding="utf-8")
    (tmp_path / "waivers.toml").write_text(
        f"""[[waiver]]
rule = "{INSTANCE}"
path = "Template/Web"
reason = "It is being replaced."
approved_by = "The infrastructure team"
ticket = "INFRA-1"
expires = {utc_today() + timedelta(days=1)}
""",
        encoding="utf-8",
    )
    assert all(one.waiver for one in findings(RAW) if one.rule_id == INSTANCE)
    with pytest.raises(AssertionError, match=f"^{INSTANCE} does not block here"):
        assert_blocked(RAW, INSTANCE)


@pytest.mark.parametrize(
    ("rule_id", "fault"),
    [
        (
            "TTS-EC2-0001",
            r"'TTS-EC2-0001' isn't a rule; write 'TTS-EC2-001', or another that `tts rules` lists",
        ),
        ("zzz", r"'zzz' isn't a rule; write one that `tts rules` lists"),
    ],
)
def test_a_rule_that_does_not_exist_is_named(rule_id: str, fault: str) -> None:
    with pytest.raises(InvalidArgumentError, match=fault):
        assert_blocked(RAW, rule_id)


def test_findings_of_the_engine_can_be_asked_for() -> None:
    with pytest.raises(AssertionError, match=r"^TTS-WAIVER does not block here"):
        assert_blocked(RAW, "TTS-WAIVER")
