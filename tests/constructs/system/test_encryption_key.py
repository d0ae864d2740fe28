"""Keys of queues and topics that AWS services write to, as docs/how-to/messages.md writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from tts_constructs import TtsBucket, TtsSystem
from tts_constructs.testing import findings

MakeSystem = Callable[..., TtsSystem]

PAGE = (Path(__file__).parents[3] / "docs/how-to/messages.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def by_the_page(make_system: MakeSystem) -> TtsSystem:
    """A system with everything that the page writes."""
    system = make_system()
    names: dict[str, Any] = {
        "system": system,
        "bucket": TtsBucket(system, "Bucket"),
        "rule": events.Rule(system, "Rule", schedule=events.Schedule.rate(cdk.Duration.hours(1))),
    }
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    for block in blocks:
        exec(compile(block, "messages.md", "exec"), names)  # noqa: S102 - what the page tells people to write
    return system


@pytest.fixture(scope="module")
def template(by_the_page: TtsSystem) -> dict[str, Any]:
    return dict(Template.from_stack(by_the_page.stack).to_json()["Resources"])


def statements(template: dict[str, Any], type_: str, name: str, document: str) -> list[dict[str, Any]]:
    """The statements that let somebody in, in the policy of the resource of that type and name."""
    pattern = re.compile(rf"System{name}[0-9A-F]{{8}}")
    (found,) = (one for id_, one in template.items() if one["Type"] == type_ and pattern.fullmatch(id_))
    return list(found["Properties"][document]["Statement"])


def test_a_bucket_notifies_a_queue_with_a_key_of_its_own(template: dict[str, Any]) -> None:
    """The fixture has rendered the stack, which refuses circles."""
    (queue,) = (one for one in template.values() if one["Type"] == "AWS::SQS::Queue")
    key_id, _ = queue["Properties"]["KmsMasterKeyId"]["Fn::GetAtt"]
    assert key_id.startswith("SystemArrivalsKey")


def test_with_the_key_of_the_system_it_would_be_a_circle(make_system: MakeSystem) -> None:
    system = make_system()
    queue = sqs.Queue(system, "Queue", encryption_master_key=system.key)
    bucket = TtsBucket(system, "Bucket").bucket
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(queue))
    with pytest.raises(RuntimeError) as error:
        cdk.App.of(system).synth()  # type: ignore[union-attr]  # a system has an app
    assert "its policy names Stack/System/Bucket/Bucket/Resource, which it encrypts" in str(error.value)


def test_the_judge_blocks_nothing_that_the_page_writes_and_warns_of_statements_without_a_source(
    by_the_page: TtsSystem,
) -> None:
    found = findings(by_the_page.stack)
    written_by_the_cdk = {
        (one.rule_id, re.sub(r"[0-9A-F]{8}$", "", one.logical_id))
        for one in found
        if one.rule_id in {"TTS-KMS-001", "TTS-DATA-002"}
    }
    assert written_by_the_cdk == {
        ("TTS-KMS-001", "SystemArrivalsKey"),
        ("TTS-DATA-002", "SystemEventsPolicy"),
    }
    assert not [one for one in found if one.blocks]


def test_the_key_lets_eventbridge_in_without_conditions_and_the_topic_narrows(
    template: dict[str, Any],
) -> None:
    of_key = statements(template, "AWS::KMS::Key", "EventsKey", "KeyPolicy")
    (admitted,) = (one for one in of_key if one["Principal"] == {"Service": "events.amazonaws.com"})
    assert "Condition" not in admitted
    of_topic = statements(template, "AWS::SNS::TopicPolicy", "EventsPolicy", "PolicyDocument")
    (denied,) = (
        one
        for one in of_topic
        if one["Effect"] == "Deny" and one["Principal"] == {"Service": "events.amazonaws.com"}
    )
    assert denied["Condition"] == {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}


@pytest.mark.parametrize("key", ["ArrivalsKey", "UploadsKey"])
def test_the_key_lets_s3_in(template: dict[str, Any], key: str) -> None:
    of_key = statements(template, "AWS::KMS::Key", key, "KeyPolicy")
    admitted = [one for one in of_key if one["Principal"] == {"Service": "s3.amazonaws.com"}]
    actions = {action for one in admitted for action in one["Action"]}
    assert actions >= {"kms:Decrypt", "kms:GenerateDataKey*"}
