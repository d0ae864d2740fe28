"""Logs: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import Deployed, findings
from tts_constructs import standards


def log_group(days: Any, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days, **properties}}


@pytest.mark.parametrize(
    ("days", "passes"), [(1, False), (364, False), (1095, False), (1096, True), (3653, True)]
)
def test_a_log_group_keeps_events_for_thirty_months(days: int, passes: bool) -> None:
    assert (not findings("TTS-LOG-002", {"Log": log_group(days)})) is passes


@pytest.mark.parametrize(("days", "passes"), [(364, False), (365, True)])
def test_with_an_archive_a_year_at_hand_is_enough(days: int, passes: bool) -> None:
    archive = {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Properties": {
            "LogGroupName": {"Ref": "Log"},
            "FilterPattern": "",
            "DestinationArn": "arn:aws-us-gov:firehose:us-gov-west-1:111111111111:deliverystream/archive",
        },
    }
    assert (not findings("TTS-LOG-002", {"Log": log_group(days), "Archive": archive})) is passes


@pytest.mark.parametrize(("account", "passes"), [("111111111111", True), ("222222222222", False)])
def test_an_archive_of_a_group_of_that_name_in_another_account_is_none(account: str, passes: bool) -> None:
    subscription = {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Properties": {
            "LogGroupName": "web",
            "FilterPattern": "",
            "DestinationArn": "arn:aws:firehose:us-east-1:111111111111:deliverystream/archive",
        },
    }
    logs = {"Log": log_group(365, LogGroupName="web")}
    archive = Deployed({"Archive": subscription}, account=account)
    assert (not findings("TTS-LOG-002", logs, archive)) is passes


def test_an_archive_that_is_there_under_a_condition_is_none_for_a_log_group_that_always_is() -> None:
    archive = {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Condition": "Archived",
        "Properties": {"LogGroupName": {"Ref": "Log"}, "FilterPattern": "", "DestinationArn": ":firehose:"},
    }
    (finding,) = findings("TTS-LOG-002", {"Log": log_group(365), "Archive": archive})
    assert finding.verdict == "violation"


@pytest.mark.parametrize(("days", "passes"), [(912, False), (913, True)])
def test_the_days_of_a_log_bucket_are_those_of_the_constructs(days: int, passes: bool) -> None:
    rules = [{"Status": "Enabled", "ExpirationInDays": days}]
    logs = {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": {"Rules": rules}}}
    trail = {"Type": "AWS::EC2::FlowLog", "Properties": {"LogDestination": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    assert (not findings("TTS-LOG-002", {"Logs": logs, "Flows": trail})) is passes
    assert standards.LOG_BUCKET_RETENTION_DAYS == 913


def test_a_bucket_that_holds_other_data_too_keeps_the_logs_that_it_receives() -> None:
    rules = [{"Status": "Enabled", "ExpirationInDays": 30}]
    logs = {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": {"Rules": rules}}}
    source = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Logs"}}},
    }
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Logs"},
            "PolicyDocument": {
                "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
            },
        },
    }
    (finding,) = findings("TTS-LOG-002", {"Logs": logs, "Source": source, "Policy": policy})
    assert finding.logical_id == "Logs"


@pytest.mark.parametrize("name", [["odd"], {"odd": 1}])
def test_a_log_group_with_an_odd_name_is_kept_as_long_as_any(name: Any) -> None:
    (finding,) = findings("TTS-LOG-002", {"Log": log_group(365, LogGroupName=name)})
    assert finding.message.startswith("RetentionInDays is 365, less than")


@pytest.mark.parametrize(
    ("destination", "passes"),
    [
        ("arn:aws:s3:::archive", True),
        ("arn:aws:logs:us-east-1:111111111111:log-group:other", False),
        (None, False),
    ],
)
def test_a_delivery_to_a_bucket_is_an_archive(destination: str | None, *, passes: bool) -> None:
    source = {"Type": "AWS::Logs::DeliverySource", "Properties": {"ResourceArn": {"Ref": "Log"}}}
    delivery = {
        "Type": "AWS::Logs::Delivery",
        "Properties": {
            "DeliverySourceName": {"Ref": "Source"},
            "DeliveryDestinationArn": {"Fn::GetAtt": ["Destination", "Arn"]} if destination else "arn",
        },
    }
    resources = {"Log": log_group(365), "Source": source, "Delivery": delivery}
    if destination:
        properties = {"DestinationResourceArn": destination}
        resources["Destination"] = {"Type": "AWS::Logs::DeliveryDestination", "Properties": properties}
    found = findings("TTS-LOG-002", resources)
    assert [finding.verdict for finding in found] == ([] if passes else ["violation"])


def test_a_stage_that_logs_to_an_empty_name_logs_nowhere() -> None:
    properties = {"AccessLogSetting": {"DestinationArn": ""}}
    (finding,) = findings(
        "TTS-LOG-001", {"Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": properties}}
    )
    assert finding.location == "Properties/AccessLogSetting/DestinationArn"


@pytest.mark.parametrize("engine", ["postgres", {"Ref": "Nothing"}])
def test_a_database_is_told_nothing_of_balancers(engine: Any) -> None:
    properties = {"Engine": engine, "EnableCloudwatchLogsExports": {"Ref": "AWS::NoValue"}}
    for kind in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"):
        resource = {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": "Stack/Forms"}}
        for written in (resource, resource | {"Metadata": {}}):
            (finding,) = findings("TTS-LOG-001", {"Forms": written})
            assert "balancer" not in finding.fix


def test_what_is_undecided_of_a_database_is_answered_for_a_database() -> None:
    resource = {"Type": "AWS::RDS::DBInstance", "Properties": {"EnableCloudwatchLogsExports": {"Ref": "X"}}}
    (finding,) = findings("TTS-LOG-001", {"Forms": resource})
    assert finding.verdict == "unknown"
    assert finding.fix.startswith("Write `EnableCloudwatchLogsExports`")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("Stack/Log/Resource", "Write `retention=logs.RetentionDays.THREE_YEARS`."),
        ("Stack/Vpc/FlowLog/LogGroup/Resource", "The CDK made this log group."),
    ],
)
def test_a_log_group_of_the_cdk_is_told_how_to_hand_one_over(path: str, says: str) -> None:
    (finding,) = findings("TTS-LOG-002", {"Log": log_group(731) | {"Metadata": {"aws:cdk:path": path}}})
    assert finding.fix.startswith(says)
