"""What resources of AWS::Serverless state, written out."""

from typing import Any

import pytest

from tts_constructs.policy.model.serverless import MADE_FROM, SERVERLESS, write_out
from tts_constructs.policy.model.transforms import expand

OPEN = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": []}}]}


def trust(service: str) -> dict[str, Any]:
    principal = {"Service": [service]}
    return {"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": principal}]}


def written(kind: str, properties: Any, **rest: Any) -> dict[str, Any]:
    resource = {"Type": f"AWS::Serverless::{kind}", "Properties": properties}
    body = write_out({"Resources": {"R": {**resource, **rest.pop("beside", {})}}, **rest})
    return dict(body["Resources"])


def test_only_the_transform_writes_out() -> None:
    body = {"Resources": {"T": {"Type": "AWS::Serverless::SimpleTable"}}}
    assert expand(body) == body
    made = expand({**body, "Transform": ["AWS::LanguageExtensions", SERVERLESS]})
    assert made["Resources"]["T"]["Type"] == "AWS::DynamoDB::Table"
    assert expand({**body, "Transform": SERVERLESS})["Resources"] == made["Resources"]


@pytest.mark.parametrize(
    "body",
    [
        {"Resources": []},
        {},
        {
            "Resources": {
                "R": "text",
                "S": {"Type": 7},
                "T": {"Type": "AWS::Serverless"},
                "U": {"Type": "A::B"},
            }
        },
        {"Resources": {"R": {"Type": "AWS::Serverless::Function", "Properties": []}}},
        {"Resources": {"R": {"Type": "AWS::Serverless::Function", "Properties": {"Fn::If": []}}}},
    ],
)
def test_what_states_nothing_stays(body: dict[str, Any]) -> None:
    assert write_out(body) == body


def test_globals_are_merged_as_the_transform_does_it() -> None:
    given = {
        "Function": {
            "Timeout": 3,
            "Runtime": "python3.12",
            "VpcConfig": {"SubnetIds": ["a"], "Ipv6": False, "Mode": {"X": 1}},
            "Layers": ["one"],
            "Tags": {"Ref": "Some"},
            "Environment": {"Variables": {"A": "1"}},
        },
        "Api": {"Timeout": 7},
    }
    stated = {
        "Timeout": 9,
        "VpcConfig": {"SubnetIds": ["b"], "Mode": {"Y": 2}, "More": 1},
        "Layers": ["two"],
        "Tags": {"Project": "benefits"},
    }
    assert written("Function", stated, Globals=given)["R"]["Properties"] == {
        "Timeout": 9,
        "Runtime": "python3.12",
        "VpcConfig": {"SubnetIds": ["a", "b"], "Ipv6": False, "Mode": {"X": 1, "Y": 2}, "More": 1},
        "Layers": ["one", "two"],
        "Tags": {"Project": "benefits"},
    }


@pytest.mark.parametrize(
    ("given", "stated"),
    [
        (["one"], {"Ref": "Layers"}),
        ({"Ref": "Layers"}, ["two"]),
        ({"A": "1"}, {"Fn::If": ["C", {"B": "2"}, {"Ref": "AWS::NoValue"}]}),
        ({"Fn::If": ["C", {"B": "2"}, {"Ref": "AWS::NoValue"}]}, {"A": "1"}),
        (["one"], "two"),
    ],
)
def test_what_is_no_two_maps_or_lists_is_replaced(given: Any, stated: Any) -> None:
    made = written("Function", {"Any": stated}, Globals={"Function": {"Any": given}})
    assert made["R"]["Properties"] == {"Any": stated}


@pytest.mark.parametrize("given", [[], {"Function": []}, {"Function": {}}, None])
def test_globals_of_another_shape_say_nothing(given: Any) -> None:
    assert written("Function", {"Timeout": 9}, Globals=given)["R"]["Properties"] == {"Timeout": 9}


@pytest.mark.parametrize(
    ("kind", "service"), [("Function", "lambda.amazonaws.com"), ("StateMachine", "states.amazonaws.com")]
)
def test_policies_make_a_role(kind: str, service: str) -> None:
    choice = {"Fn::If": ["C", OPEN, {"Ref": "AWS::NoValue"}]}
    policies = ["AdministratorAccess", "arn:x", OPEN, choice, {"Ref": "P"}, {"S3ReadPolicy": {}}, 7]
    made = written(kind, {"Policies": policies, "Tags": {"Project": "x"}}, beside={"Condition": "C"})
    assert made["RRole"] == {
        "Type": "AWS::IAM::Role",
        "Condition": "C",
        "Properties": {
            "AssumeRolePolicyDocument": trust(service),
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:x", {"Ref": "P"}],
            "Policies": [
                {"PolicyName": "Policy0", "PolicyDocument": OPEN},
                {"PolicyName": "Policy1", "PolicyDocument": choice},
            ],
            "Tags": [{"Key": "Project", "Value": "x"}],
        },
    }


def test_a_role_has_the_trust_and_boundary_that_are_stated() -> None:
    stated = {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": "arn:b", "Policies": OPEN}
    assert written("Function", stated)["RRole"]["Properties"] == {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "Policy0", "PolicyDocument": OPEN}],
        "PermissionsBoundary": "arn:b",
    }


@pytest.mark.parametrize("stated", [{}, {"Role": "arn:r", "Policies": [OPEN]}])
def test_no_role_is_made_that_nothing_is_said_of(stated: dict[str, Any]) -> None:
    assert list(written("Function", stated)) == ["R"]


def test_a_role_takes_the_place_of_no_other_resource() -> None:
    body: dict[str, Any] = {
        "Resources": {
            "R": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [OPEN]}},
            "RRole": {"Type": "AWS::SNS::Topic"},
        }
    }
    made = write_out(body)["Resources"]
    assert {name: resource["Type"] for name, resource in made.items()} == {
        "R": "AWS::Serverless::Function",
        "RRole": "AWS::SNS::Topic",
        "RRoleMade": "AWS::IAM::Role",
    }


def test_a_table_is_written_out_in_its_place() -> None:
    stated = {
        "SSESpecification": {"SSEEnabled": False},
        "PrimaryKey": {"Name": "id"},
        "Tags": {"Project": "x"},
        "TableName": "t",
    }
    beside = {"DeletionPolicy": "Retain", "DependsOn": "Q", "Unknown": 1}
    assert written("SimpleTable", stated, beside=beside) == {
        "R": {
            "Type": "AWS::DynamoDB::Table",
            MADE_FROM: "AWS::Serverless::SimpleTable",
            "DeletionPolicy": "Retain",
            "DependsOn": "Q",
            "Properties": {
                "SSESpecification": {"SSEEnabled": False},
                "TableName": "t",
                "Tags": [{"Key": "Project", "Value": "x"}],
            },
        }
    }


def test_a_state_machine_is_written_out_in_its_place() -> None:
    stated: dict[str, Any] = {
        "Name": "n",
        "Type": "EXPRESS",
        "Logging": {"Level": "ALL"},
        "Tracing": {"Enabled": True},
    }
    stated |= {"Definition": {"States": {}}, "DefinitionUri": "s3://x", "Events": {}, "Policies": [OPEN]}
    made = written("StateMachine", stated | {"Tags": {"Ref": "T"}}, beside={"DependsOn": "Q"})
    assert made["R"] == {
        "Type": "AWS::StepFunctions::StateMachine",
        MADE_FROM: "AWS::Serverless::StateMachine",
        "DependsOn": "Q",
        "Properties": {
            "StateMachineName": "n",
            "StateMachineType": "EXPRESS",
            "LoggingConfiguration": {"Level": "ALL"},
            "TracingConfiguration": {"Enabled": True},
            "Definition": {"States": {}},
            "DefinitionS3Location": "s3://x",
            "Tags": {"Ref": "T"},
            "RoleArn": {"Fn::GetAtt": ["RRole", "Arn"]},
        },
    }
    assert "DependsOn" not in made["RRole"]


def test_a_state_machine_keeps_its_events() -> None:
    events = {"Start": {"Type": "Api"}}
    assert written("StateMachine", {"Events": events})["R"]["Properties"] == {"Events": events}


@pytest.mark.parametrize(("stated", "role"), [({"Role": "arn:r"}, {"RoleArn": "arn:r"}), ({}, {})])
def test_a_state_machine_has_the_role_that_is_stated(stated: dict[str, Any], role: dict[str, Any]) -> None:
    assert written("StateMachine", stated)["R"]["Properties"] == role


def test_an_api_makes_a_stage_and_a_domain_name() -> None:
    domain = {"DomainName": "d", "CertificateArn": "c", "SecurityPolicy": "TLS_1_0"}
    stated = {"StageName": "p", "Domain": domain, "Tags": {"Project": "x"}, "TracingEnabled": True}
    stated |= {"AccessLogSetting": {"Format": "f"}, "Variables": {"A": "1"}}
    made = written("Api", stated)
    tags = [{"Key": "Project", "Value": "x"}]
    assert made["RStage"] == {
        "Type": "AWS::ApiGateway::Stage",
        "Properties": {
            "RestApiId": {"Ref": "R"},
            "StageName": "p",
            "AccessLogSetting": {"Format": "f"},
            "TracingEnabled": True,
            "Tags": tags,
        },
    }
    assert made["RDomainName"] == {
        "Type": "AWS::ApiGateway::DomainName",
        "Properties": {
            "DomainName": "d",
            "SecurityPolicy": "TLS_1_0",
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "Tags": tags,
        },
    }
    assert made["R"]["Type"] == "AWS::Serverless::Api"


def test_an_http_api_makes_a_stage_and_a_domain_name() -> None:
    domain = {"DomainName": "d", "CertificateArn": "c", "SecurityPolicy": "TLS_1_0"}
    stated = {"StageName": "p", "Domain": domain, "Tags": {"Project": "x"}}
    made = written("HttpApi", stated | {"AccessLogSettings": {"Format": "f"}, "StageVariables": {"A": "1"}})
    assert made["RStage"] == {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {
            "ApiId": {"Ref": "R"},
            "StageName": "p",
            "AccessLogSettings": {"Format": "f"},
            "Tags": {"Project": "x"},
        },
    }
    assert made["RDomainName"] == {
        "Type": "AWS::ApiGatewayV2::DomainName",
        "Properties": {
            "DomainName": "d",
            "Tags": {"Project": "x"},
            "DomainNameConfigurations": [{"CertificateArn": "c", "SecurityPolicy": "TLS_1_0"}],
        },
    }


@pytest.mark.parametrize("kind", ["Api", "HttpApi"])
@pytest.mark.parametrize("domain", [None, {"Ref": "D"}, "d"])
def test_an_api_without_a_stated_domain_has_a_stage_alone(kind: str, domain: Any) -> None:
    assert list(written(kind, {"Domain": domain})) == ["R", "RStage"]


def test_a_stage_and_a_domain_name_have_all_that_is_stated_of_them() -> None:
    stage = {"MethodSettings": [{"HttpMethod": "*"}], "CacheClusterEnabled": True}
    domain = {"MutualTlsAuthentication": {"TruststoreUri": "s3://x"}, "EndpointConfiguration": "EDGE"}
    made = written("Api", {**stage, "Domain": domain})
    assert made["RStage"]["Properties"] == {"RestApiId": {"Ref": "R"}, **stage}
    assert made["RDomainName"]["Properties"] == {**domain, "EndpointConfiguration": {"Types": ["EDGE"]}}


def test_a_stage_of_an_http_api_has_the_settings_of_its_routes() -> None:
    stage = {"DefaultRouteSettings": {"DetailedMetricsEnabled": True}, "RouteSettings": {"GET /": {}}}
    assert written("HttpApi", stage)["RStage"]["Properties"] == {"ApiId": {"Ref": "R"}, **stage}


def test_what_is_made_is_replaced_and_described_as_what_states_it() -> None:
    beside = {"UpdateReplacePolicy": "Retain", "Metadata": {"A": 1}, "CreationPolicy": {}}
    made = written("Function", {"Policies": [OPEN]}, beside=beside)["RRole"]
    assert made["UpdateReplacePolicy"] == "Retain"
    assert made["Metadata"] == {"A": 1}
    assert "CreationPolicy" not in made


@pytest.mark.parametrize("kind", ["SimpleTable", "StateMachine"])
def test_tags_that_a_map_holds_become_a_list(kind: str) -> None:
    assert written(kind, {"Tags": {"Project": "x"}})["R"]["Properties"] == {
        "Tags": [{"Key": "Project", "Value": "x"}]
    }


def test_a_role_has_no_more_than_is_stated() -> None:
    made = written("Function", {"PermissionsBoundary": "arn:b"})["RRole"]["Properties"]
    assert made == {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "PermissionsBoundary": "arn:b"}


def test_what_is_not_written_out_hides_nothing_after_it() -> None:
    body: dict[str, Any] = {
        "Globals": {"Function": {"Timeout": 3}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Choice": {"Type": "AWS::Serverless::Function", "Properties": {"Fn::If": ["C", {}, {}]}},
            "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "s3://x"}},
            "Table": {"Type": "AWS::Serverless::SimpleTable"},
        },
    }
    made = write_out(body)["Resources"]
    assert made["Table"]["Type"] == "AWS::DynamoDB::Table"
    assert {name: made[name] for name in ("Topic", "Choice", "Layer")} == {
        name: resource for name, resource in body["Resources"].items() if name != "Table"
    }
