"""Stores: what their examples cannot say."""

import json
from typing import Any

import pytest

from tests.policy.judging import Deployed, findings
from tts_constructs.policy.aws.stateful import CAN_SNAPSHOT
from tts_constructs.policy.rules.data.data_001_encryption_at_rest import _SAYS

NOWHERE = {"Fn::ImportValue": "of-no-stack"}


def places(rule_id: str, resources: dict[str, Any], **sections: Any) -> dict[str, str]:
    told = findings(rule_id, {"Resources": resources, **sections})
    return {finding.location: finding.verdict for finding in told}


def test_each_store_that_says_nothing_is_told() -> None:
    for kind in _SAYS:
        said = {"Encrypted": False} if kind == "AWS::Redshift::Cluster" else {}
        (finding,) = findings("TTS-DATA-001", {"Store": {"Type": kind, "Properties": said}})
        assert finding.verdict == "violation", kind
        assert finding.level == ("warn" if kind == "AWS::Logs::LogGroup" else "block"), kind


@pytest.mark.parametrize("policy", ["Delete", "retain", None, ["Retain"]])
def test_each_store_that_is_not_kept_is_told(policy: Any) -> None:
    for kind in CAN_SNAPSHOT:
        store = {"Type": kind, "DeletionPolicy": policy, "UpdateReplacePolicy": policy}
        assert {"DeletionPolicy", "UpdateReplacePolicy"} <= set(places("TTS-DATA-003", {"Store": store})), (
            kind
        )


@pytest.mark.parametrize("kind", ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Logs::LogGroup"])
def test_queues_topics_and_log_groups_need_not_be_kept(kind: str) -> None:
    assert not findings("TTS-DATA-003", {"Store": {"Type": kind}})


def test_a_queue_whose_key_is_not_known_passes_where_sqs_encrypts() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": NOWHERE}}
    assert places("TTS-DATA-001", {"Queue": queue}) == {"Properties/KmsMasterKeyId": "unknown"}
    queue["Properties"] = {"KmsMasterKeyId": NOWHERE, "SqsManagedSseEnabled": True}
    assert not places("TTS-DATA-001", {"Queue": queue})


@pytest.mark.parametrize(
    ("kind", "properties", "managed"),
    [
        ("AWS::DynamoDB::Table", {}, "The AWS managed key (alias/aws/dynamodb) is accepted."),
        (
            "AWS::SNS::Topic",
            {},
            "(alias/aws/sns) is accepted, unless an alarm writes to the topic (TTS-MON-001).",
        ),
        ("AWS::Logs::LogGroup", {}, "AWS has no managed key for log groups"),
        (
            "AWS::RDS::DBCluster",
            {"Engine": "aurora-mysql"},
            "The AWS managed key (alias/aws/rds) is accepted.",
        ),
    ],
)
def test_a_store_that_aws_encrypts_by_default_is_said_to_be_and_why_a_key_is_asked_for(
    kind: str, properties: dict[str, str], managed: str
) -> None:
    (finding,) = findings("TTS-DATA-001", {"Store": {"Type": kind, "Properties": properties}})
    assert "AWS encrypts it by default" in finding.message
    assert "A KMS key is asked for because data is treated as sensitive" in finding.message
    assert managed in finding.message


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBCluster", {"Engine": "mysql"}),
        ("AWS::RDS::DBInstance", {}),
        ("AWS::EFS::FileSystem", {}),
    ],
)
def test_of_other_stores_nothing_is_said_of_a_default(kind: str, properties: dict[str, str]) -> None:
    (finding,) = findings("TTS-DATA-001", {"Store": {"Type": kind, "Properties": properties}})
    assert finding.message.endswith("is not set; it must be true.")


def test_an_origin_does_not_excuse_a_store_that_says_it_is_not_encrypted() -> None:
    properties = {"DBSnapshotIdentifier": "before", "StorageEncrypted": False}
    database = {"Type": "AWS::RDS::DBInstance", "Properties": properties}
    assert places("TTS-DATA-001", {"Database": database}) == {"Properties/StorageEncrypted": "violation"}


SUBNET = {"Type": "AWS::EC2::Subnet"}
SUBNETS = {"SubnetIds": [{"Ref": "Subnet"}]}
GROUP = {"Type": "AWS::RDS::DBSubnetGroup", "Properties": SUBNETS}
DATABASE = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBSubnetGroupName": {"Ref": "Group"}}}
ASSOCIATION = {
    "Type": "AWS::EC2::SubnetRouteTableAssociation",
    "Properties": {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Table"}},
}


@pytest.mark.parametrize(
    ("gateway", "public"),
    [
        ({"GatewayId": {"Ref": "Internet"}}, True),
        ({"GatewayId": "igw-of-somebody"}, True),
        ({"GatewayId": NOWHERE}, True),
        ({"GatewayId": {"Ref": "Vpn"}}, False),
        ({"NatGatewayId": "nat"}, False),
        ({"EgressOnlyInternetGatewayId": "eigw"}, False),
    ],
)
def test_a_database_that_says_nothing_is_judged_by_its_routes(gateway: dict[str, Any], public: bool) -> None:
    told = findings(
        "TTS-DATA-002",
        {
            "Subnet": SUBNET,
            "Group": GROUP,
            "Database": DATABASE,
            "Association": ASSOCIATION,
            "Table": {"Type": "AWS::EC2::RouteTable"},
            "Internet": {"Type": "AWS::EC2::InternetGateway"},
            "Vpn": {"Type": "AWS::EC2::VPNGateway"},
            "Route": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"}, **gateway}},
        },
    )
    assert bool(told) == public


AURORA = {"Engine": "aurora-mysql"}
CLUSTER = {"Type": "AWS::RDS::DBCluster", "Properties": AURORA}


@pytest.mark.parametrize(("named", "told"), [("benefits", []), ("forms", ["Database"])])
def test_a_database_is_as_private_as_the_cluster_that_it_names(named: str, told: list[str]) -> None:
    properties = {"DBClusterIdentifier": "benefits", "DBSubnetGroupName": "inner"}
    found = findings(
        "TTS-DATA-002",
        {
            "Database": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": named}},
            "Subnet": SUBNET,
            "Group": {"Type": GROUP["Type"], "Properties": {"DBSubnetGroupName": "inner", **SUBNETS}},
            "Cluster": {"Type": CLUSTER["Type"], "Properties": AURORA | properties},
        },
    )
    assert [(finding.logical_id, finding.verdict) for finding in found] == [
        (logical_id, "violation") for logical_id in told
    ]


def test_a_cluster_whose_subnets_the_app_does_not_show_makes_no_database_private() -> None:
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": "Cluster"}}}
    assert places("TTS-DATA-002", {"Database": database, "Cluster": CLUSTER}) == {
        "Properties/PubliclyAccessible": "violation"
    }


COLLECTIONS = "AWS::OpenSearchServerless::SecurityPolicy"


@pytest.mark.parametrize("rules", [{"AllowFromPublic": True}, [{}, {"AllowFromPublic": True}]])
def test_a_network_policy_of_collections_is_one_rule_or_several(rules: Any) -> None:
    policy = {"Type": COLLECTIONS, "Properties": {"Type": "network", "Policy": json.dumps(rules)}}
    assert places("TTS-DATA-002", {"Policy": policy}) == {"Properties/Policy": "violation"}


@pytest.mark.parametrize(
    ("public", "told"),
    [("false", {}), ("true", {"Properties/Policy": "violation"}), ("${Public}", None)],
)
def test_a_network_policy_of_collections_is_read_with_its_unknown_parts(
    public: str, told: dict[str, str] | None
) -> None:
    text = f'[{{"Rules": [{{"Resource": ["collection/${{Name}}"]}}], "AllowFromPublic": {public}}}]'
    policy = {"Type": COLLECTIONS, "Properties": {"Type": "network", "Policy": {"Fn::Sub": text}}}
    parameters = {name: {"Type": "String"} for name in ("Name", "Public")}
    unknown = {"Properties/Policy/0/AllowFromPublic": "unknown"}
    expected = unknown if told is None else told
    assert places("TTS-DATA-002", {"Policy": policy}, Parameters=parameters) == expected


def test_a_web_socket_asks_who_calls_as_it_connects() -> None:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}
    properties = {"ApiId": {"Ref": "Api"}, "RouteKey": "$connect"}
    route = {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}
    assert places("TTS-DATA-002", {"Api": api, "Connect": route}) == {
        "Properties/AuthorizationType": "violation"
    }


def test_an_association_that_is_not_known_proves_no_privacy() -> None:
    association = {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": NOWHERE}}
    assert findings(
        "TTS-DATA-002", {"Subnet": SUBNET, "Group": GROUP, "Database": DATABASE, "Association": association}
    )
    assert not findings("TTS-DATA-002", {"Subnet": SUBNET, "Group": GROUP, "Database": DATABASE})


def test_a_backup_plan_for_some_names_and_tags_names_nothing_for_sure() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    chosen: dict[str, Any] = {"Resources": ["*"]}
    selection = {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupSelection": chosen}}
    assert not findings("TTS-DATA-003", {"Table": table, "Selection": selection})
    for narrower in ({"NotResources": ["arn:x"]}, {"Conditions": {"StringEquals": [{"ConditionKey": "x"}]}}):
        selection["Properties"] = {"BackupSelection": chosen | narrower}
        assert findings("TTS-DATA-003", {"Table": table, "Selection": selection})
    selection = {**selection, "Properties": {"BackupSelection": chosen}, "Condition": "Sometimes"}
    (finding,) = findings("TTS-DATA-003", {"Table": table, "Selection": selection})
    assert finding.message.startswith("PointInTimeRecoveryEnabled is not set")


@pytest.mark.parametrize(("region", "told"), [("us-east-1", False), ("us-west-2", True)])
def test_a_backup_plan_selects_what_is_in_its_region(region: str, told: bool) -> None:
    table = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    selection = {
        "Type": "AWS::Backup::BackupSelection",
        "Properties": {"BackupSelection": {"Resources": ["*"]}},
    }
    plans = Deployed({"Selection": selection}, region=region)
    assert bool(findings("TTS-DATA-003", {"Table": table}, plans)) is told


def test_what_must_be_stated_is_named_by_its_path() -> None:
    (finding,) = findings("TTS-DATA-001", {"Table": {"Type": "AWS::DynamoDB::Table"}})
    assert finding.message.startswith("SSESpecification.SSEEnabled is not set")


def test_what_a_store_is_made_from_is_named() -> None:
    cluster = {"Type": "AWS::RDS::DBCluster", "Properties": {"SnapshotIdentifier": "before"}}
    (finding,) = findings("TTS-DATA-001", {"Cluster": cluster})
    assert finding.message.startswith("SnapshotIdentifier names something outside the app")
