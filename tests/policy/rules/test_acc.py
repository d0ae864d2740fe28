"""Logins: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import findings

FOR_INSTANCES = {
    "Statement": [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    ]
}
SESSIONS = {"Statement": [{"Effect": "Allow", "Action": "ssmmessages:*", "Resource": "*"}]}


def resource(resource_type: str, properties: Any) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}


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


ADDS = [
    "ssh_authorized_keys:\n  - ssh-rsa AAAA me",
    "users:\n  - name: me\n    ssh-authorized-keys: [ssh-rsa AAAA]",
    '{"users": [{"ssh_authorized_keys": ["ssh-rsa AAAA"]}]}',
    "ssh_import_id: [gh:someone]",
    "ssh-import-id gh:someone",
    "echo 'ssh-rsa AAAA me' >> ~/.ssh/authorized_keys",
    "cat keys.pub >/home/me/.ssh/authorized_keys",
    'echo "$KEY" | sudo tee -a "/home/me/.ssh/authorized_keys" > /dev/null',
    "aws s3 cp s3://keys/me.pub - | tee /root/.ssh/authorized_keys",
    "cp /tmp/keys /home/me/.ssh/authorized_keys",
    "write_files:\n  - path: /home/me/.ssh/authorized_keys\n    content: ssh-rsa AAAA",
    "cat > /home/me/.ssh/authorized_keys <<EOF",
    "echo key >>  \t /home/Xavier/.ssh/authorized_keys",
    "cd ~/.ssh; echo key >>\t\tauthorized_keys",
    "cd ~/.ssh && cp /tmp/keys  authorized_keys",
    "cd ~/.ssh && tee -a authorized_keys < /tmp/keys",
]
ADDS_NONE = [
    "ssh_authorized_keys: []",
    "ssh_authorized_keys:  null",
    "rm -f /home/*/.ssh/authorized_keys",
    "chmod 600 ~/.ssh/authorized_keys",
    "sed -i '/me/d' /home/me/.ssh/authorized_keys",
    "grep -c ssh-rsa ~/.ssh/authorized_keys > /var/log/keys",
    "cp /home/me/.ssh/authorized_keys /var/backup/keys",
    "# nobody has ssh_authorized_keys here",
    "echo 'AuthorizedKeysFile none' >> /etc/ssh/sshd_config",
    "cp /tmp/a /tmp/b\nls /home/me/.ssh/authorized_keys",
    "set -e\ncp /tmp/a /tmp/b\nls /home/me/.ssh/authorized_keys",
]


@pytest.mark.parametrize("text", ADDS)
def test_keys_that_user_data_adds_are_a_way_in(text: str) -> None:
    (found,) = findings("TTS-ACC-001", resource("AWS::EC2::Instance", {"UserData": f"#!/bin/sh\n{text}\n"}))
    assert (found.verdict, found.location) == ("violation", "Properties/UserData")


def instance(init: Any) -> dict[str, Any]:
    """An instance with what `cfn-init` reads."""
    return {"I": {"Type": "AWS::EC2::Instance", "Metadata": {"AWS::CloudFormation::Init": init}}}


FILE = {"content": "ssh-rsa AAAA me"}


@pytest.mark.parametrize(
    "init",
    [
        {"config": {"files": {"/home/me/.ssh/authorized_keys": FILE}}},
        {"config": {"files": {"/home/me/.ssh/authorized_keys2": FILE}}},
        {"configSets": {"default": ["own"]}, "own": {"files": {"/root/.ssh/authorized_keys": FILE}}},
        {"config": {"commands": {"a": {"command": "echo key >> ~/.ssh/authorized_keys"}}}},
    ],
    ids=str,
)
def test_keys_that_an_instance_writes_as_it_starts_are_a_way_in(init: Any) -> None:
    (found,) = findings("TTS-ACC-001", instance(init))
    assert found.verdict == "violation"
    assert "You don't need to log in" in found.fix


@pytest.mark.parametrize(
    "init",
    [
        "text",
        ["text"],
        {"config": "text"},
        {"config": {"files": "text"}},
        {"config": {"files": {"/home/me/.ssh/authorized_keysX": FILE, "/etc/motd": FILE}}},
    ],
    ids=str,
)
def test_what_an_instance_reads_without_keys_is_no_way_in(init: Any) -> None:
    assert findings("TTS-ACC-001", instance(init)) == ()


def test_user_data_that_adds_keys_says_how_to_do_without_a_login() -> None:
    data = "echo key >> ~/.ssh/authorized_keys"
    (found,) = findings("TTS-ACC-001", resource("AWS::EC2::Instance", {"UserData": data}))
    assert "You don't need to log in" in found.fix


def test_keys_that_a_text_begins_with_are_a_way_in() -> None:
    text = ">/root/.ssh/authorized_keys"
    assert findings("TTS-ACC-001", resource("AWS::EC2::Instance", {"UserData": text}))


@pytest.mark.parametrize("text", ADDS_NONE)
def test_user_data_that_adds_no_keys_is_no_way_in(text: str) -> None:
    assert not findings("TTS-ACC-001", resource("AWS::EC2::Instance", {"UserData": f"#!/bin/sh\n{text}\n"}))


@pytest.mark.parametrize(
    "parameter", ["String", "AWS::EC2::KeyPair::KeyName", "AWS::SSM::Parameter::Value<String>"]
)
def test_a_key_that_a_parameter_names_is_a_violation(parameter: str) -> None:
    body = {
        "Parameters": {"Key": {"Type": parameter}},
        **resource("AWS::EC2::Instance", {"KeyName": {"Ref": "Key"}}),
    }
    (found,) = findings("TTS-ACC-001", body)
    assert found.verdict == "violation"
    assert "Key names" in found.message
    assert found.fix.startswith("Remove KeyName.")


def test_a_public_key_is_not_repeated_in_the_message() -> None:
    key = f"ssh-rsa {'A' * 300} me"
    (found,) = findings("TTS-ACC-001", resource("AWS::Glue::DevEndpoint", {"PublicKey": key}))
    assert key not in found.message


@pytest.mark.parametrize(
    ("principal", "verdict", "who"),
    [
        ({"Fn::GetAtt": ["Person", "Arn"]}, "violation", "lets a user into"),
        ("arn:aws:iam::111111111111:root", "violation", "lets everybody in an account into"),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/me"},
            "violation",
            "lets a user into",
        ),
        (
            "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
            "violation",
            "lets people who sign on to AWS into",
        ),
        ("arn:aws:iam::111111111111:role/deployer", "unknown", "a role that is not of the app"),
        ({"Fn::ImportValue": "team:user/role"}, "unknown", "the export team:user/role"),
    ],
)
def test_an_access_entry_is_judged_by_who_it_lets_in(principal: Any, verdict: str, who: str) -> None:
    body = resource("AWS::EKS::AccessEntry", {"PrincipalArn": principal})
    body["Resources"]["Person"] = {"Type": "AWS::IAM::User"}
    (found,) = findings("TTS-ACC-001", body)
    assert (found.verdict, found.location) == (verdict, "Properties/PrincipalArn")
    assert who in found.message


@pytest.mark.parametrize(
    ("principals", "verdicts"),
    [
        ({"Service": "codebuild.amazonaws.com"}, []),
        ({"AWS": {"Fn::GetAtt": ["Other", "Arn"]}}, []),
        ({"Federated": "arn:aws:iam::111111111111:saml-provider/x"}, ["violation"]),
        ("*", ["violation"]),
    ],
)
def test_an_access_entry_of_a_role_of_the_app_is_judged_by_who_may_take_it(
    principals: Any, verdicts: list[str]
) -> None:
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principals}]}
    body = resource("AWS::EKS::AccessEntry", {"PrincipalArn": {"Fn::GetAtt": ["Role", "Arn"]}})
    body["Resources"]["Role"] = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    body["Resources"]["Other"] = {"Type": "AWS::IAM::Role"}
    assert [found.verdict for found in findings("TTS-ACC-001", body)] == verdicts
