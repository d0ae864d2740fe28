"""`tts_snapshot`: what it leaves out, and what it says of a difference."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import click
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

import tts_constructs.testing
from tts_constructs import TtsGuardrails
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.aws.stateful import STATEFUL
from tts_constructs.testing.snapshot import TemplateSnapshot, changed_logical_ids, stable
from tts_constructs.testing.synthesis import template_of

HASH = "0123456789abcdef" * 4


def template(**types: str) -> dict[str, Any]:
    """A template of resources without properties, each given as its logical id and type."""
    return {"Resources": {logical_id: {"Type": kind} for logical_id, kind in types.items()}}


def said(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a failure says, without color."""
    lines = TemplateSnapshot().diff_lines(json.dumps(after, indent=2), json.dumps(before, indent=2))
    return [click.unstyle(line) for line in lines]


# What is compared


def test_hashes_of_assets_are_left_out_and_their_use_stays() -> None:
    code = {"S3Bucket": "assets", "S3Key": f"{HASH}.zip"}
    resource = {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}}
    assert stable({"Resources": {"F": resource}})["Resources"]["F"]["Properties"]["Code"] == {
        "S3Bucket": "assets",
        "S3Key": "<asset>.zip",
    }


def test_hashes_in_logical_ids_of_versions_are_left_out() -> None:
    version = f"FunctionCurrentVersion4E2B2261{HASH[:32]}"
    resources = {version: {"Type": "AWS::Lambda::Version"}, "Alias": {"Properties": {"Ref": version}}}
    assert stable({"Resources": resources})["Resources"] == {
        "FunctionCurrentVersion4E2B2261<content>": {"Type": "AWS::Lambda::Version"},
        "Alias": {"Properties": {"Ref": "FunctionCurrentVersion4E2B2261<content>"}},
    }


def test_a_hash_that_is_no_assets_stays() -> None:
    kept = {
        "Description": HASH[:40],
        "Resources": {f"Table4E2B2261{HASH[:32]}": {"Type": "AWS::DynamoDB::Table"}},
    }
    assert stable(kept) == kept


def test_what_the_cdk_adds_for_itself_is_left_out_and_sections_without_content_too() -> None:
    assert stable(
        {
            "Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata"}, "B": {"Type": "AWS::S3::Bucket"}},
            "Conditions": {"CDKMetadataAvailable": {}},
            "Parameters": {"BootstrapVersion": {}, "Own": {"Type": "String"}},
            "Rules": {"CheckBootstrapVersion": {}},
        }
    ) == {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}, "Parameters": {"Own": {"Type": "String"}}}


def test_the_commit_is_left_out_of_the_record_and_the_rest_of_it_stays() -> None:
    record = {"project": "benefits", "repository": "a", "commit": "b", "dirty": True}
    assert stable({"Metadata": {"TTS": record}})["Metadata"]["TTS"] == {
        "project": "benefits",
        "repository": "<repository>",
        "commit": "<commit>",
        "dirty": "<dirty>",
    }


def test_a_record_is_the_same_where_git_does_not_know_the_commit() -> None:
    missing = {"repository": "no-remote", "commit": "no-commit", "dirty": "no-commit"}
    known = {"repository": "a", "commit": "b", "dirty": True, "changes": ["app.py"]}
    records = [{"project": "benefits"} | rest for rest in (known, {"missing": missing})]
    one, other = (TemplateSnapshot().serialize({"Metadata": {"TTS": record}}) for record in records)
    assert one == other


def test_what_a_record_by_hand_does_not_say_is_not_added() -> None:
    by_hand = {"Metadata": {"TTS": {"project": "benefits"}}}
    assert stable(by_hand) == by_hand


def test_the_template_itself_is_not_changed() -> None:
    given = {"Rules": {"CheckBootstrapVersion": {}}, "Metadata": {"TTS": {"commit": "b"}}}
    stable(given)
    assert given == {"Rules": {"CheckBootstrapVersion": {}}, "Metadata": {"TTS": {"commit": "b"}}}


def test_a_stack_its_template_and_a_map_of_it_are_one(make_app: Callable[..., cdk.App]) -> None:
    stack = cdk.Stack(make_app(), "Stack")
    s3.CfnBucket(stack, "Bucket")
    made = Template.from_stack(stack)
    assert template_of(stack) == template_of(made) == template_of(made.to_json())
    assert set(template_of(stack)["Resources"]) == {"Bucket"}


def test_a_stack_that_guardrails_block_has_a_template(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(TtsGuardrails())
    assert set(template_of(stack)["Resources"]) == {"Instance"}


def test_a_stack_of_a_stage_and_a_nested_stack_have_templates(make_app: Callable[..., cdk.App]) -> None:
    stack = cdk.Stack(cdk.Stage(make_app(), "Prod"), "Stack")
    nested = cdk.NestedStack(stack, "Nested")
    s3.CfnBucket(stack, "Outer")
    s3.CfnBucket(nested, "Inner")
    assert "Outer" in template_of(stack)["Resources"]
    assert set(template_of(nested)["Resources"]) == {"Inner"}


def test_what_has_no_template_is_named() -> None:
    with pytest.raises(InvalidArgumentError, match=r"compares a Stack, .* or a map; 7 is none of these"):
        TemplateSnapshot().serialize(7)


# What is said of a difference


def test_a_changed_logical_id_of_a_store_is_told_with_the_new_one() -> None:
    before = template(UploadsA="AWS::S3::Bucket", Web="AWS::EC2::SecurityGroup")
    after = template(FilesB="AWS::S3::Bucket", Web="AWS::EC2::SecurityGroup")
    assert changed_logical_ids(before, after) == ["AWS::S3::Bucket: UploadsA -> FilesB"]


def test_a_store_that_has_gone_is_told() -> None:
    assert changed_logical_ids(template(K="AWS::KMS::Key"), template()) == ["AWS::KMS::Key: K -> nothing"]


def test_a_store_of_another_type_under_its_logical_id_has_gone() -> None:
    changed = changed_logical_ids(template(D="AWS::RDS::DBCluster"), template(D="AWS::RDS::DBInstance"))
    assert changed == ["AWS::RDS::DBCluster: D -> nothing"]


def test_each_type_has_a_line() -> None:
    before = template(A="AWS::S3::Bucket", B="AWS::S3::Bucket", L="AWS::Logs::LogGroup")
    after = template(C="AWS::S3::Bucket", D="AWS::S3::Bucket")
    assert changed_logical_ids(before, after) == [
        "AWS::Logs::LogGroup: L -> nothing",
        "AWS::S3::Bucket: A, B -> C, D",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (template(), template(New="AWS::S3::Bucket")),
        (template(Old="AWS::EC2::SecurityGroup"), template(New="AWS::EC2::SecurityGroup")),
        ({}, template()),
    ],
    ids=["a new store", "what keeps nothing", "no resources"],
)
def test_other_changes_lose_no_data(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert changed_logical_ids(before, after) == []


def test_a_failure_warns_of_data_that_is_left_behind_before_it_shows_lines() -> None:
    lines = said(template(A="AWS::S3::Bucket"), template(B="AWS::S3::Bucket"))
    assert lines[0].startswith("DATA IS LEFT BEHIND: ")
    assert "  AWS::S3::Bucket: A -> B" in lines
    assert any('"B"' in line for line in lines[lines.index("  AWS::S3::Bucket: A -> B") + 1 :])


def test_a_failure_says_where_no_data_is_at_stake() -> None:
    lines = said(template(A="AWS::EC2::VPC"), template(B="AWS::EC2::VPC"))
    assert lines[0] == "No resource that keeps data has lost its logical id. What differs:"
    assert any('"B"' in line for line in lines)


def test_a_snapshot_that_is_not_recorded_yet_says_nothing_of_data() -> None:
    lines = list(TemplateSnapshot().diff_lines(json.dumps(template(B="AWS::S3::Bucket")), ""))
    assert lines
    assert "logical id" not in " ".join(lines)


def test_the_stores_are_those_that_cfn_lint_knows_and_more() -> None:
    try:
        cfn_lint = distribution("cfn-lint")  # not imported, which takes seconds
    except PackageNotFoundError:
        pytest.skip("cfn-lint is not in the environment of the floor")
    file = Path(str(cfn_lint.locate_file("cfnlint/data/AdditionalSpecs/StatefulResources.json")))
    assert set(json.loads(file.read_text(encoding="utf-8"))["ResourceTypes"]) <= STATEFUL


# The fixture


def test_the_fixture_compares_what_a_stack_is(tts_snapshot: SnapshotAssertion) -> None:
    assert isinstance(tts_snapshot.extension, TemplateSnapshot)


def test_without_syrupy_the_fixture_says_what_to_install(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "syrupy.extensions.json", None)
    monkeypatch.delitem(sys.modules, "tts_constructs.testing.snapshot")
    with pytest.raises(pytest.fail.Exception, match="needs syrupy; run: pip install syrupy"):
        request.getfixturevalue("tts_snapshot")


def test_what_else_is_missing_is_not_blamed_on_syrupy(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tts_constructs.policy.aws.stateful", None)
    monkeypatch.delitem(sys.modules, "tts_constructs.testing.snapshot")
    with pytest.raises(ModuleNotFoundError, match=r"tts_constructs\.policy\.aws\.stateful"):
        request.getfixturevalue("tts_snapshot")


def test_the_plugin_costs_projects_that_do_not_use_it_nothing() -> None:
    program = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport tts_constructs.testing.pytest_plugin\n"
        "print(*sorted(name for name in set(sys.modules) - before if name != '__future__'))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == [
        "tts_constructs",
        "tts_constructs._lazy",
        "tts_constructs.testing",
        "tts_constructs.testing.pytest_plugin",
    ]


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'tts_constructs.testing' has no attribute 'fixture'"):
        tts_constructs.testing.fixture  # noqa: B018 - reading it is the test


TEST = """
def test_a_stack(tts_snapshot):
    assert {"Resources": {"%s": {"Type": "AWS::S3::Bucket"}}} == tts_snapshot
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder), str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_teams_test_records_passes_and_fails_in_words(tmp_path: Path) -> None:
    file = tmp_path / "test_team.py"
    file.write_text(TEST % "Uploads", encoding="utf-8")
    recorded = run_pytest(tmp_path, "--snapshot-update")
    assert recorded.returncode == 0, recorded.stdout
    snapshot = tmp_path / "__snapshots__/test_team/test_a_stack.json"
    assert json.loads(snapshot.read_text(encoding="utf-8")) == template(Uploads="AWS::S3::Bucket")

    file.write_text(TEST % "Files", encoding="utf-8")
    failed = run_pytest(tmp_path)
    assert failed.returncode == 1
    assert "AWS::S3::Bucket: Uploads -> Files" in failed.stdout
