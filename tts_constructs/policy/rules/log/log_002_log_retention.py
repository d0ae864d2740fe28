"""TTS-LOG-002: Logs must be kept for 30 months."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from tts_constructs import standards
from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.bucket_names import keys_named, keys_of
from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.aws.log_buckets import receives_logs
from tts_constructs.policy.aws.log_deliveries import DESTINATION, FIREHOSE, deliveries_of, is_archive
from tts_constructs.policy.model.checks import check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_LOG_GROUP = "AWS::Logs::LogGroup"
_SUBSCRIPTION = "AWS::Logs::SubscriptionFilter"

_HELPER = "Custom::LogRetention"
"""The CDK's custom resource that sets the retention of a log group that AWS makes."""

_AT_HAND_DAYS = 365
"""Minimum retention in days of a log group that is archived elsewhere (OMB M-21-31: 12 months online)."""

_MADE_BY_CDK = "/LogGroup/Resource"
"""The end of the construct path of a log group that the CDK makes for a function, flow log, or stream."""


def cdk_retention(days: int) -> str:
    """Return the CDK argument for a retention in `standards.LOG_RETENTION_CHOICES`."""
    return f"retention=logs.RetentionDays.{standards.LOG_RETENTION_CHOICES[days]}"


def _log_group(group: Resource) -> Iterator[Result]:
    least = group.stack.assembly.settings.retention.log_groups
    kind = group["LogGroupClass"]
    if kind.text() == "DELIVERY":
        yield kind.violation(
            "LogGroupClass is DELIVERY, which keeps events for days, whatever is written.",
            fix=f"Write `log_group_class=logs.LogGroupClass.STANDARD` and `{cdk_retention(least)}`.",
            template_fix=f"Write `LogGroupClass: STANDARD`, and `RetentionInDays: {least}` or more.",
        )
    else:
        for result in stop_at_unknown(_retention(group, least)):
            template_fix = f"Write `RetentionInDays: {least}` or more."
            yield replace(result, fix=_fix_of(group, least), template_fix=template_fix)


def _retention(group: Resource, least: int) -> Iterator[Result]:
    days = group["RetentionInDays"]
    kept = days.number()
    if kept is None or kept >= least:
        return
    if kept < _AT_HAND_DAYS:
        yield days.violation(f"RetentionInDays is {days.shown}, less than {least}.")
    elif not _is_archived(group):
        yield days.violation(
            f"RetentionInDays is {days.shown}, less than {least}, and nothing in the app sends all events "
            "to a bucket or Firehose."
        )


def _fix_of(group: Resource, least: int) -> str:
    """Return what to write in a CDK app, by the construct that made the log group."""
    kept = cdk_retention(least)
    if group.type == _HELPER:
        return (
            f"Write `log_group=logs.LogGroup(…, {kept})` instead of log_retention. For a database write "
            f"`cloudwatch_logs_{kept}`."
        )
    if str(group.origin.construct_path).endswith(_MADE_BY_CDK):
        return (
            f"The CDK made this log group. Give it your own instead: `logs.LogGroup(…, {kept})`, which a "
            "function takes as `log_group=`, and a flow log as "
            "`ec2.FlowLogDestination.to_cloud_watch_logs(log_group)`."
        )
    return f"Write `{kept}`."


def _is_archived(group: Resource) -> bool:
    """Return whether all events of a log group go to a bucket or Firehose whenever the group exists."""
    subscriptions = group.stack.assembly.index(_subscribed, _SUBSCRIPTION)
    return any(
        archive.exists_whenever(group) and archive.stack.can_name(group)
        for key in (group, group["LogGroupName"].name_key())
        for archive in subscriptions[key]
    ) or any(_archives(delivery) for delivery in deliveries_of(group))


def _subscribed(subscription: Resource) -> Iterator[Hashable]:
    """Yield the log group whose events a subscription archives completely."""
    if subscription["FilterPattern"].text() or not is_archive(subscription["DestinationArn"]):
        return
    group = subscription["LogGroupName"]
    if group.exists:
        yield group.identity()


def _archives(delivery: Resource) -> bool:
    destination = delivery["DeliveryDestinationArn"].target(DESTINATION)
    return destination is not None and is_archive(destination["DestinationResourceArn"])


def _bucket(bucket: Resource) -> Iterator[Result]:
    rules = bucket.properties.at("LifecycleConfiguration/Rules")
    if rules.exists and (receives_logs(bucket) or _is_archive_of_logs(bucket)):
        yield from check_items(rules, _lifecycle_rule)


def _is_archive_of_logs(bucket: Resource) -> bool:
    """Return whether Firehose puts the events of a log group into a bucket."""
    index = bucket.stack.assembly.index
    streams = index(_filled, FIREHOSE)
    handed_on = index(_handed_on_to, _SUBSCRIPTION, DESTINATION)
    return any(stream in handed_on for key in keys_of(bucket) for stream in streams[key])


def _filled(stream: Resource) -> Iterator[Hashable]:
    for kind in ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"):
        yield from keys_named(stream[kind]["BucketARN"])


def _handed_on_to(source: Resource) -> Iterator[Hashable]:
    place = source["DestinationArn" if source.type == _SUBSCRIPTION else "DestinationResourceArn"]
    stream = place.target(FIREHOSE)
    if stream:
        yield stream


def _lifecycle_rule(rule: Node) -> Iterator[Result]:
    if (rule["Status"].text() or "").lower() == "disabled":
        return
    date = rule["ExpirationDate"]
    if date.exists:
        least = date.stack.assembly.settings.retention.log_buckets
        yield date.violation(
            "ExpirationDate removes logs at a date, however young they are.",
            fix=f"Remove `expiration_date=`, and write `expiration=cdk.Duration.days({least})` or more.",
            template_fix=f"Remove ExpirationDate, and write `ExpirationInDays: {least}` or more.",
        )
    yield from stop_at_unknown(_expiration(rule["ExpirationInDays"]))


def _expiration(days: Node) -> Iterator[Result]:
    kept = days.number()
    least = days.stack.assembly.settings.retention.log_buckets
    if kept is not None and kept < least:
        yield days.violation(
            f"ExpirationInDays is {days.shown}, less than {least}, in a bucket that receives logs.",
            fix=f"Write `expiration=cdk.Duration.days({least})` or more.",
            template_fix=f"Write `ExpirationInDays: {least}` or more.",
        )


def _retention_of_call(call: Call, parameter: str) -> Iterator[Result]:
    days = call.parameter(parameter)
    kept = days.number()
    least = days.stack.assembly.settings.retention.log_groups
    if kept is not None and kept < least:
        yield days.violation(f"{call.name} keeps a log for {days.shown} days, less than {least}.")


RULE = Rule(
    id="TTS-LOG-002",
    title="Logs must be kept for 30 months",
    why=(
        "People often find an intrusion more than a year after it began. If the log is deleted by then, you "
        "can't say what was taken. Federal agencies must be able to provide these logs."
    ),
    source=(
        "OMB M-21-31: 12 months of active storage and 18 months of cold storage. TTS handbook: "
        '"Everything you do on these systems is subject to monitoring and auditing."'
    ),
    section="Your information",
    fix=(
        "Use TtsSystem, whose log bucket and log groups keep logs long enough. Or write "
        f"`{cdk_retention(standards.LOG_RETENTION_DAYS)}` in log groups, and "
        f"`expiration=cdk.Duration.days({standards.LOG_BUCKET_RETENTION_DAYS})` in buckets that receive "
        "logs. If the CDK makes a log group itself, give it your own with `log_group=`."
    ),
    template_fix=(
        f"Write `RetentionInDays: {standards.LOG_RETENTION_DAYS}` in log groups, or {_AT_HAND_DAYS} with an "
        "AWS::Logs::SubscriptionFilter of an empty pattern to Firehose, and `ExpirationInDays: "
        f"{standards.LOG_BUCKET_RETENTION_DAYS}` in buckets that receive logs."
    ),
    decides=(
        f"RetentionInDays of a log group must be absent or at least {standards.LOG_RETENTION_DAYS}. "
        f"{_AT_HAND_DAYS} is enough if a subscription or delivery of the app sends all its events to a "
        "bucket or Firehose. The class DELIVERY never keeps events that long. If another resource, or "
        "Firehose for a log group, logs to a bucket, no enabled lifecycle rule of the bucket may expire "
        f"objects before {standards.LOG_BUCKET_RETENTION_DAYS} days. No call of an API may shorten a "
        "retention or delete a log. The settings ([retention]) may require more."
    ),
    controls=("AU-11", "SI-12"),
    force="M",
    production="block",
    sandbox=None,
    checks=with_calls(
        "TTS-LOG-002",
        {_LOG_GROUP: _log_group, _HELPER: _log_group, BUCKET: _bucket},
        {"retention": _retention_of_call},
    ),
)
