"""Alarms: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import findings


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
    assert "Alarm: ActionsEnabled can't be evaluated before deployment: it depends on" in finding.message


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
        (
            statement("Allow", "kms:*")
            | {"Condition": {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": {"Ref": "Topic"}}}},
        ),
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


@pytest.mark.parametrize("engine", ["postgres", {"Ref": "Nothing"}])
def test_a_database_is_told_nothing_of_balancers(engine: Any) -> None:
    path = {"aws:cdk:path": "Stack/Forms"}
    for kind in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"):
        resource = {"Type": kind, "Properties": {"Engine": engine}, "Metadata": path}
        for written in (resource, resource | {"Metadata": {}}):
            (finding,) = findings("TTS-MON-001", {"Forms": written})
            assert "balancer" not in finding.fix


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
