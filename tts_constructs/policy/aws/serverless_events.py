"""Events of AWS::Serverless resources for which the transform makes a method or a route of an API."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.checks import check_found, with_fix
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_APIS = {"Api": "RestApiId", "HttpApi": "ApiId"}
"""Types of events, each with the property that names the API; without it, the transform makes one."""

_NOT_READ = ("DefinitionBody", "DefinitionUri")


_FIX = "Write `Auth: {Authorizer: AWS_IAM}` in the event, or `DefaultAuthorizer: AWS_IAM` in Auth of its API."


def events_for_everybody(holder: Resource) -> Iterator[Result]:
    """Yield a violation for each event of a function or state machine that anybody can call."""
    yield from with_fix(check_found(holder.properties, "Events/*", _event), _FIX)


def _event(event: Node) -> Iterator[Result]:
    if answers_everybody(event):
        yield event.violation(
            "The event has no Authorizer, and its API no DefaultAuthorizer, so anyone can call it."
        )


def answers_everybody(event: Node) -> bool:
    """Return whether anybody can call an event: neither it nor its API states an authorizer.

    Args:
        event: An entry of `Events`.

    Raises:
        UnknownValue: It cannot be decided, such as where the API is not one of the template's.
    """
    kind = event["Type"].text() or ""
    properties = event["Properties"]
    if kind not in _APIS or (properties["Method"].text() or "").upper() == "OPTIONS":
        return False
    own = properties["Auth"]["Authorizer"]
    if own.exists:
        return _is_none(own)
    api = _api_of(event, kind)
    return not is_private(api) and _is_none(api["Auth"]["DefaultAuthorizer"])


def is_private(api: Node) -> bool:
    """Return whether an API of AWS::Serverless is private: its endpoints are a map, or the type itself.

    Args:
        api: The properties of the API.
    """
    endpoint = api["EndpointConfiguration"]
    kind = endpoint["Type"] if isinstance(endpoint.value, dict) else endpoint
    return kind.text() == "PRIVATE"


def _is_none(authorizer: Node) -> bool:
    return (authorizer.text() or "NONE").upper() == "NONE"


def _api_of(event: Node, kind: str) -> Node:
    """Return the properties of an event's API; those in Globals if the transform makes the API."""
    named = event["Properties"][_APIS[kind]]
    if not named.exists:
        given = event.stack.body.get("Globals")
        return event.holding(given.get(kind, {}) if isinstance(given, dict) else {})
    reference = named.reference()
    if reference is None or reference.resource.type != f"AWS::Serverless::{kind}":
        message = f"The API is {named.shown}, so nobody can tell who it lets in. Write an Authorizer here."
        raise UnknownValue(event.unknown(message))
    api = reference.resource.properties
    for name in _NOT_READ:
        if api[name].exists:
            raise UnknownValue(
                event.unknown(f"The API's {name}, which is not read here, says who may call it.")
            )
    return api
