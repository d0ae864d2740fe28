"""People and permissions: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import findings


def resource(resource_type: str, properties: Any) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}


def policy(**statement: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", **statement}]}
    return resource("AWS::IAM::Policy", {"PolicyName": "p", "Roles": ["web"], "PolicyDocument": document})


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": properties}


@pytest.mark.parametrize("kind", ["User", "AccessKey", "UserToGroupAddition", "VirtualMFADevice"])
def test_what_belongs_to_a_person_is_named(kind: str) -> None:
    (found,) = findings("TTS-IAM-001", resource(f"AWS::IAM::{kind}", {}))
    assert found.message.startswith(f"An IAM {kind} belongs")


@pytest.mark.parametrize(
    ("template", "verdicts"),
    [
        ("arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1", [("violation", "warn")]),
        ("arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1", []),
        ({"Fn::ImportValue": "of-no-stack"}, [("unknown", "warn")]),
        ({"Fn::GetAtt": ["Other", "TemplateArn"]}, []),
        ({"Ref": "AWS::NoValue"}, []),
    ],
    ids=str,
)
def test_a_certificate_for_a_client_warns_and_so_does_one_that_is_not_known(
    template: Any, verdicts: list[tuple[str, str]]
) -> None:
    certificate = {"Type": "AWS::ACMPCA::Certificate", "Properties": {"TemplateArn": template}}
    found = findings("TTS-IAM-001", {"Certificate": certificate, "Other": {"Type": "Custom::Template"}})
    assert [(one.verdict, one.level) for one in found] == verdicts


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
