"""Reports show what a team states that it does without, and why."""

import json
from collections.abc import Callable

import pytest

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.report import formats

TEMPLATE = """
Resources:
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Metadata: {TTS: {no_alarms: "a trial <b>that</b> ends in March"}}
"""


def test_the_text_shows_the_reason(judged: Callable[..., Judgment]) -> None:
    report = formats.render(judged(TEMPLATE), "text")
    assert "No alarms\n  at app/Web\n  reason: a trial <b>that</b> ends in March" in report


def test_the_json_holds_the_reason(judged: Callable[..., Judgment]) -> None:
    (absence,) = json.loads(formats.render(judged(TEMPLATE), "json"))["absences"]
    assert absence == {
        "stack": "app",
        "logical_id": "Web",
        "place": "app/Web",
        "absent": "alarms",
        "reason": "a trial <b>that</b> ends in March",
    }


def test_the_html_shows_the_reason(judged: Callable[..., Judgment]) -> None:
    report = formats.render(judged(TEMPLATE), "html")
    assert (
        "<b>No alarms</b> at app/Web</p><p>Reason: a trial &lt;b&gt;that&lt;/b&gt; ends in March<" in report
    )


@pytest.mark.parametrize(("format_", "says"), [("json", '"absences": []'), ("html", "no stated absence.")])
def test_where_none_is_stated_the_report_says_so(
    judged: Callable[..., Judgment], format_: str, says: str
) -> None:
    assert says in formats.render(judged("Resources: {}"), format_)
