"""Which statements allow everybody, and which conditions narrow them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.aws.iam_conditions import allows_everybody, pattern_of, service_for_anybody
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.values import Text, Unknown, Value
from tts_constructs.policy.settings.model import Settings

KEYS = frozenset(
    {
        "aws:userid",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
    }
)
NOWHERE = {"Fn::ImportValue": "of-no-stack"}
LATER = Unknown("what is known later")


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
    {"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:iam::111111111111:user/${aws:username}"}},
    {"StringLike": {"aws:userid": ["AROAEXAMPLE:*", "111111111111"]}},
    {"StringLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:sns:*:${AWS::AccountId}:*"}}},
    {"StringLike": {"aws:PrincipalOrgID": "o-${*}"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-${?}1"}},
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
    {"StringEquals": {"aws:PrincipalOrgID": ""}},
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
    {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    {"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}},
    {"IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "9.0.0.0/24"]}},
    {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:SourceAccount": {"Fn::Sub": "${!aws:PrincipalAccount}"}}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:iam::${aws:PrincipalAccount}:*"}},
    {"StringLike": {"aws:userid": "${aws:userid}"}},
    {"StringLike": {"aws:userid": "*:session"}},
    {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/account, '1'}"}},
]


@pytest.mark.parametrize("condition", BROAD, ids=str)
def test_a_condition_that_fits_everybody_narrows_nothing(condition: Any) -> None:
    assert open_under(condition)


@pytest.mark.parametrize(
    ("operator", "value", "pattern"),
    [
        ("stringlike", "o-*", "o-*"),
        ("foranyvalue:stringlike", "o-*", "o-*"),
        ("stringlike", "o-${*}", "o-#"),
        ("stringlike", "o-${aws:ResourceAccount}", "o-#"),
        ("stringlike", "o-${aws:username}", "o-*"),
        ("stringequals", " o-*?x ", "o-##x"),
        ("stringequals", "*", "*"),
        ("stringnotequals", "o-1", None),
        ("stringequals", 111111111111, "111111111111"),
        ("stringlike", Text(("o-", LATER, "*")), "o-${…}*"),
        ("stringequals", Text(("o-", LATER, "*x")), "o-${…}#x"),
    ],
)
def test_a_value_of_a_condition_matches_what_its_operator_compares(
    operator: str, value: Value, pattern: str | None
) -> None:
    assert pattern_of(operator, value) == pattern


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


def acting(service: Any, *actions: str, of_a_key: bool = False, **condition: Any) -> str | None:
    """The service that a statement lets act for anybody."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions) or "s3:*"}
    return acting_in(statement | ({"Condition": condition} if condition else {}), of_a_key=of_a_key)


def acting_in(statement: dict[str, Any], *, of_a_key: bool = False) -> str | None:
    properties = {"Statement": statement}
    body = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    stack = add_stack(Assembly(Settings()), checked_template(body, "Stack"), "Stack", region="us-east-1")
    place = stack.resources["Policy"]["Statement"]
    return service_for_anybody(place, of_a_key=True) if of_a_key else service_for_anybody(place)


def test_a_service_acts_for_anybody_unless_a_source_narrows_it() -> None:
    service = "cloudfront.amazonaws.com"
    assert acting(service) == service
    assert acting(["delivery.logs.amazonaws.com", service]) == service
    assert acting(service, StringEquals={"aws:SourceArn": "*"}) == service
    assert acting(service, StringEqualsIfExists={"aws:SourceAccount": "111111111111"}) == service
    assert acting(service, StringEquals={"aws:PrincipalOrgID": "o-1234567890"}) == service
    assert acting(service, StringEquals={"aws:SourceAccount": "111111111111"}) is None
    assert acting("delivery.logs.amazonaws.com") is None


def test_a_service_that_is_denied_acts_for_nobody() -> None:
    denied = {"Effect": "Deny", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "s3:*"}
    assert acting_in(denied) is None


def test_a_statement_without_a_service_need_not_be_known() -> None:
    assert acting_in({"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": {"a": "map"}}) is None
    with pytest.raises(UnknownValue):
        acting_in({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": {"a": "map"}})


@pytest.mark.parametrize(
    ("actions", "of_a_key", "acts"),
    [
        (["kms:Decrypt", "kms:GenerateDataKey*"], True, False),
        (["kms:GenerateDataKey"], True, False),
        (["kms:*"], True, True),
        (["kms:Decrypt", "kms:CreateGrant"], True, True),
        (["kms:Decrypt"], False, True),
    ],
)
def test_eventbridge_encrypts_without_a_source(actions: list[str], of_a_key: bool, acts: bool) -> None:
    assert bool(acting("events.amazonaws.com", *actions, of_a_key=of_a_key)) is acts


def test_an_encryption_context_narrows_the_use_of_a_key_alone() -> None:
    context = {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:us-east-1:1:t"}
    assert acting("sns.amazonaws.com", "kms:Decrypt", of_a_key=True, StringEquals=context) is None
    assert acting("sns.amazonaws.com", "kms:Decrypt", StringEquals=context) == "sns.amazonaws.com"
