"""The environment that a stack is judged by, and what decides it."""

from __future__ import annotations

from dataclasses import dataclass

from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment
from tts_constructs.system_metadata import strictest as strictest


@dataclass(frozen=True)
class Guardrails:
    """The statements of guardrails in the app about a stack.

    Args:
        environment: The environment that the nearest `TtsGuardrails` above the stack states.
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
    """Return the environment of a stack, in the order of the contract.

    Args:
        stack: The stack. A nested stack has the environment of its parent.
        settings: If they tie the stack's account to an environment, that one wins. A stack whose account is
            not known can go to each of the tied accounts: it is nothing laxer than the strictest tie.
        guardrails: What guardrails in the app say about the stack.
        override: `--environment` of the command, which replaces `guardrails`, the settings, and the default.
    """
    tied = settings.accounts.get(stack.outermost.account or "")
    if tied:
        return tied
    own = stated_environment(stack, settings, guardrails, override) or Environment.PRODUCTION
    if stack.outermost.account is None:
        return strictest((own, *settings.accounts.values())) or own
    return own


def stated_environment(
    stack: Stack,
    settings: Settings,
    guardrails: Guardrails = NO_GUARDRAILS,
    override: Environment | None = None,
) -> Environment | None:
    """Return a stack's environment without regard to its account, or None if nothing states it."""
    claimed = stack.outermost.system_metadata.get("environment")
    if claimed in tuple(Environment):
        stated: Environment | None = Environment(claimed)
    else:
        stated = override or guardrails.environment or settings.environment
    return stated and strictest(filter(None, (stated, guardrails.minimum)))
