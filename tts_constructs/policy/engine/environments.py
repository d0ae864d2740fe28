"""Which environment a stack is judged by, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment
from tts_constructs.system_metadata import strictest as strictest


@dataclass(frozen=True)
class Guardrails:
    """What guardrails in the app say of a stack.

    Args:
        environment: What the nearest `TtsGuardrails` above the stack states.
        minimum: The least strict environment that those above allow.
    """

    environment: Environment | None = None
    minimum: Environment | None = None


NO_GUARDRAILS = Guardrails()


def environment_of(
    stack: Stack,
    settings: Settings,
    guardrails: Guardrails = NO_GUARDRAILS,
    override: Environment | None = None,
) -> Environment:
    """The environment of a stack, in the order of the contract.

    Args:
        stack: The stack; a nested one has that of the stack that holds it.
        settings: A tie of the stack's account wins over all else.
        guardrails: What guardrails in the app say of the stack.
        override: What replaces `guardrails`, the settings and the default: `--environment` of the command.
    """
    tied = settings.accounts.get(stack.outermost.account or "")
    if tied:
        return tied
    return stated_environment(stack, settings, guardrails, override) or Environment.PRODUCTION


def stated_environment(
    stack: Stack,
    settings: Settings,
    guardrails: Guardrails = NO_GUARDRAILS,
    override: Environment | None = None,
) -> Environment | None:
    """The environment of a stack if no account were tied to one; None where nothing says it."""
    claimed = stack.outermost.system_metadata.get("environment")
    if claimed in tuple(Environment):
        stated: Environment | None = Environment(claimed)
    else:
        stated = override or guardrails.environment or settings.environment
    return stated and strictest(filter(None, (stated, guardrails.minimum)))
