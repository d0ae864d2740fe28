"""Where a stack comes from, and who answers for it: what the examples of the rules do not say."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.assembly import add_stack, read_assembly
from tts_constructs.policy.engine import judge
from tts_constructs.policy.rule import Finding
from tts_constructs.policy.rules.deployment import RULES
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Assembly

RECORD = {
    "project": "benefits",
    "environment": "production",
    "owner": "benefits@example.gov",
    "repository": "https://git.example.gov/benefits",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "dirty": False,
}
TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def findings(
    rule_id: str, record: Any, settings: Settings | None = None, **place: Any
) -> tuple[Finding, ...]:
    assembly = Assembly(settings or Settings())
    add_stack(assembly, {"Metadata": {"TTS": record}, **TOPIC}, "Stack", **place)
    return judge(assembly, [rule for rule in RULES if rule.id == rule_id]).findings


def test_a_whole_record_keeps_the_rules() -> None:
    assert findings("TTS-CD-001", RECORD) == findings("TTS-CD-002", RECORD) == ()


@pytest.mark.parametrize("key", ["repository", "commit", "dirty"])
def test_version_control_is_said_in_full(key: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != key}
    assert [finding.location for finding in findings("TTS-CD-001", record)] == [f"Metadata/TTS/{key}"]


@pytest.mark.parametrize("key", ["project", "owner", "repository", "environment"])
def test_a_registration_is_said_in_full(key: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != key}
    assert [finding.location for finding in findings("TTS-CD-002", record)] == [f"Metadata/TTS/{key}"]


@pytest.mark.parametrize("record", [None, [], "benefits", 7, {}])
def test_what_is_no_record_says_nothing(record: Any) -> None:
    assert [finding.location for finding in findings("TTS-CD-002", record)] == ["Metadata/TTS"]


def test_an_unknown_value_hides_no_missing_one() -> None:
    found = findings("TTS-CD-001", {"repository": {"Ref": "Nothing"}, "commit": "main", "dirty": False})
    assert {finding.location: finding.verdict for finding in found} == {
        "Metadata/TTS/repository": "unknown",
        "Metadata/TTS/commit": "violation",
    }


def test_a_contradicted_claim_names_the_environment_of_the_account() -> None:
    settings = Settings(accounts={"222222222222": Environment.PRODUCTION})
    (found,) = findings("TTS-CD-002", {**RECORD, "environment": "sandbox"}, settings, account="222222222222")
    assert "production" in found.message
    assert "Environment.PRODUCTION" in found.fix


@given(
    st.dictionaries(
        st.sampled_from(sorted(RECORD)), st.none() | st.integers() | st.lists(st.text()) | st.text()
    )
)
def test_no_shape_makes_a_rule_fail(record: Any) -> None:
    for rule in RULES:
        assert {finding.rule_id for finding in findings(rule.id, record)} <= {rule.id}


@pytest.mark.parametrize(
    ("ci", "level"),
    [
        ("true", "block"),
        ("1", "block"),
        ("woodpecker", "block"),
        ("false", "warn"),
        ("0", "warn"),
        ("", "warn"),
    ],
)
def test_a_dirty_tree_blocks_where_ci_is_set(
    ci: str, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    path = tmp_path / "benefits.template.json"
    path.write_text(json.dumps({"Metadata": {"TTS": {**RECORD, "dirty": True}}, **TOPIC}), encoding="utf-8")
    rules = [rule for rule in RULES if rule.id == "TTS-CD-001"]
    assert [finding.level for finding in judge(read_assembly([path]), rules).findings] == [level]
