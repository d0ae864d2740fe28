"""Tables of properties that rules read: each names one that its type has."""

from typing import Any

import pytest

from scripts.make_property_tables import TOPICS, rendered, tables
from scripts.make_taggable import SCHEMAS, read
from tts_constructs.policy.aws.log_buckets import _DESTINATIONS
from tts_constructs.policy.aws.property_tables import (
    DATA,
    KEY_PAIRS,
    NETWORKS,
    SECRETS,
    SECURITY_GROUPS,
    USER_DATA,
    property_table,
)
from tts_constructs.policy.rules.data.data_001_encryption_at_rest import _ORIGINS, _SAYS
from tts_constructs.policy.rules.data.data_002_internet_exposure import _PUBLIC_UNLESS_SAID

TABLES: list[tuple[str, str]] = [
    *((kind, says.path) for kind, says in _SAYS.items()),
    *((kind, name) for kind, names in _ORIGINS.items() for name in names),
    *((kind, path) for kind, path in _DESTINATIONS.items()),
    *((kind, "PubliclyAccessible") for kind in _PUBLIC_UNLESS_SAID),
    *((kind, path) for _, by_hand in TOPICS.values() for kind, paths in by_hand.items() for path in paths),
]


def test_each_property_of_a_table_is_one_of_its_type() -> None:
    schemas = {schema["typeName"]: schema for schema in map(read, (SCHEMAS / "resources").glob("*.json"))}
    for kind, path in TABLES:
        assert _has(schemas[kind], schemas[kind], path.split("/")), (kind, path)


def _has(schema: dict[str, Any], node: dict[str, Any], path: list[str]) -> bool:
    while "$ref" in node:
        (_, _, name) = node["$ref"].rpartition("/")
        node = schema["definitions"][name]
    if not path:
        return True
    first, *rest = path
    if first == "*":  # each item of a list, each value of a map
        items = [node["items"]] if "items" in node else node.get("properties", {}).values()
        return any(_has(schema, item, rest) for item in items)
    if "properties" not in node and "properties" not in str(node):
        return True  # a map of any names
    options = [node, *node.get("oneOf", ()), *node.get("anyOf", ())]
    return any(
        first in option.get("properties", {}) and _has(schema, option["properties"][first], rest)
        for option in options
    )


def test_the_generated_tables_are_what_the_schemas_of_cfn_lint_say() -> None:
    for topic, table in tables().items():
        written = (DATA / f"{topic}.json").read_text(encoding="utf-8")
        assert written == rendered(table), "run python -m scripts.make_property_tables"


@pytest.mark.parametrize(
    ("topic", "resource_type", "path"),
    [
        (SECRETS, "AWS::OpsWorks::Stack", "RdsDbInstances/*/DbPassword"),
        (SECRETS, "Alexa::ASK::Skill", "AuthenticationConfiguration/ClientSecret"),
        (SECRETS, "AWS::ElastiCache::User", "Passwords/*"),
        (SECRETS, "AWS::BedrockAgentCore::ApiKeyCredentialProvider", "ApiKey"),
        (KEY_PAIRS, "AWS::EC2::EC2Fleet", "LaunchTemplateConfigs/*/Overrides/*/KeyName"),
        (NETWORKS, "AWS::AutoScaling::AutoScalingGroup", "VPCZoneIdentifier/*"),
        (NETWORKS, "AWS::DAX::Cluster", "SubnetGroupName"),
        (NETWORKS, "AWS::DMS::ReplicationConfig", "ComputeConfig/ReplicationSubnetGroupId"),
        (NETWORKS, "AWS::ElastiCache::CacheCluster", "CacheSubnetGroupName"),
        (NETWORKS, "AWS::EVS::Environment", "ServiceAccessSubnetId"),
        (NETWORKS, "AWS::RDS::DBInstance", "DBSubnetGroupName"),
        (NETWORKS, "AWS::ServiceDiscovery::PrivateDnsNamespace", "Vpc"),
        (NETWORKS, "AWS::Serverless::Function", "VpcConfig/SubnetIds/*"),
        (SECURITY_GROUPS, "AWS::EC2::NetworkInterface", "GroupSet/*"),
        (
            SECURITY_GROUPS,
            "AWS::EC2::SpotFleet",
            "SpotFleetRequestConfigData/LaunchSpecifications/*/SecurityGroups/*/GroupId",
        ),
        (SECURITY_GROUPS, "AWS::EMR::Cluster", "Instances/EmrManagedMasterSecurityGroup"),
        (SECURITY_GROUPS, "AWS::EMR::Studio", "EngineSecurityGroupId"),
        (SECURITY_GROUPS, "AWS::Serverless::Function", "VpcConfig/SecurityGroupIds/*"),
        (USER_DATA, "AWS::Lightsail::Instance", "UserData"),
    ],
)
def test_a_property_is_in_the_table_of_its_topic(topic: str, resource_type: str, path: str) -> None:
    assert path in property_table(topic)[resource_type]


@pytest.mark.parametrize(
    ("resource_type", "path"),
    [
        ("AWS::RDS::DBInstance", "MasterUserSecret/SecretArn"),
        ("AWS::ECS::Service", "ServiceConnectConfiguration/LogConfiguration/SecretOptions/*/ValueFrom"),
        ("AWS::EC2::Instance", "MetadataOptions/HttpTokens"),
        ("AWS::DataSync::LocationObjectStorage", "AccessKey"),
        ("AWS::AppMesh::VirtualNode", "Spec/Listeners/*/TLS/Certificate/File/PrivateKey"),
        ("AWS::CodeBuild::Project", "Environment/RegistryCredential/Credential"),
    ],
)
def test_a_property_that_only_names_a_secret_is_in_no_table(resource_type: str, path: str) -> None:
    assert path not in property_table(SECRETS).get(resource_type, ())


@pytest.mark.parametrize(
    ("topic", "resource_type", "path"),
    [
        (NETWORKS, "AWS::RDS::DBSubnetGroup", "DBSubnetGroupName"),
        (NETWORKS, "AWS::EC2::VPCPeeringConnection", "PeerVpcId"),
        (NETWORKS, "AWS::EC2::VPC", "VpcEncryptionControl/VpcId"),
        (SECURITY_GROUPS, "AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId"),
        (SECURITY_GROUPS, "AWS::EKS::Nodegroup", "RemoteAccess/SourceSecurityGroups/*"),
        (SECURITY_GROUPS, "AWS::IAM::User", "Groups/*"),
        (SECURITY_GROUPS, "AWS::AmazonMQ::Broker", "Users/*/Groups/*"),
    ],
)
def test_a_property_that_only_sounds_like_it_is_in_no_table(
    topic: str, resource_type: str, path: str
) -> None:
    assert path not in property_table(topic).get(resource_type, ())
