"""TTS-IAM-001: Systems must not create IAM users or long-lived keys."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.model.checks import as_warnings
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_USER = "AWS::IAM::User"


def _makes_a_person(resource: Resource) -> Iterator[Result]:
    what = resource.type.rpartition("::")[2]
    yield Result("violation", "", f"An IAM {what} belongs to a person or to a key that nobody changes.")
    if resource.type == _USER and resource["LoginProfile"].exists:
        yield resource["LoginProfile"].violation("LoginProfile gives the user a password for the console.")


def _makes_a_certificate(certificate: Resource) -> Iterator[Result]:
    template = certificate["TemplateArn"]
    if template.is_unknown or _FOR_CLIENTS in str(template.value):
        result = template.unknown if template.is_unknown else template.violation
        yield result(
            "A certificate for a client is a credential that is valid until it ends, whoever holds it.",
            fix="If it is for a person, remove it. If it is for a system, give that system a role.",
            at_most="warn",
        )


def _lets_guests_in(pool: Resource) -> Iterator[Result]:
    return as_warnings(_has_guests(pool["AllowUnauthenticatedIdentities"]))


def _has_guests(flag: Node) -> Iterator[Result]:
    if flag.boolean():
        yield flag.violation(
            "AllowUnauthenticatedIdentities is true: everyone gets credentials of this account.",
            fix="Write `allow_unauthenticated_identities=False`, and let users log in.",
            template_fix="Write `AllowUnauthenticatedIdentities: false`, and let users log in.",
        )


def _activates_a_key(call: Call, parameter: str) -> Iterator[Result]:
    for status in call.at(parameter):
        if status.text() != "Inactive":
            yield status.violation(f"{call.name} switches a key on that is valid until it leaks.")


_FOR_CLIENTS = "EndEntityClientAuthCertificate"
_OF_PEOPLE = (_USER, "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition", "AWS::IAM::VirtualMFADevice")

RULE = Rule(
    id="TTS-IAM-001",
    title="Systems must not create IAM users or long-lived keys",
    why=(
        "People get access from the TTS infrastructure team, which can also take it back. Nobody watches a "
        "user or access key that a stack makes, and a leaked key works until somebody deletes it."
    ),
    source=(
        'TTS handbook, AWS, "Permissions": "only the TTS infrastructure team has login credentials to '
        'our production TTS account".'
    ),
    section="Permissions",
    fix=(
        "Remove the user and its keys. Use a role, whose credentials are short-lived. TtsAsgService and "
        "functions have one; for others, write `iam.Role(…, assumed_by=…)`. Give it the permissions that it "
        "needs with grants, such as `bucket.grant_read(role)`."
    ),
    template_fix=(
        "Remove the user and its keys. Use an `AWS::IAM::Role`, whose credentials are short-lived, with the "
        "permissions that the user had."
    ),
    decides=(
        "A template must not make an AWS::IAM::User, AWS::IAM::AccessKey, AWS::IAM::UserToGroupAddition, or "
        "AWS::IAM::VirtualMFADevice, give a user a LoginProfile, or call an API that does so. A client "
        "certificate from a private authority warns. So does an identity pool that gives credentials to "
        "guests."
    ),
    controls=("AC-2", "IA-2"),
    force="M",
    production="block",
    sandbox="block",
    checks=with_calls(
        "TTS-IAM-001",
        {
            **dict.fromkeys(_OF_PEOPLE, _makes_a_person),
            "AWS::ACMPCA::Certificate": _makes_a_certificate,
            "AWS::Cognito::IdentityPool": _lets_guests_in,
        },
        {"key": _activates_a_key},
    ),
)
