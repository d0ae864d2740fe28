"""Synthesizes the templates of an app under test, even if guardrails block them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from tts_constructs.errors import InvalidArgumentError

_VERDICT = "A copy of this report can be found in"
"""Part of the CDK's error when a validation plugin fails an app; by then the assembly is written."""


def synthesized(scope: cdk.Stage | cdk.Stack) -> cdk.Stage:
    """Synthesizes the app that holds `scope` again, so that later changes are included.

    Returns:
        The app, whose `outdir` holds the cloud assembly.

    Raises:
        InvalidArgumentError: No App holds it.
        RuntimeError: It cannot be synthesized; that something blocks does not count.
    """
    root = scope.node.root
    if not isinstance(root, cdk.Stage):
        raise InvalidArgumentError(
            "tts_constructs.testing", [f"{scope.node.path} is not in an App; create it in one"]
        )
    try:
        root.synth(force=True)
    except RuntimeError as error:
        if _VERDICT not in str(error):
            raise
    return root


def template_of(subject: object, helper: str = "tts_snapshot") -> dict[str, Any]:
    """Returns the template of a stack (nested or not), of a `Template`, or a map.

    Args:
        subject: The stack, `Template` or map.
        helper: Name of the helper that takes it, for messages.

    Raises:
        InvalidArgumentError: It is none of these, or no App holds the stack.
    """
    if isinstance(subject, cdk.Stack):
        synthesized(subject)
        stage = cdk.Stage.of(subject)
        path = Path(stage.outdir if stage else "") / subject.template_file
        template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return template
    if isinstance(subject, Template):
        return dict(subject.to_json())
    if isinstance(subject, Mapping):
        return dict(subject)
    fault = f"compares a Stack, a Template of the CDK's assertions, or a map; {subject!r} is none of these"
    raise InvalidArgumentError(helper, [fault])
