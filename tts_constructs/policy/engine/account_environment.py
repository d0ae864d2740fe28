"""Reports stacks that state a different environment than the settings give their account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tts_constructs.policy.engine.environments import Guardrails, stated_environment
from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.builtin import ENVIRONMENT_RULE
from tts_constructs.system_metadata import METADATA_KEY, Environment


def findings_of(
    judged: Sequence[JudgedStack],
    guardrails: Callable[[Stack], Guardrails],
    override: Environment | None,
) -> Iterator[Finding]:
    """Yield a finding for each stack that states a different environment than its account is tied to.

    Args:
        judged: The judged stacks.
        guardrails: What guardrails in the app say about a stack.
        override: `--environment` of the command.
    """
    for one in judged:
        stack = one.stack
        settings = stack.assembly.settings
        if not one.whole or stack.parent or stack.account not in settings.accounts:
            continue
        stated = stated_environment(stack, settings, guardrails(stack), override)
        if stated and stated is not one.environment and not _is_said_already(one):
            message = (
                f"{_who(stack, override)} {stated}, and the settings tie the account to {one.environment}, "
                "by which the stack is judged."
            )
            yield make_finding(ENVIRONMENT_RULE, Result("violation", "", message), stack, None, "block")


def _is_said_already(judged: JudgedStack) -> bool:
    """Return whether a rule already reports this, as TTS-CD-002 does where it is evaluated."""
    return any(found.finding.location == f"Metadata/{METADATA_KEY}/environment" for found in judged.found)


def _who(stack: Stack, override: Environment | None) -> str:
    if stack.system_metadata.get("environment") in tuple(Environment):
        return f"The record of the stack (Metadata.{METADATA_KEY}) says"
    return "--environment says" if override else "TtsGuardrails, or environment in the settings, says"
