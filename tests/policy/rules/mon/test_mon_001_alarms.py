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


def test_an_alarm_whose_topic_it_may_not_use_says_how_to_encrypt_the_topic() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}
    for metadata, says in ({}, "`cloudwatch.amazonaws.com`"), (OF_CDK, "`key.grant_encrypt_decrypt("):
        alarm = {
            "Type": "AWS::CloudWatch::Alarm",
            "Metadata": metadata,
            "Properties": {"AlarmActions": [{"Ref": "Topic"}]},
        }
        (finding,) = findings("TTS-MON-001", {"Topic": topic, "Alarm": alarm})
        assert finding.fix.startswith("Encrypt the topic with")
        assert says in finding.fix
