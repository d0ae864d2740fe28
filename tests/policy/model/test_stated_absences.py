"""What a team states that a resource does without, and why."""

from __future__ import annotations

import pytest

from tests.policy.conftest import StackMaker
from tts_constructs.policy.model.stated_absences import stated_absences

TEMPLATE = """
Resources:
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Metadata: %s
"""


@pytest.mark.parametrize(
    "metadata",
    [
        "{}",
        "{TTS: 1}",
        "{TTS: {no_alarms: ' '}}",
        "{TTS: {no_alarms: true}}",
        "{TTS: {no_alarms: {Ref: Why}}}",
    ],
)
def test_what_is_no_reason_states_nothing(make_stack: StackMaker, metadata: str) -> None:
    assert list(stated_absences(make_stack(TEMPLATE % metadata))) == []


@pytest.mark.parametrize(
    ("path", "place"), [("", "Example/Web"), (", 'aws:cdk:path': Prod/Web/Group", "Prod/Web/Group")]
)
def test_a_reason_is_given_with_its_place(make_stack: StackMaker, path: str, place: str) -> None:
    metadata = f"{{TTS: {{no_alarms: ' a trial of account 111122223333 '}}{path}}}"
    (absence,) = stated_absences(make_stack(TEMPLATE % metadata))
    assert (absence.stack, absence.logical_id, absence.place) == ("Example", "Web", place)
    assert absence.absent == "alarms"
    assert absence.reason.startswith("a trial of account ")
    assert "111122223333" not in absence.reason
