"""What settings change in a judgment: how long logs are kept."""

from collections.abc import Callable

import pytest

from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import RetentionSettings, Settings

StackMaker = Callable[..., Stack]
KEPT = [rule for rule in catalog() if rule.id == "TTS-LOG-002"]


@pytest.mark.parametrize(("days", "found"), [(1096, 1), (1826, 1), (1827, 0)])
def test_log_groups_are_kept_as_long_as_the_settings_say(
    make_stack: StackMaker, days: int, found: int
) -> None:
    stack = make_stack(
        f"Resources: {{L: {{Type: AWS::Logs::LogGroup, Properties: {{RetentionInDays: {days}}}}}}}"
    )
    stack.assembly.settings = Settings(retention=RetentionSettings(log_groups=1827))
    assert len(judge(stack.assembly, KEPT).findings) == found


@pytest.mark.parametrize(("days", "found"), [(913, 1), (999, 1), (1000, 0)])
def test_log_buckets_are_kept_as_long_as_the_settings_say(
    make_stack: StackMaker, days: int, found: int
) -> None:
    stack = make_stack(
        "Resources:\n"
        "  Data: {Type: AWS::S3::Bucket, Properties: "
        "{LoggingConfiguration: {DestinationBucketName: !Ref Logs}}}\n"
        "  Logs: {Type: AWS::S3::Bucket, Properties: {LifecycleConfiguration: {Rules: [{Status: Enabled, "
        f"ExpirationInDays: {days}}}]}}}}}}\n"
    )
    stack.assembly.settings = Settings(retention=RetentionSettings(log_buckets=1000))
    assert len(judge(stack.assembly, KEPT).findings) == found
