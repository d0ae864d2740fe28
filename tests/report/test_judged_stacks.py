"""What a judgment says of the stacks that it is about, so that a report can tell what passed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.rules import catalog
from tts_constructs.system_metadata import Environment

BUCKET = "Resources: {Uploads: {Type: AWS::S3::Bucket}, Key: {Type: AWS::KMS::Key}}"
RULES = [
    rule for rule in catalog() if rule.id in {"TTS-EC2-001", "TTS-KMS-001", "TTS-CFN-001", "TTS-SBX-003"}
]


def rules_of(judgment: Judgment) -> list[str]:
    (judged,) = judgment.stacks
    return [rule.id for rule in judged.rules]


def test_rules_that_had_something_to_judge_are_named(judged: Callable[..., Judgment]) -> None:
    rules = rules_of(judged(BUCKET))
    assert {"TTS-S3-001", "TTS-KMS-001"} <= set(rules)
    assert "TTS-EC2-001" not in rules


def test_rules_about_the_whole_stack_are_named(judged: Callable[..., Judgment]) -> None:
    assert rules_of(judged("Resources: {}", rules="TTS-CFN-001 TTS-KMS-001")) == ["TTS-CFN-001"]


@pytest.mark.parametrize(
    ("environment", "named"), [(Environment.SANDBOX, True), (Environment.PRODUCTION, False)]
)
def test_rules_of_another_environment_are_not_named(
    environment: Environment, named: bool, tmp_path: Path
) -> None:
    (tmp_path / "app.yaml").write_text(BUCKET)
    judgment = judge(read_assembly([tmp_path / "app.yaml"]), RULES, override=environment)
    assert ("TTS-SBX-003" in rules_of(judgment)) is named
    assert judgment.stacks[0].environment is environment


def test_of_a_stack_that_is_judged_in_part_only_that_part_counts(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(BUCKET)
    judgment = judge(
        read_assembly([tmp_path / "app.yaml"]),
        RULES,
        selected=lambda _, resource: resource is not None and resource.logical_id == "Key",
    )
    assert rules_of(judgment) == ["TTS-KMS-001"]
