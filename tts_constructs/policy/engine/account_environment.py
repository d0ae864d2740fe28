"""Reports stacks that state a different environment than the settings give their account, or may give it."""

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

    A stack whose account is not known is judged by the strictest tie; a warning says so.

    Args:
        judged: The judged stacks.
        guardrails: What guardrails in the app say about a stack.
        override: `--environment` of the command.
    """
    for one in judged:
        stack = one.stack
        settings = stack.assembly.settings
        if not one.whole or stack.parent:
            continue
        stated = stated_environment(stack, settings, guardrails(stack), override)
        if stated is None or stated is one.environment or _is_said_already(one):
            continue
        said = f"{_who(stack, override)} {stated}"
        if stack.account is None:
            yield make_finding(
                ENVIRONMENT_RULE, _could_go_elsewhere(said, one.environment), stack, None, "warn"
            )
        elif stack.account in settings.accounts:
            message = (
                f"{said}, and the settings tie the account to {one.environment}, "
                "by which the stack is judged."
            )
            yield make_finding(ENVIRONMENT_RULE, Result("violation", "", message), stack, None, "block")


def _could_go_elsewhere(said: str, environment: Environment) -> Result:
    return Result(
        "unknown",
        "",
        f"{said}, but its account is not known, and the settings tie one to {environment}. "
        f"The stack is judged as {environment}, the strictest environment that they tie.",
        fix="Name the account of the stack: `env=cdk.Environment(account=…, region=…)`.",
        template_fix="Check the assembly of a CDK app that names the account of the stack, or take out its "
        f"claim: a template without an account is judged as {environment}.",
    )


def _is_said_already(judged: JudgedStack) -> bool:
    """Return whether a rule already reports this, as TTS-CD-002 does where it is evaluated."""
    return any(found.finding.location == f"Metadata/{METADATA_KEY}/environment" for found in judged.found)


def _who(stack: Stack, override: Environment | None) -> str:
    if stack.system_metadata.get("environment") in tuple(Environment):
        return f"The record of the stack (Metadata.{METADATA_KEY}) says"
    return "--environment says" if override else "TtsGuardrails, or environment in the settings, says"
