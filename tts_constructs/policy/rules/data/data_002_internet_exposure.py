"""TTS-DATA-002: Data stores must not be reachable from the internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.aws.iam_conditions import (
    STATED_CALLERS,
    acts_for_anybody,
    allows_everybody,
    service_for_anybody,
)
from tts_constructs.policy.aws.iam_statements import Statement, statement_list
from tts_constructs.policy.aws.serverless_events import events_for_everybody
from tts_constructs.policy.aws.stateful import is_in_cluster
from tts_constructs.policy.aws.subnets import is_routed_to_internet
from tts_constructs.policy.model.checks import as_warnings, check_found, check_items, stop_at_unknown
from tts_constructs.policy.model.json_text import parsed
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Pseudo, Unknown
from tts_constructs.policy.result import Result

_PUBLICLY_ACCESSIBLE = "PubliclyAccessible"

_PUBLIC_UNLESS_SAID = {
    "AWS::AmazonMQ::Broker": False,
    "AWS::DMS::InstanceProfile": True,
    "AWS::DMS::ReplicationInstance": True,
    "AWS::Lightsail::Database": False,
    "AWS::M2::Environment": False,
    "AWS::Neptune::DBInstance": False,
    "AWS::RDS::DBShardGroup": True,
    "AWS::Redshift::Cluster": False,
    "AWS::RedshiftServerless::Workgroup": False,
    "AWS::Timestream::InfluxDBCluster": False,
    "AWS::Timestream::InfluxDBInstance": False,
}
"""The stores by type: True if one is public when PubliclyAccessible is missing."""

_RDS_INSTANCE = "AWS::RDS::DBInstance"
_RDS_CLUSTER = "AWS::RDS::DBCluster"


def _store(store: Resource) -> Iterator[Result]:
    public = store[_PUBLICLY_ACCESSIBLE]
    stated = public.boolean()
    if stated or (stated is None and _PUBLIC_UNLESS_SAID[store.type]):
        yield _public(public, f"PubliclyAccessible is {public.shown}; it must be false.")


def _public(place: Node, message: str) -> Result:
    return place.violation(
        message,
        fix="Write `publicly_accessible=False`, and private subnets, as TtsSystem has them (system.vpc).",
        template_fix="Write `PubliclyAccessible: false`, and private subnets.",
    )


def _rds(database: Resource) -> Iterator[Result]:
    public = database[_PUBLICLY_ACCESSIBLE]
    stated = public.boolean()
    if stated:
        yield _public(public, "PubliclyAccessible is true; it must be false.")
    elif stated is None and not _is_in_private_subnets(database):
        yield _public(
            public,
            "PubliclyAccessible is not set; it must be false. Without it, RDS gives a public address in a "
            "VPC that has an internet gateway, and the app does not show private subnets for the database.",
        )


def _is_in_private_subnets(database: Resource) -> bool:
    """Return whether the app shows that no subnet of a database has a route to the internet."""
    if database.type == _RDS_INSTANCE and is_in_cluster(database):
        cluster = database["DBClusterIdentifier"].target(_RDS_CLUSTER, name="DBClusterIdentifier")
        return cluster is not None and _is_in_private_subnets(cluster)
    group = database["DBSubnetGroupName"].target("AWS::RDS::DBSubnetGroup", name="DBSubnetGroupName")
    if group is None:
        return False
    subnets = [item.target("AWS::EC2::Subnet") for item in group["SubnetIds"].items()]
    return bool(subnets) and all(subnet and not is_routed_to_internet(subnet) for subnet in subnets)


def _rds_cluster(cluster: Resource) -> Iterator[Result]:
    if cluster[_PUBLICLY_ACCESSIBLE].exists or not (cluster["Engine"].text() or "").startswith("aurora"):
        yield from _rds(cluster)  # in Aurora the instances have the addresses


def _msk(cluster: Resource) -> Iterator[Result]:
    access = cluster.properties.at("BrokerNodeGroupInfo/ConnectivityInfo/PublicAccess/Type")
    if (access.text() or "DISABLED") != "DISABLED":
        yield access.violation(
            f"PublicAccess is {access.shown}; it must be DISABLED.",
            fix='Write `msk.CfnCluster.PublicAccessProperty(type="DISABLED")`, or leave it out.',
            template_fix="Write `PublicAccess: {Type: DISABLED}`, or leave it out.",
        )


def _search(domain: Resource) -> Iterator[Result]:
    subnets = domain.properties.at("VPCOptions/SubnetIds")
    if not subnets.items():
        yield subnets.violation(
            "VPCOptions names no subnet, so the domain has an endpoint on the internet.",
            fix="Write `vpc=` and private `vpc_subnets=`, as TtsSystem has them (system.vpc), and "
            "`security_groups=` of a group with `allow_all_outbound=False`.",
            template_fix="Write `VPCOptions` with private subnets, and a security group that lets nothing "
            "out.",
        )


def _graph(graph: Resource) -> Iterator[Result]:
    public = graph["PublicConnectivity"]
    if public.boolean():
        yield public.violation(
            "PublicConnectivity is true; it must be false.",
            fix="Write `public_connectivity=False`.",
            template_fix="Write `PublicConnectivity: false`.",
        )


def _serverless_search(policy: Resource) -> Iterator[Result]:
    if policy["Type"].text() != "network":
        return
    place = policy["Policy"]
    rules = parsed(place)
    if not isinstance(rules.value, list | dict | Unknown):
        yield place.unknown("The network policy cannot be read. Write it as a text of JSON.")
        return
    for rule in rules.items():
        yield from stop_at_unknown(_network_rule(place, rule))


def _network_rule(place: Node, rule: Node) -> Iterator[Result]:
    if rule["AllowFromPublic"].boolean():
        yield place.violation(
            "AllowFromPublic is true, so the collections have an endpoint on the internet.",
            fix='Write `"AllowFromPublic": false`, and name the VPC endpoints in `"SourceVPCEs"`.',
        )


_POLICIES = {
    "AWS::Backup::BackupVault": ("AccessPolicy",),
    "AWS::Backup::LogicallyAirGappedBackupVault": ("AccessPolicy",),
    "AWS::CodeArtifact::Domain": ("PermissionsPolicyDocument",),
    "AWS::CodeArtifact::Repository": ("PermissionsPolicyDocument",),
    "AWS::DynamoDB::GlobalTable": (
        "Replicas/*/ResourcePolicy/PolicyDocument",
        "Replicas/*/ReplicaStreamSpecification/ResourcePolicy/PolicyDocument",
    ),
    "AWS::DynamoDB::Table": (
        "ResourcePolicy/PolicyDocument",
        "StreamSpecification/ResourcePolicy/PolicyDocument",
    ),
    "AWS::CloudTrail::ResourcePolicy": ("ResourcePolicy",),
    "AWS::ECR::RegistryPolicy": ("PolicyText",),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::EFS::FileSystem": ("FileSystemPolicy",),
    "AWS::EventSchemas::RegistryPolicy": ("Policy",),
    "AWS::Events::EventBus": ("Policy",),
    "AWS::Kinesis::ResourcePolicy": ("ResourcePolicy",),
    "AWS::Lambda::ResourcePolicy": ("PolicyDocument",),
    "AWS::Logs::LogGroup": ("ResourcePolicyDocument",),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument",),
    "AWS::MSK::ClusterPolicy": ("Policy",),
    "AWS::MediaStore::Container": ("Policy",),
    "AWS::S3Files::FileSystemPolicy": ("Policy",),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SSM::ResourcePolicy": ("Policy",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
"""The policy property of each type with data or messages; buckets have TTS-S3-001, keys TTS-KMS-001."""


def _policy(holder: Resource) -> Iterator[Result]:
    for path in _POLICIES[holder.type]:
        for document in holder.properties.find_all(path):
            yield from check_items(statement_list(document), _statement)


_FILE_SYSTEMS = frozenset({"AWS::EFS::FileSystem"})
_MOUNTED = ("bool", "elasticfilesystem:accessedviamounttarget")


def _is_mounted(statement: Node) -> bool:
    """Return whether a statement of a file system is for those who reach its mount targets, in its VPC."""
    stated = Statement.read(statement).conditions.get(_MOUNTED, ())
    return bool(stated) and all(str(value).lower() == "true" for value in stated)


def _statement(statement: Node) -> Iterator[Result]:
    if statement.resource.type in _FILE_SYSTEMS and _is_mounted(statement):
        return
    if service := service_for_anybody(statement):
        yield _acts_for_anybody(statement, service)
    elif allows_everybody(statement, STATED_CALLERS):
        yield statement.violation(
            "This statement allows everyone, in any account.",
            fix="Use grants, such as `queue.grant_send_messages(role)`, which name who is allowed. Or add a "
            'condition: `conditions={"StringEquals": {"aws:SourceAccount": …}}`.',
            template_fix="Name in `Principal` who is allowed, or add a condition, such as "
            "`aws:SourceAccount`.",
        )


def _acts_for_anybody(place: Node, service: str) -> Result:
    return place.violation(
        f"{service} is allowed, which acts for anyone, in any account.",
        fix="Add a condition on aws:SourceArn or aws:SourceAccount: "
        '`conditions={"StringEquals": {"aws:SourceAccount": …}}`.',
        template_fix="Add a condition on aws:SourceArn or aws:SourceAccount.",
        # The CDK's target of EventBridge writes the policy of a topic so.
        at_most="warn" if service.startswith("events.") and "SNS" in place.resource.type else None,
    )


def _layer(permission: Resource) -> Iterator[Result]:
    principal = permission["Principal"]
    if principal.text() == "*" and not permission["OrganizationId"].exists:
        yield principal.violation(
            "Anyone may use the layer, in any account.",
            fix='Name the account: `lambda_.LayerVersionPermission(account_id=…)`, or `account_id="*"` with '
            "`organization_id=`.",
            template_fix="Name the account in `Principal`, or add `OrganizationId`.",
        )


def _public_repository(_: Resource) -> Iterator[Result]:
    yield Result(
        "violation",
        "",
        "Anyone can pull the images of a public repository.",
        "Use `ecr.Repository(…)`, and grant who may pull: `repository.grant_pull(…)`.",
        None,
        "Use an `AWS::ECR::Repository`.",
    )


def _endpoint_service(permissions: Resource) -> Iterator[Result]:
    yield from check_items(permissions["AllowedPrincipals"], _may_connect)


def _may_connect(principal: Node) -> Iterator[Result]:
    if principal.reference() is None and (
        isinstance(principal.value, Unknown) or str(principal.value).strip() == "*"
    ):
        principal.text()
        yield principal.violation(
            "Anyone may connect to the endpoint service, from any account.",
            fix="Name who may connect: `allowed_principals=[iam.ArnPrincipal(…)]`.",
            template_fix="Name in `AllowedPrincipals` who may connect.",
        )


def _block_of_snapshots(block: Resource) -> Iterator[Result]:
    state = block["State"]
    if state.text() == "unblocked":
        yield state.violation(
            "State is unblocked, so that snapshots of the account can be shared with everyone.",
            fix='Write `state="block-all-sharing"`.',
            template_fix="Write `State: block-all-sharing`.",
        )


_LAUNCHES = "Distributions/*/AmiDistributionConfiguration/LaunchPermissionConfiguration/UserGroups/*"


def _distribution(distribution: Resource) -> Iterator[Result]:
    yield from check_found(distribution.properties, _LAUNCHES, _is_for_all)


def _is_for_all(group: Node) -> Iterator[Result]:
    if group.text() == "all":
        yield group.violation(
            "Anyone may launch the image that is distributed, in any account.",
            fix="Name the accounts in `user_ids`.",
            template_fix="Name the accounts in `UserIds`.",
        )


_LIMITS = {
    "AWS::Events::EventBusPolicy": ("Condition",),
    "AWS::Lambda::Permission": (
        "EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID", "SourceAccount",
        "SourceArn",
    ),
}  # fmt: skip
"""Properties of a permission that limit everybody; a function URL is judged itself."""


def _permission(permission: Resource) -> Iterator[Result]:
    principal = permission["Principal"]
    if any(permission[limit].exists for limit in _LIMITS[permission.type]):
        return
    if isinstance(principal.value, Unknown) and not isinstance(principal.value, Pseudo):
        principal.text()
    elif _is_service_for_anybody(principal):
        yield _acts_for_anybody(principal, str(principal.value))
    elif principal.value == "*":
        yield principal.violation(
            "This permission allows everyone, in any account.",
            fix="Name the caller: `principal=`.",
            template_fix="Name the caller in `Principal`.",
        )


def _is_service_for_anybody(principal: Node) -> bool:
    """Return whether the principal of a function's permission is a service that acts for anybody."""
    return isinstance(principal.value, str) and acts_for_anybody(principal.value)


def _bus_policy(policy: Resource) -> Iterator[Result]:
    yield from _statement(policy["Statement"]) if policy["Statement"].exists else _permission(policy)


def _function_url(url: Resource) -> Iterator[Result]:
    kind = url["AuthType"]
    if kind.text() != "AWS_IAM":
        yield kind.violation(
            f"AuthType is {kind.shown}, so anyone can call the function.",
            fix="Write `auth_type=lambda_.FunctionUrlAuthType.AWS_IAM`.",
            template_fix="Write `AuthType: AWS_IAM`.",
        )


def _serverless_function(function: Resource) -> Iterator[Result]:
    kind = function.properties.at("FunctionUrlConfig/AuthType")
    if kind.text() == "NONE":
        yield kind.violation(
            "AuthType is NONE, so anyone can call the function.", fix="Write `AuthType: AWS_IAM`."
        )
    yield from events_for_everybody(function)


_PREFLIGHT = "OPTIONS"

_AUTHORIZE_METHOD = (
    "Write `authorization_type=apigateway.AuthorizationType.IAM`, or give an authorizer. For all methods of "
    "an API write it in `default_method_options=apigateway.MethodOptions(…)`."
)

_AUTHORIZE_ROUTE = "Write `authorizer=`, such as `authorizers.HttpIamAuthorizer()`."
_AUTHORIZE = "Write `AuthorizationType: AWS_IAM`, or JWT, CUSTOM or COGNITO_USER_POOLS with its authorizer."


def _method(method: Resource) -> Iterator[Result]:
    kind = method["AuthorizationType"]
    if (kind.text() or "NONE") == "NONE" and method["HttpMethod"].text() != _PREFLIGHT:
        api = method["RestApiId"].target("AWS::ApiGateway::RestApi")
        if api is None or not _is_private(api):
            yield _open(kind, _AUTHORIZE_METHOD)


def _is_private(api: Resource) -> bool:
    return any(item.text() == "PRIVATE" for item in api.properties.at("EndpointConfiguration/Types").items())


def _rest_api(api: Resource) -> Iterator[Result]:
    if not _is_private(api):
        yield from _definition(api)


def _http_api(api: Resource) -> Iterator[Result]:
    target = api["Target"]
    if target.exists:
        yield target.violation(
            "A target given here makes a route that anyone can call.",
            fix="Make the API an `apigatewayv2.HttpApi`, and its routes with `api.add_routes(…)`. "
            f"{_AUTHORIZE_ROUTE} Its stage then needs a log (TTS-LOG-001): `stage.access_log_settings = "
            "apigatewayv2.CfnStage.AccessLogSettingsProperty(…)`, where the stage is "
            "`api.default_stage.node.default_child`.",
            template_fix=f"Make the route an `AWS::ApiGatewayV2::Route`. {_AUTHORIZE} Make the stage an "
            "AWS::ApiGatewayV2::Stage with AccessLogSettings (TTS-LOG-001).",
        )
    yield from _definition(api)


def _definition(api: Resource) -> Iterator[Result]:
    for place in (api["Body"], api["BodyS3Location"]):
        if place.exists:
            yield place.unknown(
                "This definition says who may call it, and is not read here. Write each method or route as a "
                "resource of its own, or have the definition reviewed and waived."
            )


def _route(route: Resource) -> Iterator[Result]:
    kind = route["AuthorizationType"]
    if (kind.text() or "NONE") == "NONE" and not _is_called_later(route):
        yield _open(kind, _AUTHORIZE_ROUTE)


def _open(kind: Node, fix: str) -> Result:
    message = f"AuthorizationType is {kind.shown}, so anyone can call."
    return kind.violation(message, fix=fix, template_fix=_AUTHORIZE)


def _is_called_later(route: Resource) -> bool:
    """Return whether a route is a preflight, or part of a WebSocket, which authorizes on connect."""
    key = route["RouteKey"].text() or ""
    if key.startswith(_PREFLIGHT):
        return True
    api = route["ApiId"].target("AWS::ApiGatewayV2::Api")
    return api is not None and api["ProtocolType"].text() == "WEBSOCKET" and key != "$connect"


def _unknown_as_warning(check: Check) -> Check:
    def checked(resource: Resource) -> Iterator[Result]:
        for result in stop_at_unknown(check(resource)):
            yield replace(result, at_most="warn") if result.verdict == "unknown" else result

    return checked


def _as_warning(check: Check) -> Check:
    return lambda resource: as_warnings(check(resource))


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_PUBLIC_UNLESS_SAID, _store),
    _RDS_INSTANCE: _rds,
    _RDS_CLUSTER: _rds_cluster,
    "AWS::MSK::Cluster": _msk,
    "AWS::OpenSearchService::Domain": _search,
    "AWS::Elasticsearch::Domain": _search,
    "AWS::NeptuneGraph::Graph": _graph,
    "AWS::OpenSearchServerless::SecurityPolicy": _serverless_search,
    **dict.fromkeys(_POLICIES, _unknown_as_warning(_policy)),
    "AWS::Events::EventBusPolicy": _unknown_as_warning(_bus_policy),
    "AWS::Lambda::Permission": _unknown_as_warning(_permission),
    "AWS::Lambda::LayerVersionPermission": _unknown_as_warning(_layer),
    "AWS::ECR::PublicRepository": _public_repository,
    "AWS::EC2::VPCEndpointServicePermissions": _unknown_as_warning(_endpoint_service),
    "AWS::EC2::SnapshotBlockPublicAccess": _unknown_as_warning(_block_of_snapshots),
    "AWS::ImageBuilder::DistributionConfiguration": _unknown_as_warning(_distribution),
    "AWS::Lambda::Url": _as_warning(_function_url),
    "AWS::Serverless::Function": _as_warning(_serverless_function),
    "AWS::StepFunctions::StateMachine": _as_warning(events_for_everybody),
    "AWS::ApiGateway::Method": _as_warning(_method),
    "AWS::ApiGatewayV2::Route": _as_warning(_route),
    "AWS::ApiGateway::RestApi": _as_warning(_rest_api),
    "AWS::ApiGatewayV2::Api": _as_warning(_http_api),
}


def _made_public(call: Call, parameter: str) -> Iterator[Result]:
    for place in call.at(parameter):
        if place.boolean():
            yield place.violation(f"{call.name} makes a data store reachable from the internet.")


def _shared(call: Call, parameters: str) -> Iterator[Result]:
    """Yield a violation if a call shares with everyone; accounts that it names are stated callers."""
    if call.parameter("OperationType").value == "remove":
        return
    for place in (found for path in parameters.split() for found in call.at(path)):
        for item in place.items():
            if not isinstance(item.value, Pseudo) and item.text() in _EVERYBODY:
                yield item.violation(f"{call.name} shares with everyone, in any account.")


_EVERYBODY = frozenset({"all", "*"})


def _policy_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for document in call.at(parameter):
        yield from check_items(statement_list(document), _statement)


def _attributes_of_topic(call: Call, parameter: str) -> Iterator[Result]:
    if call.parameter("AttributeName").text() == "Policy":
        yield from _policy_of_call(call, parameter)


def _permission_of_call(call: Call, limits: str) -> Iterator[Result]:
    if any(call.at(limit) for limit in limits.split()):
        return
    for principal in call.at("Principal"):
        if not isinstance(principal.value, Pseudo) and (
            principal.text() == "*" or _is_service_for_anybody(principal)
        ):
            yield principal.violation(f"{call.name} allows everyone, in any account.")


def _url_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for kind in call.at(parameter):
        if kind.text() != "AWS_IAM":
            yield kind.violation(f"{call.name} lets anyone call the function.", at_most="warn")


def _block_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for state in call.at(parameter):
        if state.text() == "unblocked":
            yield state.violation(f"{call.name} lets snapshots be shared with everyone.")


RULE = Rule(
    id="TTS-DATA-002",
    title="Data stores must not be reachable from the internet",
    why=(
        "Strangers attack a database with a public address within minutes. One weak password or unpatched "
        "flaw then gives away everything in it. Data must leave a system only through its service."
    ),
    source=(
        'Handbook, "Permissions": "Any routine activities such as data management, import / export / '
        'archiving, must be performed through your system."; "Other people\'s information": "Don\'t '
        'release information"'
    ),
    section="Permissions",
    fix=(
        "Keep the store in the private subnets of TtsSystem (system.vpc), and write "
        "`publicly_accessible=False`. In policies, name who may have access. Authorize the callers of "
        "functions and APIs."
    ),
    template_fix=(
        "Keep the store in private subnets, and write `PubliclyAccessible: false`. In policies, name who "
        "may have access. Authorize the callers of functions and APIs."
    ),
    decides=(
        "PubliclyAccessible must be false on RDS, Redshift, DMS, MQ, Neptune, Timestream, and Lightsail "
        "databases. Public access must be disabled on MSK, and a search domain must be in a VPC. If RDS "
        "doesn't state it, the database must be in subnets of the app without a route to an internet "
        "gateway. Function URLs and API methods without authorization warn. So does the definition of an "
        "API (Body), because the rule doesn't read it. Preflights and private APIs pass. No policy of a "
        "table, queue, topic, stream, secret, vault, file system, repository, event bus, layer, or function "
        "may allow everyone, or a service that acts for anyone, without a condition that narrows it. Image "
        "repositories, endpoint services, and distributed images must not be public, and the block of "
        "public snapshots must stay on. A call of an API is judged by what it opens or shares. Sharing with "
        "accounts that it names passes."
    ),
    controls=("AC-3", "AC-4", "SC-7"),
    force="M",
    production="block",
    sandbox="block",
    checks=with_calls(
        "TTS-DATA-002",
        _CHECKS,
        {
            "attributes": _attributes_of_topic,
            "block": _block_of_call,
            "permission": _permission_of_call,
            "policy": _policy_of_call,
            "public": _made_public,
            "share": _shared,
            "url": _url_of_call,
        },
    ),
)
