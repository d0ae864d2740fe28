"""TTS-S3-002: Buckets are encrypted with a key."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.model.checks import check_each
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


def _encryption(bucket: Resource) -> Iterator[Result]:
    rules = bucket.properties.at("BucketEncryption/ServerSideEncryptionConfiguration")
    if not rules.items():
        yield rules.violation("BucketEncryption is missing, so no key is stated.")
    yield from check_each(rules.items(), _encryption_rule)


def _encryption_rule(rule: Node) -> Iterator[Result]:
    algorithm = rule.at("ServerSideEncryptionByDefault/SSEAlgorithm")
    stated = algorithm.text()
    if stated in _KEYS:
        return
    if stated != _OWN_KEY_OF_S3:
        yield algorithm.violation(f"SSEAlgorithm is {algorithm.shown}; it must be aws:kms.")
    elif not _is_public(rule.resource) and not is_log_target(rule.resource):
        yield algorithm.violation(
            "SSEAlgorithm is AES256. Only a bucket of data that is declared public, or one that holds "
            "nothing but logs, may do without a KMS key."
        )


def _is_public(bucket: Resource) -> bool:
    """Return whether the owner of a bucket's data has declared it public."""
    own = bucket.attribute("Metadata")[METADATA_KEY]["data_sensitivity"].text()
    return (own or bucket.stack.system_metadata.get("data_sensitivity")) == DataSensitivity.PUBLIC


RULE = Rule(
    id="TTS-S3-002",
    title="Buckets are encrypted with a key",
    why=(
        "A KMS key of the system's own decides who can read the objects, even among those who can reach "
        "the bucket, and each use of the key is recorded."
    ),
    source=_MOST_CONSERVATIVE,
    section="Other people's information",
    fix=(
        "Use TtsBucket, which encrypts with the system's key. Or write "
        "`encryption_key=kms.Key(…, enable_key_rotation=True)`. If the owner of the data has declared it "
        "public, say so with `data_sensitivity=DataSensitivity.PUBLIC` of TtsSystem or TtsGuardrails, "
        "and write `encryption=s3.BucketEncryption.S3_MANAGED`."
    ),
    template_fix=(
        "Write BucketEncryption with `SSEAlgorithm: aws:kms`. If the owner of the data has declared it "
        "public, say so with `data_sensitivity: public` in Metadata.TTS, and write "
        "`SSEAlgorithm: AES256`."
    ),
    decides=(
        "BucketEncryption states SSE-KMS. SSE-S3 passes where the data is declared public, by the record "
        "of the system or the metadata of the bucket, and where the bucket holds nothing but logs: "
        "another resource logs into it, and neither its policy nor an identity policy of the app lets "
        "anyone put objects there but who delivers logs."
    ),
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="M",
    production="block",
    sandbox="warn",
    checks={BUCKET: _encryption},
)
