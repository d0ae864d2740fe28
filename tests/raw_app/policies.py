"""Policy documents as CloudFormation takes them."""

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]


def document(*statements: dict[str, Any]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: Any, actions: str | Iterable[str], resource: Any = "*", **condition: Any) -> Document:
    """A statement of a resource's policy; `principal` is a service's name or an ARN of `AWS`."""
    named = {"Service": principal} if isinstance(principal, str) else principal
    statement = _statement("Allow", actions, resource) | {"Principal": named}
    return statement | {"Condition": condition} if condition else statement


def grant(actions: str | Iterable[str], resource: Any) -> Document:
    """A statement of an identity's policy."""
    return _statement("Allow", actions, resource)


def deny_plain_http(actions: str | Iterable[str], *resources: str) -> Document:
    """A statement that refuses everyone who does not use TLS."""
    return _statement("Deny", actions, list(resources)) | {
        "Principal": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def trust(service: str) -> Document:
    """The policy of a role that a service takes."""
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def _statement(effect: str, actions: str | Iterable[str], resource: Any) -> Document:
    listed = actions if isinstance(actions, str) else list(actions)
    return {"Effect": effect, "Action": listed, "Resource": resource}
