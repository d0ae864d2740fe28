"""Data at rest: the property by which each store says that it is encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tts_constructs.policy.node import Node, Result, Undecided
from tts_constructs.policy.results import warned
from tts_constructs.policy.rule import Check, Rule
from tts_constructs.policy.stores import is_in_cluster
from tts_constructs.policy.template import Resource
from tts_constructs.policy.values import Reference, Text


@dataclass(frozen=True, slots=True)
class _Says:
    """A property that says that data is encrypted.

    Args:
        path: Where it stands.
        encrypts: Whether what stands there says so.
        wanted: What must stand there, for the message.
    """

    path: str
    encrypts: Callable[[Node], bool]
    wanted: str


def _true(path: str) -> _Says:
    return _Says(path, lambda node: node.boolean() is True, "it must be true")


def _key(path: str) -> _Says:
    return _Says(path, Node.names_something, "it must name a KMS key")


def _one_of(path: str, *values: str) -> _Says:
    return _Says(path, lambda node: node.text() in values, f"it must be {' or '.join(values)}")


_SAYS: dict[str, tuple[_Says, ...]] = {
    "AWS::Backup::BackupVault": (_key("EncryptionKeyArn"),),
    "AWS::DAX::Cluster": (_true("SSESpecification/SSEEnabled"),),
    "AWS::DocDB::DBCluster": (_true("StorageEncrypted"),),
    "AWS::DynamoDB::GlobalTable": (_true("SSESpecification/SSEEnabled"),),
    "AWS::DynamoDB::Table": (_true("SSESpecification/SSEEnabled"),),
    "AWS::ECR::Repository": (_one_of("EncryptionConfiguration/EncryptionType", "KMS", "KMS_DSSE", "AES256"),),
    "AWS::EFS::FileSystem": (_true("Encrypted"),),
    "AWS::ElastiCache::ReplicationGroup": (_true("AtRestEncryptionEnabled"),),
    "AWS::Elasticsearch::Domain": (_true("EncryptionAtRestOptions/Enabled"),),
    "AWS::FSx::FileSystem": (_key("KmsKeyId"),),
    "AWS::Kinesis::Stream": (_one_of("StreamEncryption/EncryptionType", "KMS"),),
    "AWS::KinesisFirehose::DeliveryStream": (
        _one_of(
            "DeliveryStreamEncryptionConfigurationInput/KeyType", "CUSTOMER_MANAGED_CMK", "AWS_OWNED_CMK"
        ),
    ),
    "AWS::Logs::LogGroup": (_key("KmsKeyId"),),
    "AWS::MSK::Cluster": (_key("EncryptionInfo/EncryptionAtRest/DataVolumeKMSKeyId"),),
    "AWS::Neptune::DBCluster": (_true("StorageEncrypted"),),
    "AWS::OpenSearchService::Domain": (_true("EncryptionAtRestOptions/Enabled"),),
    "AWS::RDS::DBCluster": (_true("StorageEncrypted"),),
    "AWS::RDS::DBInstance": (_true("StorageEncrypted"),),
    "AWS::RDS::GlobalCluster": (_true("StorageEncrypted"),),
    "AWS::Redshift::Cluster": (_true("Encrypted"),),
    "AWS::SNS::Topic": (_key("KmsMasterKeyId"),),
    "AWS::SQS::Queue": (_key("KmsMasterKeyId"), _true("SqsManagedSseEnabled")),
    "AWS::SecretsManager::Secret": (_key("KmsKeyId"),),
}
"""Properties by which each type says that its data is encrypted; one of them is enough."""

_ORIGINS = {
    "AWS::DocDB::DBCluster": ("SnapshotIdentifier", "SourceDBClusterIdentifier"),
    "AWS::FSx::FileSystem": ("BackupId",),
    "AWS::Neptune::DBCluster": ("SnapshotIdentifier", "SourceDBClusterIdentifier"),
    "AWS::RDS::DBCluster": (
        "SnapshotIdentifier", "SourceDBClusterIdentifier", "SourceDbClusterResourceId",
        "ReplicationSourceIdentifier",
    ),
    "AWS::RDS::DBInstance": (
        "DBSnapshotIdentifier", "DBClusterSnapshotIdentifier", "SourceDBInstanceIdentifier",
        "SourceDBClusterIdentifier", "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn",
    ),
    "AWS::RDS::GlobalCluster": ("SourceDBClusterIdentifier",),
}  # fmt: skip
"""Properties that name what a store is made from; a store that says nothing is encrypted as that is."""


def _at_rest(store: Resource) -> Iterator[Result]:
    if _has_no_say(store):
        return
    undecided: Undecided | None = None
    for says in _SAYS[store.type]:
        try:
            if says.encrypts(store.properties.at(says.path)):
                return
        except Undecided as error:
            undecided = undecided or error
    if undecided:
        raise undecided
    first = _SAYS[store.type][0]
    place = store.properties.at(first.path)
    origin = None if place.exists else _origin(store)
    if origin is None:
        name = first.path.replace("/", ".")
        yield place.violation(f"{name} is {place.shown}; {first.wanted}, so that the data is encrypted.")
    elif not _is_of_the_app(origin):
        yield place.unknown(
            f"What is named by {origin.key} decides whether this is encrypted, and it is not in the app. "
            f"Write {first.path} too."
        )


def _has_no_say(store: Resource) -> bool:
    """Whether what encrypts a store is stated elsewhere, or always so."""
    if store.type == "AWS::RDS::DBInstance":
        return is_in_cluster(store)  # its cluster says so
    if store.type == "AWS::KinesisFirehose::DeliveryStream":
        return (store["DeliveryStreamType"].text() or "DirectPut") != "DirectPut"  # its source says so
    if store.type == "AWS::FSx::FileSystem" and store["FileSystemType"].text() == "LUSTRE":
        deployment = store.properties.at("LustreConfiguration/DeploymentType").text() or "SCRATCH_1"
        return deployment.startswith("SCRATCH")  # always encrypted, and takes no key
    return False


def _origin(store: Resource) -> Node | None:
    for name in _ORIGINS.get(store.type, ()):
        if store[name].is_unknown or store[name].names_something():
            return store[name]
    return None


def _is_of_the_app(origin: Node) -> bool:
    """Whether an origin is a resource of the app, which is judged there."""
    value = origin.value
    references = value.references if isinstance(value, Text) else (value,)
    return any(isinstance(part, Reference) and part.resource.type in _SAYS for part in references)


def _cache_cluster(cluster: Resource) -> Iterator[Result]:
    yield cluster.properties.violation(
        "A cache cluster on its own cannot be encrypted at rest.",
        fix="Write AWS::ElastiCache::ReplicationGroup with AtRestEncryptionEnabled: true.",
    )


def _log_group(group: Resource) -> Iterator[Result]:
    return warned(_at_rest(group))


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_SAYS, _at_rest),
    "AWS::ElastiCache::CacheCluster": _cache_cluster,
    "AWS::Logs::LogGroup": _log_group,
}

RULES = (
    Rule(
        id="TTS-DATA-001",
        title="Data at rest is encrypted",
        why=(
            "Any system may hold what people have told the government in confidence. Encryption keeps a lost "
            "disk, a copied snapshot or a stolen backup from telling it on."
        ),
        source=(
            'Handbook, "Other people\'s information": "Any system in AWS might have the public\'s '
            'information (as opposed to public data) at any time."; NIST SP 800-53 SC-28'
        ),
        fix=(
            "Keep objects in TtsBucket, and encrypt other stores with the key of TtsSystem (system.key). In "
            "raw CDK give the L2 storage_encrypted=True, encryption=… or encryption_key=…; in a template set "
            "the property that is named."
        ),
        decides=(
            "Each store states by its own property that it is encrypted: databases and file systems by "
            "StorageEncrypted, Encrypted or SSEEnabled, queues by KmsMasterKeyId or SqsManagedSseEnabled, "
            "topics, vaults, secrets and log groups by their key. A database in a cluster is encrypted as "
            "its cluster is, a restored or copied store as what it is made from. A log group warns."
        ),
        controls=("SC-28", "SC-28(1)", "SC-13"),
        force="M",
        production="block",
        sandbox="warn",
        checks=_CHECKS,
    ),
)
