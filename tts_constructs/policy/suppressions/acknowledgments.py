"""Warns about the CDK's own `acknowledge` of one of our rules, which has no effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import WAIVER_RULE

Acknowledgment = tuple[str, str]
"""Path of the construct that acknowledges, and the id that it gives, such as `Annotation::TTS-S3-001`."""


def findings_of(judged: Sequence[JudgedStack], elsewhere: Iterable[Acknowledgment] = ()) -> Iterator[Finding]:
    """Yield a warning for each acknowledgment of one of our rules.

    Args:
        judged: The judged stacks, whose metadata is read.
        elsewhere: Acknowledgments of constructs above the stacks, which no metadata contains.
    """
    rules = {rule.id for rule in catalog()}
    whole = [stack.stack for stack in judged if stack.whole and stack.stack.parent is None]
    made = [(stack, made) for stack in whole for made in stack.origins.acknowledged()]
    made += [(stack, above) for stack in whole[:1] for above in elsewhere]
    for stack, (path, acknowledged) in made:
        rule_id = acknowledged.rpartition("::")[2]
        if rule_id in rules:
            yield _finding(stack, path, rule_id)


def _finding(stack: Stack, path: str, rule_id: str) -> Finding:
    message = f"{path or 'The app'} acknowledges {rule_id} in the CDK, which has no effect on what blocks."
    fix = "Remove it. Fix the finding, or have a waiver written for it."
    return make_finding(WAIVER_RULE, Result("violation", "", message, fix), stack, None, "warn")
