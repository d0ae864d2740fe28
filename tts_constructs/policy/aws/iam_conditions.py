"""Statements that allow everybody, and conditions that narrow everybody to specific callers."""

from __future__ import annotations

import re
from collections.abc import Collection

from tts_constructs.policy.aws import cidr
from tts_constructs.policy.aws.iam_statements import Statement
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.values import Pseudo, Unknown, Value

STATED_CALLERS = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
        "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid",
        "aws:vpcesourceaccount", "aws:vpcesourceorgid",
        "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    }
)  # fmt: skip
"""Condition keys that limit everybody to specific callers, as S3 reads policies ("The meaning of public")."""

_EXACT = frozenset({"stringequals", "stringequalsignorecase"})
_LIKE = frozenset({"stringlike", "arnlike", "arnequals"})
_ADDRESS = "ipaddress"
_WILDCARD = re.compile(r"[*?]")


def allows_everybody(statement_node: Node, keys: Collection[str]) -> bool:
    """Return whether a statement allows everybody, and no condition on one of these keys narrows it.

    Args:
        statement_node: The place of the statement.
        keys: See `is_narrowed`.

    Raises:
        UnknownValue: It depends on a value that is not known.
    """
    if (statement_node["Effect"].text() or "").lower() == "deny":
        return False
    statement = Statement.read(statement_node)
    anyone = statement.to_anyone
    unknown = [value for kind, value in statement.principals if kind in {"*", "AWS"} and _is_unknown(value)]
    if not (anyone or unknown) or is_narrowed(statement, keys):
        return False
    if not anyone:
        message = f"It allows a principal that depends on {unknown[0].reason}. {unknown[0].remedy}"
        raise UnknownValue(statement_node["Principal"].unknown(message))
    return True


def is_narrowed(statement: Statement, keys: Collection[str]) -> bool:
    """Return whether a condition on one of these keys narrows a statement to specific callers.

    `…IfExists` and `ForAllValues:` narrow nothing, as they match when the key is absent. Neither does a value
    that matches everybody, such as `*`, an ARN of any account, or a range as wide as the internet.

    Args:
        statement: The statement.
        keys: Condition keys in lower case, such as `aws:sourceaccount`.

    Raises:
        UnknownValue: It depends on a value that is not known.
    """
    undecided: UnknownValue | None = None
    for (operator, key), values in statement.conditions.items():
        if key in keys and values:
            try:
                if all(_is_narrow(operator.removeprefix("foranyvalue:"), value) for value in values):
                    return True
            except _NotKnown as unknown:
                message = f"Its condition on {key} depends on {unknown.value.reason}. {unknown.value.remedy}"
                undecided = undecided or UnknownValue(statement.node["Condition"].unknown(message))
    if undecided:
        raise undecided
    return False


class _NotKnown(Exception):
    def __init__(self, value: Unknown) -> None:
        self.value = value


def _is_narrow(operator: str, value: Value) -> bool:
    if operator in _EXACT:
        return not isinstance(value, str) or not _is_wild(value)
    if operator not in _LIKE and operator != _ADDRESS:
        return False
    if _is_unknown(value):
        raise _NotKnown(value)
    # A reference or an unknown part belongs to the app and is not a wildcard.
    text = str(value).strip()
    if operator == _ADDRESS:
        network = cidr.parse(text)
        return network is not None and not cidr.is_wide(network)
    return not _is_wild(text) and not _fits_any_account(text)


def _is_unknown(value: Value) -> bool:
    """Return whether a value may turn out to be a wildcard; the account and the region cannot."""
    return isinstance(value, Unknown) and not isinstance(value, Pseudo)


def _is_wild(text: str) -> bool:
    return not text.strip().strip("*?")


def _fits_any_account(pattern: str) -> bool:
    """Return whether a pattern matches callers of any account: `o-*`, or an ARN without an account."""
    fields = pattern.split(":", 5)
    if fields[0] != "arn" or len(fields) < 6:
        return _WILDCARD.search(pattern.partition("/")[0]) is not None
    account, name = fields[4:]
    return _WILDCARD.search(account) is not None or (not account and name[:1] in {"*", "?"})
