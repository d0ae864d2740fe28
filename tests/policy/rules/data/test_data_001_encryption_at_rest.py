"""What is written instead of a store that is not encrypted."""

from typing import Any

import pytest

from tests.policy.judging import findings

OF_CDK = {"aws:cdk:path": "App/Store/Resource"}


def fix(resource_type: str, **body: Any) -> str:
    (finding,) = findings("TTS-DATA-001", {"Store": {"Type": resource_type, **body}})
    return finding.fix


@pytest.mark.parametrize(
    ("resource_type", "in_a_template", "in_an_app"),
    [
        ("AWS::DocDB::DBCluster", "StorageEncrypted: true", "storage_encrypted=True"),
        (
            "AWS::DynamoDB::Table",
            "SSESpecification: {SSEEnabled: true}",
            "encryption=dynamodb.TableEncryption.AWS_MANAGED",
        ),
        (
            "AWS::Kinesis::Stream",
            "StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}",
            "encryption=kinesis.StreamEncryption.MANAGED",
        ),
        (
            "AWS::KinesisFirehose::DeliveryStream",
            "DeliveryStreamEncryptionConfigurationInput: {KeyType: AWS_OWNED_CMK}",
            "encryption=firehose.StreamEncryption.aws_owned_key()",
        ),
    ],
)
def test_each_type_has_a_fix_of_its_own_in_an_app_and_in_a_template(
    resource_type: str, in_a_template: str, in_an_app: str
) -> None:
    assert fix(resource_type) == f"Write `{in_a_template}`."
    assert fix(resource_type, Metadata=OF_CDK) == f"Write `{in_an_app}`."
