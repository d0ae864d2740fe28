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


SETS = f"export DB_PASSWORD={SECRET}"
LATER = {"Ref": "Later"}


@pytest.mark.parametrize(
    ("data", "is_found"),
    [
        ({"Fn::Select": [LATER, [SETS, "true"]]}, True),
        ({"Fn::Select": [LATER, [{"Fn::Join": ["", [SETS]]}, "true"]]}, True),
        ({"Fn::Transform": {"Name": "Own", "Parameters": {"Run": SETS}}}, True),
        ({"Fn::Transform": {"Name": "Own", "Parameters": {"DbPassword": SECRET}}}, True),
        ({"Fn::Transform": {"Name": "Own", "Parameters": {"DbPassword": "/forms/db"}}}, False),
        ({"Fn::Select": [LATER, ["export DB_PASSWORD=$1", 7]]}, False),
    ],
    ids=str,
)
def test_texts_in_a_call_that_is_not_known_are_read(data: Any, is_found: bool) -> None:
    instance = {"Type": "AWS::EC2::Instance", "Properties": {"UserData": data}}
    found = places({"Instance": instance}, Parameters={"Later": {"Type": "Number"}})
    assert ("violation" in [verdict for verdict, _ in found]) is is_found


@pytest.mark.parametrize("kind", ["AWS::SecretsManager::Secret", "AWS::SSM::Parameter"])
@pytest.mark.parametrize(("value", "is_secret"), [("FormsDb4", False), ("FormsDb5", True)])
def test_the_name_of_a_secret_of_the_app_is_no_secret(kind: str, value: str, is_secret: bool) -> None:
    variables = {"Variables": {"DB_PASSWORD": value}}
    resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": variables}},
        "Named": {"Type": kind, "Properties": {"Name": "FormsDb4"}},
        "Unnamed": {"Type": kind, "Properties": {}},
    }
    assert places(resources) == [("violation", "Properties/Environment/Variables/DB_PASSWORD")] * is_secret


def test_each_item_is_a_secret_where_one_belongs() -> None:
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": [SECRET]}}
    assert places({"Db": database}) == [("violation", "Properties/MasterUserPassword/0")]


@pytest.mark.parametrize(
    ("command", "is_found"),
    [
        (["mysql", "-u", "root", f"-p{SECRET}"], True),
        (["mysql", "-p", LATER, SECRET], False),
        (["echo", f"root:{SECRET}", "|", "chpasswd"], True),
    ],
    ids=str,
)
def test_the_words_of_a_command_are_read_together(command: list[Any], is_found: bool) -> None:
    container = {"Name": "web", "Image": "web", "Command": command}
    task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [container]}}
    found = places({"Task": task}, Parameters={"Later": {"Type": "String"}})
    assert bool(found) is is_found


def test_an_item_is_named_by_its_position() -> None:
    container = {"Name": "web", "Image": "web", "Command": ["echo", "AKIA" + "Q3EGRZ5XWVJ7KTPM"]}
    task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [container]}}
    (found,) = findings("TTS-SEC-001", {"Task": task})
    assert found.message.startswith("1 holds ")
