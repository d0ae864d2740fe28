"""TTS-SEC-001: No secret stands in a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tts_constructs.policy.model.checks import check_each, stop_at_unknown, with_fix
from tts_constructs.policy.model.intrinsics import is_hidden
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule, fixed_by
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import Dynamic, Parameter, Reference, Text, Unknown, Value
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.sec._secret_patterns import (
    ENVIRONMENTS,
    PASSWORDS,
    PROGRAMS,
    USER_DATA,
    WRITTEN_OUT,
    Paths,
    can_be_secret,
    holds_key,
    holds_password,
    names_a_secret,
    refers_to_secret,
)

_SECURE = frozenset({"secretsmanager", "ssm-secure"})
_PARAMETER = "AWS::SSM::Parameter"

_READ_AT_START = (
    "Keep the secret in Secrets Manager, as a `secretsmanager.Secret`. Hand its `secret_arn` over, and call "
    "`grant_read(…)` for the function, role, or TtsAsgService that reads it as it starts.",
    "Keep the secret in Secrets Manager. Hand its name or ARN over, and let the role of what starts read it.",
)
"""The fix for a secret in a program."""


def _secrets(resource: Resource) -> Iterator[Result]:
    for table, check in _PLACES:
        for path in table.get(resource.type, ()):
            found = stop_at_unknown(_at(resource, path, check))
            yield from found if table is PASSWORDS else with_fix(found, *_READ_AT_START)


def _at(resource: Resource, path: str, check: Callable[[Node], Iterator[Result]]) -> Iterator[Result]:
    yield from check_each(list(resource.properties.find_all(path)), check)


def _start(resource: Resource) -> Iterator[Result]:
    """Yield results for what an instance starts with: its user data, and what `cfn-init` reads."""
    yield from _secrets(resource)
    started = stop_at_unknown(_program(resource.attribute("Metadata")["AWS::CloudFormation::Init"]))
    yield from with_fix(started, *_READ_AT_START)


def _stored(parameter: Resource) -> Iterator[Result]:
    name = parameter["Name"]
    yield from _variable(name.shown if name.exists else "Value", parameter["Value"])


def _custom_resource(resource: Resource) -> Iterator[Result]:
    return _variables(resource.properties)


def _read(node: Node) -> Node:
    """Return a place with its value at deployment, if it refers to a parameter that the app writes."""
    value = node.value
    if isinstance(value, Reference) and (value.resource.type, value.attribute) == (_PARAMETER, "Value"):
        return node.holding(value.resource["Value"].value)
    return node


def _password(node: Node) -> Iterator[Result]:
    node = _read(node)
    value = node.value
    if isinstance(value, Parameter):
        yield from _handed_over(node, value)
    elif isinstance(value, Unknown):
        if not (isinstance(value, Dynamic) and value.service in _SECURE):
            yield node.unknown(
                f"{node.key} depends on {value.reason}, which may show it. Refer to Secrets Manager."
            )
    elif isinstance(value, Text):
        yield from _composed(node, value)
    elif not isinstance(value, Reference) and node.text():
        yield node.violation(f"{node.key} is a literal, here or as a value that a parameter can have.")


def _composed(node: Node, text: Text) -> Iterator[Result]:
    """Yield results for a password of several parts: one part must be a secret that is not shown."""
    if field := _literal_field(str(text)):
        yield node.violation(f"{node.key} holds a literal {field}.")
    elif not any(_is_hidden_part(part) for part in text.parts):
        yield node.unknown(
            f"{node.key} is put together from parts that are shown, and from some that are not known. "
            "Refer to Secrets Manager."
        )


def _is_hidden_part(part: Value) -> bool:
    if isinstance(part, Parameter):
        return part.hidden
    if isinstance(part, str):
        return refers_to_secret(part)
    return isinstance(part, Reference) or (isinstance(part, Dynamic) and part.service in _SECURE)


def _handed_over(node: Node, parameter: Parameter) -> Iterator[Result]:
    if not parameter.hidden:
        yield node.violation(
            f"{node.key} is the parameter {parameter.name}, whose value everybody sees who can read the "
            "stack.",
            fix=f"Write `no_echo=True` at {parameter.name} or, better, refer to Secrets Manager.",
            template_fix=f"Write `NoEcho: true` at {parameter.name} or, better, refer to Secrets Manager.",
        )


def _literal_field(text: str) -> str | None:
    """Return the name of a literal password in a JSON text, whose parts may not be known."""
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    for name, value in fields.items() if isinstance(fields, dict) else ():
        if names_a_secret(name) and isinstance(value, str) and "${" not in value and can_be_secret(value):
            return str(name)
    return None


def _variables(node: Node) -> Iterator[Result]:
    if isinstance(node.value, list):
        yield from check_each(node.items(), _listed_variable)
    else:
        for name, value in node.entries():
            yield from stop_at_unknown(_variable(name, value))


_LISTED = (
    ("Name", "Value"), ("OptionName", "Value"), ("ParameterKey", "ParameterValue"), ("Variable", "Value"),
)  # fmt: skip

_KEPT_ELSEWHERE = ("SECRETS_MANAGER", "PARAMETER_STORE")
"""Types of build variables whose value is the name of a secret or parameter."""


def _listed_variable(item: Node) -> Iterator[Result]:
    if item["Type"].value not in _KEPT_ELSEWHERE:
        for name, value in _LISTED:
            if item[name].exists:
                yield from _variable(item[name].shown, item[value])


def _variable(name: str, node: Node) -> Iterator[Result]:
    node = _read(node)
    value = node.value
    if isinstance(value, Parameter) and names_a_secret(name):
        yield from _handed_over(node, value)
    if not isinstance(value, str | Text):
        return
    text = str(value)
    if holds_key(text):
        yield node.violation(f"{name} holds {_KEY}.")
    elif isinstance(value, str) and names_a_secret(name) and can_be_secret(text):
        yield node.violation(f"{name} is a literal.")


def _written_out(node: Node) -> Iterator[Result]:
    for name, text in _pairs(str(node.value)):  # a value that is not text is not JSON either
        is_filled_in = any(mark in text for mark in ("${", "#{"))  # by CloudFormation, by the pipeline
        if holds_key(text):
            yield node.violation(f"{name} holds {_KEY}.")
        elif not is_filled_in and names_a_secret(name) and can_be_secret(text):
            yield node.violation(f"{name} is a literal.")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and literals in a JSON text: of a map, or of a list such as a build's variables."""
    try:
        held = json.loads(text)
    except ValueError:
        return
    pairs = held.items() if isinstance(held, dict) else map(_pair, _listed(held))
    yield from ((name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str))


def _pair(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, dict) or item.get("type") in _KEPT_ELSEWHERE:
        return None, None
    return item.get("name"), item.get("value")


_KEY = "an access key or a private key"


def _program(node: Node) -> Iterator[Result]:
    for text, place in node.strings():
        if holds_key(text):
            yield place.violation(f"{node.key} holds {_KEY}.")


def _user_data(node: Node) -> Iterator[Result]:
    yield from _program(node)
    if any(holds_password(text) for text, _ in node.strings()):
        yield node.violation(f"{node.key} sets a password to a literal.")


_PLACES: tuple[tuple[Paths, Callable[[Node], Iterator[Result]]], ...] = (
    (PASSWORDS, _password),
    (ENVIRONMENTS, _variables),
    (WRITTEN_OUT, _written_out),
    (USER_DATA, _user_data),
    (PROGRAMS, _program),
)


def _parameters(stack: Stack) -> Iterator[Result]:
    parameters = stack.body.get("Parameters")
    for name, parameter in parameters.items() if isinstance(parameters, dict) else ():
        if isinstance(parameter, dict):
            yield from _parameter(str(name), parameter)


def _parameter(name: str, parameter: dict[str, Any]) -> Iterator[Result]:
    default, hidden = f"Parameters/{name}/Default", f"Parameters/{name}/NoEcho"
    stated = [parameter.get("Default"), *_listed(parameter.get("AllowedValues"))]
    texts = [text for text in stated if isinstance(text, str) and text.strip()]
    if any(map(holds_key, texts)):
        yield Result("violation", default, f"A value of the parameter {name} holds {_KEY}.")
    if parameter.get("Type") != "String" or not names_a_secret(name) or not all(map(can_be_secret, texts)):
        return  # a switch, a path, or the name of a secret is not a secret
    if texts:
        yield Result("violation", default, f"The parameter {name} has a literal as its value.")
    if not is_hidden(parameter):
        message = f"The parameter {name} is not NoEcho: everybody who can read the stack sees its value."
        yield Result(
            "violation",
            hidden,
            message,
            fix=f"Write `no_echo=True` at {name}.",
            template_fix=f"Write `NoEcho: true` at {name}.",
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_CHECKS: dict[str, Check] = {
    **dict.fromkeys((*PASSWORDS, *ENVIRONMENTS, *WRITTEN_OUT, *USER_DATA, *PROGRAMS), _secrets),
    **dict.fromkeys((*USER_DATA, "AWS::AutoScaling::AutoScalingGroup"), _start),
    _PARAMETER: fixed_by(_stored, *_READ_AT_START),
    "Custom::*": fixed_by(_custom_resource, *_READ_AT_START),
    "AWS::CloudFormation::CustomResource": fixed_by(_custom_resource, *_READ_AT_START),
}

RULE = Rule(
    id="TTS-SEC-001",
    title="No secret stands in a template",
    why=(
        "A template stands in version control, in the pipeline and in CloudFormation, and whoever can "
        "read one of them has the secret, for ever, without a trace."
    ),
    source=(
        'NIST SP 800-53 IA-5(7), "No embedded unencrypted static authenticators"; handbook, "All '
        'systems are deployed using a continuous delivery service from scripts stored in version control"'
    ),
    section="Permissions",
    fix=(
        "Keep the secret in Secrets Manager, as a `secretsmanager.Secret`, and refer to it with "
        "`secret_value_from_json(…)`."
    ),
    template_fix=("Keep the secret in Secrets Manager, and refer to it with `{{resolve:secretsmanager:…}}`."),
    decides=(
        "No property for a password is a literal or a parameter without NoEcho; a reference to Secrets "
        "Manager or to a secure string of SSM passes. No user data, environment variable, parameter of "
        "SSM or default of a parameter holds an access key, a private key or, under a name that says so, "
        "a literal password. A parameter of the template with such a name is NoEcho."
    ),
    controls=("IA-5(7)", "SC-28"),
    force="M",
    production="block",
    sandbox="block",
    checks=_CHECKS,
    stack_check=_parameters,
    waivable=False,
)
