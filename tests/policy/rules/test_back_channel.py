"""Logins, people and permissions: what the examples of the rules do not say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import findings, rules_of

RULES = rules_of("ACC", "IAM")

FOR_INSTANCES = {
    "Statement": [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    ]
}
SESSIONS = {"Statement": [{"Effect": "Allow", "Action": "ssmmessages:*", "Resource": "*"}]}


def resource(resource_type: str, properties: Any) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}


def policy(**statement: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", **statement}]}
    return resource("AWS::IAM::Policy", {"PolicyName": "p", "Roles": ["web"], "PolicyDocument": document})


@pytest.mark.parametrize(
    ("resource_type", "properties", "location"),
    [
        ("AWS::EC2::Instance", {"KeyName": "k"}, "KeyName"),
        ("AWS::AutoScaling::LaunchConfiguration", {"KeyName": "k"}, "KeyName"),
        (
            "AWS::Batch::ComputeEnvironment",
            {"ComputeResources": {"Ec2KeyPair": "k"}},
            "ComputeResources/Ec2KeyPair",
        ),
        (
            "AWS::EC2::SpotFleet",
            {"SpotFleetRequestConfigData": {"LaunchSpecifications": [{}, {"KeyName": "k"}]}},
            "SpotFleetRequestConfigData/LaunchSpecifications/1/KeyName",
        ),
        ("AWS::EMR::Cluster", {"Instances": {"Ec2KeyName": "k"}}, "Instances/Ec2KeyName"),
        ("AWS::ImageBuilder::InfrastructureConfiguration", {"KeyPair": "k"}, "KeyPair"),
        ("AWS::Lightsail::Instance", {"KeyPairName": "k"}, "KeyPairName"),
        ("AWS::OpsWorks::Instance", {"SshKeyName": "k"}, "SshKeyName"),
        ("AWS::OpsWorks::Stack", {"DefaultSshKeyName": "k"}, "DefaultSshKeyName"),
        (
            "AWS::Scheduler::Schedule",
            {"Target": {"EcsParameters": {"EnableExecuteCommand": True}}},
            "Target/EcsParameters/EnableExecuteCommand",
        ),
        (
            "AWS::Pipes::Pipe",
            {"TargetParameters": {"EcsTaskParameters": {"EnableExecuteCommand": True}}},
            "TargetParameters/EcsTaskParameters/EnableExecuteCommand",
        ),
    ],
)
def test_a_way_in_is_found_wherever_a_type_has_it(
    resource_type: str, properties: dict[str, Any], location: str
) -> None:
    (found,) = findings("TTS-ACC-001", resource(resource_type, properties))
    assert (found.verdict, found.location) == ("violation", f"Properties/{location}")
    assert findings("TTS-ACC-001", resource(resource_type, {})) == ()


def test_a_key_whose_name_is_partly_known_is_a_key() -> None:
    name = {"Fn::Join": ["-", ["operators", {"Ref": "Nothing"}]]}
    (found,) = findings("TTS-ACC-001", resource("AWS::EC2::Instance", {"KeyName": name}))
    assert found.verdict == "violation"


def test_an_unknown_key_hides_no_key_after_it() -> None:
    specifications = [{"KeyName": {"Ref": "Nothing"}}, {"KeyName": "k"}]
    fleet = {"SpotFleetRequestConfigData": {"LaunchSpecifications": specifications}}
    found = findings("TTS-ACC-001", resource("AWS::EC2::SpotFleet", fleet))
    assert [finding.verdict for finding in found] == ["unknown", "violation"]


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def test_a_managed_policy_opens_sessions_through_the_role_that_attaches_it() -> None:
    template = {
        "Resources": {
            "Sessions": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": SESSIONS}},
            "Web": role(AssumeRolePolicyDocument=FOR_INSTANCES, ManagedPolicyArns=[{"Ref": "Sessions"}]),
        }
    }
    (found,) = findings("TTS-ACC-001", template)
    assert (found.logical_id, found.level) == ("Sessions", "warn")


@pytest.mark.parametrize(
    ("policy_type", "roles"), [("AWS::IAM::Policy", "Roles"), ("AWS::IAM::RolePolicy", "RoleName")]
)
def test_a_policy_opens_sessions_for_a_role_of_another_stack(policy_type: str, roles: str) -> None:
    imported = {"Fn::ImportValue": "web-role"}
    holder = {
        "Resources": {"Web": role(AssumeRolePolicyDocument=FOR_INSTANCES)},
        "Outputs": {"Web": {"Value": {"Ref": "Web"}, "Export": {"Name": "web-role"}}},
    }
    properties = {"PolicyDocument": SESSIONS, roles: [imported] if roles == "Roles" else imported}
    found = findings("TTS-ACC-001", holder, resource(policy_type, properties))
    assert [(finding.stack, finding.level) for finding in found] == [("Stack1", "warn")]


def test_a_role_in_an_instance_profile_is_named_by_its_name_too() -> None:
    template = {
        "Resources": {
            "Web": role(
                RoleName="web",
                AssumeRolePolicyDocument={"Statement": []},
                Policies=[{"PolicyName": "s", "PolicyDocument": SESSIONS}],
            ),
            "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": ["web"]}},
        }
    }
    assert [finding.logical_id for finding in findings("TTS-ACC-001", template)] == ["Web"]


@pytest.mark.parametrize(
    ("policy_type", "roles"),
    [
        ("AWS::IAM::Policy", {"Roles": ["web"]}),
        ("AWS::IAM::ManagedPolicy", {"Roles": ["web"]}),
        ("AWS::IAM::RolePolicy", {"RoleName": "web"}),
    ],
)
def test_a_policy_names_its_role_by_name_too(policy_type: str, roles: dict[str, Any]) -> None:
    holder = {"Resources": {"Web": role(RoleName="web", AssumeRolePolicyDocument=FOR_INSTANCES)}}
    held = resource(policy_type, {"PolicyDocument": SESSIONS, **roles})
    for bodies in ((held, holder), (holder, held)):
        assert [finding.logical_id for finding in findings("TTS-ACC-001", *bodies)] == ["Thing"]


def test_a_policy_of_aws_opens_sessions_whatever_its_path() -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
    body = {"Resources": {"Web": role(AssumeRolePolicyDocument=FOR_INSTANCES, ManagedPolicyArns=[arn])}}
    (found,) = findings("TTS-ACC-001", body)
    assert found.location == "Properties/ManagedPolicyArns/0"


@pytest.mark.parametrize("kind", ["User", "AccessKey", "UserToGroupAddition"])
def test_what_belongs_to_a_person_is_named(kind: str) -> None:
    (found,) = findings("TTS-IAM-001", resource(f"AWS::IAM::{kind}", {}))
    assert found.message.startswith(f"An IAM {kind} belongs")


def test_a_statement_about_sessions_by_their_arn_opens_them() -> None:
    arn = "arn:aws:ssmmessages:us-east-1:111111111111:*"
    statement = {"Effect": "Allow", "Action": "ssmmessages:*", "Resource": arn}
    policies = [{"PolicyName": "s", "PolicyDocument": {"Statement": [statement]}}]
    body = {"Resources": {"Web": role(AssumeRolePolicyDocument=FOR_INSTANCES, Policies=policies)}}
    assert len(findings("TTS-ACC-001", body)) == 1


def test_an_undecided_action_of_instances_warns() -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": {"Ref": "Nothing"}, "Resource": "*"}]}
    policies = [{"PolicyName": "s", "PolicyDocument": document}]
    body = {"Resources": {"Web": role(AssumeRolePolicyDocument=FOR_INSTANCES, Policies=policies)}}
    (found,) = findings("TTS-ACC-001", body)
    assert (found.verdict, found.level) == ("unknown", "warn")


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny"},
        {"Action": "ssmmessages:CreateControlChannel"},
        {"Action": "*", "Resource": "arn:aws:iam::111111111111:role/*"},
    ],
)
def test_what_opens_no_session_is_no_finding(statement: dict[str, Any]) -> None:
    document = {"Statement": [SESSIONS["Statement"][0] | statement]}
    policies = [{"PolicyName": "s", "PolicyDocument": document}]
    body = {"Resources": {"Web": role(AssumeRolePolicyDocument=FOR_INSTANCES, Policies=policies)}}
    assert findings("TTS-ACC-001", body) == ()


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("iam:PassRole", False),
        ("iam:passrole", False),
        ("iam:Pass*", False),
        ("ia?:PassRole", False),
        ("IAM:*", False),
        ("*", False),
        ("*:*", False),
        ("iam:GetRole", True),
        ("iam:Get*", True),
        ("s3:*", True),
        ("ssmmessages:*", True),
    ],
)
def test_what_passes_roles_is_not_allowed_on_everything(action: str, allowed: bool) -> None:
    assert (findings("TTS-IAM-002", policy(Action=action, Resource="*")) == ()) is allowed


@pytest.mark.parametrize(
    ("resources", "allowed"),
    [
        ("*", False),
        ("arn:aws:iam::111111111111:role/*", False),
        ("arn:aws:iam::111111111111:role*", False),
        ("arn:aws-us-gov:iam::111111111111:*", False),
        (["arn:aws:iam::111111111111:role/web", "arn:aws:iam::*:role/*"], False),
        ("arn:aws:iam::111111111111:role/tasks/*", True),
        ("arn:aws:iam::111111111111:role/web", True),
        ("arn:aws:iam::111111111111:role/X*", True),
        ("arn:aws:iam::111111111111:user/*", True),
        ({"Fn::Sub": "arn:${Nothing}:iam::${Nothing}:role/*"}, False),
    ],
)
def test_roles_that_can_be_passed_are_named(resources: Any, allowed: bool) -> None:
    assert (findings("TTS-IAM-002", policy(Action="iam:PassRole", Resource=resources)) == ()) is allowed


@pytest.mark.parametrize(
    ("resources", "allowed"),
    [
        ("*", False),
        ("**", False),
        ("arn:aws:*:*:*:*", False),
        ("arn:*", False),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::uploads", True),
    ],
)
def test_every_action_is_not_allowed_on_everything(resources: Any, allowed: bool) -> None:
    assert (findings("TTS-IAM-002", policy(Action="*", Resource=resources)) == ()) is allowed


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("*", "every action"),
        ("*:*", "every action"),
        ("iam:*", "iam:PassRole"),
        ("iam:PassRole", "iam:PassRole"),
    ],
)
def test_what_a_statement_allows_is_named(action: str, what: str) -> None:
    (found,) = findings("TTS-IAM-002", policy(Action=action, Resource="*"))
    assert found.message == f"The statement allows {what} on every resource."


def test_all_but_some_resources_is_everything() -> None:
    (found,) = findings("TTS-IAM-002", policy(Action="*", NotResource="arn:aws:s3:::uploads"))
    assert found.verdict == "violation"


def test_an_undecided_statement_hides_none_after_it() -> None:
    statements = [
        {"Effect": "Allow", "Action": ["s3:*", {"Ref": "Nothing"}], "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ]
    properties = {"PolicyName": "p", "Roles": ["web"], "PolicyDocument": {"Statement": statements}}
    found = findings("TTS-IAM-002", resource("AWS::IAM::Policy", properties))
    assert [finding.verdict for finding in found] == ["unknown", "violation"]


@pytest.mark.parametrize("statements", [["everything"], [None], 7, [["Allow"]], {"Ref": "Nothing"}])
def test_what_is_no_statement_is_not_decided(statements: Any) -> None:
    properties = {"PolicyName": "p", "Roles": ["web"], "PolicyDocument": {"Statement": statements}}
    found = findings("TTS-IAM-002", resource("AWS::IAM::Policy", properties))
    assert [(finding.rule_id, finding.verdict) for finding in found] == [("TTS-IAM-002", "unknown")]


def test_all_principals_but_some_is_everybody() -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "1"}}
    (found,) = findings(
        "TTS-IAM-002", {"Resources": {"R": role(AssumeRolePolicyDocument={"Statement": statement})}}
    )
    assert found.verdict == "violation"


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [("*", False), ({"AWS": ["111111111111", "*"]}, False), ({"AWS": "111111111111"}, True)],
)
def test_a_role_does_not_trust_everybody_in_any_form(principal: Any, trusted: bool) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    body = {"Resources": {"R": role(AssumeRolePolicyDocument={"Statement": [statement]})}}
    assert (findings("TTS-IAM-002", body) == ()) is trusted


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": {"Ref": "Nothing"}},
        {"Federated": {"Ref": "Nothing"}},
        {"Service": {"Ref": "Nothing"}, "Federated": {"Ref": "Nothing"}},
    ],
)
def test_no_service_and_no_identity_provider_is_everybody_whichever_it_is(principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    body = {"Resources": {"R": role(AssumeRolePolicyDocument={"Statement": [statement]})}}
    assert findings("TTS-IAM-002", body) == ()


@pytest.mark.parametrize("key", ["ManagedPolicyArns", "ManagedPolicies"])
def test_people_are_no_administrators_either(key: str) -> None:
    kind = "AWS::IAM::Group" if key == "ManagedPolicyArns" else "AWS::SSO::PermissionSet"
    arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"]
    (found,) = findings("TTS-IAM-002", resource(kind, {key: arns}))
    assert found.location == f"Properties/{key}/1"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["*", "Allow", "iam:PassRole", "{{resolve:ssm:p}}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Resource", "Principal", "AWS", "Ref", "Fn::If"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(
        ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::EC2::LaunchTemplate", "AWS::EC2::SpotFleet"]
    ),
    st.dictionaries(
        st.sampled_from(
            [
                "Policies",
                "PolicyDocument",
                "AssumeRolePolicyDocument",
                "Roles",
                "ManagedPolicyArns",
                "LaunchTemplateData",
            ]
        ),
        anything,
    ),
)
def test_no_shape_makes_a_rule_fail(resource_type: str, properties: Any) -> None:
    for rule in RULES:
        for finding in findings(rule.id, resource(resource_type, properties)):
            assert finding.rule_id == rule.id, finding.message
