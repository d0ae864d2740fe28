"""The baseline file: what it knows again, what is new, and what has been mended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.errors import InputError, SettingsError
from tts_constructs.policy.engine.judge import judge_stacks
from tts_constructs.policy.engine.judgment import LocatedFinding
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.review import Review, review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BASELINE, ENGINE
from tts_constructs.policy.settings.model import BaselineSettings, Settings
from tts_constructs.policy.suppressions.baseline import (
    Baseline,
    Entry,
    Recorded,
    _fingerprint,
    can_be_known,
    compare,
    entries_for,
    entry_of,
    is_known,
    load_baseline,
    prune,
    read_baseline,
    write_baseline,
)
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


def stale(judged: Review) -> list[str]:
    return [finding.message for finding in judged.judgment.findings if finding.rule_id == BASELINE]


# The file


def test_what_is_written_is_read_again(file: Path) -> None:
    entries = (
        Entry("TTS-A", "S", "S/a", "Properties/*", "0123"),
        Entry("TTS-B", "S", 'S/“b”\\"\x7f', "", "4567"),
    )
    write_baseline(file, reversed(entries))
    assert read_baseline(file) == entries
    assert "S/“b”" in file.read_text(encoding="utf-8")


def test_a_file_that_may_not_be_replaced_stays(file: Path) -> None:
    write_baseline(file, [], replace=False)
    with pytest.raises(InputError, match="by somebody else"):
        write_baseline(file, [Entry("TTS-A", "S", "S/a", "", "0123")], replace=False)
    assert read_baseline(file) == ()


def test_the_file_says_what_it_is_for(file: Path) -> None:
    write_baseline(file, [])
    assert "tts baseline --prune" in file.read_text()
    assert read_baseline(file) == ()


def test_a_file_that_is_not_there_yet_knows_nothing(file: Path) -> None:
    assert read_baseline(file) == read_baseline(None) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "version is 1 in a file that this version of tts can read"),
        ("version = 2", "line 1: version is 1"),
        ("version = 1\nfindings = 1", "line 2: findings is not a setting"),
        ("version = 1\nrecorded_by = 3", "line 2: recorded_by takes a text"),
        ("version = 1\nrecorded_on = '2026-03-02'", "line 2: recorded_on takes a date without quotes"),
        ("version = 1\nrecorded_on = 2026-03-02T01:00:00", "line 2: recorded_on takes a date"),
        ("version = 1\n[[finding]]\nrule = 3", r"line 3: finding\[0\].rule takes a text"),
        ("version = 1\n[[finding]]\nrule = 'x'", r"line 2: finding\[0\].stack takes a text"),
        ("version = 1\n[[finding]]\nlevel = 'x'", r"line 3: finding\[0\].level is not a setting"),
    ],
)
def test_a_fault_is_named_with_its_line(file: Path, text: str, fault: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=fault) as caught:
        read_baseline(file)
    assert caught.value.subject == str(file)


def test_the_file_says_who_recorded_it_and_when(file: Path) -> None:
    entry = Entry("TTS-A", "S", "S/a", "", "0123")
    write_baseline(file, [entry], recorded=RECORDED)
    assert load_baseline(file) == Baseline((entry,), RECORDED)
    prune(file, [entry])
    assert load_baseline(file) == Baseline((), RECORDED)


def test_a_file_that_does_not_say_so_loads(file: Path) -> None:
    write_baseline(file, [])
    assert load_baseline(file).recorded == Recorded(None, None)


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


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(tmp_path / "none" / "file", [])


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


GROUP = {"Properties": {"Ingress": [{"CidrIp": "0.0.0.0/0", "FromPort": 22}, {"CidrIp": "10.0.0.0/8"}]}}


@pytest.mark.parametrize(
    ("location", "fingerprint"),
    [
        ("", "74234e98afe7498f"),
        ("Properties/Ingress/0/CidrIp", "5ceb8203d181ed32"),
        ("Properties/Ingress/0", "5ceb8203d181ed32"),
    ],
)
def test_a_fingerprint_stays_the_same_from_release_to_release(location: str, fingerprint: str) -> None:
    assert _fingerprint(GROUP, location) == fingerprint


def test_the_order_of_keys_is_no_part_of_a_fingerprint() -> None:
    one, other = {"Properties": {"P": {"a": 1, "b": 2}}}, {"Properties": {"P": {"b": 2, "a": 1}}}
    assert _fingerprint(one, "Properties/P") == _fingerprint(other, "Properties/P")


def test_a_value_that_json_does_not_have_is_fingerprinted_too() -> None:
    days = [{"Properties": {"P": date(2026, 1, day)}} for day in (1, 2)]
    assert len({_fingerprint(body, "Properties/P") for body in days}) == 2


NOTHING = _fingerprint({}, "")


@pytest.mark.parametrize(
    "location",
    [
        "Properties",
        "Properties/Absent",
        "Properties/Text/0",
        "Properties/Texts/2",
        "Properties/Texts/x",
        "Properties/Single/Absent",
        "Properties/Pair/Absent",
    ],
)
def test_where_nothing_stands_there_is_nothing_to_fingerprint(location: str) -> None:
    properties = {"Text": "abc", "Texts": ["a", "b"], "Single": {"Key": 1}, "Pair": {"Ref": "A", "Key": 1}}
    assert _fingerprint({"Properties": properties}, location) == NOTHING


@pytest.mark.parametrize("function", ["Ref", "Fn::GetAtt"])
def test_what_a_function_decides_is_fingerprinted_by_the_function(function: str) -> None:
    bodies = [{"Properties": {"P": {function: name}}} for name in ("A", "B")]
    assert len({NOTHING, *(_fingerprint(body, "Properties/P/Key") for body in bodies)}) == 3


def test_a_place_among_texts_is_fingerprinted_by_its_text_alone() -> None:
    body = {"Properties": {"Ports": ["22", "443"], "Rules": [{"Ports": ["22", "443"]}]}}
    other = {"Properties": {"Ports": ["22", "80"], "Rules": [{"Ports": ["22", "80"]}]}}
    assert _fingerprint(body, "Properties/Ports/0") == _fingerprint(other, "Properties/Ports/0")
    inside = "Properties/Rules/0/Ports/0"
    assert _fingerprint(body, inside) != _fingerprint(other, inside)


def test_a_finding_about_all_properties_stays_the_same_when_one_changes() -> None:
    one, two = {"Properties": {"A": 1}}, {"Properties": {"A": 2}}
    assert _fingerprint(one, "Properties") == _fingerprint(two, "Properties")
    assert _fingerprint(one, "Properties/A") != _fingerprint(two, "Properties/A")


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
    assert entry_of(found) == Entry(VERSIONS, "S", "S/Data/Resource", found.finding.location, NOTHING)


def test_an_entry_of_a_finding_about_a_stack_names_the_stack(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}\nOutputs: {Url: {Value: x}}", "Prod/App\ud800")
    finding = replace(some_finding(make_stack), stack=stack.name, logical_id="", location="Outputs/Url/Value")
    entry = entry_of(LocatedFinding(finding, stack, None))
    assert (entry.stack, entry.path, entry.property) == ("Prod/App?", "Prod/App?", "Outputs/Url/Value")
    assert entry.fingerprint == _fingerprint(stack.body, "Outputs/Url/Value") != NOTHING


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


# What has been mended


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
