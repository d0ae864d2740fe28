"""The text report: one block for each rule with its places, then the summary with the next steps."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from tests.policy.judging import RULES, app
from tts_constructs.policy.configuration import load_settings
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.review import review
from tts_constructs.policy.suppressions.baseline import entries_for
from tts_constructs.policy.suppressions.baseline_file import Recorded, write_baseline
from tts_constructs.report.formats import text

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]


def shown(judgment: Judgment, **options: Any) -> list[str]:
    return click.unstyle(text.render(judgment, **options)).splitlines()


def titles(lines: list[str]) -> list[str]:
    """The labels and rules of the blocks and lines, in their order."""
    found = (re.match(r"(?:UNKNOWN, )?(?:BLOCKS|WARNS|WAIVED) \S+", line) for line in lines)
    return [match[0] for match in found if match]


# One block for each rule


def test_a_rule_names_three_places_and_counts_the_others(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    lines = shown(of(*(make_finding(logical_id=name) for name in "ABCDE")))
    assert lines[:5] == [
        "BLOCKS TTS-EC2-001 EC2 instances must be launched by an Auto Scaling group (5 places)",
        "  Benefits/A: Properties/ImageId: It is alone.",
        "  Benefits/B",
        "  Benefits/C",
        "  and 2 more",
    ]


def test_a_reason_and_a_fix_are_said_once(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    lines = shown(of(*(make_finding(logical_id=name) for name in "ABCDE")))
    assert [line for line in lines if "fix:" in line] == ["  fix: Use TtsAsgService. (Why: Hardware fails.)"]


PORT = "Properties/SecurityGroupIngress/0/CidrIp"


def test_a_place_that_two_rules_are_about_is_shown_once(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    first = [make_finding(location=PORT), make_finding(location="Properties/Tags")]
    lines = shown(of(*first, make_finding(rule_id="TTS-NET-002", location=PORT, message="Port 22 is open.")))
    assert "It is alone. (also TTS-NET-002)" in lines[1]
    assert "also" not in lines[2]
    assert lines[4:6] == [
        "BLOCKS TTS-NET-002 EC2 instances must be launched by an Auto Scaling group",
        "  at the places of TTS-EC2-001",
    ]


def test_a_rule_with_a_place_of_its_own_names_all_of_its_places(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    first = [make_finding(location=PORT, logical_id=name) for name in "ABC"]
    second = [make_finding(rule_id="TTS-NET-002", location=PORT, logical_id=name) for name in "CD"]
    lines = shown(of(*first, *second))
    assert [line for line in lines if "also" in line] == ["  Benefits/C (also TTS-NET-002)"]
    assert [line.split(":")[0] for line in lines if line.startswith("  Benefits/")][3:] == [
        "  Benefits/C",
        "  Benefits/D",
    ]


def test_a_whole_property_that_two_rules_are_about_is_shown_by_both(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    lines = shown(of(make_finding(), make_finding(rule_id="TTS-EC2-003")))
    assert sum(line.startswith("  Benefits/Web: ") for line in lines) == 2
    assert "also" not in "".join(lines)


def test_verbose_shows_a_shared_place_for_each_rule(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    both = (make_finding(location=PORT), make_finding(rule_id="TTS-NET-002", location=PORT))
    lines = shown(of(*both), verbose=True)
    assert sum(line.startswith("  Benefits/Web: ") for line in lines) == 2


def test_fixes_that_differ_are_all_said(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    lines = shown(of(make_finding(fix="Write a."), make_finding(fix="Write b.", location="Properties/Z")))
    assert [line for line in lines if "fix:" in line] == [
        "  fix: Write a.",
        "  fix: Write b. (Why: Hardware fails.)",
    ]


def test_a_reason_is_cut_after_its_first_sentence(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(make_finding(why="Use version 1.2 or e.g. 2. Others fail. (Handbook)"))
    assert any("(Why: Use version 1.2 or e.g. 2.)" in line for line in shown(judgment))
    assert any("(Why: Use version 1.2 or e.g. 2. Others fail. (Handbook))" in line
               for line in shown(judgment, verbose=True))  # fmt: skip


def test_a_property_that_the_message_names_is_not_said_twice(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    lines = shown(of(make_finding(location="Properties/MultiAZ", message="MultiAZ is not set.")))
    assert lines[1] == "  Benefits/Web: MultiAZ is not set."


def test_a_place_begins_with_file_and_line(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert shown(of(make_finding(source="app.py:37")))[1].startswith("  app.py:37 Benefits/Web: ")


def test_a_place_in_a_template_begins_with_its_file_and_line(judged: JudgmentMaker) -> None:
    judgment = judged("Resources:\n  Web:\n    Type: AWS::EC2::Instance\n", rules="TTS-EC2-001")
    assert shown(judgment)[1].startswith("  app.yaml:2 app/Web: ")


# The order


def test_what_blocks_comes_first_and_the_rule_with_the_most_places_before_others(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    judgment = of(
        make_finding(rule_id="TTS-A-001", level="warn"),
        make_finding(rule_id="TTS-B-001"),
        make_finding(rule_id="TTS-C-001", logical_id="A"),
        make_finding(rule_id="TTS-C-001", logical_id="B"),
    )
    assert titles(shown(judgment)) == ["BLOCKS TTS-C-001", "BLOCKS TTS-B-001", "WARNS TTS-A-001"]


def test_a_rule_that_warns_has_one_line(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    warnings = [make_finding(level="warn", logical_id=name, source="app.py:3") for name in "AB"]
    line = (
        "WARNS TTS-EC2-001 EC2 instances must be launched by an Auto Scaling group (2 places): "
        "app.py:3 Benefits/A"
    )
    assert line in shown(of(*warnings, make_finding(rule_id="TTS-B-001")))
    assert shown(of(*warnings)) == [
        f"{line}: Properties/ImageId: It is alone. Fix: Use TtsAsgService.",
        "0 findings block, 2 warn; 3 resources in 1 template judged.",
    ]


def test_verbose_shows_every_place_and_every_warning_in_full(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    judgment = of(*(make_finding(level="warn", logical_id=name) for name in "ABCDE"))
    lines = shown(judgment, verbose=True)
    assert lines[1:6] == [
        "  Benefits/A: Properties/ImageId: It is alone.",
        *(f"  Benefits/{name}" for name in "BCDE"),
    ]
    assert "  fix: Use TtsAsgService. (Why: Hardware fails.)" in lines


def test_waived_findings_have_one_line_in_total(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    judgment = of(*(make_finding(rule_id=f"TTS-{name}-001", waiver="till May") for name in "ABC"))
    assert shown(judgment) == [
        "WAIVED 3 by waivers",
        "0 findings block, 0 warn, 3 waived; 3 resources in 1 template judged.",
    ]
    assert "  waived: till May" in shown(judgment, verbose=True)


# The summary and what to do next


def test_nothing_found_is_one_line(of: JudgmentMaker) -> None:
    assert shown(of()) == ["0 findings block, 0 warn; 3 resources in 1 template judged."]


GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x"}}
BUCKET = {"Type": "AWS::S3::Bucket"}


def of_rules(resources: dict[str, Any], *rule_ids: str) -> Judgment:
    return judge(app(resources), [RULES[rule_id] for rule_id in rule_ids])


def test_the_rule_to_fix_first_is_the_one_with_the_most_places() -> None:
    judgment = of_rules({"A": GROUP, "B": GROUP, "Data": BUCKET}, "TTS-NET-003", "TTS-S3-003")
    assert shown(judgment, path="cdk.out")[-3:] == [
        "Next: 1. Fix TTS-NET-003 first: no rule blocks in more places.",
        "      2. Run `tts explain TTS-NET-003` for more about the first one.",
        '      3. If the app is new to these rules, write file = "tts-baseline.toml" below [baseline] in '
        "tts.toml, and run `tts baseline cdk.out`. Then only new findings block.",
    ]


def test_rules_that_no_baseline_covers_are_to_be_fixed_first() -> None:
    judgment = of_rules({"A": GROUP, "B": GROUP, "Data": BUCKET}, "TTS-NET-003", "TTS-S3-001")
    assert not RULES["TTS-S3-001"].waivable
    steps = shown(judgment)[-3:]
    assert steps[0] == "Next: 1. Fix what no waiver and no baseline allows: TTS-S3-001."
    assert "`tts explain TTS-S3-001`" in steps[1]


def test_where_no_baseline_would_help_none_is_suggested() -> None:
    assert "baseline" not in shown(of_rules({"Data": BUCKET}, "TTS-S3-001"))[-1]


# After a baseline


@pytest.fixture
def adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judgment:
    """An app whose findings a baseline has, beside one that no baseline covers and two that warn."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tts.toml").write_text('[baseline]\nfile = "tts-baseline.toml"', encoding="utf-8")
    (tmp_path / "app.yaml").write_text(
        "Resources: {Data: {Type: AWS::S3::Bucket}, Jobs: {Type: AWS::SQS::Queue}}", encoding="utf-8"
    )

    def reviewed() -> Any:
        return review(read_assembly([tmp_path / "app.yaml"], load_settings()))

    entries = entries_for(reviewed().found)
    write_baseline(tmp_path / "tts-baseline.toml", entries, recorded=Recorded("me", date(2026, 1, 1)))
    judgment: Judgment = reviewed().judgment
    return judgment


def test_what_the_baseline_has_is_one_line_and_what_warns_another(adopted: Judgment) -> None:
    lines = [line for line in shown(adopted) if line.startswith(("WARNS", "WAIVED"))]
    assert len(lines) == 2
    assert re.fullmatch(r"WARNS TTS-\S+ \(\d+\)(, TTS-\S+ \(\d+\))*", lines[0])
    said = r"tts-baseline\.toml: recorded by me on 2026-01-01"
    assert re.fullmatch(rf"WAIVED \d+ in the baseline {said}", lines[1])


def test_the_next_steps_after_a_baseline_name_what_still_blocks(adopted: Judgment) -> None:
    steps = shown(adopted)[-3:]
    assert steps[0].startswith("Next: 1. Fix what no waiver and no baseline allows: ")
    assert "TTS-S3-001" in steps[0]
    assert "baseline" not in steps[2]


def test_a_rule_that_tts_does_not_know_is_not_to_be_explained(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    assert not any("tts explain" in line for line in shown(of(make_finding(rule_id="F3002"))))
