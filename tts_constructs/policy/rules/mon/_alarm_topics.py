"""Decides if an alarm of CloudWatch can write to a topic, by the topic's policy and by its key.

Source: Amazon SNS, "Example cases for Amazon SNS access control" (CloudWatch alarms), and "Allow Amazon
CloudWatch to publish to an encrypted topic" in "Enable compatibility between event sources".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from fnmatch import fnmatchcase

from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Unknown, Value

TOPIC = "AWS::SNS::Topic"

_POLICY = "AWS::SNS::TopicPolicy"
_INLINE_POLICY = "AWS::SNS::TopicInlinePolicy"
_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ALIAS = "AWS::KMS::Alias"
_CLOUDWATCH = "cloudwatch.amazonaws.com"
_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")

_ACCOUNTS = frozenset({"aws:sourceaccount", "aws:sourceowner"})
_MET = frozenset(
    {
        "aws:principalisawsservice", "aws:principalservicename", "aws:securetransport", "aws:sourceorgid",
        "kms:encryptioncontext:aws:sns:topicarn",
    }
)  # fmt: skip
"""Condition keys that are taken as met when an alarm publishes."""

_OF_PEOPLE_AND_ROLES = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username", "kms:calleraccount",
    }
)  # fmt: skip
"""Condition keys that a request of a service doesn't have."""


def silent_by_key(topic: Resource, account: str | None) -> str | None:
    """Return what of a topic's key keeps alarms from writing to the topic, or None if nothing does.

    Args:
        topic: A topic of the app.
        account: Account of the alarm, if known.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    place = topic["KmsMasterKeyId"]
    if str(place.value).strip().endswith("alias/aws/sns"):
        return f"{topic.logical_id} is encrypted with alias/aws/sns, which CloudWatch may not use"
    key = place.target(*_KEYS) or place.target(_ALIAS, name="AliasName")
    if key and key.type == _ALIAS:
        key = key["TargetKeyId"].target(*_KEYS)
    if key is None or _admits(key["KeyPolicy"], ("kms:Decrypt", "kms:GenerateDataKey"), account):
        return None
    return (
        f"{topic.logical_id} is encrypted with {key.logical_id}, whose policy does not let {_CLOUDWATCH} "
        "use it"
    )


def silent_by_policy(topic: Resource, account: str | None) -> str | None:
    """Return what of a topic's policy keeps alarms from writing to the topic, or None if nothing does.

    Args:
        topic: A topic of the app.
        account: Account of the alarm, if known.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    policies = topic.stack.assembly.index(_topics_of, _POLICY, _INLINE_POLICY)
    for policy in policies[topic]:  # of several, the last that is written counts
        if not _admits(policy["PolicyDocument"], ("sns:Publish",), account):
            return (
                f"{topic.logical_id} has the policy {policy.logical_id}, which takes the place of the one "
                f"that SNS gives each topic and does not let {_CLOUDWATCH} publish"
            )
    if not policies[topic] and policies.undecided:
        policy = policies.undecided[0]
        message = f"{policy.logical_id} may be the policy of {topic.logical_id}."
        raise UnknownValue(policy.properties.unknown(message))
    return None


def _topics_of(policy: Resource) -> Iterator[Hashable]:
    named = [policy["TopicArn"]] if policy.type == _INLINE_POLICY else policy["Topics"].items()
    for node in named:
        topic = node.target(TOPIC)
        if topic:
            yield topic


def _admits(document: Node, actions: Iterable[str], account: str | None) -> bool:
    """Return whether a resource policy lets CloudWatch take these actions for the alarms of an account."""
    read = [Statement.read(statement) for statement in statements(document)]
    # Not a denial under a condition, such as that of plain HTTP, which CloudWatch does not use.
    denied = [one for one in read if not one.allows and not one.conditions and _names_cloudwatch(one)]
    allowed = [one for one in read if one.allows and _names_cloudwatch(one) and _holds(one, account)]
    return all(
        any(one.covers(action) for one in allowed) and not any(one.covers(action) for one in denied)
        for action in actions
    )


def _names_cloudwatch(statement: Statement) -> bool:
    if statement.not_principals:
        return ("Service", _CLOUDWATCH) not in statement.not_principals
    if statement.to_anyone or ("Service", _CLOUDWATCH) in statement.principals:
        return True
    for _, value in statement.principals:
        if isinstance(value, Unknown):
            raise UnknownValue(statement.node.unknown(f"It allows a principal that is {value.reason}."))
    return False


def _holds(statement: Statement, account: str | None) -> bool:
    """Return whether the conditions of a statement hold when an alarm of the account publishes."""
    return all(
        _met(statement, operator, key, values, account)
        for (operator, key), values in statement.conditions.items()
    )


def _met(
    statement: Statement, operator: str, key: str, values: tuple[Value, ...], account: str | None
) -> bool:
    if key in _MET:
        return True
    if key in _OF_PEOPLE_AND_ROLES:
        return operator.endswith("ifexists") or "not" in operator
    if "not" not in operator:
        if key in _ACCOUNTS:
            return account is None or any(_may_be(value, account) for value in values)
        if key == "aws:sourcearn":
            return any(_may_be_an_alarm(value) for value in values)
    raise UnknownValue(statement.node["Condition"].unknown(f"Its condition on {key} may keep alarms out."))


def _may_be(value: Value, account: str) -> bool:
    return not isinstance(value, str) or fnmatchcase(account, value.strip())


def _may_be_an_alarm(value: Value) -> bool:
    if isinstance(value, Reference):
        return value.resource.type in _ALARMS
    service = str(value).split(":")[2:3]
    return not service or fnmatchcase("cloudwatch", service[0])
