"""Policy documents: what IAM takes, and what it would refuse."""

from typing import Any

import pytest

from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.settings.model import Settings

ALLOWED = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}


def document(value: Any, *, may_transform: bool = True) -> Node:
    body = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Document": value}}}}
    stack = add_stack(
        Assembly(Settings()), checked_template(body, "Stack"), "Stack", may_transform=may_transform
    )
    return stack.resources["Policy"]["Document"]


def read(statement: Any) -> Statement:
    (node,) = statements(document({"Statement": statement}))
    return Statement.read(node)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ALLOWED.items() if key != name}


def test_a_statement_is_read_with_all_that_it_may_hold() -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    statement = read({**ALLOWED, "Sid": "All", "Condition": condition})
    assert statement.allows
    assert statement.actions == ("s3:*",)
    assert statement.conditions == {("bool", "aws:securetransport"): ("true",)}


@pytest.mark.parametrize("name", ["Effect", "Principal", "Action", "Resource"])
def test_a_name_in_another_case_is_refused_and_not_overlooked(name: str) -> None:
    statement = {**without(name), name.lower(): ALLOWED[name]}
    with pytest.raises(UnknownValue, match=rf"{name.lower()} isn't a name that belongs here.*case-sensitive"):
        read(statement)


def test_a_kind_of_principal_in_another_case_is_refused() -> None:
    with pytest.raises(UnknownValue, match="aws isn't a name that belongs here"):
        read({**ALLOWED, "Principal": {"aws": "*"}})


@pytest.mark.parametrize("actions", [{}, {"Action": []}, {"Action": {"Ref": "AWS::NoValue"}}], ids=str)
def test_a_statement_without_actions_is_refused(actions: dict[str, Any]) -> None:
    with pytest.raises(UnknownValue, match="names no action"):
        read({**without("Action"), **actions})


@pytest.mark.parametrize("value", [{"statement": [ALLOWED]}, '{"statement": []}', {}], ids=str)
def test_a_document_without_statement_is_refused(value: Any) -> None:
    with pytest.raises(UnknownValue, match=r"Document has no Statement.*case-sensitive"):
        statements(document(value))


def test_no_document_has_no_statements() -> None:
    assert statements(document({"Ref": "AWS::NoValue"})) == []


def test_a_document_that_is_a_text_but_no_json_is_refused() -> None:
    with pytest.raises(UnknownValue):
        statements(document("Allow everything"))


def test_a_statement_speaks_of_all_actions_but_those_that_it_leaves_out() -> None:
    statement = read({**without("Action"), "NotAction": ["iam:*", "S3:Delete*"]})
    assert statement.covers("s3:PutObject")
    assert not statement.covers("s3:DeleteObject")
    assert not statement.covers("iam:PassRole")


EVERY_ELEMENT = {
    "Effect": "Deny",
    "Principal": {"AWS": "111111111111"},
    "NotPrincipal": {"Service": "ec2.amazonaws.com"},
    "Action": "s3:PutObject",
    "NotAction": "s3:GetObject",
    "Resource": "arn:aws:s3:::one",
    "NotResource": "arn:aws:s3:::two",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def test_a_statement_is_read_as_a_whole_where_no_transform_can_change_it() -> None:
    (node,) = statements(document({"Statement": EVERY_ELEMENT}, may_transform=False))
    assert Statement.read(node) == Statement(
        node=node,
        allows=False,
        actions=("s3:putobject",),
        not_actions=("s3:getobject",),
        resources=("arn:aws:s3:::one",),
        not_resources=("arn:aws:s3:::two",),
        principals=(("AWS", "111111111111"),),
        not_principals=(("Service", "ec2.amazonaws.com"),),
        conditions={("bool", "aws:securetransport"): ("false",)},
    )
