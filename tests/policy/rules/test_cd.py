"""Where a stack comes from, and who answers for it: what the examples of the rules do not say."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policy.judging import ACCOUNT, RULES, findings
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.settings.model import Settings
from tts_constructs.provenance import Gap
from tts_constructs.system_metadata import Environment

RECORD = {
    "project": "benefits",
    "environment": "production",
    "owner": "benefits@example.gov",
    "repository": "https://git.example.gov/benefits",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "dirty": False,
}
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


def said_of(
    rule_id: str,
    record: Any,
    *,
    settings: Settings | None = None,
    in_ci: bool = True,
    account: str | None = ACCOUNT,
) -> tuple[Finding, ...]:
    """What a rule says of a stack with this record."""
    metadata = {"TTS": record}
    return findings(rule_id, TOPIC, settings=settings, in_ci=in_ci, account=account, Metadata=metadata)


def without(*fields: str) -> dict[str, Any]:
    return {name: value for name, value in RECORD.items() if name not in fields}


def test_a_whole_record_keeps_the_rules() -> None:
    assert said_of("TTS-CD-001", RECORD) == said_of("TTS-CD-002", RECORD) == ()


@pytest.mark.parametrize("key", ["repository", "commit", "dirty"])
def test_version_control_is_said_in_full(key: str) -> None:
    for record in (without(key), RECORD | {key: None}):
        assert [finding.location for finding in said_of("TTS-CD-001", record)] == [f"Metadata/TTS/{key}"]


@pytest.mark.parametrize("key", ["project", "owner", "repository", "environment"])
def test_a_registration_is_said_in_full(key: str) -> None:
    for record in (without(key), RECORD | {key: None}):
        assert [finding.location for finding in said_of("TTS-CD-002", record)] == [f"Metadata/TTS/{key}"]


@pytest.mark.parametrize("record", [None, [], "benefits", 7, {}])
def test_what_is_no_record_says_nothing(record: Any) -> None:
    assert [finding.location for finding in said_of("TTS-CD-002", record)] == ["Metadata/TTS"]


def test_an_unknown_value_hides_no_missing_one() -> None:
    found = said_of("TTS-CD-001", {"repository": {"Ref": "Nothing"}, "commit": "main", "dirty": False})
    assert {finding.location: finding.verdict for finding in found} == {
        "Metadata/TTS/repository": "unknown",
        "Metadata/TTS/commit": "violation",
    }


def test_a_commit_of_a_repository_of_sha_256_is_one() -> None:
    assert said_of("TTS-CD-001", RECORD | {"commit": "0123456789abcdef" * 4}) == ()


# What the record says that nobody knows

NOT_KNOWN = [
    ("no-git", "Install git"),
    ("no-repository", "`git clone <URL of the repository>`"),
    ("no-commit", "`git add --all && git commit"),
    ("no-remote", "`git remote add origin <URL of the repository>`"),
    ("many-remotes", "`git remote rename <name of the right one> origin`"),
    ("other-owner", "`git config --global --add safe.directory '/builds/a b'`"),
    ("git-failed", "`git status`"),
]


@pytest.mark.parametrize(("cause", "command"), NOT_KNOWN)
def test_each_cause_has_one_message_and_one_command(cause: str, command: str) -> None:
    missing = dict.fromkeys(("repository", "commit", "dirty"), cause) | {"folder": "/builds/a b"}
    record = without("repository", "commit", "dirty") | {"missing": missing}
    (found,) = said_of("TTS-CD-001", record)
    assert found.message.startswith(
        "The record does not say from which repository and commit the stack comes, and "
    )
    assert command in found.fix
    assert said_of("TTS-CD-002", record) == ()


def test_every_cause_is_tested_and_tells_another_reason() -> None:
    assert [cause for cause, _ in NOT_KNOWN] == list(Gap)
    assert len({gap.reason for gap in Gap}) == len(Gap)


def test_two_causes_are_two_findings() -> None:
    missing = {"repository": "no-remote", "commit": "no-commit", "dirty": "no-commit"}
    found = said_of("TTS-CD-001", without("repository", "commit", "dirty") | {"missing": missing})
    assert [finding.location for finding in found] == ["Metadata/TTS/commit", "Metadata/TTS/repository"]


def test_a_folder_in_a_template_reaches_no_shell_unquoted() -> None:
    missing = {"commit": "other-owner", "folder": "/x; rm -rf ~"}
    (found,) = said_of("TTS-CD-001", without("commit") | {"missing": missing})
    assert "safe.directory '/x; rm -rf ~'`" in found.fix


@pytest.mark.parametrize("missing", [None, [], "no-git", {"commit": "because"}, {"commit": ["no-git"]}])
def test_a_reason_that_is_none_explains_nothing(missing: Any) -> None:
    (found,) = said_of("TTS-CD-001", without("commit") | {"missing": missing})
    assert "The commit is not set" in found.message


def test_a_reason_for_what_is_known_is_ignored() -> None:
    assert said_of("TTS-CD-001", RECORD | {"missing": {"commit": "no-git"}}) == ()


# Desk and CI


@pytest.mark.parametrize("in_ci", [True, False])
@pytest.mark.parametrize(
    "record",
    [
        {},
        without("repository", "commit", "dirty"),
        without("commit") | {"missing": {"commit": "no-commit"}},
        RECORD | {"commit": {"Ref": "Nothing"}},
        RECORD | {"dirty": True},
    ],
)
def test_what_is_not_known_blocks_in_ci_and_warns_on_a_desk(record: dict[str, Any], in_ci: bool) -> None:
    levels = {finding.level for finding in said_of("TTS-CD-001", record, in_ci=in_ci)}
    assert levels == {"block" if in_ci else "warn"}


@pytest.mark.parametrize("in_ci", [True, False])
def test_a_registration_without_repository_blocks_in_ci_and_warns_on_a_desk(in_ci: bool) -> None:
    for record in (without("repository"), RECORD | {"repository": {"Ref": "Nothing"}}):
        (found,) = said_of("TTS-CD-002", record, in_ci=in_ci)
        assert found.level == ("block" if in_ci else "warn")


@pytest.mark.parametrize("record", [{}, without("project"), without("owner"), without("environment")])
def test_a_system_that_is_not_registered_blocks_everywhere(record: dict[str, Any]) -> None:
    for in_ci in (True, False):
        assert [one.level for one in said_of("TTS-CD-002", record, in_ci=in_ci)] == ["block"]


def test_a_clean_tree_that_git_cannot_vouch_for_only_warns() -> None:
    (found,) = said_of("TTS-CD-001", without("dirty") | {"missing": {"dirty": "no-repository"}})
    assert found.level == "warn"
    assert found.message.startswith("The record does not say whether the working tree was clean: ")


# Folders, and changes


@pytest.mark.parametrize(
    ("repository", "found"),
    [
        ("/srv/git/benefits.git", True),
        ("../benefits", True),
        ("file:///srv/git/benefits.git", True),
        ("FILE:///srv/git", True),
        (r"C:\git\benefits", True),
        ("a/b:c", True),
        ("https://git.example.gov/benefits", False),
        ("ssh://git.example.gov/benefits", False),
        ("codecommit::us-gov-west-1://benefits", False),
        ("git.example.gov:team/benefits.git", False),
    ],
)
def test_a_repository_that_is_a_folder_warns_once_everywhere(repository: str, found: bool) -> None:
    for in_ci in (True, False):
        levels = [
            finding.level
            for rule_id in ("TTS-CD-001", "TTS-CD-002")
            for finding in said_of(rule_id, RECORD | {"repository": repository}, in_ci=in_ci)
        ]
        assert levels == (["warn"] if found else [])


def test_the_fix_of_a_folder_removes_the_finding() -> None:
    (found,) = said_of("TTS-CD-001", RECORD | {"repository": "/srv/git/benefits"})
    assert "git remote set-url origin" in found.fix
    assert "[provenance]" in found.fix
    assert said_of("TTS-CD-001", RECORD | {"repository": "https://git.example.gov/benefits"}) == ()


def test_a_dirty_tree_names_three_files_at_most() -> None:
    (found,) = said_of("TTS-CD-001", RECORD | {"dirty": True, "changes": ["a", "b", "c", "d"]})
    assert "are not in the commit, such as a, b, c." in found.message


@pytest.mark.parametrize("changes", [None, "a", 3, {"a": 1}, []])
def test_changes_of_another_shape_are_not_shown(changes: Any) -> None:
    (found,) = said_of("TTS-CD-001", RECORD | {"dirty": True, "changes": changes})
    assert "such as" not in found.message


def test_a_contradicted_claim_names_the_environment_of_the_account() -> None:
    settings = Settings(accounts={"222222222222": Environment.PRODUCTION})
    (found,) = said_of(
        "TTS-CD-002", {**RECORD, "environment": "sandbox"}, settings=settings, account="222222222222"
    )
    assert "production" in found.message
    assert "environment: production" in found.fix


@pytest.mark.parametrize("variable", ["CI", "CODEBUILD_BUILD_ID", "TF_BUILD"])
@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("true", "block"),
        ("1", "block"),
        ("woodpecker", "block"),
        ("false", "warn"),
        ("False", "warn"),
        ("0", "warn"),
        (" ", "warn"),
    ],
)
def test_a_dirty_tree_blocks_where_a_ci_is(
    variable: str, value: str, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    path = tmp_path / "benefits.template.json"
    path.write_text(
        json.dumps({"Metadata": {"TTS": {**RECORD, "dirty": True}}, "Resources": TOPIC}), encoding="utf-8"
    )
    judgment = judge(read_assembly([path]), [RULES["TTS-CD-001"]])
    assert [finding.level for finding in judgment.findings] == [level]
