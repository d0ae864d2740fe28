"""The size of user data, which EC2 limits."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IValidation

LARGEST = 16_384
"""Bytes of user data that EC2 takes, before they are encoded in Base64."""


def limit_user_data(scope: Construct, user_data: ec2.UserData) -> None:
    """Makes synthesis fail if the user data of a launch template is larger than EC2 takes.

    It is measured at synth, as commands can be added until then.

    Args:
        scope: What the user data belongs to.
        user_data: The user data.
    """
    scope.node.add_validation(_Fits(scope, user_data))


@jsii.implements(IValidation)
class _Fits:
    def __init__(self, scope: Construct, user_data: ec2.UserData) -> None:
        self._scope = scope
        self._user_data = user_data

    def validate(self) -> list[str]:
        size = _known_bytes(cdk.Stack.of(self._scope).resolve(self._user_data.render()))
        if size <= LARGEST:
            return []
        return [
            f"The user data is {size:,} bytes or more, and EC2 takes {LARGEST:,}. Leave in user_data= what "
            "instances need first, and let that fetch the rest, or build it into the image."
        ]


def _known_bytes(text: object) -> int:
    """Returns the size of what is known of a text. What is known at deployment only counts as nothing."""
    if isinstance(text, str):
        return len(text.encode())
    if isinstance(text, dict) and "Fn::Join" in text:
        separator, parts = text["Fn::Join"]
        return len(separator.encode()) * max(len(parts) - 1, 0) + sum(map(_known_bytes, parts))
    return 0
