"""TTS-S3-003: Buckets must be versioned."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def _versions(bucket: Resource) -> Iterator[Result]:
    status = bucket.properties.at("VersioningConfiguration/Status")
    if status.text() != "Enabled" and not is_log_target(bucket):
        yield status.violation(
            f"VersioningConfiguration.Status is {status.shown}, so what is overwritten or deleted is lost."
        )


RULE = Rule(
    id="TTS-S3-003",
    title="Buckets must be versioned",
    why=(
        "Without versions, an object is lost if a program or a person overwrites or deletes it by mistake. "
        "It may be the only copy of what somebody sent in."
    ),
    source=(
        'Handbook, "Building systems that will be deployed directly to AWS": "to ensure the integrity of '
        'information stored in AWS, we impose some additional restrictions"'
    ),
    section="Building systems that will be deployed directly to AWS",
    fix="Use TtsBucket, or write `versioned=True`.",
    template_fix="Write `VersioningConfiguration: {Status: Enabled}`.",
    decides=(
        "VersioningConfiguration.Status must be Enabled. A bucket that holds only logs (see TTS-S3-002) "
        "doesn't need versions."
    ),
    controls=("CP-9", "CP-10"),
    force="M",
    production="block",
    sandbox=None,
    checks={BUCKET: _versions},
)
