"""TTS-CD-003: Production stacks must have termination protection."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result


def _is_protected(stack: Stack) -> Iterator[Result]:
    if not stack.is_deployed or stack.termination_protection:
        return
    if stack.termination_protection is None:
        message = (
            "A template alone does not say whether its stack is protected from deletion. Judge the cloud "
            "assembly (cdk.out), or turn protection on where the stack is deployed."
        )
        yield Result("unknown", "", message)
    else:
        yield Result("violation", "", "Termination protection is off, so one command deletes the stack.")


RULE = Rule(
    id="TTS-CD-003",
    title="Production stacks must have termination protection",
    why="If somebody deletes the stack by mistake, the public loses the system and the data that it keeps.",
    source="NIST SP 800-53 CM-5, access restrictions for change.",
    section="Permissions",
    fix="Use TtsSystem, which turns it on in production, or write `termination_protection=True`.",
    template_fix=(
        "Protect the stack when you deploy it: `aws cloudformation update-termination-protection "
        "--enable-termination-protection --stack-name …`."
    ),
    decides="The manifest of the cloud assembly must say terminationProtection: true for each stack.",
    controls=("CM-3", "CM-5"),
    force="P",
    production="warn",
    sandbox=None,
    stack_check=_is_protected,
)
