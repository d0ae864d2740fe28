"""TTS-KMS-001: KMS keys must rotate, and their policies must limit who can use them."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.iam_conditions import (
    allows_everybody,
    only_encrypts_messages,
    service_for_anybody,
)
from tts_constructs.policy.aws.iam_statements import Statement, statement_list
from tts_constructs.policy.model.checks import check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_SYMMETRIC = "SYMMETRIC_DEFAULT"

_CALLER_KEYS = frozenset(
    {"kms:calleraccount", "aws:principalaccount", "aws:principalarn", "aws:principalorgid"}
)


def _key(key: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_rotation(key))
    yield from stop_at_unknown(_policy(key))


def _rotation(key: Resource) -> Iterator[Result]:
    rotates = key["EnableKeyRotation"]
    if not rotates.boolean() and (key["KeySpec"].text() or _SYMMETRIC) == _SYMMETRIC:
        yield rotates.violation(
            f"EnableKeyRotation is {rotates.shown}, so the key stays the same forever.",
            fix="Use the key of TtsSystem, or write `enable_key_rotation=True`.",
            template_fix="Write `EnableKeyRotation: true`.",
        )


def _policy(key: Resource) -> Iterator[Result]:
    policy = key["KeyPolicy"]
    if policy.exists:  # else KMS allows the key's own account
        yield from check_items(statement_list(policy), _statement)


def _statement(statement: Node) -> Iterator[Result]:
    if allows_everybody(statement, _CALLER_KEYS):
        yield statement.violation(
            "This statement lets anyone, in any account, use the key.",
            fix="Use grants, such as `key.grant_decrypt(role)`, which name who may use the key. "
            'Or add a condition: `conditions={"StringEquals": {"kms:CallerAccount": …}}`.',
            template_fix="Name in `Principal` who may use the key, or add a condition on "
            "`kms:CallerAccount`.",
        )
    elif service := service_for_anybody(statement, of_a_key=True):
        yield statement.violation(
            f"This statement lets {service} use the key for anyone, in any account.",
            fix="Add a condition on aws:SourceArn or aws:SourceAccount.",
            # The CDK writes it so for a bucket that notifies a queue, as the guide of Amazon S3 does.
            at_most="warn"
            if service == "s3.amazonaws.com" and only_encrypts_messages(Statement.read(statement))
            else None,
        )


def _policy_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for policy in call.at(parameter):
        yield from check_items(statement_list(policy), _statement)


RULE = Rule(
    id="TTS-KMS-001",
    title="KMS keys must rotate, and their policies must limit who can use them",
    why=(
        "If a key leaks, yearly rotation limits how much it can decrypt. Anyone who can use a key can read "
        "everything that it encrypts, so the key's policy must limit whose callers these are."
    ),
    source=(
        'Handbook, "Other people\'s information": "always assume the owner of that data has the most '
        'conservative requirements"; AWS Foundational Security Best Practices KMS.4 and KMS.5'
    ),
    section="Other people's information",
    fix=(
        "Use the key of TtsSystem, or write `enable_key_rotation=True`. Give access with grants that name "
        "who may use the key, such as `key.grant_decrypt(role)`."
    ),
    template_fix=(
        "Write `EnableKeyRotation: true`. In the policy, name who may use the key, or add a condition on "
        "`kms:CallerAccount`."
    ),
    decides=(
        "A symmetric key must have EnableKeyRotation: true; KMS can't rotate other keys. No statement of "
        "the key's policy may allow the principal * without a condition on kms:CallerAccount, "
        "aws:PrincipalAccount, aws:PrincipalArn, or aws:PrincipalOrgID that excludes someone. No statement "
        "may let a service that acts for anyone use the key without aws:SourceArn, aws:SourceAccount, or an "
        "encryption context. The exception is what EventBridge needs to encrypt; what Amazon S3 needs to "
        "encrypt messages warns. In a key policy, Resource: * means the key itself. No call of an API may "
        "delete a key, disable it or its rotation, or write such a policy."
    ),
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="P",
    production="block",
    sandbox=None,
    checks=with_calls(
        "TTS-KMS-001",
        {"AWS::KMS::Key": _key, "AWS::KMS::ReplicaKey": _policy},
        {"policy": _policy_of_call},
    ),
)
