"""Monitoring and auditing: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import ODD, Deployed, findings, rules_of
from tts_constructs import standards
from tts_constructs.policy.rules.builtin import ENGINE

RULES = rules_of("LOG", "MON")

TYPES = sorted({resource_type for rule in RULES for resource_type in rule.checks})


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


def alarm(*actions: Any, **properties: Any) -> dict[str, Any]:
    dimensions = [{"Name": "AutoScalingGroupName", "Value": {"Ref": "Group"}}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {"AlarmActions": list(actions), "Dimensions": dimensions, **properties},
    }


GROUP = {"Type": "AWS::AutoScaling::AutoScalingGroup"}
TOPIC_ARN = "arn:aws:sns:us-east-1:111111111111:operators"


def test_an_alarm_with_an_action_of_another_app_tells_somebody() -> None:
    assert findings("TTS-MON-001", {"Group": GROUP, "Alarm": alarm(TOPIC_ARN)}) == ()


def test_an_alarm_under_a_condition_does_not_watch_a_group_that_always_is_there() -> None:
    conditional = alarm(TOPIC_ARN) | {"Condition": "Watched"}
    (finding,) = findings("TTS-MON-001", {"Group": GROUP, "Alarm": conditional})
    assert (finding.logical_id, finding.level) == ("Group", "warn")


def test_an_alarm_that_is_undecided_does_not_hide_one_that_tells() -> None:
    open_alarm = alarm(TOPIC_ARN, ActionsEnabled={"Ref": "Nothing"})
    assert findings("TTS-MON-001", {"Group": GROUP, "A": open_alarm, "B": alarm(TOPIC_ARN)}) == ()


def test_what_is_not_known_of_an_alarm_is_told() -> None:
    open_alarm = alarm(TOPIC_ARN, ActionsEnabled={"Ref": "Nothing"})
    (finding,) = findings("TTS-MON-001", {"Group": GROUP, "Alarm": open_alarm})
    assert "Alarm: ActionsEnabled depends on" in finding.message


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"Properties": {"AlarmActions": [TOPIC_ARN]}}, False),
        ({"Properties": {}}, True),
        ({"Properties": {"AlarmActions": [TOPIC_ARN]}, "Condition": "Watched"}, True),
    ],
)
def test_a_composite_alarm_tells_of_those_that_it_holds(stated: dict[str, Any], told: bool) -> None:
    rule = {"AlarmRule": {"Fn::Sub": "ALARM(${Alarm})"}}
    composite = {"Type": "AWS::CloudWatch::CompositeAlarm", **stated}
    composite["Properties"] = rule | composite["Properties"]
    found = findings("TTS-MON-001", {"Group": GROUP, "Alarm": alarm(), "Any": composite})
    assert [finding.verdict for finding in found] == (["violation"] if told else [])


def test_an_alarm_on_something_else_does_not_watch_the_group() -> None:
    other = alarm(TOPIC_ARN, Dimensions=[{"Name": "AutoScalingGroupName", "Value": "other"}])
    (finding,) = findings("TTS-MON-001", {"Group": GROUP, "Alarm": other})
    assert finding.logical_id == "Group"


def topic_with_key(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": list(statements)}}},
    }


def statement(effect: str, *actions: str, service: str = "cloudwatch.amazonaws.com") -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": list(actions), "Resource": "*"}


@pytest.mark.parametrize(
    "statements",
    [
        (statement("Allow", "kms:*"),),
        (statement("Allow", "kms:Decrypt"), statement("Allow", "kms:GenerateDataKey*")),
        ({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},),
    ],
)
def test_a_key_lets_alarms_in_by_one_statement_or_several(statements: tuple[dict[str, Any], ...]) -> None:
    assert findings("TTS-MON-001", topic_with_key(*statements)) == ()


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (statement("Deny", "kms:*"),),
        (statement("Allow", "kms:GenerateDataKey*"),),
        (statement("Allow", "kms:*", service="sns.amazonaws.com"),),
        ({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*"},),
    ],
)
def test_a_key_that_keeps_cloudwatch_out_makes_the_alarm_silent(
    statements: tuple[dict[str, Any], ...],
) -> None:
    (finding,) = findings("TTS-MON-001", topic_with_key(*statements))
    assert finding.location == "Properties/AlarmActions/0"
    assert "Key" in finding.message


def test_a_key_that_a_topic_names_by_an_alias_of_the_app_counts() -> None:
    resources = topic_with_key(statement("Allow", "kms:*"))
    alias = {"AliasName": "alias/messages", "TargetKeyId": {"Ref": "Key"}}
    resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": alias}
    resources["Topic"]["Properties"] = {"KmsMasterKeyId": {"Ref": "Alias"}}
    assert findings("TTS-MON-001", resources) == ()
    resources["Key"]["Properties"] = {"KeyPolicy": {"Statement": []}}
    (finding,) = findings("TTS-MON-001", resources)
    assert finding.verdict == "violation"


@pytest.mark.parametrize("resource_type", TYPES)
def test_no_shape_makes_a_rule_fail(resource_type: str) -> None:
    keys = (
        "LoadBalancerAttributes", "AccessLoggingPolicy", "DistributionConfig", "AccessLogSetting", "Metrics",
        "AccessLogSettings", "StageName", "StageDescription", "EnableCloudwatchLogsExports", "AlarmRule",
        "RetentionInDays", "LifecycleConfiguration", "AlarmActions", "Dimensions", "ActionsEnabled",
    )  # fmt: skip
    for odd in ODD:
        whole = {"Type": resource_type, "Properties": odd}
        parts = {"Type": resource_type, "Properties": dict.fromkeys(keys, odd)}
        listener = {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {"LoadBalancerArn": {"Ref": "Parts"}, "DefaultActions": odd},
        }
        joined = {"Listener": listener, **topic_with_key()}
        joined["Topic"] = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": odd}}
        found = findings(RULES, {"Whole": whole, "Parts": parts, **joined})
        assert [finding.message for finding in found if finding.rule_id == ENGINE] == []


@pytest.mark.parametrize("engine", ["postgres", {"Ref": "Nothing"}])
@pytest.mark.parametrize("rule_id", ["TTS-LOG-001", "TTS-MON-001"])
def test_a_database_is_told_nothing_of_balancers(rule_id: str, engine: Any) -> None:
    properties = {"Engine": engine, "EnableCloudwatchLogsExports": {"Ref": "AWS::NoValue"}}
    for kind in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"):
        resource = {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": "Stack/Forms"}}
        for written in (resource, resource | {"Metadata": {}}):
            (finding,) = findings(rule_id, {"Forms": written})
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


@pytest.mark.parametrize(
    ("kind", "namespace"),
    [
        (None, "AWS/ApplicationELB"),
        ("network", "AWS/NetworkELB"),
        ("gateway", "AWS/GatewayELB"),
        ({"Ref": "Nothing"}, "AWS/ApplicationELB"),
    ],
)
def test_a_balancer_is_told_of_a_metric_of_its_kind(kind: Any, namespace: str) -> None:
    balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": kind}}
    (finding,) = findings("TTS-MON-001", {"Web": balancer})
    assert namespace in finding.fix
