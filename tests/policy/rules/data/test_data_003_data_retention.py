"""Which stores a backup plan of the app selects."""

from typing import Any

import pytest

from tests.policy.judging import findings

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
NAME = {"Fn::Sub": "${AWS::StackName}-forms"}
ARN = "arn:aws:dynamodb:us-east-1:111111111111:table/"
SUB_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/"


def backed_up(store: dict[str, Any], *resources: Any) -> bool:
    selection = {"SelectionName": "all", "IamRoleArn": "r", "Resources": list(resources)}
    template = {
        "Store": {**KEPT, **store},
        "Selection": {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupSelection": selection}},
    }
    return not findings("TTS-DATA-003", template)


def table(name: Any = None, kind: str = "AWS::DynamoDB::Table") -> dict[str, Any]:
    replicas = {"Replicas": [{"Region": "us-east-1"}]} if kind.endswith("GlobalTable") else {}
    return {"Type": kind, "Properties": replicas | ({} if name is None else {"TableName": name})}


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"])
@pytest.mark.parametrize(
    ("name", "arn", "selected"),
    [
        ("forms", f"{ARN}forms", True),
        (None, f"{ARN}*", True),
        ("forms", f"{ARN}*", True),
        (NAME, {"Fn::Sub": f"{SUB_ARN}${{AWS::StackName}}-forms"}, True),
        ("forms", f"{ARN}other", False),
        (NAME, {"Fn::Sub": f"{SUB_ARN}${{AWS::StackName}}-other"}, False),
        (None, f"{ARN}forms", False),
        ("forms", "forms", False),
        ("forms", {"Fn::ImportValue": "table"}, False),
        ("forms", ["a list"], False),
    ],
    ids=str,
)
def test_a_table_is_selected_by_the_name_in_its_arn(kind: str, name: Any, arn: Any, selected: bool) -> None:
    assert backed_up(table(name, kind), "arn:aws:s3:::first", arn) is selected


def test_a_file_system_is_not_selected_as_a_table() -> None:
    files = {"Type": "AWS::EFS::FileSystem", "Properties": {"TableName": "forms"}}
    assert not backed_up(files, f"{ARN}*")
    assert not backed_up(files, f"{ARN}forms")
