"""TTS-S3-002: Buckets must be encrypted with a KMS key."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.model.checks import check_each, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.system_metadata import METADATA_KEY, DataSensitivity

_MOST_CONSERVATIVE = (
    'Handbook, "Other people\'s information": "always assume the owner of that data has the most '
    'conservative requirements unless they have taken express action"'
)

_KEYS = frozenset({"aws:kms", "aws:kms:dsse"})
_OWN_KEY_OF_S3 = "AES256"

_DIRECTORY_BUCKET = "AWS::S3Express::DirectoryBucket"

_IN_RULES = "BucketEncryption/ServerSideEncryptionConfiguration/*/ServerSideEncryptionByDefault/SSEAlgorithm"
_ALGORITHMS = {
    BUCKET: _IN_RULES,
    _DIRECTORY_BUCKET: _IN_RULES,
    "AWS::S3Tables::TableBucket": "EncryptionConfiguration/SSEAlgorithm",
    "AWS::S3Vectors::VectorBucket": "EncryptionConfiguration/SseType",
}
"""Where each kind of bucket says how it encrypts."""

_PUBLIC_DATA = (
    "If the owner of the data has declared it public, say so with `data_sensitivity=DataSensitivity.PUBLIC` "
    "of TtsSystem or TtsGuardrails",
    "If the owner of the data has declared it public, say so with `data_sensitivity: public` in Metadata.TTS",
)

_FIXES = {
    _DIRECTORY_BUCKET: (
        'Write `bucket_encryption=` of CfnDirectoryBucket, with `sse_algorithm="aws:kms"` and a key in '
        f"`kms_master_key_id=`. {_PUBLIC_DATA[0]}.",
        "Write BucketEncryption with `SSEAlgorithm: aws:kms`, and a key of the app in KMSMasterKeyID. "
        f"{_PUBLIC_DATA[1]}.",
    ),
    "AWS::S3Tables::TableBucket": (
        'Write `encryption_configuration=` of CfnTableBucket, with `sse_algorithm="aws:kms"` and a key in '
        f"`kms_key_arn=`. {_PUBLIC_DATA[0]}.",
        "Write EncryptionConfiguration with `SSEAlgorithm: aws:kms`, and a key in KMSKeyArn. "
        f"{_PUBLIC_DATA[1]}.",
    ),
    "AWS::S3Vectors::VectorBucket": (
        'Write `encryption_configuration=` of CfnVectorBucket, with `sse_type="aws:kms"` and a key in '
        f"`kms_key_arn=`. {_PUBLIC_DATA[0]}.",
        f"Write EncryptionConfiguration with `SseType: aws:kms`, and a key in KmsKeyArn. {_PUBLIC_DATA[1]}.",
    ),
}
"""Fixes for buckets that are not `AWS::S3::Bucket`, in a CDK app and in a template."""


def _encryption(bucket: Resource) -> Iterator[Result]:
    before, _, after = _ALGORITHMS[bucket.type].partition("/*/")
    rules = bucket.properties.at(before)
    if not after:
        yield from _algorithm(rules)
    elif rules.items():
        yield from check_each([rule.at(after) for rule in rules.items()], _algorithm)
    else:
        yield from _without_a_key(rules)


def _other_bucket(bucket: Resource) -> Iterator[Result]:
    return with_fix(_encryption(bucket), *_FIXES[bucket.type])


def _algorithm(algorithm: Node) -> Iterator[Result]:
    stated = algorithm.text()
    if stated in _KEYS:
        return
    if stated in (None, _OWN_KEY_OF_S3):
        yield from _without_a_key(algorithm)
    else:
        yield algorithm.violation(f"{algorithm.key} is {algorithm.shown}; it must be aws:kms.")


def _without_a_key(place: Node) -> Iterator[Result]:
    """Judge a bucket that S3 encrypts with its own key, which is what it does without a word of it, too."""
    bucket = place.resource
    if _is_public(bucket) or (bucket.type == BUCKET and is_log_target(bucket)):
        return
    own = f"{place.location.split('/')[1]} is not set, so Amazon S3 encrypts with its own key (AES256)."
    stated = f"{place.key} is {_OWN_KEY_OF_S3}."
    yield place.violation(
        f"{stated if place.exists else own} Only a bucket of data that is declared public, or one that "
        "holds nothing but logs, may do without a KMS key."
    )


def _is_public(bucket: Resource) -> bool:
    """Return whether the owner of a bucket's data has declared it public."""
    own = bucket.attribute("Metadata")[METADATA_KEY]["data_sensitivity"].text()
    return (own or bucket.stack.system_metadata.get("data_sensitivity")) == DataSensitivity.PUBLIC


RULE = Rule(
    id="TTS-S3-002",
    title="Buckets must be encrypted with a KMS key",
    why=(
        "Your system's own KMS key decides who can read the objects, even among those who can reach the "
        "bucket. CloudTrail records each use of the key."
    ),
    source=_MOST_CONSERVATIVE,
    section="Other people's information",
    fix=(
        "Use TtsBucket, which encrypts with the system's key. Or write `encryption_key=kms.Key(…, "
        "enable_key_rotation=True)`. If the owner of the data has declared it public, write "
        "`data_sensitivity=DataSensitivity.PUBLIC` in TtsSystem or TtsGuardrails, and "
        "`encryption=s3.BucketEncryption.S3_MANAGED`."
    ),
    template_fix=(
        "Write BucketEncryption with `SSEAlgorithm: aws:kms`. If the owner of the data has declared it "
        "public, write `data_sensitivity: public` in Metadata.TTS, and `SSEAlgorithm: AES256`."
    ),
    decides=(
        "BucketEncryption, or EncryptionConfiguration of a table or vector bucket, must state SSE-KMS. "
        "SSE-S3, stated or by default, passes in two cases. First: the record of the system or the metadata "
        "of the bucket declares the data public. Second: the bucket holds only logs, which means that "
        "another resource logs to it, and neither its policy nor an identity policy of the app lets anyone "
        "but log-delivery services put objects there."
    ),
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="M",
    production="block",
    sandbox="warn",
    checks={BUCKET: _encryption, **dict.fromkeys(_FIXES, _other_bucket)},
)
