"""`check_examples`: a test of the rules of an organization."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_constructs.policy.examples import Example, differences, load_examples
from tts_constructs.policy.model.rule import Rule


def check_examples(rule: Rule, folder: Path) -> None:
    """Asserts that a rule finds in its examples what they expect; a test of an organization's rule.

    Each finding must have its place, verdict, and level. Some example breaks the rule, some keeps it,
    and some leaves it undecided unless the rule says why none can.

    Args:
        rule: The rule.
        folder: Folder of the file with its examples.

    Raises:
        AssertionError: They differ; all differences are named.
        InputError: The file is missing or malformed.
    """
    examples = load_examples(rule.id, folder)
    faults = [
        *_missing(rule, examples),
        *(fault for example in examples for fault in differences(rule, example)),
    ]
    if faults:
        raise AssertionError("\n".join([f"{rule.id}:", *(f"  - {fault}" for fault in faults)]))


def _missing(rule: Rule, examples: tuple[Example, ...]) -> Iterator[str]:
    expected = {"violation", "pass"} if rule.never_unknown else {"violation", "pass", "unknown"}
    if absent := sorted(expected - {example.verdict for example in examples}):
        yield f"no example has the verdict {', '.join(absent)}"
