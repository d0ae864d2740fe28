"""IAM policy documents (identity, resource, key, and trust policies), read one statement at a time."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tts_constructs.policy.model.json_text import parsed
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.transforms import makes_entries
from tts_constructs.policy.model.values import Value

_ELEMENTS = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
        "Condition",
    }
)  # fmt: skip
"""The elements of a statement. IAM refuses other names ("Unknown field") and other spellings of these."""

_PRINCIPALS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})


@dataclass(frozen=True)
class Statement:
    """A statement of a policy document. Actions, operators and keys are in lower case.

    Args:
        node: The place of the statement.
        allows: Whether its effect is `Allow`; else it is `Deny`.
        actions, not_actions: Such as `s3:putobject`, `s3:*`.
        resources, not_resources: Folded values: texts, references, `Text` of both.
        principals: Pairs of kind and folded value, such as `("Service", "ec2.amazonaws.com")`; the principal
            `"*"` is `("*", "*")`.
        not_principals: The same, of `NotPrincipal`.
        conditions: Values by operator and key, such as `("bool", "aws:securetransport")`.
    """

    node: Node
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[Value, ...]
    not_resources: tuple[Value, ...]
    principals: tuple[tuple[str, Value], ...]
    not_principals: tuple[tuple[str, Value], ...]
    conditions: dict[tuple[str, str], tuple[Value, ...]]

    @classmethod
    def read(cls, node: Node) -> Statement:
        """Return the statement at a node.

        Raises:
            UnknownValue: Its effect, its actions or its shape cannot be decided, or IAM would refuse it.
        """
        return node.cached(_read)

    def covers(self, action: str) -> bool:
        """Return whether the statement applies to an action such as `s3:PutObject`."""
        action = action.lower()
        if self.not_actions:
            return not any(fnmatchcase(action, pattern) for pattern in self.not_actions)
        return any(fnmatchcase(action, pattern) for pattern in self.actions)

    @property
    def to_anyone(self) -> bool:
        """True if the statement applies to everyone: the principal `*`, `AWS: "*"`, or all but some."""
        return bool(self.not_principals) or any(
            value == "*" for kind, value in self.principals if kind in {"*", "AWS"}
        )


def statements(document: Node) -> list[Node]:
    """Return the nodes of the statements of a policy document; see `statement_list`."""
    return statement_list(document).items()


def statement_list(document: Node) -> Node:
    """Return the place of the statements of a policy document, which may be a JSON text.

    Raises:
        UnknownValue: The document is not known, or holds no `Statement`.
    """
    content = parsed(document)
    found = content["Statement"]
    if content.exists and not found.exists:
        raise UnknownValue(document.unknown(f"{document.key} has no Statement, so {_REFUSED}"))
    return found


def _read(node: Node) -> Statement:
    if isinstance(node.value, dict):
        _must_be_of(_ELEMENTS, node)
    statement = Statement(
        node=node,
        allows=(node["Effect"].text() or "").lower() != "deny",
        actions=_actions(node["Action"]),
        not_actions=_actions(node["NotAction"]) if "NotAction" in node else (),
        resources=_values(node["Resource"]),
        not_resources=_values(node["NotResource"]) if "NotResource" in node else (),
        principals=_principals(node["Principal"]) if "Principal" in node else (),
        not_principals=_principals(node["NotPrincipal"]) if "NotPrincipal" in node else (),
        conditions={
            (operator.lower(), key.lower()): _values(values)
            for operator, keys in node["Condition"].entries()
            for key, values in keys.entries()
        }
        if "Condition" in node
        else {},
    )
    if not (statement.actions or statement.not_actions):
        raise UnknownValue(node.unknown(f"The statement names no action, so {_REFUSED}"))
    return statement


_REFUSED = "IAM would refuse it. The names in a policy are case-sensitive."


def _must_be_of(names: frozenset[str], node: Node) -> None:
    for name in node.value:
        if name not in names and not makes_entries(name):
            raise UnknownValue(node.unknown(f"{name} isn't a name that belongs here, so {_REFUSED}"))


def _actions(node: Node) -> tuple[str, ...]:
    return tuple(text.lower() for text in node.texts())


def _values(node: Node) -> tuple[Value, ...]:
    """Return the values of a list or of a single value; an unknown value is kept, as in a list."""
    return (node.value,) if node.is_unknown else tuple(node.values())


def _principals(node: Node) -> tuple[tuple[str, Value], ...]:
    if isinstance(node.value, dict):
        _must_be_of(_PRINCIPALS, node)
        return tuple((kind, value) for kind, values in node.entries() for value in _values(values))
    return tuple(("*", value) for value in node.values())


ROLE = "AWS::IAM::Role"


def is_all(resource: Value, kind: str | None = None) -> bool:
    """Return whether a resource of a statement means every resource.

    Args:
        resource: The folded value.
        kind: A kind of IAM's, such as `role` or `policy`; every one of this kind counts too. None: no kind.
    """
    text = str(resource)
    stated = text.rstrip("*?")
    if (
        kind
        and ":iam:" in text
        and stated != text
        and f":{kind}/".startswith(f":{stated.rpartition(':')[2]}")
    ):
        return True
    service = text.split(":")[2:] if text.startswith("arn:") else [text]
    return "".join(service).strip("*?:") == ""


def may_speak_of(statement: Any, service: str) -> bool:
    """Return whether a statement, as written, may have an action of a service. False is certain.

    Most statements have literal actions of other services and need no complete reading.
    """
    actions = statement.get("Action") if type(statement) is dict else None
    if type(actions) is str:
        actions = [actions]
    if type(actions) is not list:
        return True
    prefixes = {
        action.partition(":")[0].strip().lower() if type(action) is str else "*" for action in actions
    }
    return any(prefix == service or "*" in prefix or "?" in prefix for prefix in prefixes)


def name_in(arn: Value) -> str:
    """Return the name of the policy at the end of an ARN."""
    return str(arn).strip().rpartition("/")[2]
