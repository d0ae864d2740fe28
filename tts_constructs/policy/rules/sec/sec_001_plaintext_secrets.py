"""TTS-SEC-001: Templates must not contain secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from tts_constructs.policy.aws.property_tables import SECRETS, property_table
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.intrinsics import is_hidden
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import NESTED_STACK, STACK_SET, Resource, Stack
from tts_constructs.policy.model.values import (
    ABSENT,
    Dynamic,
    Parameter,
    Reference,
    Text,
    Unknown,
    Value,
    literal_text,
)
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.sec._places import ALL_LEVELS, Place, Tree, tree_of, values_at
from tts_constructs.policy.rules.sec._programs import is_login, secrets_in, shapes_in
from tts_constructs.policy.rules.sec._secret_names import is_switched, names_a_secret
from tts_constructs.policy.rules.sec._secret_values import can_be_secret, parsed, refers_to_secret
from tts_constructs.policy.rules.sec._suspects import is_suspect, reaches

_SECURE = frozenset({"secretsmanager", "ssm-secure"})
_PARAMETER = "AWS::SSM::Parameter"
_METADATA = "AWS::CDK::Metadata"
_HANDED_ON = frozenset({NESTED_STACK, STACK_SET, "AWS::Serverless::Application", "AWS::SSM::Association"})
"""Types that hand the entries of `Parameters` on."""

_CUSTOM = "AWS::CloudFormation::CustomResource"
_STARTS = ("AWS::CloudFormation::Init", "AWS::CloudFormation::Authentication")
"""Metadata that an instance reads as it starts, in which each key is a name."""

_IN_MANAGER = (
    "Keep the secret in Secrets Manager, as a `secretsmanager.Secret`, and refer to it with "
    "`secret_value_from_json(…)`."
)
_IN_MANAGER_TEMPLATE = (
    "Keep the secret in Secrets Manager, and refer to it with `{{resolve:secretsmanager:…}}`."
)
_READ_AT_START = (
    "Keep the secret in Secrets Manager, as a `secretsmanager.Secret`. Hand its `secret_arn` over, and call "
    "`grant_read(…)` for the function, role, or TtsAsgService that reads it as it starts."
)
_READ_AT_START_TEMPLATE = (
    "Keep the secret in Secrets Manager. Hand its name or ARN over, and let the role of what starts read it."
)
"""The fix for a secret in a program."""


def _resource(resource: Resource) -> Iterator[Result]:
    if resource.type != _METADATA and _is_suspect(resource):
        yield from _once(_judged(resource))


def _is_suspect(resource: Resource) -> bool:
    properties = resource.body.get("Properties")
    return (
        reaches(properties, _tree(resource.type))
        or is_suspect(properties)
        or is_suspect(resource.body.get("Metadata"))
    )


def _judged(resource: Resource) -> Iterator[Result]:
    properties, metadata = resource.body.get("Properties"), resource.body.get("Metadata")
    place = Place(resource.stack, "Properties", "Properties", secrets=_tree(resource.type))
    if resource.type == _CUSTOM or resource.type.startswith("Custom::"):
        place = replace(place, names=ALL_LEVELS)
    if resource.type == _PARAMETER and isinstance(properties, dict):
        name = properties.get("Name")
        value = replace(place.below("Value"), name=name if isinstance(name, str) else None)
        yield from _all_at(properties.get("Value"), value)
        properties = {key: held for key, held in properties.items() if key != "Value"}
    elif resource.type in _HANDED_ON and isinstance(properties, dict):
        yield from _all_at(properties.get("Parameters"), replace(place.below("Parameters"), names=2))
    yield from _all_at(properties, place)
    for key, held in metadata.items() if isinstance(metadata, dict) else ():
        beside = Place(resource.stack, f"Metadata/{key}", key, is_prose=True)
        yield from _all_at(
            held, replace(beside, names=ALL_LEVELS, is_prose=False) if key in _STARTS else beside
        )


@cache
def _tree(resource_type: str) -> Tree:
    return tree_of(property_table(SECRETS).get(resource_type, ()))


def _stack(stack: Stack) -> Iterator[Result]:
    yield from _once(_sections(stack))


def _sections(stack: Stack) -> Iterator[Result]:
    """Yield results for what a template holds beside its resources."""
    for name, parameter in _entries(stack, "Parameters"):
        if isinstance(parameter, dict):
            yield from _parameter(name, parameter)
    for name, output in _entries(stack, "Outputs"):
        if isinstance(output, dict):
            place = Place(stack, f"Outputs/{name}", name)
            yield from _all_at(output.get("Value"), replace(place.below("Value"), name=name))
            yield from _all_at(output.get("Description"), place.below("Description"))
    for section in ("Mappings", "Globals", "Rules", "Conditions", "Metadata"):
        for name, held in _entries(stack, section):
            if not (is_suspect(held) or names_a_secret(name)):
                continue
            place = Place(stack, f"{section}/{name}", name, is_prose=section not in {"Mappings", "Globals"})
            is_named = section in {"Mappings", "Metadata"} and name != "AWS::CloudFormation::Interface"
            yield from _all_at(held, replace(place, names=ALL_LEVELS if is_named else 0))
    yield from _all_at(
        stack.body.get("Description"), Place(stack, "Description", "Description", is_prose=True)
    )


def _entries(stack: Stack, section: str) -> list[tuple[str, Any]]:
    held = stack.body.get(section)
    return [(str(name), entry) for name, entry in held.items()] if isinstance(held, dict) else []


def _once(results: Iterator[Result]) -> Iterator[Result]:
    """Yield one result for each place: a violation, if there is one."""
    kept: dict[str, Result] = {}
    for result in results:
        before = kept.get(result.location)
        if before is None or (before.verdict == "unknown" and result.verdict == "violation"):
            kept[result.location] = result
    yield from kept.values()


def _all_at(raw: Any, place: Place) -> Iterator[Result]:
    for there, value in values_at(raw, place):
        yield from _value(there, value)


def _value(place: Place, value: Value) -> Iterator[Result]:
    name = place.name
    is_named = name is not None and names_a_secret(name)
    if isinstance(value, Reference):
        if (is_named or place.must_be_secret) and _is_shown(value):
            written = value.resource.body.get("Properties", {}).get("Value")
            yield from _all_at(written, replace(place, stack=value.resource.stack))
    elif place.must_be_secret:
        yield from _secret(place, value)
    elif isinstance(value, Unknown):
        if place.may_hold_secrets or (place.key in _VARIABLES and not isinstance(value, Parameter)):
            yield _undecided(place, value)
        elif is_named and isinstance(value, Parameter):
            yield from _handed_over(place, value)
    elif isinstance(value, str) and name is not None and _is_literal(place, value):
        yield _in_program(place, f"{name} is a literal.")
    else:
        yield from _text(place, str(value))


_VARIABLES = frozenset({"Variables", "EnvironmentVariables", "RuntimeEnvironmentVariables"})
"""Maps and lists of variables, which must be known."""


def _is_shown(reference: Reference) -> bool:
    """Return whether a reference is to the value of a parameter of SSM that the app writes."""
    return (reference.resource.type, reference.attribute) == (_PARAMETER, "Value") and isinstance(
        reference.resource.body.get("Properties"), dict
    )


def _is_literal(place: Place, value: str) -> bool:
    name = place.name or ""
    if names_a_secret(name):
        return can_be_secret(value) and value not in place.stack.assembly.cached(_names_of_secrets)
    return name.lower() == "authorization" and is_login(value)


def _names_of_secrets(assembly: Assembly) -> frozenset[str]:
    """Return the names of secrets and parameters that the app makes."""
    named = (
        resource.body.get("Properties")
        for resource in assembly.of_type("AWS::SecretsManager::Secret", _PARAMETER)
    )
    names = (held.get("Name") for held in named if isinstance(held, dict))
    return frozenset(name for name in names if isinstance(name, str))


def _text(place: Place, text: str) -> Iterator[Result]:
    found = shapes_in(text) if place.is_prose else secrets_in(text, is_code=place.is_code)
    if found:
        yield _in_program(place, f"{place.name or place.key} {_listed(found)}.")


def _listed(phrases: tuple[str, ...]) -> str:
    first, *others = phrases
    rest = f", and {others[0]}" if len(others) == 1 else f", and {len(others)} more" if others else ""
    return f"{first}{rest}"


def _in_program(place: Place, message: str) -> Result:
    return Result("violation", place.location, message, _READ_AT_START, template_fix=_READ_AT_START_TEMPLATE)


# Properties that hold a secret, by the tables


def _secret(place: Place, value: Value) -> Iterator[Result]:
    if isinstance(value, Parameter):
        yield from _handed_over(place, value)
    elif isinstance(value, Unknown):
        if not (isinstance(value, Dynamic) and value.service in _SECURE):
            message = f"{place.key} depends on {value.reason}, which may show it. Refer to Secrets Manager."
            yield Result("unknown", place.location, message)
    elif isinstance(value, Text):
        yield from _composed(place, value)
    elif isinstance(value, str) and _is_literal_secret(place, value.strip()):
        message = f"{place.key} is a literal, here or as a value that a parameter can have."
        yield Result("violation", place.location, message)


def _is_literal_secret(place: Place, value: str) -> bool:
    if place.key != "SecretString":
        return bool(value) and not value.startswith("arn:")
    held = parsed(value)
    if isinstance(held, dict):  # such as a template whose password is written later
        return any(_is_secret_field(str(name), field) for name, field in held.items())
    return can_be_secret(value)


_CONNECTION = frozenset(
    {"username", "user", "host", "port", "engine", "dbname", "database", "dbinstanceidentifier"}
)


def _is_secret_field(name: str, field: Any) -> bool:
    return name.lower() not in _CONNECTION and isinstance(field, str) and can_be_secret(field)


def _composed(place: Place, text: Text) -> Iterator[Result]:
    """Yield results for a secret of several parts: one part must be a secret that is not shown."""
    if found := secrets_in(str(text)):
        yield Result("violation", place.location, f"{place.key} {_listed(found)}.")
    elif not any(map(_is_hidden_part, text.parts)):
        message = (
            f"{place.key} is put together from parts that are shown, and from some that are not known. "
            "Refer to Secrets Manager."
        )
        yield Result("unknown", place.location, message)


def _is_hidden_part(part: Value) -> bool:
    if isinstance(part, Parameter):
        return part.hidden
    if isinstance(part, str):
        return refers_to_secret(part)
    return isinstance(part, Reference) or (isinstance(part, Dynamic) and part.service in _SECURE)


def _handed_over(place: Place, parameter: Parameter) -> Iterator[Result]:
    if not parameter.hidden:
        yield Result(
            "violation",
            place.location,
            f"{place.name or place.key} is the parameter {parameter.name}, whose value everyone who can "
            "read the stack sees.",
            fix=f"Write `no_echo=True` at {parameter.name} or, better, refer to Secrets Manager.",
            template_fix=f"Write `NoEcho: true` at {parameter.name} or, better, refer to Secrets Manager.",
        )


def _undecided(place: Place, value: Unknown) -> Result:
    message = (
        f"{place.key} can't be evaluated before deployment: it depends on {value.reason}. {value.remedy}"
    )
    return Result("unknown", place.location, message)


# Parameters


def _parameter(name: str, parameter: dict[str, Any]) -> Iterator[Result]:
    default, hidden = f"Parameters/{name}/Default", f"Parameters/{name}/NoEcho"
    allowed = parameter.get("AllowedValues")
    stated = [parameter.get("Default", ABSENT), *(allowed if isinstance(allowed, list) else ())]
    texts = [str(literal_text(value)) for value in stated if isinstance(value, str | int | float)]
    texts = [text for text in texts if text.strip()]
    for text in texts:
        for found in (shapes_in if names_a_secret(name) else secrets_in)(text):
            yield Result("violation", default, f"A value of the parameter {name} {found}.")
    if shapes := shapes_in(str(parameter.get("Description", ""))):
        yield Result("violation", f"Parameters/{name}/Description", f"The description {_listed(shapes)}.")
    is_text = parameter.get("Type") in ("String", "CommaDelimitedList")
    if not is_text or not names_a_secret(name) or not all(map(can_be_secret, texts)):
        return  # a switch, a path, or the name of a secret is not a secret
    if texts:
        yield Result("violation", default, f"The parameter {name} has a literal as its value.")
    if not (is_hidden(parameter) or is_switched(name) or _names_another(parameter.get("AllowedPattern"))):
        message = f"The parameter {name} is not NoEcho: everyone who can read the stack sees its value."
        yield Result(
            "violation",
            hidden,
            message,
            fix=f"Write `no_echo=True` at {name}.",
            template_fix=f"Write `NoEcho: true` at {name}.",
        )


def _names_another(pattern: Any) -> bool:
    """Return whether a pattern allows only ARNs, paths, switches, or references to secrets."""
    start = str(pattern).lstrip("^(\\?:")
    return pattern is not None and start.startswith(
        ("arn:", "/", "{{resolve", "{\\{resolve", "true", "false", "http")
    )


RULE = Rule(
    id="TTS-SEC-001",
    title="Templates must not contain secrets",
    why=(
        "A template is stored in version control, in the pipeline, and in CloudFormation. Anyone who can "
        "read one of these has the secret forever, and leaves no trace."
    ),
    source=(
        'NIST SP 800-53 IA-5(7), "No embedded unencrypted static authenticators"; handbook, "All '
        'systems are deployed using a continuous delivery service from scripts stored in version control"'
    ),
    section="Permissions",
    fix=_IN_MANAGER,
    template_fix=_IN_MANAGER_TEMPLATE,
    decides=(
        "A property for a secret, of any type, must not be a literal or a parameter without NoEcho. A "
        "reference to Secrets Manager or to an SSM secure string passes. A variable, header, parameter, or "
        "field of a text must not be a literal if its name says password, token, API key, or the like. No "
        "text of the template may hold a key or token of a service, a private key, or a URL with a "
        "password, and no command may get a literal password. This includes user data, Base64, code, build "
        "specifications, mappings, outputs, and metadata. Names, ARNs, paths, switches, small numbers, "
        "times, references, placeholders, and public keys don't count as secrets. A parameter of the "
        "template with such a name must have NoEcho."
    ),
    controls=("IA-5(7)", "SC-28"),
    force="M",
    production="block",
    sandbox="block",
    checks={"*": _resource},
    stack_check=_stack,
    waivable=False,
)
