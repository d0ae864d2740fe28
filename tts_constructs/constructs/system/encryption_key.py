"""The key of a system, and the services that may use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IValidation

from tts_constructs.constructs.system.removal import removal_of_keys_and_logs
from tts_constructs.system_metadata import Environment

CLOUDWATCH = "cloudwatch.amazonaws.com"


def system_key(scope: Construct, id_: str, environment: Environment) -> kms.Key:
    """Makes a key that rotates, and that CloudWatch may use for the system (SC-13, SC-28).

    CloudWatch Logs may use it for the log groups of the account and region, and CloudWatch for the topics of
    its alarms. So a log group or a topic needs only the key, and no policy. Roles get it by `grant_*`.

    Args:
        scope: Parent construct.
        id_: Construct id.
        environment: Environment of the system. In a sandbox the key goes with the stack.
    """
    key = kms.Key(
        scope,
        id_,
        description="Data and logs of the system",
        enable_key_rotation=True,
        removal_policy=removal_of_keys_and_logs(environment),
        # The longest, in which the key can be had back for what a bucket that stayed still holds.
        pending_window=cdk.Duration.days(30) if environment is Environment.SANDBOX else None,
    )
    stack = cdk.Stack.of(scope)
    log_groups = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchLogs",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=[
                "kms:Encrypt*",
                "kms:Decrypt*",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:Describe*",
            ],
            resources=["*"],  # in a key's policy: this key
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    )
    let_alarms_use(key, stack.account)
    key.node.add_validation(_NoCircle(key))
    return key


@jsii.implements(IValidation)
class _NoCircle:
    """Reports at synth each resource that the key's policy names, and that the key encrypts."""

    def __init__(self, key: kms.Key) -> None:
        self._key = key

    def validate(self) -> list[str]:
        """Returns one sentence for each such resource."""
        stack = cdk.Stack.of(self._key)
        resource = cast(kms.CfnKey, self._key.node.default_child)
        own_id = str(stack.resolve(resource.logical_id))
        named = {name for name in _named(stack.resolve(resource.key_policy)) if "::" not in name}
        if not named:
            return []
        return [
            f"its policy names {one.node.path}, which it encrypts, and CloudFormation refuses such a circle; "
            "give the queue or topic that this resource writes to a key of its own, such as "
            "kms.Key(..., enable_key_rotation=True) (docs/how-to/messages.md)"
            for one in stack.node.find_all()
            if isinstance(one, cdk.CfnResource)
            and one is not resource
            and stack.resolve(one.logical_id) in named
            and own_id in _named(stack.resolve(one._cfn_properties))
        ]


def _named(value: object) -> Iterator[str]:
    """Yields the logical ids that a rendered value refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        if isinstance(value.get("Fn::GetAtt"), list):
            yield value["Fn::GetAtt"][0]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _named(child)


def let_alarms_use(key: kms.IKey, account: str) -> bool:
    """Lets CloudWatch use a key for the alarms of an account, whose topic it encrypts.

    Returns:
        False if the policy can't be changed here, because the key is imported.
    """
    added = key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchAlarms",
            principals=[iam.ServicePrincipal(CLOUDWATCH)],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": account}},
        )
    )
    return added.statement_added
