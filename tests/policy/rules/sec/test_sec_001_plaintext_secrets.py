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


KEY = "AKIA" + "Q3EGRZ5XWVJ7KTPM"
UNNAMED = {"a": {"b": "c"}}


@pytest.mark.parametrize(
    ("sections", "location"),
    [
        ({"Outputs": {"DbPassword": {"Value": SECRET}}}, "Outputs/DbPassword/Value"),
        ({"Outputs": {"Url": {"Value": SETS}}}, "Outputs/Url/Value"),
        ({"Outputs": {"Url": {"Value": "x", "Description": KEY}}}, "Outputs/Url/Description"),
        ({"Outputs": {"Url": {"Value": "x", "Description": SETS}}}, None),
        ({"Outputs": {"Bad": "text", "Url": {"Value": SETS}}}, "Outputs/Url/Value"),
        ({"Mappings": {"A": UNNAMED, "B": {"live": {"DbPassword": SECRET}}}}, "Mappings/B/live/DbPassword"),
        ({"Mappings": {"A": {"live": {"run": SETS}}}}, "Mappings/A/live/run"),
        ({"Globals": {"Function": {"Run": SETS}}}, "Globals/Function/Run"),
        ({"Globals": {"Function": {"DbPassword": SECRET}}}, None),
        (
            {"Globals": {"Function": {"Environment": {"Variables": {"DB_PASSWORD": SECRET}}}}},
            "Globals/Function/Environment/Variables/DB_PASSWORD",
        ),
        (
            {"Rules": {"R": {"Assertions": [{"AssertDescription": KEY}]}}},
            "Rules/R/Assertions/0/AssertDescription",
        ),
        ({"Rules": {"R": {"Assertions": [{"Assert": SETS}]}}}, None),
        ({"Conditions": {"C": {"Fn::Equals": [KEY, {"Ref": "P"}]}}}, "Conditions/C"),
        ({"Conditions": {"C": {"Fn::Equals": [SETS, {"Ref": "P"}]}}}, None),
        ({"Metadata": {"Own": {"DbPassword": SECRET}}}, "Metadata/Own/DbPassword"),
        ({"Metadata": {"Own": {"note": KEY}}}, "Metadata/Own/note"),
        ({"Metadata": {"Own": {"note": SETS}}}, None),
        ({"Metadata": {"AWS::CloudFormation::Interface": {"DbPassword": SECRET}}}, None),
        ({"Description": KEY}, "Description"),
        ({"Description": SETS}, None),
        ({"Parameters": {"P": {"Type": "String", "Description": KEY}}}, "Parameters/P/Description"),
        ({"Parameters": {"P": {"Type": "String", "Description": SETS}}}, None),
        ({"Parameters": {"P": {"Type": "String", "Default": SETS}}}, "Parameters/P/Default"),
        ({"Parameters": {"DbPassword": {"Type": "CommaDelimitedList"}}}, "Parameters/DbPassword/NoEcho"),
    ],
    ids=str,
)
def test_each_section_of_a_template_is_read_for_what_it_can_hold(
    sections: dict[str, Any], location: str | None
) -> None:
    found = findings("TTS-SEC-001", {"Resources": {}, **sections})
    assert [one.location for one in found] == ([location] if location else [])


INIT = "AWS::CloudFormation::Init"
HEADERS = "AuthParameters/InvocationHttpParameters/HeaderParameters"
VARIABLES = "Properties/Environment/Variables"
MATCH = "Properties/Rules/0/Statement/ByteMatchStatement/SearchString"


def searched(field: Any) -> dict[str, Any]:
    statement = {"ByteMatchStatement": {"SearchString": SECRET, "FieldToMatch": field}}
    return {"Rules": [{"Statement": statement}]}


def header(is_secret: Any) -> dict[str, Any]:
    items = [{"Key": "X-Own", "Value": "short", "IsValueSecret": is_secret}]
    return {"AuthParameters": {"InvocationHttpParameters": {"HeaderParameters": items}}}


def variable(name: str, value: Any) -> dict[str, Any]:
    return {"Environment": {"Variables": {name: value}}}


@pytest.mark.parametrize(
    ("kind", "properties", "location"),
    [
        ("AWS::CDK::Metadata", {"Analytics": SETS}, None),
        (
            "AWS::CloudFormation::Stack",
            {"Parameters": {"DbPassword": SECRET}},
            "Properties/Parameters/DbPassword",
        ),
        (
            "AWS::CloudFormation::Stack",
            {"Parameters": {"A": {"DbPassword": SECRET}}},
            "Properties/Parameters/A/DbPassword",
        ),
        ("AWS::CloudFormation::Stack", {"Parameters": {"A": {"B": {"DbPassword": SECRET}}}}, None),
        ("AWS::CloudFormation::Stack", {"Parameters": [SECRET]}, None),
        ("AWS::SNS::Topic", {"Parameters": {"DbPassword": SECRET}}, None),
        ("AWS::SNS::Topic", {"Own": {"DbPassword": SECRET}}, None),
        ("AWS::SNS::Topic", {"DisplayName": SETS}, "Properties/DisplayName"),
        (
            "AWS::CloudFormation::CustomResource",
            {"Own": {"DbPassword": SECRET}},
            "Properties/Own/DbPassword",
        ),
        ("Custom::Own", {"Own": {"DbPassword": SECRET}}, "Properties/Own/DbPassword"),
        ("AWS::SSM::Parameter", {"Name": "/forms/db-password", "Value": SECRET}, "Properties/Value"),
        ("AWS::SSM::Parameter", {"Name": "/forms/size", "Value": SECRET}, None),
        ("AWS::SSM::Parameter", {"Name": NOWHERE, "Value": SECRET}, None),
        ("AWS::SSM::Parameter", {"Name": "/forms/size", "Value": SETS}, "Properties/Value"),
        ("AWS::SSM::Parameter", {"Value": "x", "Description": KEY}, "Properties/Description"),
        ("AWS::SSM::Parameter", SETS, "Properties"),
        ("AWS::WAFv2::RuleGroup", searched({"SingleHeader": {"Name": "x-api-key"}}), MATCH),
        ("AWS::WAFv2::RuleGroup", searched({"SingleHeader": {"name": "x-api-key"}}), MATCH),
        ("AWS::WAFv2::RuleGroup", searched({"SingleHeader": {"Name": "accept", "Other": "password"}}), None),
        ("AWS::WAFv2::RuleGroup", searched({"SingleHeader": "x-api-key"}), None),
        ("AWS::WAFv2::RuleGroup", searched({"SingleHeader": {"Name": ["x-api-key"]}}), None),
        ("AWS::WAFv2::RuleGroup", searched("x-api-key"), None),
        ("AWS::Events::Connection", header(True), f"Properties/{HEADERS}/0/Value"),
        ("AWS::Events::Connection", header("TRUE"), f"Properties/{HEADERS}/0/Value"),
        ("AWS::Events::Connection", header(False), None),
        ("AWS::Lambda::Function", variable("DB_PASSWORD", 12345678), f"{VARIABLES}/DB_PASSWORD"),
        ("AWS::Lambda::Function", variable("DB_PASSWORD", True), None),
        ("AWS::Lambda::Function", variable("SIZE", 12345678), None),
        (
            "AWS::Lambda::Function",
            variable("DB_PASSWORD", {"Fn::If": ["C", NOWHERE, SECRET]}),
            f"{VARIABLES}/DB_PASSWORD",
        ),
        (
            "AWS::Lambda::Function",
            variable("DB_PASSWORD", {"Fn::If": ["C", SECRET, NOWHERE]}),
            f"{VARIABLES}/DB_PASSWORD",
        ),
        (
            "AWS::Lambda::Function",
            variable("Authorization", f"Bearer {SECRET}"),
            f"{VARIABLES}/Authorization",
        ),
        ("AWS::Lambda::Function", variable("AUTHORIZATION", "Bearer ${Token}"), None),
        ("AWS::Lambda::Function", variable("PASSWORD_HINT", f"Bearer {SECRET}"), None),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": f"password = {SECRET}"}}, None),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": f"password = '{SECRET}'"}}, "Properties/Code/ZipFile"),
        ("AWS::Lambda::Function", {"Description": SETS}, None),
        ("AWS::Lambda::Function", {"Description": KEY}, "Properties/Description"),
    ],
    ids=str,
)
def test_each_property_is_read_for_what_it_can_hold(kind: str, properties: Any, location: str | None) -> None:
    found = findings("TTS-SEC-001", {"R": {"Type": kind, "Properties": properties}})
    assert [(one.verdict, one.location) for one in found] == ([("violation", location)] if location else [])


@pytest.mark.parametrize(
    ("metadata", "location"),
    [
        ({"Note": KEY}, "Note"),
        ({"Note": SETS}, None),
        ({"Own": {"DbPassword": SECRET}}, None),
        ({INIT: {"config": {"env": {"DB_PASSWORD": SECRET}}}}, f"{INIT}/config/env/DB_PASSWORD"),
        ({INIT: {"config": {"run": SETS}}}, f"{INIT}/config/run"),
    ],
    ids=str,
)
def test_metadata_is_read_as_prose_unless_an_instance_reads_it(
    metadata: dict[str, Any], location: str | None
) -> None:
    instance = {"Type": "AWS::EC2::Instance", "Properties": {}, "Metadata": metadata}
    found = findings("TTS-SEC-001", {"Instance": instance})
    assert [one.location for one in found] == ([f"Metadata/{location}"] if location else [])
