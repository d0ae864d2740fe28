"""Fixes, followed: an app that breaks a rule, and the same app after it did what the rule's fix says.

A module for each family of rules lists its fixes as `FIXES` and follows them in one test:

    FIXES = (Fix("TTS-EC2-004", before=template, after=template_with_imdsv2),)

    @pytest.mark.parametrize("fix", FIXES, ids=str)
    def test_what_the_fix_says_is_enough(fix: Fix, make_stack: Callable[..., cdk.Stack]) -> None:
        fix.follow(make_stack)

A fix puts into backticks what the reader writes: calls and arguments of the CDK in `fix`, what a template
says in `template_fix`. These words must be in the fixed app, so that a fix cannot name what no longer works;
for templates, `test_every_rule.py` looks for them in the examples that keep the rule. Words after "Remove"
must be in the broken app, and in no fixed one.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from tts_constructs.policy.loading.parser import parse
from tts_constructs.policy.model.finding import Finding
from tts_constructs.system_metadata import Environment
from tts_constructs.testing import findings

Build = Callable[[cdk.Stack], object]
"""Adds resources to a stack in us-east-1 that has a Project tag; it can add stacks to its app, too."""

_WORDS = re.compile(r"(?P<removed>[Rr]emove )?`(?P<words>[^`]+)`")
_COMMAND = re.compile(r"(tts|git|cdk|aws|apt-get) ")
_ANYTHING = "…"
"""A placeholder in a fix for what the reader knows: a name, a number, a key."""


@dataclass(frozen=True)
class Fix:
    """A fix to follow.

    Args:
        rule_id: The rule whose fix it is.
        before: What breaks the rule: a function that builds a CDK app, or a template as YAML.
        after: The same, fixed; several where the fix leaves a choice.
        environment: Where it runs.
        settings: What tts.toml says.
        context: Recorded lookups.
        of: What tells this fix from others of the rule, for the name of the test.
    """

    rule_id: str
    before: Build | str
    after: Build | str | tuple[Build | str, ...]
    environment: Environment = Environment.PRODUCTION
    settings: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    of: str = ""

    def __str__(self) -> str:
        name = self.of or (self.before.__name__.strip("_") if callable(self.before) else "template")
        return f"{self.rule_id}-{name}"

    def follow(self, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]) -> None:
        """Asserts that the rule is broken before and kept after, and that the fix breaks no other rule.

        It writes the settings to the working folder.

        Raises:
            AssertionError: The fix isn't enough, is too much, or names what the fixed app doesn't say.
        """
        Path("tts.toml").write_text(self.settings, encoding="utf-8")

        def judged(app: Build | str) -> list[Finding]:
            if isinstance(app, str):
                return findings(parse(app, "template.yaml"), environment=self.environment)
            cdk_app = make_app(dict(self.context))
            stack = make_stack(scope=cdk_app)
            cdk.Tags.of(stack).add("Project", "benefits")
            app(stack)
            return findings(cdk_app, environment=self.environment)

        broken = judged(self.before)
        fixes = {finding.fix for finding in broken if finding.rule_id == self.rule_id}
        assert fixes, f"{self.rule_id} isn't found before: {_told(broken)}"
        fixed = self.after if isinstance(self.after, tuple) else (self.after,)
        for app in fixed:
            found = judged(app)
            left = [finding for finding in found if finding.rule_id == self.rule_id]
            assert not left, f"{self.rule_id} is found after: {_told(left)}"
            new = _blocking(found) - _blocking(broken)
            assert not new, f"the fix breaks {', '.join(sorted(new))}: {_told(found)}"
        source = "\n".join(map(_source, fixed))
        missing = set(unwritten(fixes, source))
        assert not missing, f"the fix names what the fixed app doesn't say: {', '.join(sorted(missing))}"
        kept = {
            words
            for words in _removed(fixes)
            if _says(source, words) or not _says(_source(self.before), words)
        }
        assert not kept, (
            f"the fix removes what isn't there before, or is there after: {', '.join(sorted(kept))}"
        )


def _blocking(found: Iterable[Finding]) -> set[str]:
    return {finding.rule_id for finding in found if finding.blocks}


def _told(found: Iterable[Finding]) -> str:
    lines = [
        f"{finding.rule_id} {finding.logical_id} {finding.location}: {finding.message}" for finding in found
    ]
    return "\n".join(lines) or "nothing is"


def _source(app: Build | str) -> str:
    return app if isinstance(app, str) else inspect.getsource(app)


def unwritten(fixes: Iterable[str], source: str) -> list[str]:
    """The words in backticks that a source doesn't say, but those that are to be removed.

    What begins with the name of a program is a command, which no source says.
    """
    found = (match for fix in fixes for match in _WORDS.finditer(fix) if not match["removed"])
    words = (match["words"] for match in found)
    return [said for said in words if not _COMMAND.match(said) and not _says(source, said)]


def _removed(fixes: Iterable[str]) -> Iterable[str]:
    return (match["words"] for fix in fixes for match in _WORDS.finditer(fix) if match["removed"])


def _says(source: str, words: str) -> bool:
    """Whether a source says words; spaces, quotes, and the comma after a last argument don't matter."""
    parts = [re.escape(_plain(part)) for part in words.split(_ANYTHING)]
    return re.search(".*?".join(parts), _plain(source)) is not None


def _plain(text: str) -> str:
    return re.sub(r",(?=[)\]}])", "", re.sub(r"[\s\"']+", "", text))
