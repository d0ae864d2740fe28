"""What is judged, failures of rules, and what a finding says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.policy import samples
from tts_constructs.errors import SettingsError
from tts_constructs.policy.engine.environments import Guardrails
from tts_constructs.policy.engine.judge import judge, judge_stacks, judgment_of, make_finding
from tts_constructs.policy.engine.judgment import JudgedStack
from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.origin import Origins
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.builtin import ENGINE
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]
PRODUCTION, SANDBOX, DEVELOPMENT = Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT


def encrypted(resource: Resource) -> Iterator[Result]:
    if not resource["Encrypted"].boolean():
        yield resource["Encrypted"].violation("Encrypted is off.")


RULE = replace(samples.RULE, checks={"T::T::T": encrypted})


def stack_with(make_stack: StackMaker, value: str, metadata: str = "{}", name: str = "Example") -> Stack:
    return make_stack(
        f"Metadata: {metadata}\nParameters: {{P: {{Type: String}}}}\n"
        f"Resources: {{R: {{Type: T::T::T, Properties: {{Encrypted: {value}}}}}}}",
        name,
    )


@pytest.mark.parametrize(
    ("value", "environment", "level"),
    [
        ("false", PRODUCTION, "block"),
        ("!Ref P", PRODUCTION, "warn"),
        ("false", DEVELOPMENT, "warn"),
        ("false", SANDBOX, "warn"),
    ],
)
def test_the_level_is_that_of_the_rule_for_the_verdict_in_the_environment(
    make_stack: StackMaker, value: str, environment: Environment, level: str
) -> None:
    stack = stack_with(make_stack, value)
    (finding,) = judge(stack.assembly, [replace(RULE, force="P")], override=environment).findings
    assert finding.verdict == ("violation" if value == "false" else "unknown")
    assert finding.level == level


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
    judgment = judge(stack.assembly, [replace(RULE, checks={"T::T::T": broken}), RULE])
    assert [(f.rule_id, f.level) for f in judgment.findings] == [(ENGINE, "block"), (RULE.id, "block")]
    assert (judgment.findings[0].verdict, judgment.findings[0].location) == ("unknown", "")
    assert "KeyError: 'oops'" in judgment.findings[0].message
    assert judgment.blocks


def test_a_file_of_the_organization_that_cannot_be_used_ends_the_run(make_stack: StackMaker) -> None:
    def unusable(_: Resource) -> Iterator[Result]:
        raise SettingsError("approved.csv", ["is empty"])

    stack = stack_with(make_stack, "false")
    with pytest.raises(SettingsError, match="is empty"):
        judge(stack.assembly, [replace(RULE, checks={"T::T::T": unusable})])


def test_a_rule_that_recurses_without_end_blocks(make_stack: StackMaker) -> None:
    def endless(resource: Resource) -> Iterator[Result]:
        yield from endless(resource)

    stack = stack_with(make_stack, "true")
    assert [f.rule_id for f in judge(stack.assembly, [replace(RULE, checks={"*": endless})]).findings] == [
        ENGINE
    ]


def test_more_conditions_than_can_be_tried_are_undecided(make_stack: StackMaker) -> None:
    def all_true(resource: Resource) -> Iterator[Result]:
        resource["Encrypted"].text()
        yield from ()

    stack = stack_with(make_stack, '!Join ["", [' + ", ".join(f"!If [C{i}, a, b]" for i in range(12)) + "]]")
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


@pytest.mark.parametrize("value", ["false", "!If [C, false, 'false']"])
def test_what_a_check_says_twice_is_found_once(make_stack: StackMaker, value: str) -> None:
    def twice(resource: Resource) -> Iterator[Result]:
        yield from encrypted(resource)
        yield from encrypted(resource)

    stack = stack_with(make_stack, value)
    assert len(judge(stack.assembly, [replace(RULE, checks={"T::T::T": twice})]).findings) == 1


def test_a_resource_is_judged_whatever_its_condition(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Condition: Never}}")
    assert len(judge(stack.assembly, [RULE]).findings) == 1


def silent(resource: Resource) -> Iterator[Result]:
    resource["Encrypted"].boolean()
    yield from ()


def idle(_: Resource) -> Iterator[Result]:
    yield from ()


@pytest.mark.parametrize("value", ["false", "!If [C, true, false]"])
def test_a_check_that_says_nothing_does_not_keep_others_from_speaking(
    make_stack: StackMaker, value: str
) -> None:
    quiet, lazy = (replace(RULE, checks={"T::T::T": check}) for check in (silent, idle))
    stack = stack_with(make_stack, value)
    findings = judge(stack.assembly, [quiet, RULE, quiet, lazy, replace(RULE, id="TTS-XXX-002")]).findings
    assert [finding.rule_id for finding in findings] == ["TTS-XXX-001", "TTS-XXX-002"]


def test_findings_are_sorted_by_stack_logical_id_and_rule(make_stack: StackMaker) -> None:
    make_stack("Resources: {B: {Type: T::T::T}, A: {Type: T::T::T}}", "Two")
    stack = make_stack("Resources: {A: {Type: T::T::T}}", "One")
    findings = judge(stack.assembly, [replace(RULE, id="TTS-XXX-002"), RULE]).findings
    keys = [(f.stack, f.logical_id, f.rule_id) for f in findings]
    assert keys == sorted(keys)
    assert len(keys) == 6


def test_only_what_is_selected_is_judged_and_counted(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {B: {Type: T::T::T}, A: {Type: T::T::T}}")
    judgment = judge(
        stack.assembly,
        [RULE],
        selected=lambda _, resource: resource is not None and resource.logical_id == "A",
    )
    assert [f.logical_id for f in judgment.findings] == ["A"]
    assert (judgment.resources, judgment.templates) == (1, 0)


def test_a_finding_says_nothing_sensitive(make_stack: StackMaker) -> None:
    def telling(resource: Resource) -> Iterator[Result]:
        yield resource.properties.violation(
            "111122223333 ami-0123456789abcdef0 10.1.2.3 a@example.gov 0.0.0.0/0"
        )

    stack = stack_with(make_stack, "true")
    (finding,) = judge(stack.assembly, [replace(RULE, checks={"T::T::T": telling})]).findings
    assert finding.message == "<account> ami-… <address> <e-mail> 0.0.0.0/0"


# What is judged, and where


def named(stack: Stack) -> Iterator[Result]:
    yield Result("violation", "Outputs", f"{stack.name} has a name.")


STACK_RULE = replace(RULE, id="TTS-XXX-009", checks={}, stack_check=named)


def test_a_stack_is_judged_where_it_is_selected_itself(make_stack: StackMaker) -> None:
    make_stack("Resources: {A: {Type: T::T::T}}", "One")
    assembly = make_stack("Resources: {A: {Type: T::T::T}}", "Two").assembly
    judgment = judge(
        assembly, [STACK_RULE], selected=lambda stack, resource: stack.name == "Two" or bool(resource)
    )
    (finding,) = judgment.findings
    assert (finding.stack, finding.logical_id, finding.location) == ("Two", "", "Outputs")
    assert finding.message == "Two has a name."
    assert (judgment.resources, judgment.templates) == (2, 1)


def test_a_check_of_a_stack_that_fails_blocks(make_stack: StackMaker) -> None:
    def broken(stack: Stack) -> Iterator[Result]:
        yield from stack.body["oops"]

    stack = make_stack("Resources: {}")
    (finding,) = judge(stack.assembly, [replace(STACK_RULE, stack_check=broken)]).findings
    assert (finding.rule_id, finding.stack) == (ENGINE, "Example")
    assert STACK_RULE.id in finding.message


def test_each_stack_is_judged_in_its_own_environment(make_stack: StackMaker) -> None:
    stack_with(make_stack, "false", name="One")
    assembly = stack_with(make_stack, "false", name="Two").assembly
    given = {"One": Guardrails(SANDBOX), "Two": Guardrails(PRODUCTION)}
    judgment = judge(assembly, [RULE], guardrails=lambda stack: given[stack.name])
    assert [(finding.stack, finding.level) for finding in judgment.findings] == [
        ("One", "warn"),
        ("Two", "block"),
    ]
    assert [(judged.stack.name, judged.environment) for judged in judgment.stacks] == [
        ("One", SANDBOX),
        ("Two", PRODUCTION),
    ]


def test_the_tie_of_an_account_counts_when_a_stack_is_judged(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T}}", account="111122223333")
    stack.assembly.settings = Settings(accounts={"111122223333": SANDBOX})
    assert [finding.level for finding in judge(stack.assembly, [RULE]).findings] == ["warn"]


def test_a_finding_is_kept_with_its_stack_its_resource_and_the_stacks_that_come_out_alike(
    make_stack: StackMaker,
) -> None:
    stack = stack_with(make_stack, "false")
    stack.twins = ["Twin"]
    (judged,) = judge_stacks(stack.assembly, [RULE, STACK_RULE])
    assert [(found.finding.rule_id, found.stack, found.resource, found.also) for found in judged.found] == [
        ("TTS-XXX-009", stack, None, ("Twin",)),
        ("TTS-XXX-001", stack, stack.resources["R"], ("Twin",)),
    ]


def test_the_environment_of_every_stack_is_known_before_the_first_is_judged(make_stack: StackMaker) -> None:
    def environments(stack: Stack) -> Iterator[Result]:
        yield Result("violation", "", ", ".join(other.environment for other in stack.assembly.stacks))

    stack_with(make_stack, "true", name="One")
    assembly = stack_with(make_stack, "true", "{TTS: {environment: sandbox}}", name="Two").assembly
    findings = judge(assembly, [replace(STACK_RULE, stack_check=environments)]).findings
    assert {finding.message for finding in findings} == {"production, sandbox"}


@pytest.mark.parametrize(
    ("whole", "types", "expected"),
    [
        (True, ("T::T::T",), ["TTS-XXX-001", "TTS-XXX-009"]),
        (True, (), ["TTS-XXX-009"]),
        (False, ("T::T::T",), ["TTS-XXX-001"]),
        (False, (), []),
    ],
)
def test_the_rules_of_a_stack_are_those_that_had_something_to_judge(
    make_stack: StackMaker, whole: bool, types: tuple[str, ...], expected: list[str]
) -> None:
    stack = make_stack("Resources: {A: {Type: T::T::T}, B: {Type: T::T::T}, C: {Type: Other}}")
    rules = [RULE, STACK_RULE, replace(RULE, id="TTS-XXX-003", checks={"Absent": encrypted})]
    (judged,) = judge_stacks(
        stack.assembly, rules, selected=lambda _, resource: resource.type in types if resource else whole
    )
    assert [rule.id for rule in judged.rules] == expected
    assert (judged.whole, judged.resources) == (whole, 2 * len(types))


def test_a_judgment_holds_what_is_known_of_its_stacks(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}")
    stacks = (JudgedStack(stack, PRODUCTION, True, 3), JudgedStack(stack, PRODUCTION, False, 4))
    judgment = judgment_of(iter(stacks), [])
    assert (judgment.stacks, judgment.resources, judgment.templates) == (stacks, 7, 1)
    assert not judgment.blocks


# Findings


TRACE = {
    "/Example/Data/Resource": [
        {"type": "aws:cdk:logicalId", "data": "R", "trace": ["main (/somewhere/app.py:7)"]},
    ]
}


@pytest.fixture
def resource(make_stack: StackMaker) -> Resource:
    return make_stack("Resources: {R: {Type: T::T::T}}", origins=Origins(lambda _: TRACE)).resources["R"]


FINDING = replace(samples.FINDING, message="The account <account> is open.", source="app.py:7")
FOUND = Result("violation", "Properties/P", "The account 111122223333 is open.")


def test_a_finding_says_all_that_is_known_of_a_result(resource: Resource) -> None:
    assert make_finding(RULE, FOUND, resource.stack, resource, "block") == FINDING


def test_a_finding_about_a_stack_names_no_resource(resource: Resource) -> None:
    nothing = {"logical_id": "", "resource_type": "", "construct_path": None, "source": None}
    assert make_finding(RULE, FOUND, resource.stack, None, "block") == replace(FINDING, **nothing)  # type: ignore[arg-type]


def test_the_line_that_is_given_counts_before_that_of_the_resource(resource: Resource) -> None:
    for about in (resource, None):
        finding = make_finding(RULE, FOUND, resource.stack, about, "block", "tts-waivers.toml:3")
        assert finding.source == "tts-waivers.toml:3"


def test_the_fix_of_a_result_counts_before_that_of_its_rule(resource: Resource) -> None:
    result = replace(FOUND, fix="Close 111122223333.")
    assert make_finding(RULE, result, resource.stack, resource, "block").fix == "Close <account>."


@pytest.mark.parametrize(
    ("at_most", "level", "expected"),
    [("warn", "block", "warn"), ("block", "warn", "warn"), (None, "block", "block")],
)
def test_a_result_lowers_a_level_and_never_raises_it(
    resource: Resource, at_most: str | None, level: str, expected: str
) -> None:
    result = replace(FOUND, at_most=at_most)  # type: ignore[arg-type]
    assert make_finding(RULE, result, resource.stack, resource, level).level == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("condition", "found"), [("IsOn", ["violation"]), ("IsOff", []), ("Never", [])])
def test_a_resource_is_judged_as_it_is_where_it_exists(
    make_stack: StackMaker, condition: str, found: list[str]
) -> None:
    stack = make_stack(
        "Parameters: {On: {Type: String}}\n"
        "Conditions:\n"
        "  IsOn: !Equals [!Ref On, on]\n"
        "  IsOff: !Not [!Condition IsOn]\n"
        "  Never: !And [!Condition IsOn, !Condition IsOff]\n"
        f"Resources: {{R: {{Type: T::T::T, Condition: {condition}, "
        "Properties: {Encrypted: !If [IsOn, false, true]}}}"
    )
    assert [finding.verdict for finding in judge(stack.assembly, [RULE]).findings] == found
