"""TTS-DATA-001: Data at rest must be encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tts_constructs.policy.aws.stateful import is_in_cluster
from tts_constructs.policy.model.checks import as_warnings, with_fix
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text
from tts_constructs.policy.result import Result


@dataclass(frozen=True, slots=True)
class _Says:
    """A property that states that data is encrypted.

    Args:
        path: Path of the property.
        encrypts: Whether its value means encryption.
        wanted: The value that it must have, for the message.
        fix: What to write in a CDK app.
        template_fix: What to write in a template.
    """

    path: str
    encrypts: Callable[[Node], bool]
    wanted: str
    fix: str
    template_fix: str


def _true(path: str, argument: str) -> _Says:
    return _Says(path, _is_true, "it must be true", _write(argument), _write(_written(path, "true")))


def _is_true(node: Node) -> bool:
    return node.boolean() is True


def _not_false(path: str, argument: str) -> _Says:
    """Return the description of a property that is true by default."""
    return _Says(path, _is_not_false, "it must be true", _write(argument), _write(_written(path, "true")))


def _is_not_false(node: Node) -> bool:
    return node.boolean() is not False


def _one_of(path: str, *values: str, argument: str, more: str = "") -> _Says:
    template = _write(_written(path, f"{values[0]}{more}"))
    wanted = f"it must be {' or '.join(values)}"
    return _Says(path, partial(_is_one_of, values), wanted, _write(argument), template)


def _is_one_of(values: tuple[str, ...], node: Node) -> bool:
    return node.text() in values


def _key(path: str, fix: str, template_fix: str) -> _Says:
    return _Says(path, Node.names_something, "it must name a KMS key", fix, template_fix)


def _write(words: str) -> str:
    return f"Write `{words}`."


def _written(path: str, value: str) -> str:
    """Return a value at a path as a template writes it: `SSESpecification: {SSEEnabled: true}`."""
    first, _, rest = path.partition("/")
    return f"{first}: {{{_written(rest, value)}}}" if rest else f"{first}: {value}"


_STORAGE = _true("StorageEncrypted", "storage_encrypted=True")
_LOGS = "logs.<region>.amazonaws.com"

_SAYS: dict[str, _Says] = {
    "AWS::DAX::Cluster": _true(
        "SSESpecification/SSEEnabled",
        "sse_specification=dax.CfnCluster.SSESpecificationProperty(sse_enabled=True)",
    ),
    "AWS::DocDB::DBCluster": _STORAGE,
    "AWS::DynamoDB::GlobalTable": _true(
        "SSESpecification/SSEEnabled", "encryption=dynamodb.TableEncryptionV2.aws_managed_key()"
    ),
    "AWS::DynamoDB::Table": _true(
        "SSESpecification/SSEEnabled", "encryption=dynamodb.TableEncryption.AWS_MANAGED"
    ),
    "AWS::EFS::FileSystem": _true("Encrypted", "encrypted=True"),
    "AWS::ElastiCache::ReplicationGroup": _true("AtRestEncryptionEnabled", "at_rest_encryption_enabled=True"),
    "AWS::Elasticsearch::Domain": _true(
        "EncryptionAtRestOptions/Enabled",
        "encryption_at_rest=elasticsearch.EncryptionAtRestOptions(enabled=True)",
    ),
    "AWS::Kinesis::Stream": _one_of(
        "StreamEncryption/EncryptionType",
        "KMS",
        argument="encryption=kinesis.StreamEncryption.MANAGED",
        more=", KeyId: alias/aws/kinesis",
    ),
    "AWS::KinesisFirehose::DeliveryStream": _one_of(
        "DeliveryStreamEncryptionConfigurationInput/KeyType",
        "AWS_OWNED_CMK",
        "CUSTOMER_MANAGED_CMK",
        argument="encryption=firehose.StreamEncryption.aws_owned_key()",
    ),
    "AWS::Logs::LogGroup": _key(
        "KmsKeyId",
        "Write `encryption_key=` with the key of TtsSystem (system.key), or with a key that CloudWatch Logs "
        f"may use: `key.grant_encrypt_decrypt(iam.ServicePrincipal(…))` with {_LOGS}. If the CDK made the "
        "log group, give it your own: `logs.LogGroup(…, retention=logs.RetentionDays.THREE_YEARS, "
        "encryption_key=key)`, which a container takes by `ecs.LogDriver.aws_logs(…, log_group=…)`.",
        f"Write `KmsKeyId` with the ARN of a key whose policy lets {_LOGS} use it.",
    ),
    "AWS::Neptune::DBCluster": _STORAGE,
    "AWS::OpenSearchService::Domain": _true(
        "EncryptionAtRestOptions/Enabled",
        "encryption_at_rest=opensearch.EncryptionAtRestOptions(enabled=True)",
    ),
    "AWS::RDS::DBCluster": _STORAGE,
    "AWS::RDS::DBInstance": _STORAGE,
    "AWS::RDS::GlobalCluster": _STORAGE,
    "AWS::Redshift::Cluster": _not_false("Encrypted", "encrypted=True"),
    "AWS::SNS::Topic": _key(
        "KmsMasterKeyId",
        "Write `master_key=` with the key of TtsSystem (system.key). Unless an alarm writes to the topic, "
        'the AWS managed key will do: `master_key=kms.Alias.from_alias_name(stack, …, "alias/aws/sns")`.',
        "Write `KmsMasterKeyId` with a key of your own. Unless an alarm writes to the topic, alias/aws/sns "
        "will do.",
    ),
}
"""The property of each type that states that its data is encrypted.

Types that AWS always encrypts with a sufficient key are not here: ECR repositories, secrets, backup vaults,
FSx file systems, and MSK clusters. Buckets have TTS-S3-002.
"""

_SENSITIVE = (
    "AWS encrypts it by default, with a key that AWS owns. A KMS key is asked for because data is treated as "
    "sensitive: a KMS key says who may read, and records each use."
)

_BY_DEFAULT = {
    **dict.fromkeys(
        ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"),
        f"{_SENSITIVE} The AWS managed key (alias/aws/dynamodb) is accepted.",
    ),
    "AWS::Logs::LogGroup": f"{_SENSITIVE} AWS has no managed key for log groups, so it is a key of your own.",
    "AWS::RDS::DBCluster": f"{_SENSITIVE} The AWS managed key (alias/aws/rds) is accepted.",
    "AWS::SNS::Topic": f"{_SENSITIVE} The AWS managed key (alias/aws/sns) is accepted, unless an alarm "
    "writes to the topic (TTS-MON-001).",
}
"""Addition to the message for types that AWS always encrypts, but not with a sufficient key."""

_ORIGINS = {
    "AWS::DocDB::DBCluster": ("SnapshotIdentifier", "SourceDBClusterIdentifier"),
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
"""Properties that name the source of a store; without its own setting, the store is encrypted like it."""


def _at_rest(store: Resource) -> Iterator[Result]:
    says = _SAYS[store.type]
    yield from with_fix(_is_encrypted(store, says), says.fix, says.template_fix)


def _is_encrypted(store: Resource, says: _Says) -> Iterator[Result]:
    place = store.properties.at(says.path)
    if _has_no_say(store) or says.encrypts(place):
        return
    origin = None if place.exists else _origin(store)
    if origin is None:
        message = f"{says.path.replace('/', '.')} is {place.shown}; {says.wanted}. {_by_default(store)}"
        yield place.violation(message.rstrip())
    elif not _is_of_the_app(origin):
        yield place.unknown(
            f"{origin.key} names something outside the app, which decides whether this is encrypted. "
            f"Write {says.path} too."
        )


def _by_default(store: Resource) -> str:
    if store.type == "AWS::RDS::DBCluster" and not str(store["Engine"].value).startswith("aurora"):
        return ""  # only Aurora encrypts by default
    return _BY_DEFAULT.get(store.type, "")


def _has_no_say(store: Resource) -> bool:
    """Return whether a store's encryption is always on, or set elsewhere."""
    if store.type == "AWS::RDS::DBInstance":
        return is_in_cluster(store)  # its cluster sets it
    if store.type == "AWS::KinesisFirehose::DeliveryStream":
        return (store["DeliveryStreamType"].text() or "DirectPut") != "DirectPut"  # its source sets it
    return False


def _origin(store: Resource) -> Node | None:
    for name in _ORIGINS.get(store.type, ()):
        if store[name].is_unknown or store[name].names_something():
            return store[name]
    return None


def _is_of_the_app(origin: Node) -> bool:
    """Return whether an origin is a resource of the app, which is judged itself."""
    value = origin.value
    references = value.references if isinstance(value, Text) else (value,)
    return any(isinstance(part, Reference) and part.resource.type in _SAYS for part in references)


def _queue(queue: Resource) -> Iterator[Result]:
    yield from with_fix(
        _is_encrypted_by_sqs(queue),
        "Write `encryption=sqs.QueueEncryption.SQS_MANAGED`, or leave encryption out.",
        "Write `SqsManagedSseEnabled: true`, or leave both properties out.",
    )


def _is_encrypted_by_sqs(queue: Resource) -> Iterator[Result]:
    key, managed = queue["KmsMasterKeyId"], queue["SqsManagedSseEnabled"]
    if not (key.exists or managed.exists):
        return  # SQS encrypts with its own key
    undecided: UnknownValue | None = None
    for says in (key.names_something, managed.boolean):
        try:
            if says():
                return
        except UnknownValue as error:
            undecided = undecided or error
    if undecided:
        raise undecided
    place = managed if managed.exists else key
    yield place.violation(
        f"{place.key} is {place.shown}, and no key is named, so SQS does not encrypt the queue."
    )


def _cache_cluster(cluster: Resource) -> Iterator[Result]:
    yield cluster.properties.violation(
        "A cache cluster on its own cannot be encrypted at rest.",
        fix="Make it an `elasticache.CfnReplicationGroup` with `at_rest_encryption_enabled=True` and "
        "`transit_encryption_enabled=True`.",
        template_fix="Make it an `AWS::ElastiCache::ReplicationGroup` with `AtRestEncryptionEnabled: true` "
        "and `TransitEncryptionEnabled: true`.",
    )


def _log_group(group: Resource) -> Iterator[Result]:
    return as_warnings(_at_rest(group))


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_SAYS, _at_rest),
    "AWS::ElastiCache::CacheCluster": _cache_cluster,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SQS::Queue": _queue,
}

RULE = Rule(
    id="TTS-DATA-001",
    title="Data at rest must be encrypted",
    why=(
        "Any system may hold what people told the government in confidence. With encryption, a lost disk, a "
        "copied snapshot, or a stolen backup doesn't reveal it."
    ),
    source=(
        'Handbook, "Other people\'s information": "Any system in AWS might have the public\'s '
        'information (as opposed to public data) at any time."; NIST SP 800-53 SC-28'
    ),
    section="Other people's information",
    fix=(
        "Keep objects in TtsBucket, and encrypt other stores with the key of TtsSystem (system.key). Or "
        "write the property of the construct, such as `storage_encrypted=True`, "
        "`encryption=dynamodb.TableEncryption.AWS_MANAGED`, or `master_key=`."
    ),
    template_fix=(
        "Write the property of the type, such as `StorageEncrypted: true`, `SSESpecification: {SSEEnabled: "
        "true}`, or `KmsMasterKeyId`."
    ),
    decides=(
        "Each store must state its encryption: databases, file systems, and caches by StorageEncrypted, "
        "Encrypted, SSEEnabled, or AtRestEncryptionEnabled, and streams by their kind of encryption. AWS "
        "encrypts tables, topics, and Aurora clusters by default with a key that AWS owns. They must use a "
        "KMS key; an AWS managed key is enough. Log groups should use a KMS key (a missing one warns). A "
        "queue passes unless SqsManagedSseEnabled is false and it names no key. A Redshift cluster passes "
        "unless Encrypted is false. AWS always encrypts ECR repositories, secrets, backup vaults, FSx file "
        "systems, and MSK clusters. A database in a cluster is encrypted as its cluster is. A restored or "
        "copied store is encrypted as its source is."
    ),
    controls=("SC-28", "SC-28(1)", "SC-13"),
    force="M",
    production="block",
    sandbox="warn",
    checks=_CHECKS,
)
