"""Buckets that hold only logs, which some rules exempt."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws.bucket_names import (
    ANYTHING,
    Pattern,
    bucket_named,
    keys_named,
    keys_of,
    spelled_key,
)
from tts_constructs.policy.aws.bucket_policies import BUCKET, BUCKET_POLICY
from tts_constructs.policy.aws.iam_identity_policies import IDENTITY_POLICY_TYPES, identity_policies
from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.aws.load_balancers import LOAD_BALANCER, values_of
from tts_constructs.policy.aws.log_deliveries import DELIVERY, DESTINATION
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Unknown, Value

LOG_SERVICES = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logging.s3.amazonaws.com",
        "redshift.amazonaws.com",
    }
)
"""Service principals that deliver logs to buckets."""

_EXPORTS_LOGS = re.compile(r"logs(\.[a-z0-9-]+)?\.amazonaws\.com")
"""Service principal of CloudWatch Logs, which exports log groups to buckets."""

LOAD_BALANCER_ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
}
"""AWS accounts that write access logs of load balancers (Elastic Load Balancing user guide)."""

_ACCOUNT_ROOT = re.compile(r"arn:[^:]*:iam::([^:]*):root")

_BALANCER_LOGS = ("access_logs.s3", "connection_logs.s3", "health_check_logs.s3")
"""How the attributes of the logs of a load balancer begin."""

_DESTINATIONS = {
    BUCKET: "LoggingConfiguration/DestinationBucketName",
    "AWS::CloudFront::Distribution": "DistributionConfig/Logging/Bucket",
    "AWS::CloudFront::StreamingDistribution": "StreamingDistributionConfig/Logging/Bucket",
    "AWS::CloudTrail::Trail": "S3BucketName",
    "AWS::Config::DeliveryChannel": "S3BucketName",
    "AWS::EC2::FlowLog": "LogDestination",
    "AWS::EC2::VerifiedAccessInstance": "LoggingConfigurations/S3/BucketName",
    "AWS::ElasticLoadBalancing::LoadBalancer": "AccessLoggingPolicy/S3BucketName",
    "AWS::KafkaConnect::Connector": "LogDelivery/WorkerLogDelivery/S3/Bucket",
    DESTINATION: "DestinationResourceArn",
    "AWS::MSK::Cluster": "LoggingInfo/BrokerLogs/S3/Bucket",
    "AWS::NetworkFirewall::LoggingConfiguration": (
        "LoggingConfiguration/LogDestinationConfigs/*/LogDestination/bucketName"
    ),
    "AWS::Pipes::Pipe": "LogConfiguration/S3LogDestination/BucketName",
    "AWS::Redshift::Cluster": "LoggingProperties/BucketName",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": "DestinationArn",
    "AWS::VpcLattice::AccessLogSubscription": "DestinationArn",
    "AWS::WAFv2::LoggingConfiguration": "LogDestinationConfigs/*",
}
"""The properties of each type that name the bucket for its logs."""

_SWITCHES = {
    "AWS::CloudFront::StreamingDistribution": "StreamingDistributionConfig/Logging/Enabled",
    "AWS::CloudTrail::Trail": "IsLogging",
    "AWS::ElasticLoadBalancing::LoadBalancer": "AccessLoggingPolicy/Enabled",
    "AWS::EC2::VerifiedAccessInstance": "LoggingConfigurations/S3/Enabled",
    "AWS::KafkaConnect::Connector": "LogDelivery/WorkerLogDelivery/S3/Enabled",
    "AWS::MSK::Cluster": "LoggingInfo/BrokerLogs/S3/Enabled",
}
"""The properties of types that say if they log; others log where they name a destination."""

_WRITE_EVERYWHERE = ("/AdministratorAccess", "/AmazonS3FullAccess", "/PowerUserAccess")
"""AWS managed policies that let an identity write to all buckets."""


def is_log_target(bucket: Resource) -> bool:
    """Return whether a bucket holds only logs that AWS services deliver.

    It does if another resource names it as the destination of its logs, and they are on, its policies let
    only log delivery services put objects, and no identity policy of the app allows `s3:PutObject`, or
    `s3:ReplicateObject`, on it. Buckets that log into each other do not make each other log targets.

    Args:
        bucket: An `AWS::S3::Bucket`.

    Raises:
        UnknownValue: It receives logs, and it cannot be decided who else may put objects there.
    """
    return _is_logged_into(bucket) and not _policy_lets_others_put(bucket) and not _identities_may_put(bucket)


# Where logs go


def receives_logs(bucket: Resource) -> bool:
    """Return whether a resource other than the bucket names it as the destination of its logs, on or off."""
    return any(any(_sources_of(bucket, state)) for state in (_ON, _PERHAPS, _OFF))


def _is_logged_into(bucket: Resource) -> bool:
    """Return whether a log that is on goes to a bucket.

    Raises:
        UnknownValue: Only logs go there of which it is not known whether they are on.
    """
    if any(_sources_of(bucket, _ON)):
        return True
    for source in _sources_of(bucket, _PERHAPS):
        raise _undecided(bucket, f"whether the log of {source.logical_id} is on, which is not known.")
    return False


_ON, _PERHAPS, _OFF = "on", "perhaps", "off"
"""States of a log; the second is one that is not known."""


def _sources_of(bucket: Resource, state: str) -> Iterator[Resource]:
    """Yield the resources that name a bucket as the destination of a log that is in a state."""
    sources = bucket.stack.assembly.index(_destinations, LOAD_BALANCER, *_DESTINATIONS)
    return (
        source
        for key in keys_of(bucket)
        for source in sources[state, key]
        if source is not bucket
        and source.exists_whenever(bucket)
        and _is_used(source)
        and not _logs_into(bucket, source)
    )


def _destinations(source: Resource) -> Iterator[Hashable]:
    for place, state in _logs_of(source):
        yield from ((state, key) for key in keys_named(place))


def _logs_of(source: Resource) -> Iterator[tuple[Node, str]]:
    """Yield the destination of each log of a resource, with the state of the log."""
    if source.type == LOAD_BALANCER:
        attributes = source["LoadBalancerAttributes"]
        for log in _BALANCER_LOGS:
            for place in values_of(attributes, f"{log}.bucket"):
                yield place, _state(_values(attributes, f"{log}.enabled"))
    else:
        switch = _SWITCHES.get(source.type)
        state = _state(iter([source.properties.at(switch)])) if switch else _ON
        for place in source.properties.find_all(_DESTINATIONS[source.type]):
            yield place, state


def _values(attributes: Node, key: str) -> Iterator[Node]:
    yield from values_of(attributes, key)


def _state(switches: Iterator[Node]) -> str:
    try:
        return _ON if any(switch.boolean() for switch in switches) else _OFF
    except UnknownValue:
        return _PERHAPS


def _is_used(source: Resource) -> bool:
    """Return whether logs are delivered to a destination; one with a policy is for other accounts."""
    if source.type != DESTINATION or source["DeliveryDestinationPolicy"].exists:
        return True
    deliveries = source.stack.assembly.index(_delivered_to, DELIVERY)
    return any(key in deliveries for key in (source, _ELSEWHERE))


_ELSEWHERE = "elsewhere"
"""Index key of deliveries to a destination that is not known to be one of the app."""


def _delivered_to(delivery: Resource) -> Iterator[Hashable]:
    destination = delivery["DeliveryDestinationArn"].value
    yield destination.resource if isinstance(destination, Reference) else _ELSEWHERE


def _logs_into(bucket: Resource, other: Resource) -> bool:
    """Return whether the access logs of a bucket end in another one, through any number of buckets."""
    if other.type != BUCKET:
        return False
    seen = {bucket}
    following = _access_logs_of(bucket)
    while following and following not in seen:
        if following is other:
            return True
        seen.add(following)
        following = _access_logs_of(following)
    return False


def _access_logs_of(bucket: Resource) -> Resource | None:
    try:
        destination = bucket.properties.at("LoggingConfiguration/DestinationBucketName")
        return destination.target(BUCKET, name="BucketName")
    except UnknownValue:
        return None


# Who may put objects


def _policy_lets_others_put(bucket: Resource) -> bool:
    # All that may exist count, whatever their conditions: one is enough.
    policies = bucket.stack.assembly.index(_policed, BUCKET_POLICY)
    for policy in policies[ANYTHING]:
        raise _undecided(bucket, f"the bucket policy {policy.logical_id}, whose Bucket is not known.")
    for policy in dict.fromkeys(policy for key in keys_of(bucket) for policy in policies[key]):
        try:
            if any(
                _lets_put(statement) and _lets_others(statement)
                for statement in map(Statement.read, statements(policy["PolicyDocument"]))
            ):
                return True
        except UnknownValue as undecided:
            reason = f"its policy {policy.logical_id}: {undecided.result.message}"
            raise _undecided(bucket, reason) from None
    return False


def _policed(policy: Resource) -> Iterator[Hashable]:
    return keys_named(policy["Bucket"])


def _lets_put(statement: Statement) -> bool:
    """Return whether a statement allows to put objects; a replication puts what is in another bucket."""
    return statement.allows and (statement.covers("s3:PutObject") or statement.covers("s3:ReplicateObject"))


def _lets_others(statement: Statement) -> bool:
    return statement.to_anyone or not all(
        _delivers_logs(kind, value, statement.node) for kind, value in statement.principals
    )


def _delivers_logs(kind: str, value: Value, statement: Node) -> bool:
    text = str(value)
    if kind == "Service":
        return text in LOG_SERVICES or _EXPORTS_LOGS.fullmatch(text) is not None
    root = _ACCOUNT_ROOT.fullmatch(text)
    account = root[1] if root else text
    if isinstance(value, Unknown) or account == "${…}":
        message = "It lets a principal put objects that is not known before deployment. Write the principal."
        raise UnknownValue(statement.unknown(message))
    region = statement.stack.region
    allowed = {LOAD_BALANCER_ACCOUNTS.get(region)} if region else set(LOAD_BALANCER_ACCOUNTS.values())
    return kind == "AWS" and account in allowed


def _identities_may_put(bucket: Resource) -> bool:
    writers = bucket.stack.assembly.index(_written, *IDENTITY_POLICY_TYPES)
    if any(_can_reach(writer, bucket) for key in keys_of(bucket) for writer in writers[key]):
        return True
    unknown: Resource | None = None
    for writer in writers[_SEVERAL]:
        if not _can_reach(writer, bucket):
            continue
        for named, _ in _writable(writer):
            fits = named.fits(bucket) if isinstance(named, Pattern) else False
            if fits:
                return True
            if fits is None:
                unknown = writer
    if unknown:
        reason = f"{unknown.logical_id}, which allows to put objects into buckets that are not known here."
        raise _undecided(bucket, f"{reason} Name the buckets there.")
    return False


def _can_reach(writer: Resource, bucket: Resource) -> bool:
    """Return whether an identity policy is enough. Across accounts, the bucket policy must also allow it."""
    accounts = {writer.stack.account, bucket.stack.account}
    return len(accounts - {None}) < 2


_SEVERAL = "several"
"""Index key of identity policies that allow writing to buckets by a pattern."""


def _written(holder: Resource) -> Iterator[Hashable]:
    for named, spelled in _writable(holder):
        yield _SEVERAL if isinstance(named, Pattern) else named
        if spelled:
            yield spelled


def _writable(holder: Resource) -> Iterator[tuple[Resource | str | Pattern, Hashable]]:
    """Yield the buckets where the identity policies of a resource allow to put objects.

    Each has the key of its name, where that has unknown parts.
    """
    try:
        documents = [node for document in identity_policies(holder) for node in statements(document)]
        attached = [str(arn) for arn in holder["ManagedPolicyArns"].values()]
    except UnknownValue:
        yield ANYTHING, None
        return
    if any(arn.endswith(_WRITE_EVERYWHERE) for arn in attached):
        yield Pattern("*"), None
    for node in filter(_can_speak_of_s3, documents):
        try:
            statement = Statement.read(node)
        except UnknownValue:
            yield ANYTHING, None
            continue
        if _lets_put(statement):
            for resource in statement.resources or ("*",):
                yield bucket_named(resource), spelled_key(resource, holder.stack)


def _can_speak_of_s3(statement: Node) -> bool:
    """Return whether a statement may have an S3 action; most have none and need no complete reading."""
    actions = statement["Action"].value
    listed = actions if isinstance(actions, list) else [actions]
    return any(not isinstance(action, str) or _OF_S3.match(action) for action in listed)


_OF_S3 = re.compile(r"\s*(s3:|\*)", re.IGNORECASE)


def _undecided(bucket: Resource, reason: str) -> UnknownValue:
    message = f"This bucket may hold more than logs: that depends on {reason}"
    return UnknownValue(bucket.properties.unknown(message))
