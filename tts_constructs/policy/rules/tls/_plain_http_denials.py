"""Statements of resource policies that refuse plain HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Unknown, Value

_OPERATORS = frozenset({"bool", "boolifexists"})
_KEY = "aws:securetransport"


def denials_of_plain_http(policies: Iterable[Resource]) -> tuple[list[Statement], list[str]]:
    """Return the statements that deny plain HTTP, and why others cannot be decided, as sentences.

    Args:
        policies: Resources with a `PolicyDocument`.
    """
    denials: list[Statement] = []
    undecided: list[str] = []
    for policy in policies:
        try:
            nodes = statements(policy["PolicyDocument"])
        except UnknownValue as error:
            undecided.append(error.result.message)
            continue
        for node in nodes:
            try:
                denials += _denials(node)
            except UnknownValue as error:
                undecided.append(error.result.message)
    return denials, undecided


def _denials(node: Node) -> list[Statement]:
    """Return the statement in a list if it denies its actions to everyone without TLS, unconditionally."""
    if node["Effect"].text() != "Deny" or not _is_about_tls_alone(node["Condition"]):
        return []  # excludes most statements before reading all of them
    statement = Statement.read(node)
    (values,) = statement.conditions.values()
    everyone = _holds("*", [value for kind, value in statement.principals if kind in {"*", "AWS"}], node)
    insecure = _holds("false", values, node)
    return [statement] if everyone and insecure else []


def _is_about_tls_alone(condition: Node) -> bool:
    operators = condition.entries()
    if len(operators) != 1 or operators[0][0].lower() not in _OPERATORS:
        return False
    keys = operators[0][1].entries()
    return len(keys) == 1 and keys[0][0].lower() == _KEY


def _holds(wanted: str, values: Iterable[Value], node: Node) -> bool:
    texts = [str(value).strip().lower() for value in values if not isinstance(value, Unknown)]
    if wanted in texts:
        return True
    for value in values:
        if isinstance(value, Unknown):
            message = f"A statement that may deny plain HTTP depends on {value.reason}. {value.remedy}"
            raise UnknownValue(node.unknown(message))
    return False
