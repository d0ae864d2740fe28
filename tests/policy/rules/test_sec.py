"""Secrets in templates (TTS-SEC-001): where they are found, and that no message shows one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import findings

ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"


SHOWN = string.ascii_letters + string.digits + "-_!#%&*+"


@given(secret=st.text(alphabet=SHOWN, min_size=12, max_size=40))
def test_no_message_shows_a_secret(secret: str) -> None:
    secret = f"Zq{secret}"
    found = findings(
        "SEC",
        {
            "Parameters": {"DbPassword": {"Type": "String", "Default": secret}},
            "Resources": {
                "Database": {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": secret}},
                "Function": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"Environment": {"Variables": {"DB_PASSWORD": secret}}},
                },
                "Web": {
                    "Type": "AWS::EC2::Instance",
                    "Properties": {"UserData": f"DB_PASSWORD='{secret}' # {ACCESS_KEY}"},
                },
            },
        },
    )
    assert {finding.logical_id for finding in found} == {"", "Database", "Function", "Web"}
    assert not any(secret in f"{finding.message}{finding.fix}{finding.location}" for finding in found)


def test_a_password_parameter_that_may_be_empty_must_be_hidden() -> None:
    parameters = {"DbPassword": {"Type": "String", "Default": ""}}
    (finding,) = findings("SEC", {"Parameters": parameters, "Resources": {}})
    assert finding.location == "Parameters/DbPassword/NoEcho"


@pytest.mark.parametrize("stated", [{"Default": ACCESS_KEY}, {"AllowedValues": ["", ACCESS_KEY]}])
def test_a_key_among_the_values_of_a_parameter_is_told(stated: dict[str, object]) -> None:
    (finding,) = findings("SEC", {"Parameters": {"Access": {"Type": "String", **stated}}, "Resources": {}})
    assert finding.message == "A value of the parameter Access holds an access key of AWS."


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/benefits/db"},
        {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]},
        {"Type": "String", "NoEcho": True},
        {"Type": "Number"},
        "no map",
        None,
    ],
)
def test_a_parameter_that_names_or_hides_a_password_is_none(parameter: object) -> None:
    assert not findings("SEC", {"Parameters": {"DbPassword": parameter}, "Resources": {}})


def test_every_list_item_is_looked_at_though_one_cannot_be_read() -> None:
    users = [{"Password": {"Fn::ImportValue": "of-no-stack"}}, {"Password": "correct-horse"}]
    broker = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"Users": users}}
    verdicts = {f.location: f.verdict for f in findings("SEC", {"Resources": {"Broker": broker}})}
    assert verdicts == {
        "Properties/Users/0/Password": "unknown",
        "Properties/Users/1/Password": "violation",
    }


def test_what_is_handed_to_a_custom_resource_or_a_nested_stack_is_no_literal() -> None:
    custom = {"Type": "Custom::Seed", "Properties": {"ServiceToken": "arn:x", "DbPassword": "correct-horse"}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"ApiKey": "correct-horse"}}}
    found = findings("SEC", {"Resources": {"Seed": custom, "Data": nested}})
    assert [finding.location for finding in found] == [
        "Properties/Parameters/ApiKey",
        "Properties/DbPassword",
    ]


def test_a_variable_of_a_wrong_shape_does_not_hide_those_after_it() -> None:
    variables = [
        "odd",
        {"Name": "API_KEY", "Value": "correct-horse"},
        {"OptionName": "X", "Value": ACCESS_KEY},
    ]
    task = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"ContainerDefinitions": [{"Environment": variables}]},
    }
    locations = {f.location: f.verdict for f in findings("SEC", {"Resources": {"Task": task}})}
    place = "Properties/ContainerDefinitions/0/Environment"
    assert locations == {
        f"{place}/1/Value": "violation",
        f"{place}/2/Value": "violation",
    }


@pytest.mark.parametrize("kind", ["SECRETS_MANAGER", "PARAMETER_STORE"])
def test_a_variable_that_refers_to_a_secret_by_type_is_no_literal(kind: str) -> None:
    variables = [{"Name": "API_KEY", "Value": "benefits/partner", "Type": kind}]
    project = {
        "Type": "AWS::CodeBuild::Project",
        "Properties": {"Environment": {"EnvironmentVariables": variables}},
    }
    assert not findings("SEC", {"Resources": {"Build": project}})


def test_a_variable_that_is_a_parameter_which_everybody_sees_is_told() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Environment": {"Variables": {"API_KEY": {"Ref": "Partner"}}}},
    }
    (finding,) = findings(
        "SEC", {"Parameters": {"Partner": {"Type": "String"}}, "Resources": {"Send": function}}
    )
    assert (finding.verdict, finding.location) == ("violation", "Properties/Environment/Variables/API_KEY")


@pytest.mark.parametrize(("named", "called"), [({"Name": "/forms/key"}, "/forms/key"), ({}, "Value")])
def test_a_key_in_a_parameter_of_ssm_is_told_by_its_name(named: dict[str, str], called: str) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": ACCESS_KEY, **named}}
    (finding,) = findings("SEC", {"Resources": {"Key": parameter}})
    assert finding.message == f"{called} holds an access key of AWS."


@pytest.mark.parametrize(
    "kind", ["AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::AutoScalingGroup"]
)
def test_what_cfn_init_reads_is_looked_at(kind: str) -> None:
    files = {"/etc/x": {"content": {"Fn::Sub": f"key={ACCESS_KEY} ${{AWS::Region}}"}}}
    init = {"AWS::CloudFormation::Init": {"config": {"files": files}}}
    (finding,) = findings("SEC", {"Resources": {"Web": {"Type": kind, "Metadata": init}}})
    assert finding.location == "Metadata/AWS::CloudFormation::Init/config/files//etc/x/content"


@pytest.mark.parametrize(
    ("password", "verdicts"),
    [
        ("x${AWS::StackId}", ["unknown"]),
        ("x${Shown}", ["unknown"]),
        ("x${Hidden}", []),
        ("x${Secret}", []),
        ("x{{resolve:secretsmanager:a}}${AWS::StackId}", []),
        ("x{{resolve:ssm:a}}", ["unknown"]),
    ],
)
def test_a_password_that_is_put_together_has_a_part_that_is_not_shown(
    password: str, verdicts: list[str]
) -> None:
    body = {
        "Parameters": {"Shown": {"Type": "String"}, "Hidden": {"Type": "String", "NoEcho": True}},
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret"},
            "Database": {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {"MasterUserPassword": {"Fn::Sub": password}},
            },
        },
    }
    assert [finding.verdict for finding in findings("SEC", body)] == verdicts


@pytest.mark.parametrize(
    ("fields", "verdicts"),
    [
        ('{"username": "app", "password": "${Hidden}"}', []),
        ('{"username": "${Secret}", "password": "correct-horse"}', ["violation"]),
        ('{"username": "${Secret}", "password": true}', []),
        ('["${Secret}"]', []),
    ],
)
def test_a_secret_of_several_fields_is_judged_by_those_that_are_secret(
    fields: str, verdicts: list[str]
) -> None:
    body = {
        "Parameters": {"Hidden": {"Type": "String", "NoEcho": True}},
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret"},
            "Kept": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"SecretString": {"Fn::Sub": fields}},
            },
        },
    }
    found = findings("SEC", body)
    assert [finding.verdict for finding in found] == verdicts
    assert all("sets password to a literal" in finding.message for finding in found)
