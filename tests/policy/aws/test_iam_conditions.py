"""Which statements allow everybody, and which conditions narrow them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.aws.iam_conditions import allows_everybody
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.settings.model import Settings

KEYS = frozenset(
    {"aws:sourcearn", "aws:sourceip", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount"}
)
NOWHERE = {"Fn::ImportValue": "of-no-stack"}


def open_to_all(statement: dict[str, Any]) -> bool:
    properties = {"Statement": {"Action": "*", **statement}}
    body = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    stack = add_stack(Assembly(Settings()), checked_template(body, "Stack"), "Stack", region="us-east-1")
    return allows_everybody(stack.resources["Policy"]["Statement"], KEYS)


def open_under(condition: Any) -> bool:
    return open_to_all({"Effect": "Allow", "Principal": "*", "Condition": condition})


@pytest.mark.parametrize(
    "principal",
    ["*", ["*"], {"AWS": "*"}, {"AWS": ["arn:aws:iam::111111111111:root", "*"]}],
    ids=str,
)
def test_everybody_has_several_spellings(principal: Any) -> None:
    assert open_to_all({"Effect": "Allow", "Principal": principal})


def test_everybody_but_some_is_everybody() -> None:
    assert open_to_all({"Effect": "Allow", "NotPrincipal": {"AWS": "111111111111"}})


@pytest.mark.parametrize(
    "principal",
    [{"AWS": "111111111111"}, {"Service": "s3.amazonaws.com"}, {"AWS": {"Ref": "AWS::AccountId"}}, {}],
    ids=str,
)
def test_those_who_are_named_are_not_everybody(principal: Any) -> None:
    assert not open_to_all({"Effect": "Allow", "Principal": principal})


def test_what_is_denied_to_everybody_is_not_allowed() -> None:
    assert not open_to_all({"Effect": "Deny", "Principal": "*"})


NARROW: list[Any] = [
    {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
    {"stringequals": {"AWS:principalorgid": ["o-1234567890", "o-0987654321"]}},
    {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
    {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    {"StringLike": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    {"StringEquals": {"aws:SourceAccount": NOWHERE}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::111111111111:distribution/*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::benefits-*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111111111111:log-group:web:*"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1234567890/*"}},
    {"StringEquals": {"aws:PrincipalOrgID": "X"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"IpAddress": {"aws:SourceIp": ["2001:db8::/32", "203.0.113.7"]}},
    {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}},
]


@pytest.mark.parametrize("condition", NARROW, ids=str)
def test_a_condition_on_stated_callers_narrows(condition: Any) -> None:
    assert not open_under(condition)


BROAD: list[Any] = [
    {},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1234567890"}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
    {"StringEquals": {"aws:PrincipalTag/team": "benefits"}},
    {"StringEquals": {"aws:PrincipalOrgID": []}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringLike": {"aws:PrincipalOrgID": ["o-1234567890", "*"]}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::*-uploads"}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::?ploads"}},
    {"ArnLike": {"aws:SourceArn": "arn:*"}},
    {"StringEquals": {"aws:SourceArn": "*?"}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}},
    {"IpAddress": {"aws:SourceIp": "no range"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
]


@pytest.mark.parametrize("condition", BROAD, ids=str)
def test_a_condition_that_fits_everybody_narrows_nothing(condition: Any) -> None:
    assert open_under(condition)


@given(prefix=st.integers(0, 32))
def test_a_range_narrows_from_a_slash_8(prefix: int) -> None:
    assert open_under({"IpAddress": {"aws:SourceIp": f"8.0.0.0/{prefix}"}}) == (prefix < 8)


@given(st.text(alphabet="*?", min_size=1))
def test_wildcards_alone_narrow_nothing(pattern: str) -> None:
    for operator in ("StringEquals", "StringLike", "ArnLike"):
        assert open_under({operator: {"aws:SourceArn": pattern}})


UNDECIDED: list[Any] = [
    {"Effect": "Allow", "Principal": {"AWS": NOWHERE}},
    {"Effect": "Allow", "Principal": NOWHERE},
    {"Effect": "Allow", "Principal": [NOWHERE]},
    {"Effect": NOWHERE, "Principal": "*"},
    {"Effect": "Allow", "Principal": "*", "Condition": NOWHERE},
    {"Effect": "Allow", "Principal": "*", "Condition": {"StringLike": {"aws:SourceArn": NOWHERE}}},
    {"Effect": "Allow", "Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": [NOWHERE]}}},
    {"Effect": "Allow", "Principal": ["*"], "Action": {"a": "map"}},
]


@pytest.mark.parametrize("statement", UNDECIDED, ids=str)
def test_what_is_not_known_is_not_taken_for_narrow(statement: dict[str, Any]) -> None:
    with pytest.raises(UnknownValue):
        open_to_all(statement)


def test_a_condition_that_narrows_settles_another_that_is_not_known() -> None:
    known = {"StringLike": {"aws:SourceArn": NOWHERE}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert not open_under(known)
    assert not open_to_all(
        {
            "Effect": "Allow",
            "Principal": {"AWS": NOWHERE},
            "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
        }
    )
