"""The baseline file: what it knows again, what is new, and what has been fixed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.policy.engine.judge import judge_stacks
from tts_constructs.policy.engine.judgment import BaselineRecord, LocatedFinding
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.review import Review, review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BASELINE, ENGINE
from tts_constructs.policy.settings.model import BaselineSettings, Settings
from tts_constructs.policy.suppressions.baseline import (
    can_be_known,
    compare,
    entries_for,
    entry_of,
    is_known,
)
from tts_constructs.policy.suppressions.baseline_file import (
    Entry,
    Recorded,
    prune,
    read_baseline,
    write_baseline,
)
from tts_constructs.policy.suppressions.fingerprints import Fingerprints
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]

ADMIN_PORTS = "TTS-NET-002"
INSTANCE = "TTS-EC2-001"
VERSIONS = "TTS-S3-003"
RECORDED = Recorded("ada@example.gov", date(2026, 3, 2))
RULES = [rule for rule in catalog() if rule.id in {ADMIN_PORTS, INSTANCE, VERSIONS}]


def ports(*numbers: int) -> str:
    entries = ", ".join(
        f"{{IpProtocol: tcp, FromPort: {number}, ToPort: {number}, CidrIp: 10.0.0.0/8}}" for number in numbers
    )
    return (
        "Resources: {Group: {Type: AWS::EC2::SecurityGroup, "
        f"Properties: {{SecurityGroupIngress: [{entries}]}}}}}}"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tts-baseline.toml"


@pytest.fixture
def reviewed(file: Path) -> Callable[..., Review]:
    """Reviews stacks, each given as its template by its name, with the baseline file."""

    def reviewed(
        *,
        rules: Any = RULES,
        override: Environment | None = None,
        until: date | None = None,
        today: date | None = None,
        **templates: str,
    ) -> Review:
        from tts_constructs.policy.loading.reader import add_stack, checked_template
        from tts_constructs.policy.loading.yaml_parser import parse_yaml

        assembly = Assembly(Settings(baseline=BaselineSettings(file, until=until)))
        for name, text in templates.items():
            add_stack(assembly, checked_template(parse_yaml(text, name), name), name)
        return review(assembly, rules=rules, override=override, today=today)

    return reviewed


@pytest.fixture
def adopted(reviewed: Callable[..., Review], file: Path) -> Callable[..., None]:
    """Records what blocks in some stacks."""
    return lambda **templates: write_baseline(
        file, entries_for(reviewed(**templates).found), recorded=RECORDED
    )


def fingerprint(body: Any, location: str) -> str:
    return Fingerprints(Assembly(Settings())).of(body, location)


def stale(judged: Review) -> list[str]:
    return [finding.message for finding in judged.judgment.findings if finding.rule_id == BASELINE]


# The file


@pytest.mark.parametrize(
    ("recorded", "missing"),
    [
        (Recorded(), 'Write recorded_by = "…" and recorded_on = 2026-05-01 below its version.'),
        (Recorded(by="ada"), "Write recorded_on = 2026-05-01 below its version."),
        (Recorded(on=date(2026, 3, 2)), 'Write recorded_by = "…" below its version.'),
    ],
)
def test_a_file_that_does_not_say_who_or_when_is_one_warning(
    reviewed: Callable[..., Review], file: Path, recorded: Recorded, missing: str
) -> None:
    write_baseline(file, [], recorded=recorded)
    judged = reviewed(S=ports(443), T=ports(443), today=date(2026, 5, 1))
    (finding,) = judged.judgment.findings
    assert (finding.rule_id, finding.level, finding.stack) == (BASELINE, "warn", "S")
    assert finding.message == "tts-baseline.toml does not say who recorded it, and when."
    assert finding.fix == missing


def test_a_baseline_that_is_complete_or_not_there_yet_gets_no_warning(
    reviewed: Callable[..., Review], file: Path
) -> None:
    assert reviewed(S=ports(443)).judgment.findings == ()
    write_baseline(file, [], recorded=RECORDED)
    assert reviewed(S=ports(443)).judgment.findings == ()
    assert reviewed().judgment.findings == ()


# Its last day


def test_a_baseline_counts_until_its_last_day(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    last = date(2026, 9, 30)
    assert not reviewed(S=ports(22), until=last, today=last).judgment.blocks
    ended = reviewed(S=ports(22), until=last, today=date(2026, 10, 1)).judgment
    own, found = sorted(ended.findings, key=lambda finding: finding.rule_id)
    assert (own.rule_id, own.level, found.rule_id) == (BASELINE, "block", ADMIN_PORTS)
    assert own.message == "tts-baseline.toml has ended; 2026-09-30 was its last day."
    assert own.fix.endswith("Then remove tts-baseline.toml.")
    assert found.blocks
    assert found.message.endswith("The baseline knew it; 2026-09-30 was the last day of the baseline.")


def test_an_entry_of_a_baseline_that_ended_is_not_left_over_too(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    judged = reviewed(S=ports(443), until=date(2026, 9, 30), today=date(2026, 10, 1))
    assert stale(judged) == ["tts-baseline.toml has ended; 2026-09-30 was its last day."]


@pytest.mark.parametrize(("days", "warns"), [(0, True), (1, True), (30, True), (31, False), (400, False)])
def test_a_baseline_warns_in_its_last_thirty_days(
    reviewed: Callable[..., Review], adopted: Callable[..., None], days: int, warns: bool
) -> None:
    adopted(S=ports(22))
    last = date(2026, 9, 30)
    judged = reviewed(S=ports(22), T=ports(443), until=last, today=last - timedelta(days=days))
    own = [finding for finding in judged.judgment.findings if finding.rule_id == BASELINE]
    said = [("warn", "tts-baseline.toml ends soon; 2026-09-30 is its last day.")] if warns else []
    assert [(finding.level, finding.message) for finding in own] == said
    assert not judged.judgment.blocks


# What reports say of it


def test_a_judgment_says_who_recorded_the_baseline_and_when(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    assert reviewed(S=ports(22)).judgment.baseline is None
    adopted(S=ports(22))
    last = date(2027, 9, 30)
    record = reviewed(S=ports(22), until=last, today=date(2026, 9, 30)).judgment.baseline
    assert record == BaselineRecord("tts-baseline.toml", 1, "ada@example.gov", date(2026, 3, 2), last)


# Rules that take no waiver

SHARED = "TTS-S3-001"
OPEN = "Resources: {Data: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}}"


def test_a_rule_that_takes_no_waiver_is_never_known_in_production(
    reviewed: Callable[..., Review], file: Path
) -> None:
    rules = [rule for rule in catalog() if rule.id == SHARED]
    found = reviewed(S=OPEN, rules=rules).found
    assert found
    assert not any(map(can_be_known, found))
    assert entries_for(found) == []
    written = [entry_of(one) for one in found]
    write_baseline(file, written, recorded=RECORDED)
    judged = reviewed(S=OPEN, rules=rules)
    assert all(finding.blocks for finding in judged.judgment.findings)
    assert all(
        finding.message.endswith(
            "The baseline names it, which does not count: this rule takes no waiver here."
        )
        for finding in judged.judgment.findings
    )
    assert judged.stale == ()
    assert sorted(judged.refused) == sorted(written)
    elsewhere = reviewed(S=OPEN, rules=rules, override=Environment.SANDBOX).judgment
    assert elsewhere.findings
    assert not elsewhere.blocks


def test_a_failure_of_the_judge_is_never_known(reviewed: Callable[..., Review], file: Path) -> None:
    def broken(_: object) -> Any:
        raise ZeroDivisionError

    rules = [replace(RULES[0], checks={"*": broken})]
    write_baseline(
        file, [entry_of(one) for one in reviewed(S=ports(22), rules=rules).found], recorded=RECORDED
    )
    assert reviewed(S=ports(22), rules=rules, override=Environment.SANDBOX).judgment.blocks


# What a value refers to


def test_a_value_behind_a_reference_that_changes_is_a_new_finding(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    group = ports(22).replace("10.0.0.0/8", "!Ref Range")
    template = f"Parameters: {{Range: {{Type: String, Default: 10.0.0.0/8}}}}\n{group}"
    adopted(S=template)
    assert not reviewed(S=template).judgment.blocks
    assert reviewed(S=template.replace("10.0.0.0/8", "0.0.0.0/0")).judgment.blocks


# What is known


def test_a_recorded_finding_does_not_block_and_says_why(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    assert reviewed(S=ports(22)).judgment.blocks
    adopted(S=ports(22))
    judgment = reviewed(S=ports(22)).judgment
    (finding,) = judgment.findings
    assert finding.waiver == "known since this app adopted the rules (baseline)"
    assert is_known(finding)
    assert not judgment.blocks


def test_a_finding_of_another_resource_is_new(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    both = "Resources: {Group: GROUP, Other: GROUP}".replace(
        "GROUP", ports(22)[len("Resources: {Group: ") : -1]
    )
    blocking = [f.logical_id for f in reviewed(S=both).judgment.findings if f.blocks]
    assert blocking == ["Other"]


def test_the_same_finding_in_another_stack_is_new(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    findings = reviewed(S=ports(22), T=ports(22)).judgment.findings
    assert [f.stack for f in findings if f.blocks] == ["T"]


def test_another_value_of_the_property_is_a_new_finding_and_the_old_one_is_mended(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    judged = reviewed(S=ports(3389))
    assert [f.rule_id for f in judged.judgment.findings if f.blocks] == [BASELINE, ADMIN_PORTS]
    assert len(judged.stale) == 1


def test_a_place_in_a_list_that_shifts_is_the_same_finding(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    assert not reviewed(S=ports(443, 22)).judgment.blocks


def test_the_same_value_once_more_is_a_new_finding(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    findings = reviewed(S=ports(22, 22)).judgment.findings
    assert [f.blocks for f in findings] == [False, True]


def test_a_property_that_is_missing_is_the_same_finding_whatever_stands_beside_it(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    bucket = "Resources: {Data: {Type: AWS::S3::Bucket, Properties: {BucketName: NAME}}}"
    adopted(S=bucket.replace("NAME", "one"))
    assert not reviewed(S=bucket.replace("NAME", "two")).judgment.blocks


def test_a_function_that_decides_a_property_is_part_of_its_fingerprint(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    bucket = (
        "Resources: {Data: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: "
        "{Fn::If: [C, {Status: Enabled}, {Status: Suspended}]}}}}"
    )
    adopted(S=bucket)
    assert not reviewed(S=bucket).judgment.blocks
    assert reviewed(S=bucket.replace("Enabled", "Suspended")).judgment.blocks


def test_a_finding_about_a_whole_resource_stays_the_same_when_the_resource_changes(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    instance = "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}}"
    adopted(S=instance)
    assert not reviewed(S=instance.replace("ami-1", "ami-2")).judgment.blocks


def test_the_word_of_a_waiver_stays_where_the_baseline_knows_the_finding_too(
    reviewed: Callable[..., Review], adopted: Callable[..., None], file: Path
) -> None:
    adopted(S=ports(22))
    (found,) = reviewed(S=ports(22)).found
    waived = replace(found, finding=replace(found.finding, waiver="allowed by Ada"))
    (compared,) = compare(read_baseline(file), [], [waived], {}).found
    assert compared.finding.waiver == "allowed by Ada"
    assert not is_known(compared.finding)


BUCKET = "Resources: {Data: {Type: AWS::S3::Bucket, Metadata: {aws:cdk:path: S/Data/Resource}}}"


def test_an_entry_knows_a_finding_by_its_place(reviewed: Callable[..., Review]) -> None:
    (found,) = reviewed(S=BUCKET).found
    assert entry_of(found) == Entry(
        VERSIONS, "S", "S/Data/Resource", found.finding.location, fingerprint({}, "")
    )


def test_an_entry_of_a_finding_about_a_stack_names_the_stack(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}\nOutputs: {Url: {Value: x}}", "Prod/App\ud800")
    finding = replace(some_finding(make_stack), stack=stack.name, logical_id="", location="Outputs/Url/Value")
    entry = entry_of(LocatedFinding(finding, stack, None))
    assert (entry.stack, entry.path, entry.property) == ("Prod/App?", "Prod/App?", "Outputs/Url/Value")
    assert entry.fingerprint == fingerprint(stack.body, "Outputs/Url/Value") != fingerprint({}, "")


def some_finding(make_stack: StackMaker) -> Finding:
    stack = make_stack("Resources: {Data: {Type: AWS::S3::Bucket}}", "Other")
    return judge_stacks(stack.assembly, RULES)[-1].found[0].finding


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("Properties/Ports/0", "Properties/Ports/*"),
        ("Properties/Ports/12/34/Key", "Properties/Ports/*/*/Key"),
        ("Properties/Ipv4/a1", "Properties/Ipv4/a1"),
        ("Properties/4x/5/", "Properties/4x/*/"),
    ],
)
def test_a_position_in_a_list_is_no_part_of_an_entry(
    make_stack: StackMaker, location: str, expected: str
) -> None:
    stack = make_stack("Resources: {}")
    finding = replace(some_finding(make_stack), location=location)
    assert entry_of(LocatedFinding(finding, stack, None)).property == expected


def test_a_finding_that_only_warns_is_not_recorded(reviewed: Callable[..., Review]) -> None:
    assert entries_for(reviewed(S=ports(22), override=Environment.SANDBOX).found) == []


def test_a_failure_of_the_judge_is_not_recorded(reviewed: Callable[..., Review]) -> None:
    def broken(_: object) -> Any:
        raise ZeroDivisionError

    judged = reviewed(S=ports(22), rules=[replace(RULES[0], checks={"*": broken})])
    assert [f.rule_id for f in judged.judgment.findings] == [ENGINE]
    assert entries_for(judged.found) == []


# What has been fixed


def test_an_entry_that_matches_nothing_blocks_until_it_is_removed(
    reviewed: Callable[..., Review], adopted: Callable[..., None], file: Path
) -> None:
    adopted(S=ports(22, 3389))
    judged = reviewed(S=ports(22))
    assert judged.judgment.blocks
    assert stale(judged) == [
        f"tts-baseline.toml holds a finding of {ADMIN_PORTS} at S/Group "
        "Properties/SecurityGroupIngress/*/CidrIp that is there no longer."
    ]
    (finding,) = (finding for finding in judged.judgment.findings if finding.rule_id == BASELINE)
    assert (finding.verdict, finding.level, finding.location) == ("violation", "block", "")
    assert (finding.stack, finding.logical_id) == ("S", "")
    prune(file, judged.stale)
    assert len(read_baseline(file)) == 1
    assert not reviewed(S=ports(22)).judgment.blocks


def test_an_entry_of_a_rule_that_was_not_evaluated_is_left_alone(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    judged = reviewed(S="Resources: {}", rules=[rule for rule in RULES if rule.id != ADMIN_PORTS])
    assert judged.stale == ()


def test_an_entry_of_a_rule_that_does_not_hold_in_the_environment_is_left_alone(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S="Resources: {Data: {Type: AWS::S3::Bucket}}")
    assert stale(reviewed(S="Resources: {}", override=Environment.SANDBOX)) == []
    assert stale(reviewed(S="Resources: {}"))


def test_an_entry_of_a_stack_that_was_not_judged_is_left_alone(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    judged = reviewed(T="Resources: {}")
    assert stale(judged) == []


def test_an_entry_holds_where_its_finding_only_warns(
    reviewed: Callable[..., Review], adopted: Callable[..., None]
) -> None:
    adopted(S=ports(22))
    assert stale(reviewed(S=ports(22), override=Environment.SANDBOX)) == []
