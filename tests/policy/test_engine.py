"""Levels, environments, selection, failures and order of findings."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tts_constructs.policy.assembly import add_nested
from tts_constructs.policy.engine import ENGINE, Guardrails, environment_of, judge
from tts_constructs.policy.node import Result
from tts_constructs.policy.origins import Origins
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Resource, Stack

StackMaker = Callable[..., Stack]
PRODUCTION, SANDBOX, DEVELOPMENT = Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT


def encrypted(resource: Resource) -> Iterator[Result]:
    if not resource["Encrypted"].boolean():
        yield resource["Encrypted"].violation("Encrypted is off.")


RULE = Rule(
    id="TTS-XXX-001",
    title="Things are encrypted",
    why="Because.",
    source="test",
    fix="Encrypt.",
    decides="Encrypted is true.",
    controls=("SC-28",),
    force="M",
    production="block",
    sandbox="warn",
    checks={"T::T::T": encrypted},
)


def stack_with(make_stack: StackMaker, value: str, metadata: str = "{}", name: str = "Example") -> Stack:
    return make_stack(
        f"Metadata: {metadata}\nParameters: {{P: {{Type: String}}}}\n"
        f"Resources: {{R: {{Type: T::T::T, Properties: {{Encrypted: {value}}}}}}}",
        name,
    )


@pytest.mark.parametrize(
    ("force", "environment", "verdict", "level"),
    [
        ("M", PRODUCTION, "violation", "block"),
        ("M", PRODUCTION, "unknown", "block"),
        ("M", DEVELOPMENT, "violation", "block"),
        ("M", DEVELOPMENT, "unknown", "block"),
        ("M", SANDBOX, "violation", "warn"),
        ("P", PRODUCTION, "violation", "block"),
        ("P", PRODUCTION, "unknown", "warn"),
        ("P", DEVELOPMENT, "violation", "warn"),
        ("S", PRODUCTION, "unknown", "warn"),
        ("S", SANDBOX, "unknown", "warn"),
    ],
)
def test_the_level_follows_force_environment_and_verdict(
    make_stack: StackMaker, force: str, environment: Environment, verdict: str, level: str
) -> None:
    stack = stack_with(make_stack, "false" if verdict == "violation" else "!Ref P")
    rule = replace(RULE, force=force)  # type: ignore[arg-type]
    (finding,) = judge(stack.assembly, [rule], override=environment).findings
    assert (finding.verdict, finding.level) == (verdict, level)


def test_a_rule_without_a_level_is_not_evaluated(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "false")
    rule = replace(RULE, sandbox=None)
    assert judge(stack.assembly, [rule], override=SANDBOX).findings == ()


def test_a_rule_can_read_where_each_stack_runs(make_stack: StackMaker) -> None:
    def says(resource: Resource) -> Iterator[Result]:
        yield resource.properties.violation(f"It runs in {resource.stack.environment}.")

    stack = make_stack(
        "{Metadata: {TTS: {environment: development}}, Resources: {R: {Type: T::T::T}}}", "Tried"
    )
    make_stack("Resources: {R: {Type: T::T::T}}", "Example")
    rule = replace(RULE, checks={"T::T::T": says})
    for override, example in ((None, "production"), (SANDBOX, "sandbox")):
        findings = judge(stack.assembly, [rule], override=override).findings
        assert [finding.message for finding in findings] == [
            f"It runs in {example}.", "It runs in development."
        ]  # fmt: skip


BY_PATH = "{aws:cdk:path: Example/R/Resource}"


@pytest.mark.parametrize(
    ("known", "metadata", "fix"),
    [
        ({}, "{}", "Write Encrypted."),
        ({"origins": Origins()}, "{}", "Give encrypted=True."),
        ({}, BY_PATH, "Give encrypted=True."),
    ],
    ids=["template", "manifest", "template with construct paths"],
)
def test_the_fix_is_that_of_what_the_reader_has(
    make_stack: StackMaker, known: dict[str, Any], metadata: str, fix: str
) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Metadata: {metadata}}}}}", **known)
    rule = replace(RULE, fix="Give encrypted=True.", template_fix="Write Encrypted.")
    assert judge(stack.assembly, [rule]).findings[0].fix == fix


def test_a_nested_stack_is_of_the_cdk_where_its_parent_is(make_stack: StackMaker) -> None:
    parent = make_stack("Resources: {N: {Type: 'AWS::CloudFormation::Stack'}}", origins=Origins())
    add_nested(parent.resources["N"], {"Resources": {"R": {"Type": "T::T::T"}}})
    rule = replace(RULE, template_fix="Write Encrypted.")
    assert judge(parent.assembly, [rule]).findings[0].fix == RULE.fix


def test_a_rule_with_one_fix_has_it_for_templates_too(make_stack: StackMaker) -> None:
    assert judge(stack_with(make_stack, "false").assembly, [RULE]).findings[0].fix == "Encrypt."


def test_a_result_with_fixes_of_its_own_gives_none_of_its_rule(make_stack: StackMaker) -> None:
    def own(template_fix: str | None) -> Callable[[Resource], Iterator[Result]]:
        return lambda resource: iter(
            [resource.properties.violation("Something.", fix="A.", template_fix=template_fix)]
        )

    stack = stack_with(make_stack, "false")
    for template_fix, shown in ((None, "A."), ("B.", "B.")):
        rule = replace(RULE, template_fix="Write Encrypted.", checks={"T::T::T": own(template_fix)})
        assert judge(stack.assembly, [rule]).findings[0].fix == shown


def test_a_result_can_be_capped_at_a_warning(make_stack: StackMaker) -> None:
    def capped(resource: Resource) -> Iterator[Result]:
        yield resource.properties.violation("Something.", at_most="warn")

    stack = stack_with(make_stack, "false")
    (finding,) = judge(stack.assembly, [replace(RULE, checks={"T::T::T": capped})]).findings
    assert finding.level == "warn"


def test_a_rule_that_fails_blocks_and_does_not_end_the_run(make_stack: StackMaker) -> None:
    def broken(resource: Resource) -> Iterator[Result]:
        yield from resource.body["oops"]

    stack = stack_with(make_stack, "false")
    judgement = judge(stack.assembly, [replace(RULE, checks={"T::T::T": broken}), RULE])
    assert [(f.rule_id, f.level) for f in judgement.findings] == [(ENGINE, "block"), (RULE.id, "block")]
    assert judgement.blocks


def test_a_rule_that_recurses_without_end_blocks(make_stack: StackMaker) -> None:
    def endless(resource: Resource) -> Iterator[Result]:
        yield from endless(resource)

    stack = stack_with(make_stack, "true")
    assert [f.rule_id for f in judge(stack.assembly, [replace(RULE, checks={"*": endless})]).findings] == [
        ENGINE
    ]


def test_more_conditions_than_can_be_tried_are_undecided(make_stack: StackMaker) -> None:
    def all_true(resource: Resource) -> Iterator[Result]:
        for item in resource["Encrypted"].items():
            item.boolean()
        yield from ()

    stack = stack_with(make_stack, "[" + ", ".join(f"!If [C{i}, true, false]" for i in range(12)) + "]")
    (finding,) = judge(stack.assembly, [replace(RULE, checks={"T::T::T": all_true})]).findings
    assert finding.verdict == "unknown"
    assert "combinations of conditions" in finding.message


def test_one_bad_branch_is_a_violation(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "!If [C, true, false]")
    assert [f.verdict for f in judge(stack.assembly, [RULE]).findings] == ["violation"]


def test_a_bad_and_an_unknown_branch_are_both_found(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "!If [C, !Ref P, false]")
    assert {f.verdict for f in judge(stack.assembly, [RULE]).findings} == {"violation", "unknown"}


def test_what_both_branches_say_is_found_once(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "!If [C, false, 'false']")
    assert len(judge(stack.assembly, [RULE]).findings) == 1


def test_a_resource_is_judged_whatever_its_condition(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Condition: Never}}")
    assert len(judge(stack.assembly, [RULE]).findings) == 1


def test_findings_are_sorted_by_stack_logical_id_and_rule(make_stack: StackMaker) -> None:
    make_stack("Resources: {B: {Type: T::T::T}, A: {Type: T::T::T}}", "Two")
    stack = make_stack("Resources: {A: {Type: T::T::T}}", "One")
    findings = judge(stack.assembly, [replace(RULE, id="TTS-XXX-002"), RULE]).findings
    keys = [(f.stack, f.logical_id, f.rule_id) for f in findings]
    assert keys == sorted(keys)
    assert len(keys) == 6


def test_only_what_is_selected_is_judged_and_counted(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {B: {Type: T::T::T}, A: {Type: T::T::T}}")
    judgement = judge(
        stack.assembly,
        [RULE],
        selected=lambda _, resource: resource is not None and resource.logical_id == "A",
    )
    assert [f.logical_id for f in judgement.findings] == ["A"]
    assert (judgement.resources, judgement.templates) == (1, 0)


def test_a_finding_says_nothing_sensitive(make_stack: StackMaker) -> None:
    def telling(resource: Resource) -> Iterator[Result]:
        yield resource.properties.violation(
            "111122223333 ami-0123456789abcdef0 10.1.2.3 a@example.gov 0.0.0.0/0"
        )

    stack = stack_with(make_stack, "true")
    (finding,) = judge(stack.assembly, [replace(RULE, checks={"T::T::T": telling})]).findings
    assert finding.message == "<account> ami-… <address> <e-mail> 0.0.0.0/0"


def test_the_longest_pattern_of_a_type_counts() -> None:
    rule = replace(RULE, checks={"AWS::*": encrypted, "AWS::RDS::*": list, "*::MODULE": set})  # type: ignore[dict-item]
    assert rule.check_of("AWS::RDS::DBInstance") is list  # type: ignore[comparison-overlap]
    assert rule.check_of("AWS::S3::Bucket") is encrypted
    assert rule.check_of("My::Own::MODULE") is set  # type: ignore[comparison-overlap]
    assert rule.check_of("Custom::X") is None


# The order in which a stack's environment is found


CLAIM = "{TTS: {environment: sandbox}}"


def test_a_stack_of_which_nothing_is_known_is_production(make_stack: StackMaker) -> None:
    assert environment_of(stack_with(make_stack, "true"), Settings()) is PRODUCTION


def test_the_settings_say_the_environment_where_nothing_else_does(make_stack: StackMaker) -> None:
    assert environment_of(stack_with(make_stack, "true"), Settings(environment=DEVELOPMENT)) is DEVELOPMENT


def test_guardrails_win_over_the_settings(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true")
    assert environment_of(stack, Settings(environment=DEVELOPMENT), Guardrails(SANDBOX)) is SANDBOX


def test_the_command_wins_over_guardrails(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true")
    assert environment_of(stack, Settings(), Guardrails(SANDBOX), override=DEVELOPMENT) is DEVELOPMENT


def test_the_systems_claim_wins_over_guardrails_settings_and_command(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true", CLAIM)
    assert (
        environment_of(stack, Settings(environment=PRODUCTION), Guardrails(PRODUCTION), PRODUCTION) is SANDBOX
    )


def test_the_tie_of_the_account_wins_over_the_claim(make_stack: StackMaker) -> None:
    stack = make_stack(f"Metadata: {CLAIM}\nResources: {{}}", account="111122223333")
    assert environment_of(stack, Settings(accounts={"111122223333": PRODUCTION})) is PRODUCTION


def test_a_minimum_allows_nothing_laxer(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true", CLAIM)
    assert environment_of(stack, Settings(), Guardrails(minimum=DEVELOPMENT)) is DEVELOPMENT


def test_a_minimum_does_not_make_a_stricter_stack_laxer(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true")
    assert environment_of(stack, Settings(), Guardrails(minimum=SANDBOX)) is PRODUCTION


def test_a_claim_that_is_no_environment_does_not_count(make_stack: StackMaker) -> None:
    stack = stack_with(make_stack, "true", "{TTS: {environment: [sandbox]}}")
    assert environment_of(stack, Settings()) is PRODUCTION


def test_a_nested_stack_is_where_its_parent_is(make_stack: StackMaker) -> None:
    from tts_constructs.policy.assembly import add_nested

    parent = make_stack(f"Metadata: {CLAIM}\nResources: {{N: {{Type: AWS::CloudFormation::Stack}}}}")
    add_nested(parent.resources["N"], {"Resources": {}})
    assert environment_of(parent.nested["N"], Settings()) is SANDBOX
