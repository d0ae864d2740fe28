"""A rule and a finding of it, for tests of what works with any rule."""

from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.rule import Rule

RULE = Rule(
    id="TTS-XXX-001",
    title="Things are encrypted",
    why="Because.",
    source="test",
    fix="Encrypt.",
    decides="Encrypted is true.",
    controls=("SC-28",),
    force="M",
    production="block",
    sandbox="warn",
)

FINDING = Finding(
    rule_id="TTS-XXX-001",
    title="Things are encrypted",
    verdict="violation",
    level="block",
    logical_id="R",
    resource_type="T::T::T",
    stack="Example",
    construct_path="Example/Data/Resource",
    location="Properties/P",
    message="P is off.",
    fix="Encrypt.",
    why="Because. (test)",
    controls=("SC-28",),
)
