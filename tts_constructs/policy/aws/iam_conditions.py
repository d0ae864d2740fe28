"""Statements that allow everybody, and conditions that narrow everybody to specific callers."""

from __future__ import annotations

import re
from collections.abc import Collection

from tts_constructs.policy.aws import cidr
from tts_constructs.policy.aws.iam_statements import Statement
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.values import Pseudo, Text, Unknown, Value

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
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_OF_THE_RESOURCE = "aws:resource"
"""The beginning of policy variables whose value is the owner of the resource, for any caller."""

_ESCAPES = frozenset({"*", "?", "$"})


def allows_everybody(statement_node: Node, keys: Collection[str]) -> bool:
    """Return whether a statement allows everyone, and no condition on one of these keys narrows it.

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


SOURCES = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"}
)
"""Condition keys that name the account or resource that a service acts for."""

_FOR_ANYBODY = re.compile(r"(apigateway|cloudfront|events|s3|serverlessrepo|sns)\.amazonaws\.com(\.cn)?")
"""Services that act on a resource for each account that configures them to, under their own name (IAM, the
confused deputy problem). Not those that only write logs, whose policies the CDK writes without a source."""

_ENCRYPTS_MESSAGES = ("kms:decrypt", "kms:generatedatakey")
"""Actions that a service needs on the key of a topic or queue that it writes to (SNS, encryption at rest)."""


def service_for_anybody(statement_node: Node, *, of_a_key: bool = False) -> str | None:
    """Return the service that a statement lets act for anybody, or None if it lets none.

    Args:
        statement_node: The place of the statement.
        of_a_key: Whether it is in the policy of a key. There an encryption context narrows too, and
            `events.amazonaws.com` needs no source to encrypt what it sends to a topic.

    Raises:
        UnknownValue: It depends on a value that is not known.
    """
    if type(principal := statement_node["Principal"].value) is dict and "Service" not in principal:
        return None
    statement = Statement.read(statement_node)
    services = [str(value).strip().lower() for kind, value in statement.principals if kind == "Service"]
    service = next(filter(acts_for_anybody, services), None)
    if service is None or not statement.allows:
        return None
    keys = SOURCES
    if of_a_key:
        if service == "events.amazonaws.com" and only_encrypts_messages(statement):
            return None
        keys |= {key for _, key in statement.conditions if key.startswith("kms:encryptioncontext:")}
    return None if is_narrowed(statement, keys) else service


def acts_for_anybody(principal: str) -> bool:
    """Return whether a service principal acts for each account that configures it to."""
    return _FOR_ANYBODY.fullmatch(principal.strip().lower()) is not None


def only_encrypts_messages(statement: Statement) -> bool:
    """Return whether a statement allows no more than to encrypt what a service sends to a topic or queue."""
    return all(action.rstrip("*") in _ENCRYPTS_MESSAGES for action in statement.actions)


def is_narrowed(statement: Statement, keys: Collection[str], *, present: Collection[str] = ()) -> bool:
    """Return whether a condition on one of these keys narrows a statement to specific callers.

    A condition narrows only if it excludes somebody. What doesn't:

    - `…IfExists` and `ForAllValues:` over a key that may be absent, as they match then.
    - A value that everybody matches, such as `*`, an ARN of any account, or `${aws:PrincipalAccount}`, which
      is the caller's own.
    - Ranges that together count as the internet.

    Args:
        statement: The statement.
        keys: Condition keys in lower case, such as `aws:sourceaccount`.
        present: Those of them that each request has.

    Raises:
        UnknownValue: It depends on a value that is not known.
    """
    undecided: UnknownValue | None = None
    for (operator, key), values in statement.conditions.items():
        if key in keys and values:
            try:
                if _excludes(_plain(operator, is_present=key in present), key, values):
                    return True
            except _NotKnown as unknown:
                message = f"Its condition on {key} depends on {unknown.value.reason}. {unknown.value.remedy}"
                undecided = undecided or UnknownValue(statement.node["Condition"].unknown(message))
    if undecided:
        raise undecided
    return False


def pattern_of(operator: str, value: Value) -> str | None:
    """Return which texts a condition's value matches, as a pattern; a part that is not known is `${…}`.

    Args:
        operator: In lower case, such as `stringlike`.
        value: The folded value.

    Returns:
        A pattern with `*` and `?`, or None if the operator can't narrow. In an exact
        comparison a wildcard is a plain character, and is `#` here.
    """
    operator = operator.removeprefix("foranyvalue:")
    if operator not in _EXACT | _LIKE:
        return None
    parts = value.parts if isinstance(value, Text) else (value,)
    found = ""
    for part in parts:
        if isinstance(part, str):
            text = _WILDCARD.sub("#", part) if operator in _EXACT and not _is_wild(part) else part
            found += _VARIABLE.sub(lambda variable: _any_caller(variable[1]), text)
        else:
            found += "${…}" if isinstance(part, Unknown) else str(part)
    return found.strip()


class _NotKnown(Exception):
    def __init__(self, value: Unknown) -> None:
        self.value = value


def _plain(operator: str, *, is_present: bool) -> str:
    """Return the operator without what changes nothing where the key is in each request."""
    operator = operator.removeprefix("foranyvalue:")
    return operator.removeprefix("forallvalues:").removesuffix("ifexists") if is_present else operator


def _excludes(operator: str, key: str, values: tuple[Value, ...]) -> bool:
    if operator == _ADDRESS:
        return _are_narrow_ranges(values)
    return operator in _EXACT | _LIKE and all(_is_narrow(operator, key, value) for value in values)


def _are_narrow_ranges(values: tuple[Value, ...]) -> bool:
    networks = [cidr.parse(str(value).strip()) for value in values if not _is_unknown(value)]
    if not all(networks) or cidr.are_wide(network for network in networks if network):
        return False
    for value in values:
        if _is_unknown(value):
            raise _NotKnown(value)
    return True


def _is_narrow(operator: str, key: str, value: Value) -> bool:
    if _is_unknown(value) and operator in _LIKE:
        raise _NotKnown(value)
    # A reference or an unknown part belongs to the app and is not a wildcard.
    text = pattern_of(operator, value) or ""
    if key == "aws:userid":
        text = text.partition(":")[0]  # the id of the role, before the name of its session
        return bool(text) and not _WILDCARD.search(text)
    return not _is_wild(text) and not _fits_any_account(text)


def _any_caller(variable: str) -> str:
    """Return the value of a policy variable: `*`, unless it tells something about the resource."""
    fixed = variable in _ESCAPES or variable.lower().startswith(_OF_THE_RESOURCE)
    return "#" if fixed else "*"


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
