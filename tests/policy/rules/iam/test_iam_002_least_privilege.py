"""Permissions: who may take a role, and what boundaries leave of grants."""

from typing import Any

import pytest

from tests.policy.judging import ACCOUNT, findings
from tests.steps import steps
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.settings.model import Settings

RULE = "TTS-IAM-002"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
OTHER = "999988887777"
POOLS = "cognito-identity.amazonaws.com"
NOWHERE = {"Ref": "Nothing"}


def role(**properties: Any) -> dict[str, Any]:
    trust: dict[str, Any] = {"Statement": []}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def managed(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document, **properties}}


def policy(*statements: dict[str, Any], roles: Any = ({"Ref": "Role"},)) -> dict[str, Any]:
    properties = {"PolicyName": "p", "Roles": list(roles), "PolicyDocument": {"Statement": list(statements)}}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def allow(*actions: str, resource: Any = "arn:aws:s3:::uploads/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


# Boundaries


def voided(boundary: list[dict[str, Any]], *granted: dict[str, Any]) -> tuple[Finding, ...]:
    """What is found in a policy whose role has a boundary of these statements."""
    return findings(
        RULE,
        {
            "Boundary": managed(*boundary),
            "Role": role(PermissionsBoundary={"Ref": "Boundary"}),
            "Policy": policy(*granted),
        },
    )


@pytest.mark.parametrize(
    ("boundary", "granted", "void"),
    [
        ([allow("s3:*")], ["s3:GetObject"], False),
        ([allow("S3:*")], ["s3:getobject"], False),
        ([allow("s3:Get*")], ["s3:*"], False),
        ([allow("s3:*Object")], ["s3:Get*"], False),
        ([allow("s3:Get*")], ["s3:Put*"], True),
        ([allow("s3:*")], ["sqs:SendMessage"], True),
        ([allow("s3:*")], ["*"], False),
        ([allow("*")], ["sqs:SendMessage"], False),
        ([allow("*:*")], ["sqs:SendMessage"], False),
        ([allow("s?:*")], ["s3:GetObject"], False),
        ([allow("?3:GetObject")], ["s*:GetObject"], False),
        ([], ["s3:GetObject"], True),
        ([allow("s3:*"), deny("s3:*")], ["s3:GetObject"], True),
        ([allow("s3:*"), deny("*")], ["s3:GetObject"], True),
        ([allow("s3:*"), deny("s3:Delete*")], ["s3:*"], False),
        ([allow("s3:*"), deny("s3:*", resource="arn:aws:s3:::audit/*")], ["s3:GetObject"], False),
        ([allow("s3:*"), deny("s3:*", Condition={"Bool": {"aws:x": "true"}})], ["s3:GetObject"], False),
        ([allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})], ["s3:GetObject"], False),
        ([allow("s3:*", resource="arn:aws:s3:::other/*")], ["s3:GetObject"], False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ["sqs:SendMessage"], False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ["iam:GetRole"], True),
        ([{"Effect": "Allow", "NotAction": "iam:Get*", "Resource": "*"}], ["iam:*"], False),
    ],
    ids=str,
)
def test_a_boundary_leaves_what_it_allows_and_does_not_deny(
    boundary: list[dict[str, Any]], granted: list[str], void: bool
) -> None:
    found = voided(boundary, allow(*granted))
    assert [finding.location for finding in found] == ["Properties/PolicyDocument/Statement/0"] * void


@pytest.mark.parametrize(
    ("boundary", "void"), [("s3:*", False), ("iam:Get*", True), ("*", False), ("i*:GetRole", False)]
)
def test_a_grant_of_all_but_some_actions_is_void_if_the_boundary_allows_only_those(
    boundary: str, void: bool
) -> None:
    granted = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::uploads"}
    assert bool(voided([allow(boundary)], granted)) is void


def test_what_is_denied_is_not_compared_with_a_boundary() -> None:
    assert voided([allow("s3:*")], deny("sqs:*"), allow("s3:GetObject")) == ()


def test_a_finding_names_the_role_the_action_and_both_ways_out() -> None:
    (found,) = voided([allow("s3:*")], allow("s3:GetObject", "SQS:SendMessage"))
    assert (
        "Boundary, the permissions boundary of the role Role, does not allow SQS:SendMessage" in found.message
    )
    assert "another service" in found.fix
    assert "allow SQS:SendMessage in Boundary" in found.fix
    assert (found.logical_id, found.level) == ("Policy", "block")


def attached() -> dict[str, dict[str, Any]]:
    """A grant that the boundary voids, in each way to attach one."""
    void = allow("sqs:SendMessage")
    inline = [{"PolicyName": "p", "PolicyDocument": {"Statement": [void]}}]
    own = {"PolicyName": "p", "PolicyDocument": {"Statement": [void]}}
    named = {"Fn::Sub": "${AWS::StackName}-grant"}
    named_arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${AWS::StackName}-grant"}
    return {
        "inline": {"Holder": role(Policies=inline)},
        "managed by reference": {
            "Grant": managed(void),
            "Holder": role(ManagedPolicyArns=[{"Ref": "Grant"}]),
        },
        "managed by name": {
            "Other": managed(allow("s3:GetObject")),
            "Grant": managed(void, ManagedPolicyName="grant"),
            "Holder": role(ManagedPolicyArns=[NOWHERE, f"arn:aws:iam::{ACCOUNT}:policy/teams/grant"]),
        },
        "managed by a name that deployment makes": {
            "Grant": managed(void, ManagedPolicyName=named),
            "Holder": role(ManagedPolicyArns=[named_arn]),
        },
        "managed with roles": {"Grant": managed(void, Roles=[{"Ref": "Holder"}]), "Holder": role()},
        "policy with a role's name": {
            "Grant": policy(void, roles=["web"]),
            "Holder": role(RoleName="web"),
        },
        "policy with a role beside one that is not known": {
            "Grant": policy(void, roles=[NOWHERE, {"Ref": "Holder"}]),
            "Holder": role(),
        },
        "role policy": {
            "Grant": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Holder"}, **own}},
            "Holder": role(),
        },
        "user policy": {
            "Grant": {"Type": "AWS::IAM::UserPolicy", "Properties": {"UserName": {"Ref": "Holder"}, **own}},
            "Holder": {"Type": "AWS::IAM::User", "Properties": {}},
        },
    }


@pytest.mark.parametrize("way", attached())
def test_a_grant_is_compared_however_it_is_attached(way: str) -> None:
    resources = attached()[way]
    resources["Holder"]["Properties"]["PermissionsBoundary"] = {"Ref": "Boundary"}
    found = findings(RULE, {"Boundary": managed(allow("s3:*")), **resources})
    violations = [finding.logical_id for finding in found if finding.verdict == "violation"]
    assert violations == ["Holder" if way == "inline" else "Grant"]
    resources["Holder"]["Properties"]["PermissionsBoundary"] = {"Ref": "Open"}
    found = findings(RULE, {"Open": managed(allow("sqs:*")), **resources})
    assert [finding for finding in found if finding.verdict == "violation"] == []


@pytest.mark.parametrize("way", attached())
def test_a_boundary_from_elsewhere_warns_however_something_is_granted(way: str) -> None:
    resources = attached()[way]
    resources["Holder"]["Properties"]["PermissionsBoundary"] = f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"
    assert ("Holder", "Properties/PermissionsBoundary") in [
        (finding.logical_id, finding.location) for finding in findings(RULE, resources)
    ]


def test_a_boundary_from_elsewhere_warns_where_what_is_granted_is_not_known() -> None:
    holder = role(ManagedPolicyArns=NOWHERE, PermissionsBoundary="arn:aws:iam::1:policy/elsewhere")
    places = [(found.verdict, found.location) for found in findings(RULE, {"Holder": holder})]
    assert ("unknown", "Properties/PermissionsBoundary") in places


def test_a_boundary_that_cannot_be_read_hides_no_other_of_a_policy() -> None:
    body = {
        "Unread": managed({"Effect": NOWHERE, "Action": "s3:*"}),
        "Boundary": managed(allow("s3:*")),
        "First": role(PermissionsBoundary={"Ref": "Unread"}),
        "Second": role(PermissionsBoundary={"Ref": "Boundary"}),
        "Policy": policy(allow("sqs:SendMessage"), roles=[{"Ref": "First"}, {"Ref": "Second"}]),
    }
    violations = [found.logical_id for found in findings(RULE, body) if found.verdict == "violation"]
    assert violations == ["Policy"]


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (6, "and 1 more"), (9, "and 4 more")])
def test_of_many_actions_some_are_named_and_the_others_counted(count: int, rest: str) -> None:
    (found,) = voided([allow("s3:*")], allow(*[f"sqs:Do{number}" for number in range(count)]))
    assert "sqs:Do0, sqs:Do1, sqs:Do2, sqs:Do3, sqs:Do4" in found.message
    assert "sqs:Do5" not in found.message
    assert rest in found.message
    assert ("more" in found.message) is bool(rest)


def test_a_policy_by_an_unknown_name_is_not_taken_for_one_without_a_name() -> None:
    holder = role(ManagedPolicyArns=[{"Fn::Sub": ["arn:aws:iam::aws:policy/${X}", {"X": NOWHERE}]}])
    holder["Properties"]["PermissionsBoundary"] = {"Ref": "Boundary"}
    body = {"Other": managed(allow("sqs:*")), "Boundary": managed(allow("s3:*")), "Holder": holder}
    assert [finding.logical_id for finding in findings(RULE, body) if finding.verdict == "violation"] == []


def test_users_have_boundaries_too() -> None:
    user = {"Type": "AWS::IAM::User", "Properties": {"PermissionsBoundary": {"Ref": "Boundary"}}}
    grant = policy(allow("sqs:SendMessage"), roles=[])
    grant["Properties"]["Users"] = [{"Ref": "User"}]
    (found,) = findings(RULE, {"Boundary": managed(allow("s3:*")), "User": user, "Grant": grant})
    assert "boundary of the user User" in found.message


def test_a_policy_of_aws_is_not_guessed() -> None:
    bounded = role(
        PermissionsBoundary={"Ref": "Boundary"},
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"],
    )
    assert findings(RULE, {"Boundary": managed(allow("s3:*")), "Role": bounded}) == ()


@pytest.mark.parametrize(
    "boundary",
    ["arn:aws:iam::111111111111:policy/elsewhere", {"Fn::ImportValue": "Boundary"}, NOWHERE],
    ids=str,
)
def test_a_boundary_from_elsewhere_warns_once_where_something_is_granted(boundary: Any) -> None:
    bounded = {"Role": role(PermissionsBoundary=boundary)}
    assert findings(RULE, bounded) == ()
    grants = {"Policy": policy(allow("sqs:*"), allow("s3:GetObject"))}
    (found,) = findings(RULE, bounded | grants)
    assert (found.verdict, found.level, found.location) == (
        "unknown",
        "warn",
        "Properties/PermissionsBoundary",
    )


def characters(count: int) -> list[dict[str, Any]]:
    """Statements of a boundary whose actions have so many characters."""
    return [allow("s3:Get" + "x" * (count // 2 - 6)), allow("s3:Get" + "x" * (count - count // 2 - 6))]


@pytest.mark.parametrize(
    ("boundary", "place"),
    [
        ([{"Effect": NOWHERE, "Action": "s3:*"}], ("Role", "unknown", "warn")),
        (characters(6_145), ("Role", "unknown", "warn")),
        (characters(6_144), ("Policy", "violation", "block")),
    ],
    ids=["an effect that is not known", "more than IAM takes", "as much as IAM takes"],
)
def test_a_boundary_that_cannot_be_read_is_unknown(
    boundary: list[dict[str, Any]], place: tuple[str, str, str]
) -> None:
    (found,) = voided(boundary, allow("sqs:*"))
    assert (found.logical_id, found.verdict, found.level) == place


def test_a_boundary_that_a_role_may_have_by_an_arn_taken_apart_is_judged() -> None:
    apart = {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Boundary"}]}]}
    resources = {
        "Boundary": managed(allow("*", resource="*")),
        "Bounded": role(PermissionsBoundary={"Ref": "Boundary"}),
        "Role": role(ManagedPolicyArns=[apart]),
    }
    assert ("Boundary", "violation") in [(f.logical_id, f.verdict) for f in findings(RULE, resources)]


def steps_for(roles: int) -> int:
    body = {"Boundary": managed(*[allow(f"s3:*{letter}*x*") for letter in "abcdefghij"])}
    for number in range(roles):
        body[f"R{number}"] = role(PermissionsBoundary={"Ref": "Boundary"})
        actions = [f"s3:Get{roles}x{number}x{action}*" for action in range(10)]  # none is remembered
        body[f"P{number}"] = policy(allow(*actions), roles=[{"Ref": f"R{number}"}])
    return steps(lambda: findings(RULE, body))


def test_four_times_the_roles_take_four_times_the_steps() -> None:
    steps_for(20)  # what is read once, such as tables
    assert steps_for(400) < 4.5 * steps_for(100)


# Trust


def trusted(
    principal: Any, condition: Any = None, provider: str = "AWS::IAM::OIDCProvider", **more: Any
) -> list[tuple[str, str]]:
    """The verdicts and levels of a trust policy with one statement, in an app with a provider."""
    federated = isinstance(principal, dict) and "Federated" in principal
    action = "sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole"
    statement = {"Effect": "Allow", "Action": action, "Principal": principal}
    if condition is not None:
        statement["Condition"] = condition
    body = {"R": role(AssumeRolePolicyDocument={"Statement": [statement]}), "Provider": {"Type": provider}}
    return [(finding.verdict, finding.level) for finding in findings(RULE, body, **more)]


BLOCKS = [("violation", "block")]
WARNS = [("violation", "warn")]
UNKNOWN = [("unknown", "warn")]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, BLOCKS),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, []),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1234567890"}}, BLOCKS),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1234567890/*"}}, BLOCKS),
        ({"StringEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}}, []),
        ({"ForAllValues:StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, []),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}, BLOCKS),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deployer"}}, BLOCKS),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, []),
        ({"StringEquals": {"sts:ExternalId": "x"}}, BLOCKS),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, BLOCKS),
        ({"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}}, BLOCKS),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, []),
    ],
    ids=str,
)
def test_trust_in_everybody_is_narrowed_by_what_excludes_somebody(
    condition: Any, expected: list[tuple[str, str]]
) -> None:
    assert trusted({"AWS": "*"}, condition) == expected


@pytest.mark.parametrize(
    ("operator", "sub", "expected"),
    [
        ("StringEquals", "repo:agency/benefits:ref:refs/heads/main", []),
        ("StringLike", "repo:agency/benefits:*", []),
        ("StringLike", "repo:agency/*", []),
        ("StringLike", "repo:*", BLOCKS),
        ("StringLike", "repo:*/benefits:*", BLOCKS),
        ("StringLike", "repo:ag*", BLOCKS),
        ("StringLike", "re*:agency/benefits", BLOCKS),
        ("StringLike", "*", BLOCKS),
        ("StringLike", ["repo:agency/benefits:*", "repo:*"], BLOCKS),
        ("StringEqualsIfExists", "repo:agency/benefits", BLOCKS),
        ("ForAllValues:StringEquals", "repo:agency/benefits", BLOCKS),
        ("ForAnyValue:StringLike", "repo:agency/benefits:*", []),
        ("StringNotEquals", "repo:agency/benefits", BLOCKS),
        ("StringEquals", NOWHERE, []),
        ("StringLike", NOWHERE, UNKNOWN),
        ("StringEquals", "system:serviceaccount:web:loader", []),
        ("StringEquals", "1234567890", []),
    ],
    ids=str,
)
def test_trust_in_a_provider_names_who_by_its_subject(
    operator: str, sub: Any, expected: list[tuple[str, str]]
) -> None:
    assert trusted({"Federated": PROVIDER}, {operator: {f"{GITHUB}:sub": sub}}) == expected


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (PROVIDER, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, BLOCKS),
        ("*", None, BLOCKS),
        ("cognito-identity.amazonaws.com", None, BLOCKS),
        ("cognito-identity-us-gov.amazonaws.com", None, BLOCKS),
        (POOLS, {"StringEquals": {f"{POOLS}:sub": "us-east-1:1"}}, BLOCKS),
        ("graph.facebook.com", {"StringEquals": {"graph.facebook.com:app_id": "1"}}, []),
        ("*", {"StringEquals": {"x:aud": "sts.amazonaws.com"}}, BLOCKS),
        (PROVIDER, {"StringEquals": {f"{GITHUB}:aud": "a", f"{GITHUB}:sub": "repo:agency/benefits"}}, []),
        (
            PROVIDER,
            {
                "StringLike": {f"{GITHUB}:sub": "repo:*"},
                "StringEquals": {f"{GITHUB}:sub": "repo:agency/benefits"},
            },
            [],
        ),
        (
            "cognito-identity.amazonaws.com",
            {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1"}},
            [],
        ),
        (
            "cognito-identity.amazonaws.com",
            {"StringLike": {"cognito-identity.amazonaws.com:aud": "*"}},
            BLOCKS,
        ),
        ("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "66677788899900pro0"}}, []),
        ("accounts.google.com", None, BLOCKS),
        (f"arn:aws:iam::{ACCOUNT}:saml-provider/agency", None, []),
        (NOWHERE, None, BLOCKS),
        (NOWHERE, {"StringEquals": {"x:aud": "sts.amazonaws.com"}}, UNKNOWN),
        (NOWHERE, {"StringEquals": {"x:sub": "repo:agency/benefits"}}, []),
    ],
    ids=str,
)
def test_each_kind_of_provider_needs_the_claim_that_narrows_it(
    principal: Any, condition: Any, expected: list[tuple[str, str]]
) -> None:
    assert trusted({"Federated": principal}, condition) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (OTHER, WARNS),
        (f"arn:aws:iam::{OTHER}:root", WARNS),
        (f"arn:aws:iam::{OTHER}:role/deployer", WARNS),
        (f"arn:aws:sts::{OTHER}:assumed-role/deployer/build:7", WARNS),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::" + OTHER + ":root"}, WARNS),
        ([f"arn:aws:iam::{ACCOUNT}:root", OTHER], WARNS),
        (ACCOUNT, []),
        (f"arn:aws:iam::{ACCOUNT}:root", []),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}, []),
        ("AIDAEXAMPLE", []),
    ],
    ids=str,
)
def test_trust_in_an_account_that_is_not_the_stack_s_warns(
    principal: Any, expected: list[tuple[str, str]]
) -> None:
    assert trusted({"AWS": principal}) == expected
    assert trusted({"AWS": principal}, settings=Settings(trusted_accounts=(OTHER,))) == []
    narrowed = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
    assert trusted({"AWS": principal}, narrowed) == []


def test_trust_in_an_account_warns_where_the_stack_s_account_is_not_known() -> None:
    assert trusted({"AWS": ACCOUNT}, account=None) == WARNS
    own = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert trusted({"AWS": own}, account=None) == []


@pytest.mark.parametrize(
    "principal", [NOWHERE, [NOWHERE], {"AWS": NOWHERE}, {"AWS": [ACCOUNT, NOWHERE]}], ids=str
)
def test_trust_in_somebody_who_is_not_known_is_undecided(principal: Any) -> None:
    assert trusted(principal) == UNKNOWN


def test_trust_in_somebody_of_an_organization_need_not_be_known() -> None:
    assert trusted({"AWS": NOWHERE}, {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}) == []


def test_what_is_not_known_of_a_principal_is_said_where_it_is_written() -> None:
    federated = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": NOWHERE},
        "Condition": {"StringEquals": {"x:aud": "a"}},
    }
    for statement in (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": NOWHERE}},
        federated,
    ):
        (found,) = findings(RULE, {"R": role(AssumeRolePolicyDocument={"Statement": [statement]})})
        assert found.location == "Properties/AssumeRolePolicyDocument/Statement/0/Principal"


def test_trust_in_services_alone_need_not_be_known() -> None:
    statement = {"Effect": "Allow", "Action": {"a": "map"}, "Principal": {"Service": "ec2.amazonaws.com"}}
    assert findings(RULE, {"R": role(AssumeRolePolicyDocument={"Statement": [statement]})}) == ()
    statement["Principal"] = {"AWS": ACCOUNT}
    assert findings(RULE, {"R": role(AssumeRolePolicyDocument={"Statement": [statement]})})


# What gives more permissions


@pytest.mark.parametrize(
    ("action", "resource", "condition", "levels"),
    [
        ("iam:PutRolePolicy", "*", None, ["block"]),
        ("iam:PutUserPolicy", "*", None, ["block"]),
        ("iam:PutGroupPolicy", "*", None, ["block"]),
        ("iam:Put*", "*", None, ["block"]),
        ("iam:AttachRolePolicy", "arn:aws:iam::111111111111:role/*", None, ["block"]),
        ("iam:AttachUserPolicy", "arn:aws:iam::111111111111:user/*", None, ["block"]),
        ("iam:AttachRolePolicy", "arn:aws:iam::111111111111:role/tasks/*", None, []),
        ("iam:CreatePolicyVersion", "*", None, ["block"]),
        ("iam:CreatePolicyVersion", "arn:aws:iam::111111111111:policy/own", None, []),
        ("iam:AttachRolePolicy", "*", {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::1:policy/a"}}, []),
        ("iam:AttachRolePolicy", "*", {"ArnLike": {"iam:PolicyARN": "*"}}, ["block"]),
        ("iam:PassRole", "*", {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, ["warn"]),
        ("iam:PassRole", "*", {"StringLike": {"iam:PassedToService": "*"}}, ["block"]),
        ("iam:PassRole", "*", {"StringEqualsIfExists": {"iam:PassedToService": "x"}}, ["block"]),
        ("iam:*", "*", {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, ["warn"]),
        ("iam:DeleteRolePolicy", "*", None, []),
    ],
)
def test_what_gives_more_permissions_is_not_allowed_on_everything(
    action: str, resource: str, condition: Any, levels: list[str]
) -> None:
    statement = allow(action, resource=resource) | ({"Condition": condition} if condition else {})
    found = findings(RULE, {"Policy": policy(statement, roles=["web"])})
    assert [finding.level for finding in found] == levels


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("AdministratorAccess", False),
        ("AdministratorAccess-Amplify", False),
        ("PowerUserAccess", False),
        ("IAMFullAccess", False),
        ("IAMReadOnlyAccess", True),
        ("AmazonS3FullAccess", True),
        ("job-function/ViewOnlyAccess", True),
    ],
)
def test_the_policies_of_aws_that_make_an_administrator_are_not_attached(name: str, allowed: bool) -> None:
    arns = [f"arn:aws-us-gov:iam::aws:policy/{name}"]
    assert (findings(RULE, {"R": role(ManagedPolicyArns=arns)}) == ()) is allowed


@pytest.mark.parametrize(
    ("name", "all_actions"),
    [
        ("AdministratorAccess", True),
        ("PowerUserAccess", True),
        ("AdministratorAccess-Amplify", False),
        ("IAMFullAccess", False),
    ],
)
def test_a_policy_of_aws_is_said_to_allow_all_or_what_leads_to_all(name: str, all_actions: bool) -> None:
    (found,) = findings(RULE, {"R": role(ManagedPolicyArns=[f"arn:aws:iam::aws:policy/{name}"])})
    assert ("allows every action" in found.message) is all_actions


@pytest.mark.parametrize(
    ("kind", "condition", "expected"),
    [
        ("AWS::IAM::OIDCProvider", None, BLOCKS),
        ("AWS::IAM::OIDCProvider", {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, BLOCKS),
        ("AWS::IAM::OIDCProvider", {"StringEquals": {f"{GITHUB}:sub": "repo:agency/benefits"}}, []),
        ("AWS::IAM::SAMLProvider", None, []),
    ],
)
def test_a_provider_of_the_app_is_known_by_its_type(
    kind: str, condition: Any, expected: list[tuple[str, str]]
) -> None:
    assert trusted({"Federated": {"Ref": "Provider"}}, condition, provider=kind) == expected
