"""TTS-IAM-001: No people or long-lived keys are created by a system."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_USER = "AWS::IAM::User"


def _makes_a_person(resource: Resource) -> Iterator[Result]:
    what = resource.type.rpartition("::")[2]
    yield Result("violation", "", f"An IAM {what} belongs to a person or to a key that nobody changes.")
    if resource.type == _USER and resource["LoginProfile"].exists:
        yield resource["LoginProfile"].violation("LoginProfile gives the user a password for the console.")


RULE = Rule(
    id="TTS-IAM-001",
    title="No people or long-lived keys are created by a system",
    why=(
        "People get their access from the TTS infrastructure team, who can take it back. A user or an "
        "access key that a stack makes is a door that nobody watches, and a key is valid until it leaks."
    ),
    source=(
        'TTS handbook, AWS, "Permissions": "only the TTS infrastructure team has login credentials to '
        'our production TTS account".'
    ),
    section="Permissions",
    fix=(
        "Remove the user and its keys. Use a role, whose credentials are short-lived: TtsAsgService and "
        "functions have one; for others write `iam.Role(…, assumed_by=…)`. Grants such as "
        "`bucket.grant_read(role)` give it what it needs."
    ),
    template_fix=(
        "Remove the user and its keys. Use an `AWS::IAM::Role`, whose credentials are short-lived, with "
        "the permissions that the user had."
    ),
    decides=(
        "No template makes an AWS::IAM::User, AWS::IAM::AccessKey or AWS::IAM::UserToGroupAddition, or "
        "gives a user a LoginProfile."
    ),
    controls=("AC-2", "IA-2"),
    force="M",
    production="block",
    sandbox="block",
    checks=dict.fromkeys((_USER, "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition"), _makes_a_person),
    never_unknown="It asks what a template makes, and a type is always literal.",
)
