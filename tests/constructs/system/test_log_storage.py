"""The constructs keep logs as long as the settings say."""

from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tts_constructs import TtsBucket, TtsSystem, standards
from tts_constructs.errors import InvalidArgumentError

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture
def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has settings hold that say how long logs are kept."""
    monkeypatch.chdir(tmp_path)

    def keep(text: str) -> None:
        (tmp_path / "tts.toml").write_text(f"[retention]\n{text}")

    return keep


@pytest.mark.parametrize("days", standards.LOG_RETENTION_CHOICES)
def test_log_groups_are_kept_as_long_as_the_settings_say(
    make_system: MakeSystem, keep: Callable[[str], None], days: int
) -> None:
    keep(f"log_groups = {days}")
    template = Template.from_stack(Stack.of(make_system()))
    template.all_resources_properties("AWS::Logs::LogGroup", {"RetentionInDays": days})


@pytest.mark.usefixtures("unjudged")  # nothing logs into the bucket, so it counts as one of data
def test_log_buckets_are_kept_as_long_as_the_settings_say(
    make_system: MakeSystem, keep: Callable[[str], None]
) -> None:
    keep("log_buckets = 1000")
    system = make_system()
    TtsBucket(system, "Own", log_target=True)
    buckets = Template.from_stack(Stack.of(system)).find_resources("AWS::S3::Bucket")
    kept = [
        rule["ExpirationInDays"]
        for bucket in buckets.values()
        for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    ]
    assert kept
    assert set(kept) == {1000}


def test_a_log_target_that_expires_sooner_than_the_settings_say_is_refused(
    make_system: MakeSystem, keep: Callable[[str], None]
) -> None:
    keep("log_buckets = 1000")
    rules = [s3.LifecycleRule(expiration=Duration.days(999))]
    with pytest.raises(InvalidArgumentError, match="write 1000 or more"):
        TtsBucket(make_system(), "Own", log_target=True, lifecycle_rules=rules)
