"""What evaluate adds to the judge: claims that contradict an account, acknowledgments, and levels."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.errors import SettingsError
from tts_constructs.policy.engine.environments import Guardrails
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import BaselineRecord
from tts_constructs.policy.engine.levels import level_of
from tts_constructs.policy.loading.reader import add_nested, read_assembly
from tts_constructs.policy.model.allowance import Allowance
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.origin import ACKNOWLEDGED, Origins
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.review import review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import ENVIRONMENT, WAIVER
from tts_constructs.policy.settings.model import BaselineSettings, Settings, WaiverSettings
from tts_constructs.policy.suppressions import baseline, baseline_file
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]
PRODUCTION, SANDBOX, DEVELOPMENT = Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT

ACCOUNT = "111122223333"
INSTANCE = "Resources: {Web: {Type: AWS::EC2::Instance}}"
RULES = {rule.id: rule for rule in catalog()}


def of_rule(findings: tuple[Finding, ...], rule_id: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule_id == rule_id]


def test_without_waivers_and_baseline_it_says_what_the_judge_says(make_stack: StackMaker) -> None:
    stack = make_stack(INSTANCE)
    assert review(stack.assembly).judgment.findings == judge(stack.assembly, catalog()).findings


@pytest.mark.parametrize(
    "settings",
    [Settings(waivers=WaiverSettings(Path("none.toml"))), Settings(baseline=BaselineSettings(Path()))],
)
def test_a_file_that_cannot_be_used_ends_the_run(make_stack: StackMaker, settings: Settings) -> None:
    stack = make_stack(INSTANCE)
    stack.assembly.settings = settings
    with pytest.raises(SettingsError):
        review(stack.assembly)


# Levels of the settings


def test_the_settings_can_make_a_rule_block(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {Data: {Type: AWS::S3::Bucket}}")
    rules = [RULES["TTS-TAG-004"]]
    assert not review(stack.assembly, rules=rules).judgment.blocks
    stack.assembly.settings = Settings(levels={PRODUCTION: {"TTS-TAG-004": "block"}})
    assert review(stack.assembly, rules=rules).judgment.blocks
    assert not review(stack.assembly, rules=rules, override=SANDBOX).judgment.blocks


def test_the_settings_can_have_a_rule_evaluated_where_the_catalog_does_not(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {Data: {Type: AWS::S3::Bucket}}")
    rules = [RULES["TTS-S3-003"]]
    assert review(stack.assembly, rules=rules, override=SANDBOX).judgment.findings == ()
    stack.assembly.settings = Settings(levels={SANDBOX: {"TTS-S3-003": "warn"}})
    (finding,) = review(stack.assembly, rules=rules, override=SANDBOX).judgment.findings
    assert finding.level == "warn"


@pytest.mark.parametrize(("rule_id", "level"), [("TTS-EC2-004", "warn"), ("TTS-EC2-001", "block")])
def test_what_cannot_be_decided_blocks_only_where_a_mandate_stands_behind_the_rule(
    rule_id: str, level: str
) -> None:
    settings = Settings(levels={SANDBOX: {rule_id: "block"}})
    assert level_of(settings, RULES[rule_id], SANDBOX) == "block"
    assert level_of(settings, RULES[rule_id], SANDBOX, "unknown") == level


# What allows findings


def test_a_judgment_says_who_allows_what_and_until_when(make_stack: StackMaker, tmp_path: Path) -> None:
    stack = make_stack("Resources: {Web: {Type: AWS::EC2::Instance}, Api: {Type: AWS::EC2::Instance}}")
    rules, today = [RULES["TTS-EC2-001"]], date(2026, 3, 4)
    waivers, known = tmp_path / "waivers.toml", tmp_path / "baseline.toml"
    waivers.write_text(
        f"""
        [[waiver]]
        rule = "TTS-EC2-001"
        path = "{stack.name}/Web"
        reason = "It moves."
        approved_by = "A. Person"
        ticket = "OPS-1"
        expires = 2026-05-31
        """,
        encoding="utf-8",
    )
    found = review(stack.assembly, rules=rules, today=today).found
    entries = baseline.entries_for(one for one in found if one.finding.logical_id == "Api")
    recorded = baseline_file.Recorded("A. Recorder", date(2026, 2, 1))
    baseline_file.write_baseline(known, entries, recorded=recorded)
    stack.assembly.settings = Settings(
        waivers=WaiverSettings(waivers), baseline=BaselineSettings(known, until=date(2026, 9, 30))
    )
    judgment = review(stack.assembly, rules=rules, today=today).judgment
    said = {finding.logical_id: finding.waiver for finding in judgment.findings if finding.waiver}
    assert judgment.allowances == (
        Allowance(said["Web"], "A. Person", date(2026, 5, 31), "OPS-1", "It moves."),
    )
    assert judgment.baseline == BaselineRecord(
        known.name, 1, "A. Recorder", date(2026, 2, 1), date(2026, 9, 30)
    )
    assert said["Api"] == "known since this app adopted the rules (baseline)"


def test_a_judgment_names_nothing_that_allows_no_finding(make_stack: StackMaker) -> None:
    assert review(make_stack(INSTANCE).assembly).judgment.allowances == ()


# Accounts that are tied


@pytest.fixture
def contradictions(make_stack: StackMaker) -> Callable[..., list[Finding]]:
    """Findings about the environment of one stack in an account that is tied to one."""

    def contradictions(
        tie: Environment, *, claim: str = "", settings: Environment | None = None, **arguments: Any
    ) -> list[Finding]:
        metadata = f"Metadata: {{TTS: {{environment: {claim}}}}}\n" if claim else ""
        stack = make_stack(metadata + INSTANCE, account=ACCOUNT)
        stack.assembly.settings = Settings(accounts={ACCOUNT: tie}, environment=settings)
        return [
            finding
            for finding in review(stack.assembly, **arguments).judgment.findings
            if finding.rule_id == ENVIRONMENT or finding.location == "Metadata/TTS/environment"
        ]

    return contradictions


def guardrails(environment: Environment, minimum: Environment | None = None) -> dict[str, Any]:
    return {"guardrails": lambda _: Guardrails(environment, minimum)}


@pytest.mark.parametrize("tie", Environment)
@pytest.mark.parametrize("claim", Environment)
def test_a_record_that_contradicts_the_tie_is_one_finding_that_blocks(
    contradictions: Callable[..., list[Finding]], tie: Environment, claim: Environment
) -> None:
    blocking = [finding.blocks for finding in contradictions(tie, claim=claim)]
    assert blocking == ([] if tie is claim else [True])


def test_guardrails_that_contradict_the_tie_are_a_finding(
    contradictions: Callable[..., list[Finding]],
) -> None:
    (finding,) = contradictions(PRODUCTION, **guardrails(SANDBOX))
    assert finding.blocks
    assert "TtsGuardrails" in finding.message
    assert "sandbox, and the settings tie the account to production" in finding.message


def test_a_minimum_that_contradicts_the_tie_is_a_finding(
    contradictions: Callable[..., list[Finding]],
) -> None:
    assert contradictions(SANDBOX, **guardrails(SANDBOX, PRODUCTION))
    assert not contradictions(SANDBOX, **guardrails(SANDBOX, SANDBOX))


def test_a_command_that_contradicts_the_tie_is_a_finding(
    contradictions: Callable[..., list[Finding]],
) -> None:
    (finding,) = contradictions(PRODUCTION, override=SANDBOX)
    assert "--environment says sandbox" in finding.message


def test_settings_that_contradict_their_own_tie_are_a_finding(
    contradictions: Callable[..., list[Finding]],
) -> None:
    (finding,) = contradictions(PRODUCTION, settings=SANDBOX)
    assert "environment in the settings" in finding.message


def test_a_value_that_another_one_replaces_contradicts_nothing(
    contradictions: Callable[..., list[Finding]],
) -> None:
    assert not contradictions(SANDBOX, claim="sandbox", settings=PRODUCTION, **guardrails(PRODUCTION))


def test_where_nothing_is_stated_nothing_contradicts(contradictions: Callable[..., list[Finding]]) -> None:
    assert not contradictions(SANDBOX)


def test_a_finding_about_an_account_does_not_show_it(contradictions: Callable[..., list[Finding]]) -> None:
    assert ACCOUNT not in str(contradictions(PRODUCTION, override=SANDBOX)[0].as_dict())


def test_an_account_that_is_not_tied_contradicts_nothing(make_stack: StackMaker) -> None:
    stack = make_stack(INSTANCE, account="444455556666")
    stack.assembly.settings = Settings(accounts={ACCOUNT: PRODUCTION})
    assert not of_rule(review(stack.assembly, override=SANDBOX).judgment.findings, ENVIRONMENT)


def test_a_stack_without_an_account_that_claims_to_be_a_sandbox_is_judged_by_the_strictest_tie(
    make_stack: StackMaker,
) -> None:
    stack = make_stack(f"Metadata: {{TTS: {{environment: sandbox}}}}\n{INSTANCE}")
    stack.assembly.settings = Settings(accounts={ACCOUNT: PRODUCTION, "444455556666": SANDBOX})
    findings = review(stack.assembly).judgment.findings
    assert [finding.level for finding in of_rule(findings, "TTS-EC2-001")] == ["block"]
    (said,) = of_rule(findings, ENVIRONMENT)
    assert (said.level, said.verdict) == ("warn", "unknown")
    assert "says sandbox, but its account is not known" in said.message
    assert "judged as production, the strictest" in said.message
    assert "Check the assembly" in said.fix
    assert ACCOUNT not in str(said.as_dict())


@pytest.mark.parametrize(
    ("claim", "ties"),
    [("production", {ACCOUNT: SANDBOX}), ("sandbox", {ACCOUNT: SANDBOX}), ("sandbox", {})],
)
def test_a_stack_without_an_account_that_is_what_it_claims_gets_no_finding(
    make_stack: StackMaker, claim: str, ties: dict[str, Environment]
) -> None:
    stack = make_stack(f"Metadata: {{TTS: {{environment: {claim}}}}}\n{INSTANCE}")
    stack.assembly.settings = Settings(accounts=ties)
    assert not of_rule(review(stack.assembly).judgment.findings, ENVIRONMENT)


def test_a_contradiction_is_said_once_for_a_stack_and_what_is_nested_in_it(make_stack: StackMaker) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}", account=ACCOUNT)
    add_nested(parent.resources["N"], {"Resources": {}})
    parent.assembly.settings = Settings(accounts={ACCOUNT: PRODUCTION})
    assert len(of_rule(review(parent.assembly, override=SANDBOX).judgment.findings, ENVIRONMENT)) == 1


def test_a_sandbox_and_a_production_stack_are_judged_each_by_its_own(make_stack: StackMaker) -> None:
    make_stack(f"Metadata: {{TTS: {{environment: sandbox}}}}\n{INSTANCE}", "Try")
    stack = make_stack(f"Metadata: {{TTS: {{environment: production}}}}\n{INSTANCE}", "Live")
    findings = of_rule(review(stack.assembly).judgment.findings, "TTS-EC2-001")
    assert [(finding.stack, finding.level) for finding in findings] == [("Live", "block"), ("Try", "warn")]


def test_a_stack_that_is_not_judged_contradicts_nothing(make_stack: StackMaker) -> None:
    stack = make_stack(INSTANCE, account=ACCOUNT)
    stack.assembly.settings = Settings(accounts={ACCOUNT: PRODUCTION})
    judgment = review(
        stack.assembly, override=SANDBOX, selected=lambda _, resource: resource is not None
    ).judgment
    assert not of_rule(judgment.findings, ENVIRONMENT)


# The CDK's acknowledge


@pytest.fixture
def acknowledging(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """A cloud assembly whose stack acknowledges rules."""

    def acknowledging(rules: dict[str, str]) -> Path:
        entry = {"type": "aws:cdk:acknowledged-rules", "data": rules}
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": "S.template.json"},
            "additionalMetadataFile": "S.metadata.json",
            "displayName": "S",
        }
        template = {"Resources": {"Web": {"Type": "AWS::EC2::Instance"}}}
        for name, content in {
            "manifest.json": {"version": "50.0.0", "artifacts": {"S": stack}},
            "S.template.json": template,
            "S.metadata.json": {"/S/Web": [entry]},
        }.items():
            (tmp_path / name).write_text(json.dumps(content))
        return tmp_path

    return acknowledging


@pytest.mark.parametrize("rule_id", ["Annotation::TTS-EC2-001", "tts-constructs::TTS-EC2-001", "TTS-EC2-001"])
def test_an_acknowledged_rule_blocks_all_the_same_and_the_acknowledgment_is_reported(
    acknowledging: Callable[[dict[str, Any]], Path], rule_id: str
) -> None:
    judgment = review(read_assembly([acknowledging({rule_id: "because"})])).judgment
    assert of_rule(judgment.findings, "TTS-EC2-001")[0].blocks
    (warning,) = of_rule(judgment.findings, WAIVER)
    assert (warning.level, warning.stack) == ("warn", "S")
    assert warning.message.startswith("S/Web acknowledges TTS-EC2-001 in the CDK, which has no effect")


def test_an_acknowledgment_of_a_rule_of_somebody_else_is_not_ours_to_report(
    acknowledging: Callable[[dict[str, Any]], Path],
) -> None:
    findings = review(read_assembly([acknowledging({"AwsSolutions-EC2::1": "because"})])).judgment.findings
    assert not of_rule(findings, WAIVER)


def test_an_acknowledgment_in_a_stack_with_nested_ones_is_reported_once(make_stack: StackMaker) -> None:
    entry = {"type": ACKNOWLEDGED, "data": {"TTS-EC2-001": "because"}}
    parent = make_stack(
        "Resources: {N: {Type: AWS::CloudFormation::Stack}}",
        origins=Origins(lambda _: {"/Example/N": [entry]}),
    )
    add_nested(parent.resources["N"], {"Resources": {}})
    assert len(of_rule(review(parent.assembly).judgment.findings, WAIVER)) == 1
    unselected = review(parent.assembly, selected=lambda _, resource: resource is not None).judgment
    assert not of_rule(unselected.findings, WAIVER)


def test_an_acknowledgment_above_the_stacks_is_reported_once(make_stack: StackMaker) -> None:
    make_stack(INSTANCE, "Other")
    stack = make_stack(INSTANCE)
    findings = review(stack.assembly, acknowledged=[("", "Annotation::TTS-EC2-001")]).judgment.findings
    (warning,) = of_rule(findings, WAIVER)
    assert warning.message.startswith("The app acknowledges TTS-EC2-001")
