"""Tells whether a value is what an annotation takes, and what to write instead, in the words of a CDK app."""

from __future__ import annotations

import enum
import functools
import math
import re
import types
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])")

_LEAST_NUMBER = -1e288
"""The CDK encodes a number that it doesn't know yet as one below this."""

_DURATION = "Duration"

_WHOLE = {int: "the number", float: "the number", str: "the text"}
_SAMPLES = {
    "Agent": "Agent.from_image(), or leave it out to install Amazon's package",
    "Access": "Access.public(), Access.restricted([...]) or Access.internal()",
    "Alarms": "Alarms.to_topic(topic), Alarms.to_email('team@example.gov') or Alarms.none(reason='...')",
    "Construct": "a construct, such as a stack or self",
    "IConstruct": "a construct, such as a stack or self",
    "FismaReadyImage": "FismaReadyImage(...), as instances start from no other image (TTS-EC2-003)",
    "InboundFlow": "Flow.https_from_internet() or Flow.https_from('192.0.2.0/24')",
    "ServiceFlow": "Flow.service('Web', 'Api', 8443)",
    "OutboundFlow": "Flow.https_anywhere() or Flow.tcp_to('192.0.2.0/24', 587)",
    "NetworkPolicy": "NetworkPolicy(outbound=[Flow.https_anywhere()])",
    "Release": "Release.from_bucket(bucket, 'web-1.4.0.tar.gz', sha256='...')",
    "Secret": "Secret.from_secrets_manager(secret, env='TOKEN') or Secret.from_ssm('/token', env='TOKEN')",
    "TtsSystem": "the TtsSystem",
    "SystemService": "a service, such as a TtsAsgService",
    "autoscaling.Schedule": "autoscaling.Schedule.cron(hour='6', minute='0')",
    "autoscaling.Signals": "autoscaling.Signals.wait_for_all(timeout=Duration.minutes(15))",
    "ec2.IConnectable": "something with connections, such as a service",
    "ec2.InterfaceVpcEndpointAwsService": "one such as ec2.InterfaceVpcEndpointAwsService.KMS",
    "elbv2.ListenerAction": "elbv2.ListenerAction.forward([target_group])",
    "iam.IGrantable": "something with a role, such as a service or a role",
    "iam.PolicyStatement": "iam.PolicyStatement(actions=[...], resources=[...])",
    "s3.LifecycleRule": "s3.LifecycleRule(expiration=Duration.days(365))",
}
"""The text to write for a type."""

_FROM_TEXT = {
    "acm.ICertificate": "acm.Certificate.from_certificate_arn(self, 'Certificate', {})",
    "ec2.InstanceType": "ec2.InstanceType({})",
    "iam.IManagedPolicy": "iam.ManagedPolicy.from_managed_policy_arn(self, 'Policy', {})",
    "kms.IKey": "kms.Key.from_key_arn(self, 'Key', {})",
    "route53.IHostedZone": "route53.HostedZone.from_lookup(self, 'Zone', domain_name={})",
    "s3.IBucket": "s3.Bucket.from_bucket_name(self, 'Bucket', {})",
    "secretsmanager.ISecret": "secretsmanager.Secret.from_secret_complete_arn(self, 'Secret', {})",
    "sns.ITopic": "sns.Topic.from_topic_arn(self, 'Topic', {})",
}
"""The text to write for a type whose name, domain, or ARN was given."""

_USUAL = {
    "certificatemanager": "acm",
    "elasticloadbalancingv2": "elbv2",
}
"""Names under which apps import modules of the CDK, where these aren't the modules' own."""


def choices(kind: Any) -> tuple[Any, ...]:
    """Returns the parts of a union; the kind itself if it is none."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def accepts(value: object, choice: Any) -> bool:
    """Returns True if a value is what one part of an annotation takes."""
    origin = get_origin(choice) or choice
    if origin in (Any, object):
        return True
    if origin is Literal:
        return value in get_args(choice)
    if origin in (int, float):
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return is_number and (origin is float or isinstance(value, int) or is_token(value))
    if _is_sequence(choice) and isinstance(value, str | bytes):
        return False  # a sequence of letters, and never meant as one
    if getattr(origin, "_is_protocol", False):
        return _has_shape(value, origin)
    return isinstance(value, origin)


def element_of(possible: Sequence[Any]) -> Any:
    """Returns the kind of the elements, if one of these kinds is a sequence; else None."""
    return next((_element(choice) for choice in possible if _is_sequence(choice)), None)


def in_sequence(value: object, kind: Any) -> object:
    """Returns the elements of a value in the sequence that its user needs: a tuple, or for jsii a list."""
    if isinstance(value, str | bytes):
        return value
    for choice in choices(kind):
        origin = get_origin(choice)
        if origin is tuple and isinstance(value, Sequence):
            return tuple(value)
        if origin is Sequence and isinstance(value, Sequence):
            return value if isinstance(value, list) else list(value)
        if origin is Iterable and isinstance(value, Iterable) and not isinstance(value, Mapping):
            return list(value)
    return value


def stand_in(kind: Any) -> object:
    """Returns some value of a kind, for checks of other values."""
    first = choices(kind)[0]
    if first in (str, int, float, bool):
        return first()
    if _is_sequence(first):
        return ()
    return next(iter(first)) if isinstance(first, type) and issubclass(first, enum.Enum) else None


def is_token(value: object) -> bool:
    """Returns True for text, a number, a list, or a time whose value is known only at deployment."""
    if isinstance(value, str):
        return "${Token[" in value
    if isinstance(value, float):
        return math.isfinite(value) and value < _LEAST_NUMBER
    if isinstance(value, list):
        return len(value) == 1 and str(value[0]).startswith("#{Token[")
    return _name(type(value)) == _DURATION and bool(getattr(value, "is_unresolved", bool)())


def whole_of(possible: Sequence[Any]) -> str | None:
    """Returns what to write instead of a token for one of some kinds. None: none could be a token."""
    if _is_any(possible):
        return None
    words = [_WHOLE[choice] for choice in possible if choice in _WHOLE]
    words += ["the list" for choice in possible if _is_sequence(choice)]
    words += ["the time" for choice in possible if _name(choice) == _DURATION]
    return " or ".join(dict.fromkeys(words)) or None


def shown(value: object) -> str:
    """Returns ` is …` or `=… is …` for a value of a wrong type; never an account ID."""
    if is_token(value):
        return "= is a token"
    if value is None or isinstance(value, bool):
        return f"={value}"
    if isinstance(value, enum.Enum):
        return f"={_name(type(value))}.{value.name}"
    if isinstance(value, int | float):
        return f"={value!r} is a number"
    if isinstance(value, str):
        return f"={_quoted(value)} is text"
    if isinstance(value, type):
        return f"= is the class {_name(value)}"
    if isinstance(value, Generator | Iterator):
        return "= is a generator, which can be read only once"
    return f"= is {_a(_type_of(value))}"


def instead(value: object, choice: Any) -> str:
    """Returns what to write for one part of an annotation, made from what was given if that is possible."""
    if _is_sequence(choice):
        return _list_instead(value, choice)
    if choice is bool:
        return "True or False"
    if choice in (int, float):
        return _number_instead(value, choice)
    if choice is str:
        return "text"
    if isinstance(choice, type) and issubclass(choice, enum.Enum):
        return _member_instead(value, choice)
    if get_origin(choice) is Literal:
        return "one of " + ", ".join(map(repr, get_args(choice)))
    name = _name(get_origin(choice) or choice)
    if name == _DURATION:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else 300
        return f"Duration.seconds({number})"
    if name in _FROM_TEXT and ((isinstance(value, str) and not is_token(value)) or name not in _SAMPLES):
        plain = isinstance(value, str) and not is_token(value)
        return _FROM_TEXT[name].format(_quoted(str(value)) if plain else "...")
    return _SAMPLES.get(name) or _a(name)


def _list_instead(value: object, choice: Any) -> str:
    element = _element(choice)
    if isinstance(value, str) and accepts(value, element):
        if "\n" in value:
            return "a list, such as text.splitlines()"
        pieces = re.split(r",\s*", value) if "," in value and not re.search(r"[^,]\s", value) else [value]
        return f"[{', '.join(map(_quoted, pieces))}]"
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return "a list, such as list(...) of it"
    if any(accepts(value, part) for part in choices(element)):
        return "a list that holds it: [...]"
    return f"a list: [{' or '.join(instead(None, part) for part in choices(element))}]"


def _number_instead(value: object, choice: type) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"-?\d{1,11}", text):
        return str(int(text))
    if choice is int:
        return str(int(value)) if isinstance(value, float) and value.is_integer() else "a whole number"
    return "a number"


def _member_instead(value: object, choice: type[enum.Enum]) -> str:
    name = _name(choice)
    for member in choice:
        if isinstance(value, str) and value.lower() in (member.name.lower(), str(member.value).lower()):
            return f"{name}.{member.name}"
    return "one of " + ", ".join(f"{name}.{member.name}" for member in choice)


@functools.cache
def _shape(protocol: type) -> frozenset[str]:
    return frozenset(
        name
        for base in protocol.__mro__
        if getattr(base, "_is_protocol", False)
        for name in vars(base)
        if not name.startswith("_")
    )


def _has_shape(value: object, protocol: type) -> bool:
    """Returns True if a value has what an interface names. It reads no property, as that asks JavaScript.

    What the CDK imports or looks up arrives as a proxy of the interfaces that it has.
    """
    own = getattr(value, "__dict__", {})
    parts = own.get("_delegates") or [value]
    return all(name in own for name in _lacking(tuple(map(type, parts)), protocol))


@functools.cache
def _lacking(parts: tuple[type, ...], protocol: type) -> tuple[str, ...]:
    return tuple(name for name in _shape(protocol) if not any(hasattr(part, name) for part in parts))


def _is_sequence(choice: Any) -> bool:
    return get_origin(choice) in (Sequence, Iterable, list, tuple)


def _is_any(possible: Sequence[Any]) -> bool:
    return any(choice in (Any, object) for choice in possible)


def _element(choice: Any) -> Any:
    return get_args(choice)[0]


def _type_of(value: object) -> str:
    parts = getattr(value, "__dict__", {}).get("_delegates")
    return _name(type(parts[-1] if parts else value))


def _name(kind: Any) -> str:
    """Returns the name of a type as an app writes it, such as `ec2.InstanceType`."""
    name = str(getattr(kind, "__name__", kind)).removeprefix("_").removesuffix("Proxy")
    module = str(getattr(kind, "__module__", ""))
    if not module.startswith("aws_cdk.aws_"):
        return name
    package = module.removeprefix("aws_cdk.aws_")
    return f"{_USUAL.get(package, package)}.{name}"


def _quoted(text: str) -> str:
    shortened = text if len(text) <= 80 else f"{text[:79]}…"
    return repr(_ACCOUNT.sub("<account>", shortened))


def _a(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
