"""Secrets in a template: what the examples of the rule do not say."""

import json
from typing import Any

import pytest

from tests.policy.judging import findings

SECRET = "Tr0ub4dor" + "-and-3"
NOWHERE = {"Fn::ImportValue": "of-no-stack"}


def places(resources: dict[str, Any], **parts: Any) -> list[tuple[str, str]]:
    return [(found.verdict, found.location) for found in findings("TTS-SEC-001", resources, **parts)]


@pytest.mark.parametrize(
    ("pattern", "is_secret"),
    [
        ("^arn:aws:secretsmanager:.+", False),
        ("^/[a-z/]+$", False),
        ("{{resolve:secretsmanager:.+}}", False),
        ("^\\{\\{resolve:secretsmanager:.+", False),
        ("(?:true|false)", False),
        ("^false$", False),
        ("^https?://.+", False),
        (".+", True),
        ("XXarn:.+", True),
        ({"Ref": "AWS::NoValue"}, True),
        (None, True),
    ],
    ids=str,
)
def test_a_parameter_is_no_secret_where_its_pattern_takes_only_names_of_one(
    pattern: Any, is_secret: bool
) -> None:
    parameter = {"Type": "String", "AllowedPattern": pattern}
    found = places({}, Parameters={"DbPassword": parameter})
    assert found == [("violation", "Parameters/DbPassword/NoEcho")] * is_secret


@pytest.mark.parametrize(
    ("content", "is_secret"),
    [
        (SECRET, True),
        ({"username": "app", "password": SECRET}, True),
        ({"username": SECRET, "host": SECRET}, False),
        ({"USERNAME": SECRET}, False),
        ({"password": 12345678}, False),
        ({"username": "app", "password": ""}, False),
        ([], False),
        ({}, False),
    ],
    ids=str,
)
def test_the_fields_of_a_secret_are_judged_one_by_one(content: Any, is_secret: bool) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": text}}
    assert places({"Secret": secret}) == [("violation", "Properties/SecretString")] * is_secret


@pytest.mark.parametrize(
    ("password", "is_secret"),
    [(SECRET, True), ("short", True), ("", False), ("arn:aws:secretsmanager:us-east-1:1:secret:x", False)],
)
def test_any_text_but_a_name_is_a_secret_where_one_belongs(password: str, is_secret: bool) -> None:
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": password}}
    assert places({"Db": database}) == [("violation", "Properties/MasterUserPassword")] * is_secret


def test_the_value_of_a_parameter_that_the_app_writes_is_shown() -> None:
    def database(reference: Any) -> dict[str, Any]:
        return {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": reference}}

    shown = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": SECRET}}
    made = {"Type": "Custom::Password", "Properties": {"Value": "a name"}}
    resources = {"Shown": shown, "Made": made}
    read = {"Fn::GetAtt": ["Shown", "Value"]}
    assert ("violation", "Properties/MasterUserPassword") in places({**resources, "Db": database(read)})
    for other in ({"Fn::GetAtt": ["Made", "Value"]}, {"Fn::GetAtt": ["Shown", "Type"]}):
        assert ("violation", "Properties/MasterUserPassword") not in places(
            {**resources, "Db": database(other)}
        )


def test_variables_that_are_not_known_are_undecided() -> None:
    properties = {"FunctionName": "password-reset", "Environment": {"Variables": NOWHERE}}
    (found,) = findings(
        "TTS-SEC-001", {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    )
    assert (found.verdict, found.location) == ("unknown", "Properties/Environment/Variables")
    assert "of-no-stack" in found.message
