"""Who may reach data, and what is written instead."""

from typing import Any

import pytest

from tests.policy.judging import findings


@pytest.mark.parametrize(
    ("resource_type", "starts"),
    [
        ("AWS::ApiGateway::Method", "Write `authorization_type=apigateway.AuthorizationType.IAM`"),
        ("AWS::ApiGatewayV2::Route", "Write `authorizer=`"),
    ],
)
def test_what_anyone_can_call_is_told_its_argument_in_an_app(resource_type: str, starts: str) -> None:
    called = {"Type": resource_type, "Metadata": {"aws:cdk:path": "App/Called/Resource"}}
    (finding,) = findings("TTS-DATA-002", {"Called": called})
    assert finding.fix.startswith(starts)


def open_to(service: str, kind: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "*", "Resource": "*"}
    return {"Type": kind, "Properties": {"PolicyDocument": {"Statement": [statement]}}}


@pytest.mark.parametrize(
    ("service", "kind", "level"),
    [
        ("events.amazonaws.com", "AWS::SNS::TopicPolicy", "warn"),
        ("events.amazonaws.com", "AWS::SQS::QueuePolicy", "block"),
        ("s3.amazonaws.com", "AWS::SNS::TopicPolicy", "block"),
    ],
)
def test_the_policy_that_the_cdk_writes_for_eventbridge_warns(service: str, kind: str, level: str) -> None:
    (finding,) = findings("TTS-DATA-002", {"Policy": open_to(service, kind)})
    assert (finding.verdict, finding.level) == ("violation", level)
    assert service in finding.message


def test_a_permission_names_the_service_that_acts_for_anybody() -> None:
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "s3.amazonaws.com"}
    (finding,) = findings(
        "TTS-DATA-002", {"Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission}}
    )
    assert "s3.amazonaws.com" in finding.message
