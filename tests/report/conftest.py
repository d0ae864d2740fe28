"""Judgments for tests of the reports: of findings made up, and of templates that are judged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules import catalog

FindingMaker = Callable[..., Finding]

_FINDING: dict[str, Any] = {
    "rule_id": "TTS-EC2-001",
    "title": "EC2 instances must be launched by an Auto Scaling group",
    "verdict": "violation",
    "level": "block",
    "logical_id": "Web",
    "resource_type": "AWS::EC2::Instance",
    "stack": "Benefits",
    "construct_path": None,
    "location": "Properties/ImageId",
    "message": "It is alone.",
    "fix": "Use TtsAsgService.",
    "why": "Hardware fails.",
    "controls": ("CP-10", "SC-36"),
}


@pytest.fixture(scope="session")
def make_finding() -> FindingMaker:
    """Makes a finding that blocks, with what a test says otherwise."""

    def make(**changes: Any) -> Finding:
        return Finding(**(_FINDING | changes))

    return make


@pytest.fixture(scope="session")
def of() -> Callable[..., Judgment]:
    """Makes a judgment of some findings, sorted as the engine sorts them."""

    def make(*findings: Finding) -> Judgment:
        ordered = sorted(
            findings, key=lambda each: (each.stack, each.logical_id, each.rule_id, each.location)
        )
        return Judgment(tuple(ordered), resources=3, templates=1)

    return make


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Judgment]:
    """Judges a template in the working folder."""
    monkeypatch.chdir(tmp_path)

    def make(text: str, name: str = "app.yaml", rules: str = "") -> Judgment:
        Path(name).write_text(text, encoding="utf-8")
        chosen = [rule for rule in catalog() if rule.id in rules.split() or not rules]
        return judge(read_assembly([Path(name)]), chosen)

    return make
