"""Buckets: what their examples cannot say."""

from typing import Any

import pytest

from tests.policy.judging import findings

NOWHERE = {"Fn::ImportValue": "of-no-stack"}


def places(rule_id: str, resources: dict[str, Any]) -> dict[str, str]:
    return {finding.location: finding.verdict for finding in findings(rule_id, resources)}


def test_a_block_that_is_not_known_does_not_hide_one_that_is_off() -> None:
    blocks = {"BlockPublicAcls": NOWHERE, "BlockPublicPolicy": False}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": blocks}}
    verdicts = places("TTS-S3-001", {"Bucket": bucket})
    assert verdicts["Properties/PublicAccessBlockConfiguration/BlockPublicAcls"] == "unknown"
    assert verdicts["Properties/PublicAccessBlockConfiguration/BlockPublicPolicy"] == "violation"
    assert verdicts["Properties/PublicAccessBlockConfiguration/RestrictPublicBuckets"] == "violation"


@pytest.mark.parametrize("declared", ["Public", "secret", "", 7, ["public"], NOWHERE])
def test_only_the_declared_word_makes_data_public(declared: Any) -> None:
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Metadata": {"TTS": {"data_sensitivity": declared}},
        "Properties": {"BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]}},
    }
    assert places("TTS-S3-002", {"Bucket": bucket})


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "BucketEncryption is not set"),
        (
            {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                }
            },
            "SSEAlgorithm is AES256",
        ),
    ],
)
def test_what_a_bucket_states_of_its_encryption_is_named(properties: dict[str, Any], said: str) -> None:
    (finding,) = findings("TTS-S3-002", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}})
    assert finding.message.startswith(said)
