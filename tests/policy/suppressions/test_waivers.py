"""What a waiver does to a finding, and on which day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.policy.suppressions.waiver_text import INSTANCE, TODAY, waiver
from tts_constructs.policy.engine.judge import judge_stacks
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.review import review, utc_today
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import WAIVER
from tts_constructs.policy.settings.model import Settings, WaiverSettings
from tts_constructs.policy.suppressions.waiver_file import Waiver
from tts_constructs.policy.suppressions.waivers import match_waivers
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]
Evaluate = Callable[..., Judgment]

PUBLIC = "TTS-S3-001"
TEMPLATE = "Resources: {Web: {Type: AWS::EC2::Instance}}"
RULES = {rule.id: rule for rule in catalog()}


@pytest.fixture
def evaluated(write: Callable[[str], WaiverSettings]) -> Evaluate:
    """Evaluates two rules over the assembly of a stack, with a waiver file."""

    def evaluated(stack: Stack, *texts: str, **arguments: Any) -> Judgment:
        stack.assembly.settings = Settings(waivers=write("\n".join(texts)))
        given: dict[str, Any] = {"rules": [RULES[INSTANCE], RULES[PUBLIC]], "today": TODAY} | arguments
        return review(stack.assembly, **given).judgment

    return evaluated


def of_rule(judgment: Judgment, rule_id: str = INSTANCE) -> Finding:
    (finding,) = (finding for finding in judgment.findings if finding.rule_id == rule_id)
    return finding


def about_waivers(judgment: Judgment) -> list[tuple[str, str]]:
    return [(f.level, f.message) for f in judgment.findings if f.rule_id == WAIVER]


# Findings that are allowed


@pytest.mark.parametrize("path", ["Example/Web", "Ex*/Web", "**/Web"])
def test_a_waived_finding_stays_and_says_who_allowed_it(
    make_stack: StackMaker, evaluated: Evaluate, path: str
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(path=path))
    finding = of_rule(judgment)
    assert finding.waiver == "allowed by ada@example.gov until 2026-06-09 (OPS-7): moves in May"
    assert finding.level == "block"
    assert not judgment.blocks
    assert about_waivers(judgment) == []


def test_a_construct_path_is_matched_too(make_stack: StackMaker, evaluated: Evaluate) -> None:
    stack = make_stack(
        "Resources: {Web1234: {Type: AWS::EC2::Instance, Metadata: {aws:cdk:path: Example/Part/Web}}}"
    )
    assert not evaluated(stack, waiver(path="Example/Part/Web")).blocks
    assert not evaluated(stack, waiver(path="Example/Web1234")).blocks


def test_a_waiver_holds_for_its_rule_alone(make_stack: StackMaker, evaluated: Evaluate) -> None:
    stack = make_stack("Resources: {Web: {Type: AWS::EC2::Instance}, Data: {Type: AWS::S3::Bucket}}")
    judgment = evaluated(stack, waiver())
    assert of_rule(judgment, PUBLIC).waiver is None
    assert judgment.blocks


def test_a_waiver_holds_for_its_path_alone(make_stack: StackMaker, evaluated: Evaluate) -> None:
    stack = make_stack("Resources: {Web: {Type: AWS::EC2::Instance}, Api: {Type: AWS::EC2::Instance}}")
    judgment = evaluated(stack, waiver())
    assert [(f.logical_id, f.waiver is None) for f in judgment.findings] == [("Api", True), ("Web", False)]


def test_a_finding_in_a_nested_stack_can_be_waived(make_stack: StackMaker, evaluated: Evaluate) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}")
    add_nested(parent.resources["N"], {"Resources": {"Web": {"Type": "AWS::EC2::Instance"}}})
    assert not evaluated(parent, waiver(path="Example/N/*")).blocks


def test_a_finding_about_a_stack_can_be_waived_by_its_path(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    rules = [RULES["TTS-CD-002"]]
    stack = make_stack(TEMPLATE)
    assert evaluated(stack, rules=rules).blocks
    assert not evaluated(stack, waiver(rule="TTS-CD-002", path="Example"), rules=rules).blocks


def test_a_warning_can_be_waived(make_stack: StackMaker, evaluated: Evaluate) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(), override=Environment.SANDBOX)
    assert of_rule(judgment).waiver
    assert about_waivers(judgment) == []


def test_of_two_waivers_for_one_finding_the_longer_one_counts(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    shorter, longer = (TODAY + timedelta(days=days) for days in (50, 60))
    texts = (waiver(longer, ticket="LONG"), waiver(shorter, ticket="SHORT", path="**/Web"))
    judgment = evaluated(make_stack(TEMPLATE), *texts)
    assert "(LONG)" in str(of_rule(judgment).waiver)
    assert about_waivers(judgment) == []


def test_overlapping_patterns_each_cover_their_own(make_stack: StackMaker, evaluated: Evaluate) -> None:
    stack = make_stack("Resources: {Web: {Type: AWS::EC2::Instance}, Webs: {Type: AWS::EC2::Instance}}")
    for resource in stack.resources.values():
        resource.body["Metadata"] = {"aws:cdk:path": f"Example/Old/{resource.logical_id}"}
    judgment = evaluated(stack, waiver(path="Example/Old/*"), waiver(path="Example/Old/Web", ticket="OPS-8"))
    assert not judgment.blocks
    assert about_waivers(judgment) == []


# The clock


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (30, "expiring"), (31, "active")]
)
def test_a_waiver_expires_after_its_last_day(days: int, state: str) -> None:
    expires = TODAY + timedelta(days=days)
    assert Waiver(INSTANCE, "Example/Web", "", "", "", expires, "").state(TODAY) == state


@pytest.mark.parametrize(
    ("days", "blocks", "levels"),
    [(-1, True, ["block"]), (0, False, ["warn"]), (30, False, ["warn"]), (31, False, [])],
)
def test_a_waiver_counts_to_its_last_day_and_warns_before(
    make_stack: StackMaker, evaluated: Evaluate, days: int, blocks: bool, levels: list[str]
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(TODAY + timedelta(days=days)))
    assert judgment.blocks is blocks
    assert [level for level, _ in about_waivers(judgment)] == levels


def test_a_finding_whose_waiver_expired_is_back_and_says_so(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(date(2026, 2, 28)))
    finding = of_rule(judgment)
    assert finding.blocks
    assert finding.message.endswith(". Its waiver (OPS-7) expired: 2026-02-28 was its last day.")
    ((level, message),) = about_waivers(judgment)
    assert level == "block"
    assert message.startswith(f"tts-waivers.toml:1: the waiver of {INSTANCE} for Example/Web has expired")


def test_an_expired_waiver_blocks_even_where_it_covers_nothing(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    judgment = evaluated(make_stack("Resources: {}"), waiver(date(2026, 2, 28), path="Elsewhere/Web"))
    assert [level for level, _ in about_waivers(judgment)] == ["block"]


def test_an_expired_waiver_beside_one_that_counts_blocks_and_the_finding_is_allowed(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(date(2026, 2, 28), ticket="OLD"), waiver(ticket="NEW"))
    assert "(NEW)" in str(of_rule(judgment).waiver)
    assert "expired" not in of_rule(judgment).message
    assert [level for level, _ in about_waivers(judgment)] == ["block"]


@pytest.mark.parametrize(("days", "fix"), [(3, "Fix what it allows"), (-1, "Remove it")])
def test_a_finding_about_a_waiver_says_what_to_do(
    make_stack: StackMaker, evaluated: Evaluate, days: int, fix: str
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(TODAY + timedelta(days=days)))
    assert of_rule(judgment, WAIVER).fix.startswith(fix)


def test_a_warning_names_the_last_day(make_stack: StackMaker, evaluated: Evaluate) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(TODAY + timedelta(days=3)))
    assert "2026-03-04 is its last day" in about_waivers(judgment)[0][1]


def test_a_waiver_that_ends_soon_and_allows_nothing_here_does_not_warn(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    soon = TODAY + timedelta(days=3)
    assert about_waivers(evaluated(make_stack("Resources: {}"), waiver(soon, path="Absent/Web"))) == []


def test_the_day_is_that_of_utc() -> None:
    from datetime import UTC, datetime

    before = datetime.now(UTC).date()
    assert before <= utc_today() <= datetime.now(UTC).date()


# Waivers that do not do what they were written for


def test_a_waiver_that_matches_nothing_blocks(make_stack: StackMaker, evaluated: Evaluate) -> None:
    judgment = evaluated(make_stack("Resources: {}"), waiver())
    ((level, message),) = about_waivers(judgment)
    assert level == "block"
    assert "matches no finding" in message


def test_a_finding_about_a_waiver_says_where_the_waiver_stands(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    make_stack("Resources: {}", "Another")
    judgment = evaluated(make_stack("Resources: {}"), waiver(path="Example/Old") + waiver())
    found = [f for f in judgment.findings if f.rule_id == WAIVER]
    assert [f.source for f in found] == ["tts-waivers.toml:1", "tts-waivers.toml:8"]
    assert {(f.stack, f.logical_id, f.location, f.verdict) for f in found} == {
        ("Example", "", "", "violation")
    }


def test_a_waiver_of_a_rule_that_was_not_evaluated_is_not_unmatched(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    stack = make_stack("Resources: {}")
    assert not evaluated(stack, waiver(), rules=[RULES[PUBLIC]]).blocks


def test_a_waiver_of_a_rule_that_holds_in_another_environment_is_not_unmatched(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    text = waiver(rule="TTS-S3-003")
    rules = [RULES["TTS-S3-003"]]
    stack = make_stack("Resources: {}")
    assert evaluated(stack, text, rules=rules).blocks
    assert not evaluated(stack, text, rules=rules, override=Environment.SANDBOX).blocks


def test_a_waiver_for_a_stack_that_was_not_judged_is_not_unmatched(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    make_stack("Resources: {}", "Other")
    stack = make_stack("Resources: {}")
    assert not evaluated(stack, waiver(path="Absent/Web")).blocks
    assert not evaluated(stack, waiver(), selected=lambda stack, _: stack.name == "Other").blocks


def test_a_waiver_for_a_stack_of_which_only_parts_were_judged_is_not_unmatched(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    stack = make_stack("Resources: {Web: {Type: AWS::EC2::Instance}, Api: {Type: AWS::EC2::Instance}}")
    selected = lambda _, resource: resource is not None and resource.logical_id == "Api"  # noqa: E731
    judgment = evaluated(stack, waiver(), selected=selected)
    assert about_waivers(judgment) == []


@pytest.mark.parametrize("path", ["**", "Example/*", "Example/**"])
def test_a_waiver_that_is_too_broad_blocks_and_does_not_count(
    make_stack: StackMaker, evaluated: Evaluate, path: str
) -> None:
    judgment = evaluated(make_stack(TEMPLATE), waiver(path=path))
    assert of_rule(judgment).blocks
    assert "too broad, so it does not count" in of_rule(judgment).message
    ((level, message),) = about_waivers(judgment)
    assert level == "block"
    assert "too broad" in message


def test_below_a_stack_means_below_the_one_in_its_stage(make_stack: StackMaker, evaluated: Evaluate) -> None:
    judgment = evaluated(make_stack(TEMPLATE, "Prod/Example"), waiver(path="Prod/Example/*"))
    assert "too broad" in about_waivers(judgment)[0][1]


# Rules that take no waiver in production

BUCKET = "Resources: {Data: {Type: AWS::S3::Bucket}}"


def test_the_rules_that_take_no_waiver_are_those_of_the_contract() -> None:
    assert {rule.id for rule in catalog() if not rule.waivable} == {
        "TTS-TLS-001", "TTS-TAG-001", "TTS-VPC-002", "TTS-SEC-001", "TTS-S3-001",
    }  # fmt: skip


def test_a_production_finding_of_such_a_rule_stays_and_says_so(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    judgment = evaluated(make_stack(BUCKET), waiver(rule=PUBLIC, path="Example/Data"))
    finding = of_rule(judgment, PUBLIC)
    assert finding.blocks
    assert "this rule takes none in production" in finding.message
    ((level, message),) = about_waivers(judgment)
    assert level == "block"
    assert "takes no waiver in production" in message


@pytest.mark.parametrize("environment", [Environment.SANDBOX, Environment.DEVELOPMENT])
def test_elsewhere_such_a_rule_can_be_waived(
    make_stack: StackMaker, evaluated: Evaluate, environment: Environment
) -> None:
    text = waiver(rule=PUBLIC, path="Example/Data")
    judgment = evaluated(make_stack(BUCKET), text, override=environment)
    assert of_rule(judgment, PUBLIC).waiver
    assert not judgment.blocks


def test_one_waiver_works_in_the_sandbox_and_is_refused_in_production(
    make_stack: StackMaker, evaluated: Evaluate
) -> None:
    make_stack(f"Metadata: {{TTS: {{environment: sandbox}}}}\n{BUCKET}", "Sandbox")
    judgment = evaluated(make_stack(BUCKET), waiver(rule=PUBLIC, path="*/Data"))
    assert {f.stack: f.blocks for f in judgment.findings if f.rule_id == PUBLIC} == {
        "Example": True, "Sandbox": False,
    }  # fmt: skip
    assert [level for level, _ in about_waivers(judgment)] == ["block"]


# Paths that a template claims


def claiming(path: str) -> str:
    claims = f"{{Type: AWS::EC2::Instance, Metadata: {{aws:cdk:path: {path}}}}}"
    return f"Resources: {{First: {claims}, Second: {claims}}}"


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("S/Legacy/Resource", ["First"]),
        ("S/Legacy/*", ["First"]),
        ("S/Second", ["Second"]),
        ("S/Other/Resource", []),
    ],
)
def test_a_path_that_a_template_claims_counts_once(
    make_stack: Callable[..., Stack], pattern: str, covered: list[str]
) -> None:
    stack = make_stack(claiming("S/Legacy/Resource"), "S")
    (judged,) = judge_stacks(stack.assembly, [RULES[INSTANCE]])
    named = Waiver(INSTANCE, pattern, "r", "a", "t", date(2026, 12, 31), "p")
    (use,) = match_waivers([named], [judged], RULES, TODAY)
    assert [one.finding.logical_id for one in judged.found if one in use.met] == covered


def test_a_path_that_a_manifest_names_counts_for_each(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(claiming("S/Legacy/Resource"), "S")
    stack._is_in_manifest = True
    (judged,) = judge_stacks(stack.assembly, [RULES[INSTANCE]])
    named = Waiver(INSTANCE, "S/Legacy/*", "r", "a", "t", date(2026, 12, 31), "p")
    (use,) = match_waivers([named], [judged], RULES, TODAY)
    assert use.met == set(judged.found)
