"""What others' judges say of all that our constructs make is fixed, or accepted with a reason."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.judges.judges import JUDGES, OURS, Finding, findings
from tests.judges.templates import FAULTY, synthesize

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Acceptance:
    """Findings that stay.

    Args:
        rules: The judges' rules; `*` means anything.
        paths: Construct paths below the stack; `*` means anything.
        reason: Why.
    """

    rules: tuple[str, ...]
    paths: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        return _any_fits(self.rules, finding.rule) and _any_fits(self.paths, finding.path_in_stack)


def _any_fits(patterns: tuple[str, ...], text: str) -> bool:
    return any(_fits(pattern, text) for pattern in patterns)


def _fits(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text))


def acceptances() -> list[Acceptance]:
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["accepted"]
    return [Acceptance(tuple(entry["rules"]), tuple(entry["paths"]), entry["reason"]) for entry in entries]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What the judges say; ours is not asked here."""
    folder = tmp_path_factory.mktemp("judged")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)  # where the sample app's settings are
        synthesize(folder)
    return [finding for finding in findings(folder) if finding.judge != OURS]


@pytest.fixture(scope="module")
def ours(found: list[Finding]) -> list[Finding]:
    """What they say of what our constructs make."""
    return [finding for finding in found if finding.stack != FAULTY]


@pytest.mark.parametrize("judge", JUDGES)
def test_each_judge_was_asked_and_sees_a_fault(judge: str, found: list[Finding]) -> None:
    assert [finding for finding in found if finding.judge == judge and finding.stack == FAULTY]


def test_every_finding_is_accepted_with_a_reason(ours: list[Finding]) -> None:
    accepted = acceptances()
    new = [finding for finding in ours if not any(entry.covers(finding) for entry in accepted)]
    assert sorted({(finding.rule, finding.path_in_stack) for finding in new}) == []


def test_every_accepted_rule_still_finds_something(ours: list[Finding]) -> None:
    gone = [
        (rule, entry.paths)
        for entry in acceptances()
        for rule in entry.rules
        if not any(_fits(rule, finding.rule) and entry.covers(finding) for finding in ours)
    ]
    assert gone == []


def test_every_accepted_path_is_still_found(ours: list[Finding]) -> None:
    gone = [
        (path, entry.rules)
        for entry in acceptances()
        for path in entry.paths
        if not any(_fits(path, finding.path_in_stack) and entry.covers(finding) for finding in ours)
    ]
    assert gone == []


def test_every_acceptance_says_why() -> None:
    assert [entry.rules for entry in acceptances() if len(entry.reason.split()) < 10] == []
