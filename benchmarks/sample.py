"""An app as its team runs it, for `cdk synth --app "python -m benchmarks.sample APP WAY"`.

APP is `sample`, the sample app, or `roles`, three stacks of 120 roles each. WAY is `guardrails`, a `TtsApp`,
or `defaults`, a `cdk.App` in which nothing of ours judges.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from benchmarks.checks import GUARDED

_STACKS, _ROLES = 3, 120


def _sample(app: cdk.App) -> None:
    """A system in it attaches guardrails by itself, unless that is switched off here."""
    from sample_app.app import build

    with contextlib.ExitStack() as without:
        if type(app) is cdk.App:
            without.enter_context(patch("tts_constructs.constructs.system.tts_system.attach"))
        build(app)


def _roles(app: cdk.App) -> None:
    for number in range(_STACKS):
        env = cdk.Environment(account="111122223333", region="us-east-1")
        stack = cdk.Stack(app, f"Roles{number}", env=env, termination_protection=True)
        for one in range(_ROLES):
            iam.Role(stack, f"Role{one}", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        cdk.Tags.of(stack).add("Project", "benefits")
        cdk.Tags.of(stack).add("Environment", "production")


APPS: dict[str, Callable[[cdk.App], None]] = {"sample": _sample, "roles": _roles}

RECORDS: dict[str, dict[str, Any]] = {
    "sample": {},
    "roles": {"project": "benefits", "owner": "benefits@example.gov"},
}
"""What a `TtsApp` is told of an app without a `TtsSystem`, else the guardrails refuse it."""


def main(name: str, way: str) -> None:
    """Makes and synthesizes an app."""
    if way == GUARDED:
        from tts_constructs import TtsApp

        app: cdk.App = TtsApp(**RECORDS[name])
    else:
        app = cdk.App()
    APPS[name](app)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
