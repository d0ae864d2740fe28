"""Who may call what events of AWS::Serverless resources make."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.policy.judging import app
from tts_constructs.policy.aws.serverless_events import answers_everybody
from tts_constructs.policy.model.node import UnknownValue

REST = {"RestApiId": {"Ref": "Rest"}}
HTTP = {"ApiId": {"Ref": "Http"}}
IAM = {"Auth": {"Authorizer": "AWS_IAM"}}
BY_DEFAULT = {"Auth": {"DefaultAuthorizer": "Pool"}}


def answer(kind: str, properties: Any, rest: Any = None, http: Any = None, given: Any = None) -> bool:
    """Whether anybody can call an event, beside a REST API, an HTTP API, and Globals."""
    body = {
        "Resources": {
            "F": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Events": {"E": {"Type": kind, "Properties": properties}}},
            },
            "Rest": {"Type": "AWS::Serverless::Api", "Properties": rest or {}},
            "Http": {"Type": "AWS::Serverless::HttpApi", "Properties": http or {}},
            "Queue": {"Type": "AWS::SQS::Queue"},
        },
        "Parameters": {"Api": {"Type": "String"}},
        "Globals": {} if given is None else given,
    }
    (stack,) = app(body).stacks
    return answers_everybody(stack.resources["F"].properties.at("Events/E"))


@pytest.mark.parametrize(
    ("kind", "properties", "others", "expected"),
    [
        ("Api", {}, {}, True),
        ("HttpApi", {}, {}, True),
        ("Schedule", {}, {}, False),
        ("Api", IAM, {}, False),
        ("Api", {"Auth": {"Authorizer": "none"}}, {"given": {"Api": BY_DEFAULT}}, True),
        ("Api", {"Method": "OPTIONS"}, {}, False),
        ("Api", {"Method": "any"}, {}, True),
        ("Api", {}, {"given": {"Api": BY_DEFAULT}}, False),
        ("HttpApi", {}, {"given": {"Api": BY_DEFAULT}}, True),
        ("HttpApi", {}, {"given": {"HttpApi": BY_DEFAULT}}, False),
        ("Api", {}, {"given": {"Api": {"EndpointConfiguration": {"Type": "PRIVATE"}}}}, False),
        ("Api", {}, {"given": []}, True),
        ("Api", REST, {}, True),
        ("Api", REST, {"rest": BY_DEFAULT}, False),
        ("Api", REST, {"rest": {"Auth": {"DefaultAuthorizer": "NONE"}}}, True),
        ("Api", REST, {"rest": {"EndpointConfiguration": "PRIVATE"}}, False),
        ("Api", REST, {"rest": {"EndpointConfiguration": {"Type": "REGIONAL"}}}, True),
        ("Api", REST | IAM, {"rest": {"DefinitionUri": "x"}}, False),
        ("HttpApi", HTTP, {}, True),
        ("HttpApi", HTTP, {"http": BY_DEFAULT}, False),
    ],
)
def test_an_event_answers_everybody_unless_an_authorizer_is_stated(
    kind: str, properties: Any, others: dict[str, Any], expected: bool
) -> None:
    assert answer(kind, properties, **others) is expected


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        (lambda: answer("Api", REST, {"DefinitionBody": {}}), "DefinitionBody, which is not read"),
        (lambda: answer("Api", REST, {"DefinitionUri": "x"}), "DefinitionUri, which is not read"),
        (lambda: answer("Api", {"RestApiId": "abc"}), "The API is abc"),
        (lambda: answer("Api", {"RestApiId": {"Ref": "Queue"}}), "The API is ${Queue}"),
        (lambda: answer("Api", {"RestApiId": {"Ref": "Api"}}), "the parameter Api"),
        (lambda: answer("HttpApi", {"ApiId": {"Ref": "Rest"}}), "The API is ${Rest}"),
        (lambda: answer("Api", {"Auth": {"Authorizer": {"Ref": "Api"}}}), "the parameter Api"),
    ],
)
def test_an_event_of_an_api_that_is_not_known_is_undecided(judge: Callable[[], bool], reason: str) -> None:
    with pytest.raises(UnknownValue, match=reason.replace("$", r"\$").replace("{", r"\{")):
        judge()
