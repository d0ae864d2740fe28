"""A finding of a rule, as every front end shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tts_constructs.policy.result import Level, Verdict


@dataclass(frozen=True)
class Finding:
    """A finding of a rule, as every front end shows it.

    Args:
        rule_id, title, controls: Of the rule.
        fix: What to write instead, in a CDK app or in a template, whichever the reader has.
        why: Why, with the handbook's sentence or the mandate.
        verdict: `violation`, or `unknown`: it cannot be decided before deployment.
        level: `block` or `warn`.
        logical_id, resource_type: The resource; empty where the finding is about a stack.
        stack: Construct path of the stack, or its file's name.
        construct_path: Of the resource, where it is known.
        location: Property path such as `Properties/SslPolicy`.
        message: What is wrong and the value found; without account ids, addresses and resource ids.
        source: File and line of the app's Python, where it is known.
        waiver: The waiver that allows it.
    """

    rule_id: str
    title: str
    verdict: Verdict
    level: Level
    logical_id: str
    resource_type: str
    stack: str
    construct_path: str | None
    location: str
    message: str
    fix: str
    why: str
    controls: tuple[str, ...]
    source: str | None = None
    waiver: str | None = None

    @property
    def path(self) -> str:
        """The construct's path, or stack and logical id if it is not known."""
        return self.construct_path or "/".join(filter(None, (self.stack, self.logical_id)))

    @property
    def blocks(self) -> bool:
        """True if the finding fails the run."""
        return self.level == "block" and self.waiver is None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the JSON report shows it."""
        return dict(vars(self))  # `asdict` copies each text, which takes longer than judging
