"""Stateful resources: the types that must survive a mistake, and how to recognize them."""

from __future__ import annotations

from tts_constructs.policy.model.stack import Resource

CAN_SNAPSHOT = {
    "AWS::Backup::BackupVault": False,
    "AWS::Backup::LogicallyAirGappedBackupVault": False,
    "AWS::DocDB::DBCluster": True,
    "AWS::DynamoDB::GlobalTable": False,
    "AWS::DynamoDB::Table": False,
    "AWS::EC2::Volume": True,
    "AWS::EFS::FileSystem": False,
    "AWS::ElastiCache::ReplicationGroup": True,
    "AWS::Elasticsearch::Domain": False,
    "AWS::FSx::FileSystem": False,
    "AWS::KMS::Key": False,
    "AWS::KMS::ReplicaKey": False,
    "AWS::Neptune::DBCluster": True,
    "AWS::OpenSearchService::Domain": False,
    "AWS::RDS::DBCluster": True,
    "AWS::RDS::DBInstance": True,
    "AWS::Redshift::Cluster": True,
    "AWS::S3::Bucket": False,
    "AWS::S3Express::DirectoryBucket": False,
    "AWS::S3Outposts::Bucket": False,
    "AWS::S3Tables::Table": False,
    "AWS::S3Tables::TableBucket": False,
    "AWS::S3Vectors::Index": False,
    "AWS::S3Vectors::VectorBucket": False,
}
"""Types that must survive a mistake (TTS-DATA-003), and whether CloudFormation can snapshot each."""

STATEFUL = frozenset(
    {
        *CAN_SNAPSHOT,
        "AWS::AmazonMQ::Broker",
        "AWS::Cassandra::Table",
        "AWS::CloudFormation::Stack",
        "AWS::CodeCommit::Repository",
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBInstance",
        "AWS::DocDBElastic::Cluster",
        "AWS::ECR::Repository",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::EMR::Cluster",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::MSK::Cluster",
        "AWS::MSK::ServerlessCluster",
        "AWS::MemoryDB::Cluster",
        "AWS::Neptune::DBInstance",
        "AWS::NeptuneGraph::Graph",
        "AWS::OpenSearchServerless::Collection",
        "AWS::Organizations::Account",
        "AWS::QLDB::Ledger",
        "AWS::RDS::GlobalCluster",
        "AWS::RedshiftServerless::Namespace",
        "AWS::Route53::HostedZone",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
        "AWS::Timestream::Table",
    }
)
"""Types that lose their content when CloudFormation replaces them, as it does for a new logical id.

Source: the types above, the stateful types of cfn-lint's rule I3011, and similar types.
"""


def is_in_cluster(instance: Resource) -> bool:
    """Return whether a database instance is part of a cluster, which then sets how its data is kept.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    return instance["DBClusterIdentifier"].names_something()
