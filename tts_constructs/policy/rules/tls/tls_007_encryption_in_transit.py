"""TTS-TLS-007: Databases, caches, queues, and other services must encrypt traffic with TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tts_constructs.policy.aws.stateful import is_in_cluster
from tts_constructs.policy.model.checks import check_items, must_be_true, one_of, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Unknown, Value
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._plain_http_denials import denials_of_plain_http
from tts_constructs.policy.rules.tls._shared import CONTROLS, HANDBOOK, as_seen_from

_SEARCH_TLS = frozenset(
    {
        "Policy-Min-TLS-1-2-2019-07",
        "Policy-Min-TLS-1-2-PFS-2023-10",
        "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
    }
)


def _search(domain: Resource) -> Iterator[Result]:
    options = domain["DomainEndpointOptions"]
    yield from must_be_true(options["EnforceHTTPS"], "so the domain answers plain HTTP.")
    yield from one_of(
        options["TLSSecurityPolicy"],
        _SEARCH_TLS,
        "where a policy of TLS 1.2 such as Policy-Min-TLS-1-2-2019-07 belongs.",
    )


def _cache(cache: Resource) -> Iterator[Result]:
    yield from must_be_true(cache["TransitEncryptionEnabled"], "so clients talk to the cache unencrypted.")
    mode = cache["TransitEncryptionMode"]
    if (mode.text() or "").lower() == "preferred":
        yield mode.violation("TransitEncryptionMode is preferred, so clients may talk unencrypted.")


def _memory(cluster: Resource) -> Iterator[Result]:
    encrypted = cluster["TLSEnabled"]
    if encrypted.boolean() is False:  # the default is true
        yield encrypted.violation("TLSEnabled is false, so clients talk to the cluster unencrypted.")


def _accelerator(cluster: Resource) -> Iterator[Result]:
    yield from one_of(
        cluster["ClusterEndpointEncryptionType"], {"TLS"}, "so clients talk to the cluster unencrypted."
    )


def _proxy(proxy: Resource) -> Iterator[Result]:
    yield from must_be_true(proxy["RequireTLS"], "so clients may talk to the proxy unencrypted.")


def _streams(cluster: Resource) -> Iterator[Result]:
    in_transit = cluster.properties.at("EncryptionInfo/EncryptionInTransit")
    brokers = in_transit["ClientBroker"]
    if brokers.exists:  # the default is TLS
        yield from one_of(brokers, {"TLS"}, "so clients may talk to the brokers unencrypted.")
    between = in_transit["InCluster"]
    if between.boolean() is False:
        yield between.violation("InCluster is false, so the brokers talk to each other unencrypted.")


def _tasks(definition: Resource) -> Iterator[Result]:
    yield from check_items(definition["Volumes"], _mount)


def _mount(volume: Node) -> Iterator[Result]:
    file_system = volume["EFSVolumeConfiguration"]  # of a task
    if not file_system.exists:
        file_system = volume["EfsVolumeConfiguration"]  # of a job
    if file_system.exists:
        yield from one_of(
            file_system["TransitEncryption"], {"ENABLED"}, "so files travel from EFS unencrypted."
        )


_JOB_VOLUMES = (
    "ContainerProperties/Volumes",
    "EcsProperties/TaskProperties/*/Volumes",
    "NodeProperties/NodeRangeProperties/*/Container/Volumes",
    "NodeProperties/NodeRangeProperties/*/EcsProperties/TaskProperties/*/Volumes",
)


def _jobs(definition: Resource) -> Iterator[Result]:
    for path in _JOB_VOLUMES:
        for volumes in definition.properties.find_all(path):
            yield from check_items(volumes, _mount)


_IN_THE_CLEAR = "http://"


def _goes_in_tls(address: Node) -> Iterator[Result]:
    """Yield a violation for an address that begins with http; a resource of the app has none that does."""
    value = address.value
    begin = value.parts[0] if isinstance(value, Text) else value
    if isinstance(begin, Reference):
        return
    if isinstance(begin, Unknown):
        yield address.unknown(
            f"{address.key} begins with a value that is not known, so it may be an address without TLS. "
            "Write https:// before it."
        )
    elif (str(begin) if isinstance(value, Text) else address.text() or "").lower().startswith(_IN_THE_CLEAR):
        yield address.violation(f"{address.key} begins with http://, so requests travel unencrypted.")


def _data_source(source: Resource) -> Iterator[Result]:
    if source["HttpConfig"].exists:
        yield from _goes_in_tls(source.properties.at("HttpConfig/Endpoint"))


_TO_AN_ADDRESS = frozenset({"HTTP", "HTTP_PROXY"})


def _method(method: Resource) -> Iterator[Result]:
    integration = method["Integration"]
    if (integration["Type"].text() or "").upper() in _TO_AN_ADDRESS:
        yield from _goes_in_tls(integration["Uri"])


def _integration(integration: Resource) -> Iterator[Result]:
    if (integration["IntegrationType"].text() or "").upper() in _TO_AN_ADDRESS:
        yield from _goes_in_tls(integration["IntegrationUri"])


def _http_api(api: Resource) -> Iterator[Result]:
    if isinstance(api["Target"].value, str | Text):
        yield from _goes_in_tls(api["Target"])


_WITHOUT_SSL_MODE = frozenset(
    {
        "dynamodb", "elasticsearch", "kafka", "kinesis", "neptune", "opensearch", "redis", "redshift",
        "redshift-serverless", "s3", "timestream",
    }
)  # fmt: skip
"""Engines of DMS that it always talks to in TLS, or that have a setting of their own."""


def _replication(endpoint: Resource) -> Iterator[Result]:
    engine = (endpoint["EngineName"].text() or "").lower()
    mode = endpoint["SslMode"]
    if engine not in _WITHOUT_SSL_MODE and (mode.text() or "none").lower() == "none":
        yield mode.violation(f"SslMode is {mode.shown}, so DMS talks to the database unencrypted.")
    protocol = endpoint.properties.at("RedisSettings/SslSecurityProtocol")
    if (protocol.text() or "").lower() == "plaintext":
        yield protocol.violation("SslSecurityProtocol is plaintext, so DMS talks to Redis unencrypted.")


def _data_provider(provider: Resource) -> Iterator[Result]:
    for mode in provider.properties.find_all("Settings/*/SslMode"):
        if (mode.text() or "").lower() == "none":
            yield mode.violation("SslMode is none, so DMS talks to the database unencrypted.")


def _transfer(server: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_fips(server["SecurityPolicyName"]))
    yield from check_items(server["Protocols"], _no_ftp)


def _no_ftp(protocol: Node) -> Iterator[Result]:
    if (protocol.text() or "").upper() == "FTP":
        yield protocol.violation("Protocols holds FTP, which carries passwords and files unencrypted.")


def _fips(policy: Node) -> Iterator[Result]:
    if "-FIPS-" not in (policy.text() or ""):
        yield policy.violation(
            f"SecurityPolicyName is {policy.shown}, which isn't a policy with a FIPS module."
        )


_FORCE_SSL = "rds.force_ssl"
_SECURE_TRANSPORT = "require_secure_transport"

_ENGINES: Mapping[str, tuple[str, ...]] = {
    "postgres": (_FORCE_SSL,),
    "aurora-postgresql": (_FORCE_SSL,),
    "sqlserver": (_FORCE_SSL,),
    "mysql": (_SECURE_TRANSPORT,),
    "mariadb": (_SECURE_TRANSPORT,),
    "aurora": (_SECURE_TRANSPORT,),
    "aurora-mysql": (_SECURE_TRANSPORT,),
    "": (_FORCE_SSL, _SECURE_TRANSPORT),  # a replica or a restored snapshot does not state its engine
}
"""The parameter of each RDS engine that requires TLS; an edition such as `sqlserver-ee` has its family's."""

_ON = frozenset({"1", "true", "on"})


def _instance(instance: Resource) -> Iterator[Result]:
    if not is_in_cluster(instance):  # else the parameters of the cluster count
        yield from _database(instance, "DBParameterGroupName", "AWS::RDS::DBParameterGroup")


def _cluster(cluster: Resource) -> Iterator[Result]:
    yield from _database(cluster, "DBClusterParameterGroupName", "AWS::RDS::DBClusterParameterGroup")


def _database(database: Resource, group_name: str, group_type: str) -> Iterator[Result]:
    engine = (database["Engine"].text() or "").lower()
    parameters = _ENGINES.get(engine) or _ENGINES.get(engine.partition("-")[0])
    if parameters is None:
        yield database["Engine"].unknown(
            f"Engine is {engine}, and no parameter makes it require TLS, so this can't be evaluated before "
            "deployment. Have the option group that requires it reviewed, and get a waiver."
        )
        return
    place = database[group_name]
    group = _group(place, group_type, group_name)
    if isinstance(group, Resource):
        stated = [_stated(place, group["Parameters"][name]) for name in parameters]
        if any(one in _ON for one in stated):
            return
        if any(stated):
            yield place.violation(
                f"{group.logical_id} sets {' or '.join(parameters)} to something else than 1."
            )
            return
        result = place.violation(f"{group.logical_id} does not set {' or '.join(parameters)} to 1.")
    else:
        result = replace(group, message=f"{group.message} {' or '.join(parameters)} is stated nowhere.")
    if result.verdict == "unknown" or engine not in _FORCED_FROM:
        yield result
        return
    version = _major_version(database, group if isinstance(group, Resource) else place)
    if version is None:
        yield place.unknown(
            f"EngineVersion is not set, and {engine} requires TLS by default only from version "
            f"{_FORCED_FROM[engine]}. Write the version."
        )
    elif version < _FORCED_FROM[engine]:
        yield result


_FORCED_FROM = {"postgres": 15, "aurora-postgresql": 17}
"""The major version of each engine from which the default of rds.force_ssl is 1."""

_MAJOR = re.compile(r"(\d+)(\..*)?")
_OF_A_GROUP = re.compile(r"(?:default\.)?(?:postgres|aurora-postgresql)(\d+)")


def _major_version(database: Resource, group: Resource | Node) -> int | None:
    """Return the major version of a database, as it says itself, or as its parameter group has it.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    stated = database["EngineVersion"].text()
    if stated:
        match = _MAJOR.fullmatch(stated)
    elif isinstance(group, Resource):
        match = _OF_A_GROUP.fullmatch(as_seen_from(database["EngineVersion"], group["Family"].text) or "")
    else:
        match = _OF_A_GROUP.fullmatch(group.text() or "")
    return int(match[1]) if match else None


def _stated(place: Node, parameter: Node) -> str:
    return (as_seen_from(place, parameter.text) or "").lower()


def _group(place: Node, group_type: str, name: str) -> Resource | Result:
    """Return the parameter group named at a place, or the result if the app does not have it."""
    group = place.target(group_type, name=name)
    if group:
        return group
    called = place.value
    if not place.exists or (isinstance(called, str) and called.strip().startswith("default.")):
        return place.violation(f"{place.key} is {place.shown}, no group of the app.")
    return place.unknown(
        f"{place.key} is {place.shown}, which is not in the app, so its parameters are not known. "
        "Judge the stack that makes it with this one."
    )


def _documents(cluster: Resource) -> Iterator[Result]:
    place = cluster["DBClusterParameterGroupName"]
    group = _group(place, "AWS::DocDB::DBClusterParameterGroup", "Name")
    if isinstance(group, Result):
        if group.verdict == "unknown":  # the default group requires TLS
            yield group
    elif (as_seen_from(place, group["Parameters"]["tls"].text) or "enabled").lower() == "disabled":
        yield place.violation(f"{group.logical_id} sets tls to disabled.")


_NEW_WAREHOUSE_DEFAULT = "default.redshift-2.0"


def _warehouse(cluster: Resource) -> Iterator[Result]:
    place = cluster["ClusterParameterGroupName"]
    if place.value == _NEW_WAREHOUSE_DEFAULT:
        return
    group = _group(place, "AWS::Redshift::ClusterParameterGroup", "ParameterGroupName")
    if isinstance(group, Result):
        yield replace(group, message=f"{group.message} require_ssl is stated nowhere.")
    elif not _requires_ssl(place, group["Parameters"], "ParameterName"):
        yield place.violation(f"{group.logical_id} does not set require_ssl to true.")


def _workgroup(workgroup: Resource) -> Iterator[Result]:
    place = workgroup["ConfigParameters"]
    if not _requires_ssl(place, place, "ParameterKey"):
        yield place.violation("ConfigParameters do not set require_ssl to true.")


def _requires_ssl(place: Node, parameters: Node, key: str) -> bool:
    return as_seen_from(
        place,
        lambda: any(
            item[key].text() == "require_ssl" and item["ParameterValue"].boolean()
            for item in parameters.items()
        ),
    )


def _topic(topic: Resource) -> Iterator[Result]:
    policies = topic.stack.assembly.index(_topics_of, "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")
    yield from _refuses_plain_http(topic, policies[topic], "sns:Publish")


def _topic_and_its_subscriptions(topic: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_topic(topic))
    yield from check_items(topic["Subscription"], _delivered_in_tls)


_HTTPS_FIX = "Deliver to an address that begins with https."


def _subscription(subscription: Resource) -> Iterator[Result]:
    yield from _delivered_in_tls(subscription.properties)


def _delivered_in_tls(subscription: Node) -> Iterator[Result]:
    protocol = subscription["Protocol"]
    if (protocol.text() or "").lower() == "http":
        yield protocol.violation(
            "Protocol is http, so messages go to the subscriber unencrypted.", fix=_HTTPS_FIX
        )


def _queue(queue: Resource) -> Iterator[Result]:
    policies = queue.stack.assembly.index(_queues_of, "AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy")
    yield from _refuses_plain_http(queue, policies[queue], "sqs:SendMessage", "sqs:ReceiveMessage")


def _refuses_plain_http(resource: Resource, policies: list[Resource], *actions: str) -> Iterator[Result]:
    standing = [policy for policy in policies if policy.exists_whenever(resource)]
    denials, undecided = denials_of_plain_http(standing)
    denials = [denial for denial in denials if any(_speaks_of(resource, value) for value in denial.resources)]
    if all(any(denial.covers(action) for denial in denials) for action in actions):
        return
    what = " and ".join(actions)
    if undecided:
        message = f"{what} may be allowed over plain HTTP. {undecided[0]}"
        yield replace(resource.properties.unknown(message), at_most="warn")
    else:
        message = f"No policy of the app denies {what} to everyone who does not use TLS."
        yield resource.properties.violation(message, at_most="warn")


def _speaks_of(resource: Resource, named: Value) -> bool:
    """Return whether a policy of the resource covers it: by a literal, or by a reference to it."""
    if isinstance(named, Text):
        return all(reference.resource is resource for reference in named.references)
    return isinstance(named, str) or (isinstance(named, Reference) and named.resource is resource)


def _topics_of(policy: Resource) -> Iterator[Resource]:
    yield from _referred([*policy["Topics"].items(), policy["TopicArn"]])


def _queues_of(policy: Resource) -> Iterator[Resource]:
    yield from _referred([*policy["Queues"].items(), policy["Queue"]])


def _referred(nodes: list[Node]) -> Iterator[Resource]:
    for node in nodes:
        if isinstance(node.value, Reference):
            yield node.value.resource


_ADDRESS_FIX = (
    "Write an address that begins with https, and serve HTTPS there.",
    "Write an address that begins with https, and serve HTTPS there.",
)

_SEARCH_FIX = (
    "Write `enforce_https=True` and `tls_security_policy=opensearch.TLSSecurityPolicy.TLS_1_2_PFS`.",
    "Write `EnforceHTTPS: true` and `TLSSecurityPolicy: Policy-Min-TLS-1-2-2019-07`, or a newer policy.",
)

_CACHE_FIX = (
    "Write `transit_encryption_enabled=True`, and leave transit_encryption_mode out or write required.",
    "Write `TransitEncryptionEnabled: true`, and leave TransitEncryptionMode out or write required.",
)

_DATABASE_FIX = (
    "Give the database a parameter group that requires TLS: `parameter_group=rds.ParameterGroup(…)` with "
    '`parameters={"rds.force_ssl": "1"}` for PostgreSQL and SQL Server, require_secure_transport for MySQL '
    "and MariaDB.",
    "Give the database a parameter group that requires TLS: `rds.force_ssl` 1 for PostgreSQL and SQL Server, "
    "`require_secure_transport` 1 for MySQL and MariaDB.",
)

_QUEUE_FIX = (
    "Write `enforce_ssl=True`.",
    "Add a policy that denies it: `Effect: Deny` and `aws:SecureTransport` false as its condition.",
)

_CHECKS: Mapping[str, Check] = {
    "AWS::OpenSearchService::Domain": fixed_by(_search, *_SEARCH_FIX),
    "AWS::Elasticsearch::Domain": fixed_by(_search, *_SEARCH_FIX),
    "AWS::ElastiCache::ReplicationGroup": fixed_by(_cache, *_CACHE_FIX),
    "AWS::ElastiCache::CacheCluster": fixed_by(_cache, *_CACHE_FIX),
    "AWS::DAX::Cluster": fixed_by(
        _accelerator,
        'Write `cluster_endpoint_encryption_type="TLS"`.',
        "Write `ClusterEndpointEncryptionType: TLS`.",
    ),
    "AWS::MemoryDB::Cluster": fixed_by(_memory, "Write `tls_enabled=True`.", "Write `TLSEnabled: true`."),
    "AWS::RDS::DBProxy": fixed_by(_proxy, "Write `require_tls=True`.", "Write `RequireTLS: true`."),
    "AWS::MSK::Cluster": fixed_by(
        _streams,
        'Write `client_broker="TLS"` and `in_cluster=True`.',
        "Write `ClientBroker: TLS` and `InCluster: true`.",
    ),
    "AWS::ECS::TaskDefinition": fixed_by(
        _tasks, 'Write `transit_encryption="ENABLED"`.', "Write `TransitEncryption: ENABLED`."
    ),
    "AWS::Batch::JobDefinition": fixed_by(
        _jobs, "Write `enable_transit_encryption=True`.", "Write `TransitEncryption: ENABLED`."
    ),
    "AWS::AppSync::DataSource": fixed_by(_data_source, *_ADDRESS_FIX),
    "AWS::ApiGateway::Method": fixed_by(_method, *_ADDRESS_FIX),
    "AWS::ApiGatewayV2::Integration": fixed_by(_integration, *_ADDRESS_FIX),
    "AWS::ApiGatewayV2::Api": fixed_by(_http_api, *_ADDRESS_FIX),
    "AWS::DMS::Endpoint": fixed_by(
        _replication,
        'Write `ssl_mode="verify-full"`, or "require".',
        "Write `SslMode: verify-full`, or require.",
    ),
    "AWS::DMS::DataProvider": fixed_by(
        _data_provider,
        'Write `ssl_mode="verify-full"`, or "require".',
        "Write `SslMode: verify-full`, or require.",
    ),
    "AWS::Transfer::Server": fixed_by(
        _transfer,
        'Write `protocols=["SFTP"]` and `security_policy_name="TransferSecurityPolicy-FIPS-2024-01"`.',
        "Write `Protocols: [SFTP]` and `SecurityPolicyName: TransferSecurityPolicy-FIPS-2024-01`.",
    ),
    "AWS::RDS::DBInstance": fixed_by(_instance, *_DATABASE_FIX),
    "AWS::RDS::DBCluster": fixed_by(_cluster, *_DATABASE_FIX),
    "AWS::DocDB::DBCluster": fixed_by(
        _documents, 'Write `"tls": "enabled"` in the parameter group.', "Write `tls: enabled` there."
    ),
    "AWS::Redshift::Cluster": fixed_by(
        _warehouse,
        'Give the cluster a parameter group with `parameter_name="require_ssl", parameter_value="true"`.',
        "Give the cluster a parameter group with `ParameterName: require_ssl, ParameterValue: true`.",
    ),
    "AWS::RedshiftServerless::Workgroup": fixed_by(
        _workgroup,
        'Write `parameter_key="require_ssl", parameter_value="true"` among the configuration parameters.',
        "Write `ParameterKey: require_ssl, ParameterValue: true` among the ConfigParameters.",
    ),
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": fixed_by(_topic_and_its_subscriptions, *_QUEUE_FIX),
    "AWS::SQS::Queue": fixed_by(_queue, *_QUEUE_FIX),
}

RULE = Rule(
    id="TTS-TLS-007",
    title="Databases, caches, queues, and other services must encrypt traffic with TLS",
    why=(
        "Data is still the public's information after it leaves the web server. A database, cache, queue, "
        "or file system that accepts unencrypted connections exposes it to anyone who listens inside the "
        "network."
    ),
    source=f"{HANDBOOK} NIST SP 800-53 SC-8(1): cryptographic protection of information in transit.",
    section="HTTPS Everywhere",
    fix="Turn on TLS with the property that the message names. Each kind of service has its own.",
    decides=(
        "OpenSearch and Elasticsearch domains must have EnforceHTTPS and a TLS 1.2 policy. ElastiCache must "
        "have TransitEncryptionEnabled, and not in the mode preferred. MemoryDB, DAX, and proxies of RDS "
        "must not turn TLS off. MSK must have ClientBroker: TLS, which is the default, and InCluster must "
        "not be false. For RDS and Redshift, a parameter group of the app must require TLS, because a "
        "template doesn't show what the default groups say. RDS for PostgreSQL requires TLS by default from "
        "version 15, and Aurora PostgreSQL from 17; there, only a group that says otherwise breaks the "
        "rule. Integrations of APIs and data sources of AppSync must not begin with http://. Endpoints of "
        "DMS for databases must have an SslMode. DocumentDB must not have tls disabled. In ECS and Batch, "
        "each EFS volume must have TransitEncryption ENABLED. Transfer must not use FTP, and must have a "
        "FIPS policy. Policies of SNS topics and SQS queues should deny plain HTTP (a missing one warns), "
        "and no subscription may have the protocol http. The rule can't decide about Oracle and Db2, "
        "because no parameter of theirs says it."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="warn",
    checks=_CHECKS,
)
