"""A cloud assembly on disk."""

from pathlib import Path

import pytest

from tests.policy.on_disk import ASSETS, QUEUE, stack_artifact, write


@pytest.fixture
def cdk_out(tmp_path: Path) -> Path:
    """An assembly of a stack with a nested stack, and a stage with a stack."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {
            "TemplateURL": {
                "Fn::Join": ["", ["https://s3.us-east-1.", {"Ref": "AWS::URLSuffix"}, f"/{ASSETS}/abc.json"]]
            }
        },
    }
    write(tmp_path / "App.template.json", {"Resources": {"Queue": QUEUE, "Nested": nested}})
    write(tmp_path / "AppNested.nested.template.json", {"Resources": {"Queue": QUEUE}})
    write(
        tmp_path / "App.assets.json",
        {
            "files": {
                "abc": {
                    "source": {"path": "AppNested.nested.template.json"},
                    "destinations": {
                        "d": {
                            "bucketName": "assets-${AWS::AccountId}-${AWS::Region}",
                            "objectKey": "abc.json",
                        }
                    },
                }
            }
        },
    )
    write(
        tmp_path / "App.metadata.json",
        {
            "/App": [{"type": "aws:cdk:templateFile", "data": "App.template.json"}],
            "/App/Queue/Resource": [
                {"type": "aws:cdk:logicalId", "data": "Queue"},
                {
                    "type": "aws:cdk:creationStack",
                    "data": [
                        "...aws-cdk-lib...",
                        "main (/elsewhere/site-packages/x.py:1)",
                        "main (/elsewhere/app.py:7)",
                    ],
                },
            ],
            "/App/N": [{"type": "aws:cdk:templateFile", "data": "AppNested.nested.template.json"}],
            "/App/N/Queue": [{"type": "aws:cdk:logicalId", "data": "Queue"}],
            "/App/N.NestedStack/N.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Nested"}],
        },
    )
    write(tmp_path / "assembly-Prod/Prod.template.json", {"Resources": {"Queue": QUEUE}})
    write(
        tmp_path / "assembly-Prod/manifest.json",
        {"artifacts": {"Prod": stack_artifact("Prod") | {"displayName": "Prod/App"}}},
    )
    write(
        tmp_path / "manifest.json",
        {
            "missing": [{"provider": "ami"}],
            "artifacts": {
                "App": stack_artifact(
                    "App", terminationProtection=True, stackName="app-1", parameters={"P": "given"}
                )
                | {"additionalMetadataFile": "App.metadata.json"},
                "Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
                "Tree": {"type": "cdk:tree"},
            },
        },
    )
    return tmp_path
