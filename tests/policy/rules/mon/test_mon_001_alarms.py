"""What is written instead of a service that nobody watches, and of an alarm that tells nobody."""

from typing import Any

import pytest

from tests.policy.judging import findings

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
OF_CDK = {"aws:cdk:path": "App/Service/Resource"}


def fix(resource_type: str, properties: dict[str, Any], **body: Any) -> str:
    (finding,) = findings("TTS-MON-001", {"It": {"Type": resource_type, "Properties": properties, **body}})
    return finding.fix


@pytest.mark.parametrize(
    ("resource_type", "properties", "metric", "dimension"),
    [
        (BALANCER, {}, ("HTTPCode_ELB_5XX_Count", "AWS/ApplicationELB"), "LoadBalancer"),
        (BALANCER, {"Type": "network"}, ("TCP_ELB_Reset_Count", "AWS/NetworkELB"), "LoadBalancer"),
        (BALANCER, {"Type": "gateway"}, ("UnHealthyHostCount", "AWS/GatewayELB"), "LoadBalancer"),
        (
            "AWS::RDS::DBInstance",
            {"Type": "network"},
            ("FreeStorageSpace", "AWS/RDS"),
            "DBInstanceIdentifier",
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            {},
            ("GroupInServiceInstances", "AWS/AutoScaling"),
            "AutoScalingGroupName",
        ),
    ],
)
def test_each_service_names_a_metric_of_its_own(
    resource_type: str, properties: dict[str, Any], metric: tuple[str, str], dimension: str
) -> None:
    name, namespace = metric
    in_template = fix(resource_type, properties)
    assert f"such as {name} of {namespace} with the dimension `{dimension}`" in in_template
    assert in_template.startswith("Write an `AWS::CloudWatch::Alarm`")
    in_app = fix(resource_type, properties, Metadata=OF_CDK)
    assert f'namespace="{namespace}", metric_name="{name}", dimensions_map={{"{dimension}": …}}' in in_app
    assert in_app.startswith("Write" if resource_type == "AWS::RDS::DBInstance" else "Use TtsAsgService")


def test_an_alarm_that_the_policy_keeps_out_says_how_to_let_it_in() -> None:
    for metadata, says in (
        ({}, "let `cloudwatch.amazonaws.com` use `sns:Publish`"),
        (OF_CDK, "grant_publish("),
    ):
        found = findings(
            "TTS-MON-001",
            {
                "Topic": {"Type": "AWS::SNS::Topic", "Metadata": metadata},
                "Policy": topic_policy(Action="sns:Publish", Principal={"Service": "events.amazonaws.com"}),
                "Alarm": {
                    "Type": "AWS::CloudWatch::Alarm",
                    "Properties": {"AlarmActions": [{"Ref": "Topic"}]},
                },
            },
        )
        (finding,) = found
        assert says in finding.fix
        assert finding.fix.startswith("In the topic's policy" if not metadata else "Give the topic to Alarms")


def topic_policy(**statement: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": document},
    }


CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ({"Principal": CLOUDWATCH}, None),
        ({"Principal": CLOUDWATCH, "Action": "sns:GetTopicAttributes"}, "violation"),
        ({"Principal": CLOUDWATCH, "Effect": "Deny"}, "violation"),
        ({"NotPrincipal": CLOUDWATCH}, "violation"),
        ({"NotPrincipal": {"AWS": "111111111111"}}, None),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}, "violation"),
        ({"Principal": {"Service": {"Ref": "Nothing"}}}, "unknown"),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, "violation"),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}, None),
        ({"Principal": "*", "Condition": {"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}}, None),
        ({"Principal": CLOUDWATCH, "Condition": {"StringLike": {"aws:SourceAccount": "1111*"}}}, None),
        ({"Principal": CLOUDWATCH, "Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}, "unknown"),
        (
            {"Principal": CLOUDWATCH, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::a"}}},
            "violation",
        ),
        ({"Principal": CLOUDWATCH, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}}, None),
        ({"Principal": CLOUDWATCH, "Condition": {"ArnLike": {"aws:SourceArn": "*"}}}, None),
        (
            {
                "Principal": CLOUDWATCH,
                "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": "Alarm.Arn"}}},
            },
            None,
        ),
        (
            {"Principal": CLOUDWATCH, "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}},
            "violation",
        ),
        (
            {"Principal": CLOUDWATCH, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}},
            "unknown",
        ),
    ],
)
def test_a_policy_lets_alarms_in_or_keeps_them_out(statement: dict[str, Any], verdict: str | None) -> None:
    found = findings(
        "TTS-MON-001",
        {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Policy": topic_policy(**{"Action": "sns:*", **statement}),
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}},
        },
    )
    assert [finding.verdict for finding in found] == ([verdict] if verdict else [])


def test_a_condition_that_may_keep_alarms_out_is_named() -> None:
    condition = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}}
    policy = topic_policy(Action="sns:*", Principal=CLOUDWATCH, Condition=condition)
    (finding,) = findings(
        "TTS-MON-001", {"Topic": {"Type": "AWS::SNS::Topic"}, "Policy": policy, "Alarm": alarm}
    )
    assert "aws:currenttime" in finding.message


@pytest.mark.parametrize(
    ("account", "verdicts"), [("111111111111", []), ("222222222222", ["violation"]), ("1111*", [])]
)
def test_a_key_may_let_the_alarms_of_one_account_use_it(account: str, verdicts: list[str]) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": CLOUDWATCH,
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringLike": {"aws:SourceAccount": account}},
    }
    resources = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [statement]}}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}},
    }
    assert [finding.verdict for finding in findings("TTS-MON-001", resources)] == verdicts


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("TopicPolicy", {"Topics": [{"Ref": "Nothing"}]}),
        ("TopicInlinePolicy", {"TopicArn": {"Ref": "Nothing"}}),
    ],
)
def test_a_policy_that_may_be_the_topic_s_is_named(kind: str, named: dict[str, Any]) -> None:
    policy = {"Type": f"AWS::SNS::{kind}", "Properties": {"PolicyDocument": {"Statement": []}, **named}}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}}
    (finding,) = findings(
        "TTS-MON-001", {"Topic": {"Type": "AWS::SNS::Topic"}, "Doubtful": policy, "Alarm": alarm}
    )
    assert (finding.verdict, finding.logical_id) == ("unknown", "Alarm")
    assert "Doubtful may be the policy of Topic" in finding.message
    assert finding.location == "Properties/AlarmActions/0"


def test_a_denial_beside_a_permission_keeps_alarms_out() -> None:
    policy = topic_policy(Action="sns:Publish", Principal=CLOUDWATCH)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    policy["Properties"]["PolicyDocument"]["Statement"].append(deny)
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "Topic"}]}}
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}, "Policy": policy, "Alarm": alarm}
    (finding,) = findings("TTS-MON-001", resources)
    assert finding.verdict == "violation"


def test_an_alarm_whose_topic_it_may_not_use_says_how_to_encrypt_the_topic() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}
    for metadata, first, says in (
        ({}, "Encrypt the topic with your own key", "`cloudwatch.amazonaws.com`"),
        (OF_CDK, "Make the topic with `sns.Topic(", "`key.grant_encrypt_decrypt("),
    ):
        alarm = {
            "Type": "AWS::CloudWatch::Alarm",
            "Metadata": metadata,
            "Properties": {"AlarmActions": [{"Ref": "Topic"}]},
        }
        (finding,) = findings("TTS-MON-001", {"Topic": topic, "Alarm": alarm})
        assert finding.fix.startswith(first)
        assert says in finding.fix
