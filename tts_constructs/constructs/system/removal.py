"""Decides what stays when a stack is deleted, by environment."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk

from tts_constructs.system_metadata import Environment


def removal_of_keys_and_logs(environment: Environment) -> cdk.RemovalPolicy:
    """Returns the removal policy of keys and log groups: in a sandbox they go with the stack."""
    if environment is Environment.SANDBOX:
        return cdk.RemovalPolicy.DESTROY
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def removal_faults(argument: str, environment: Environment, *, removed: bool) -> Iterator[str]:
    """Yields one sentence if a bucket would go with its stack where it must stay.

    Args:
        argument: Name of the argument that says so.
        environment: Environment of the system.
        removed: True if the bucket would go.
    """
    if removed and environment is not Environment.SANDBOX:
        yield (
            f"{argument}=True deletes the objects together with the stack, and in {environment} a system "
            "must keep its data and logs (TTS-DATA-003, OMB M-21-31); leave it out, and empty the bucket "
            "yourself when you may"
        )
