"""What is written instead of a method or route that anyone can call."""

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
