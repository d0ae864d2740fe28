"""Which policies grant something to the identities of an app."""

from typing import Any

import pytest

from tts_constructs.policy.aws.iam_identity_policies import is_boundary_only
from tts_constructs.policy.loading.reader import add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.settings.model import Settings


def bounds_only(
    policy: dict[str, Any], bounded: str = "AWS::IAM::Role", boundary: Any = None, **others: Any
) -> bool:
    resources = {
        "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy},
        "Bounded": {
            "Type": bounded,
            "Properties": {"PermissionsBoundary": boundary or {"Ref": "Policy"}},
        },
    }
    stack = add_stack(Assembly(Settings()), {"Resources": {**resources, **others}}, "Example")
    return is_boundary_only(stack.resources["Policy"])


@pytest.mark.parametrize("bounded", ["AWS::IAM::Role", "AWS::IAM::User"])
def test_a_policy_can_be_the_boundary_of_roles_and_of_users(bounded: str) -> None:
    assert bounds_only({}, bounded)


@pytest.mark.parametrize("identities", ["Roles", "Users", "Groups"])
def test_a_boundary_that_names_identities_is_attached_to_them(identities: str) -> None:
    assert not bounds_only({identities: ["operators"]})


@pytest.mark.parametrize("kind", ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"])
def test_a_boundary_that_identities_name_is_attached_to_them(kind: str) -> None:
    other = {"Type": kind, "Properties": {"ManagedPolicyArns": [{"Ref": "Policy"}]}}
    assert not bounds_only({}, Other=other)


def taken_apart(arn: Any) -> Any:
    return {"Fn::Select": [0, {"Fn::Split": [",", arn]}]}


@pytest.mark.parametrize(
    ("arn", "attached"),
    [
        ({"Ref": "Policy"}, True),
        ({"Fn::GetAtt": ["Policy", "PolicyArn"]}, True),
        ({"Fn::GetAtt": "Policy.PolicyArn"}, True),
        ({"Fn::Join": ["", ["arn:", {"Fn::GetAtt": ["Policy", "PolicyArn"]}]]}, True),
        ({"Fn::Join": ["", ["arn:", {"Ref": "Policy"}]]}, True),
        ({"Fn::Join": ["", ["arn:", {"Fn::GetAtt": "Policy.PolicyArn"}]]}, True),
        ({"Fn::GetAtt": ["Bounded", "Policy"]}, False),
        ({"Ref": "Bounded"}, False),
        ({"Fn::GetAtt": []}, False),
        ({"Fn::ImportValue": "Policy"}, False),
    ],
    ids=str,
)
def test_a_policy_may_be_attached_by_an_arn_that_is_taken_apart(arn: Any, attached: bool) -> None:
    other = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [taken_apart(arn)]}}
    assert bounds_only({}, Other=other) is not attached


PEOPLE = {
    "Type": "AWS::SSO::PermissionSet",
    "Properties": {"CustomerManagedPolicyReferences": [{"Name": "Forms"}, {"Name": "Boundary"}]},
}


def test_a_boundary_that_a_permission_set_names_is_attached_by_it() -> None:
    assert not bounds_only({"ManagedPolicyName": "Boundary"}, People=PEOPLE)


def test_a_boundary_that_no_permission_set_names_is_nothing_else() -> None:
    assert bounds_only({"ManagedPolicyName": "Uploads"}, People=PEOPLE)


def test_a_boundary_in_a_path_is_known_by_the_last_part_of_its_arn() -> None:
    arn = "arn:aws-us-gov:iam::111111111111:policy/teams/benefits/Boundary"
    assert bounds_only({"ManagedPolicyName": "Boundary", "Path": "/teams/benefits/"}, boundary=arn)
