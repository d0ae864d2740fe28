"""TTS-S3-004: Access to buckets must be logged."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def _access_logs(bucket: Resource) -> Iterator[Result]:
    logging = bucket["LoggingConfiguration"]
    parts = [node for _, node in logging.entries()]
    if not parts and not is_log_target(bucket):
        yield logging.violation("LoggingConfiguration names no bucket, so nobody can tell who read what.")


RULE = Rule(
    id="TTS-S3-004",
    title="Access to buckets must be logged",
    why="After a leak, the first question is who read what. Only access logs answer it.",
    source=(
        'Handbook, "Your information": "Everything you do on these systems is subject to monitoring and '
        'auditing."'
    ),
    section="Your information",
    fix=(
        "Use TtsBucket, which logs to the system's log bucket. Or write `server_access_logs_bucket=` with a "
        "bucket that holds only logs: `s3.Bucket(…, block_public_access=s3.BlockPublicAccess.BLOCK_ALL, "
        "enforce_ssl=True, encryption=s3.BucketEncryption.S3_MANAGED)`."
    ),
    template_fix=(
        "Write `LoggingConfiguration` with the `DestinationBucketName` of a bucket that holds only logs."
    ),
    decides=(
        "LoggingConfiguration must say where access logs go. A bucket that holds only logs (see TTS-S3-002) "
        "doesn't need access logs."
    ),
    controls=("AU-2", "AU-3", "AU-12", "SI-4"),
    force="M",
    production="block",
    sandbox=None,
    checks={BUCKET: _access_logs},
)
