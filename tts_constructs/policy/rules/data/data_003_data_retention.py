"""TTS-DATA-003: Data stores must be retained and backed up."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws.stateful import CAN_SNAPSHOT, is_in_cluster
from tts_constructs.policy.aws.tags import plain_tags
from tts_constructs.policy.model.checks import check_each, check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, after_last, name_key
from tts_constructs.policy.result import Result

_KEEPS = ("Retain", "RetainExceptOnCreate")
_RDS_CLUSTER = "AWS::RDS::DBCluster"
_RDS_INSTANCE = "AWS::RDS::DBInstance"

_MISSING_MEANS_SNAPSHOT = frozenset({_RDS_CLUSTER, _RDS_INSTANCE})
"""Types whose default DeletionPolicy is Snapshot. The default UpdateReplacePolicy deletes."""


def _kept(store: Resource) -> Iterator[Result]:
    return check_each([store.attribute("DeletionPolicy"), store.attribute("UpdateReplacePolicy")], _policy)


def _policy(policy: Node) -> Iterator[Result]:
    store = policy.resource
    stated = policy.text()
    if stated is None and policy.location == "DeletionPolicy" and store.type in _MISSING_MEANS_SNAPSHOT:
        return
    if stated not in _KEEPS and not (stated == "Snapshot" and CAN_SNAPSHOT[store.type]):
        wanted = "Retain or Snapshot" if CAN_SNAPSHOT[store.type] else "Retain"
        yield policy.violation(
            f"{policy.location} is {policy.shown}; it must be {wanted}.",
            fix="Write `removal_policy=cdk.RemovalPolicy.RETAIN`. An L1 resource takes "
            "`apply_removal_policy(cdk.RemovalPolicy.RETAIN)`.",
            template_fix="Write `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`.",
        )


def _rds_cluster(cluster: Resource) -> Iterator[Result]:
    yield from _kept(cluster)
    yield from stop_at_unknown(_backed_up(cluster))
    yield from stop_at_unknown(_is_true(cluster["DeletionProtection"]))


def _rds_instance(instance: Resource) -> Iterator[Result]:
    if is_in_cluster(instance):
        return  # the cluster holds the data
    yield from _kept(instance)
    yield from stop_at_unknown(_is_true(instance["DeletionProtection"]))
    if not instance["SourceDBInstanceIdentifier"].names_something():  # a replica is a copy
        yield from stop_at_unknown(_backed_up(instance))
        yield from stop_at_unknown(_is_true(instance["MultiAZ"]))


def _backed_up(database: Resource) -> Iterator[Result]:
    days = database["BackupRetentionPeriod"]
    if days.number() == 0:  # missing: one day
        yield days.violation(
            "BackupRetentionPeriod is 0, so no backups are made.",
            fix="Write `backup_retention=cdk.Duration.days(…)` of a day or more.",
            template_fix="Write `BackupRetentionPeriod` of 1 or more.",
        )


_ARGUMENTS: dict[str | int, str] = {"DeletionProtection": "deletion_protection", "MultiAZ": "multi_az"}
"""The CDK names of the flags of a database."""


def _is_true(flag: Node) -> Iterator[Result]:
    if not flag.boolean():
        yield flag.violation(
            f"{flag.key} is {flag.shown}; it must be true.",
            fix=f"Write `{_ARGUMENTS[flag.key]}=True`.",
            template_fix=f"Write `{flag.key}: true`.",
        )


def _table(table: Resource) -> Iterator[Result]:
    yield from _kept(table)
    if not _is_selected(table):
        yield from stop_at_unknown(_recoverable(table.properties))


def _global_table(table: Resource) -> Iterator[Result]:
    yield from _kept(table)
    if not _is_selected(table):
        yield from check_items(table["Replicas"], _recoverable)


def _recoverable(table: Node) -> Iterator[Result]:
    enabled = table.at("PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled")
    if not enabled.boolean():
        yield enabled.violation(
            f"PointInTimeRecoveryEnabled is {enabled.shown}, and no backup plan of the app names the table.",
            fix="Write `point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification("
            "point_in_time_recovery_enabled=True)`.",
            template_fix="Write `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}`.",
        )


def _file_system(file_system: Resource) -> Iterator[Result]:
    yield from _kept(file_system)
    if not _is_selected(file_system):
        yield from stop_at_unknown(_file_backups(file_system.properties.at("BackupPolicy/Status")))


def _file_backups(status: Node) -> Iterator[Result]:
    if status.text() != "ENABLED":
        yield status.violation(
            f"BackupPolicy.Status is {status.shown}, and no backup plan of the app names the file system.",
            fix="Write `enable_automatic_backups=True`.",
            template_fix="Write `BackupPolicy: {Status: ENABLED}`.",
        )


def _is_selected(store: Resource) -> bool:
    """Return whether a backup plan of the app selects a store by name, by tag, or with everything."""
    selections = store.stack.assembly.index(_selected, "AWS::Backup::BackupSelection")
    return any(
        selection.exists_whenever(store) and selection.stack.can_name(store)
        for key in (store, "*", *_names_of(store), *plain_tags(store).items())
        for selection in selections[key]
    )


_TABLES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
_BEFORE_A_TABLE = ":table/"
"""The text before the name of a table in its ARN."""


def _names_of(store: Resource) -> Iterator[Hashable]:
    """Yield the keys of a table by its name, and of all tables; other stores are not selected so."""
    if store.type in _TABLES:
        yield _BEFORE_A_TABLE, "*"
        if key := store["TableName"].name_key():
            yield _BEFORE_A_TABLE, key


def _selected(selection: Resource) -> Iterator[Hashable]:
    chosen = selection["BackupSelection"]
    if chosen["NotResources"].items() or chosen["Conditions"].entries():
        return  # their effect depends on tags and names
    for item in chosen["Resources"].items():
        value = item.value
        for part in value.parts if isinstance(value, Text) else (value,):
            if isinstance(part, Reference):
                yield part.resource
        if value == "*":
            yield value
        yield from _named_in_arn(item)
    for condition in chosen["ListOfTags"].items():  # selects by name or by one of these tags
        key, tagged = condition["ConditionKey"].value, condition["ConditionValue"].value
        if isinstance(key, str) and isinstance(tagged, str):
            yield key.removeprefix("aws:ResourceTag/"), tagged


def _named_in_arn(item: Node) -> Iterator[Hashable]:
    value = item.value
    if (
        isinstance(value, str | Text)
        and _BEFORE_A_TABLE in str(value)
        and (key := name_key(after_last(value, _BEFORE_A_TABLE), item.resource.stack))
    ):
        yield _BEFORE_A_TABLE, key


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(CAN_SNAPSHOT, _kept),
    _RDS_CLUSTER: _rds_cluster,
    _RDS_INSTANCE: _rds_instance,
    "AWS::DynamoDB::Table": _table,
    "AWS::DynamoDB::GlobalTable": _global_table,
    "AWS::EFS::FileSystem": _file_system,
}

RULE = Rule(
    id="TTS-DATA-003",
    title="Data stores must be retained and backed up",
    why=(
        "If you rename a construct, change a property, or delete a stack, CloudFormation may delete a store "
        "and all its data, unless the template says to keep it. Backups and a second zone protect the data "
        "from failures."
    ),
    source=(
        'Handbook, "Building systems that will be deployed directly to AWS": "to ensure systems deployed '
        "to AWS are robust and reliable, and to ensure the integrity of information stored in AWS, we "
        'impose some additional restrictions"'
    ),
    section="Building systems that will be deployed directly to AWS",
    fix=(
        "Use TtsBucket for objects. Give other stores `removal_policy=cdk.RemovalPolicy.RETAIN`. Give "
        "databases `multi_az=True`, `deletion_protection=True`, and `backup_retention=`, tables "
        "`point_in_time_recovery_specification=`, and file systems `enable_automatic_backups=True`."
    ),
    template_fix=(
        "Write `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`, and the property that the "
        "finding names."
    ),
    decides=(
        "DeletionPolicy and UpdateReplacePolicy of each store must be Retain, RetainExceptOnCreate, or, if "
        "CloudFormation can make one, Snapshot. RDS must make backups, and must have DeletionProtection. An "
        "RDS instance outside a cluster must have MultiAZ. Tables and file systems must make their own "
        "backups, or a backup plan of the app must name them or one of their tags. Queues, topics, streams, "
        "and log groups don't count as stores."
    ),
    controls=("CP-9", "CP-10"),
    force="M",
    production="block",
    sandbox=None,
    checks=_CHECKS,
)
