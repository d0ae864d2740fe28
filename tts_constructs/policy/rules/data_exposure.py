"""Exposure: data stores and functions that the internet can reach."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.node import Result
from tts_constructs.policy.results import warned
from tts_constructs.policy.rule import Check, Rule
from tts_constructs.policy.stores import is_in_cluster
from tts_constructs.policy.subnets import is_routed_to_internet
from tts_constructs.policy.template import Resource

_PUBLICLY_ACCESSIBLE = "PubliclyAccessible"

_PUBLIC_UNLESS_SAID = {
    "AWS::AmazonMQ::Broker": False,
    "AWS::DMS::ReplicationInstance": True,
    "AWS::Lightsail::Database": False,
    "AWS::Neptune::DBInstance": False,
    "AWS::Redshift::Cluster": False,
    "AWS::RedshiftServerless::Workgroup": False,
}
"""Whether a store of each type is public where PubliclyAccessible is missing."""

_RDS_INSTANCE = "AWS::RDS::DBInstance"
_RDS_CLUSTER = "AWS::RDS::DBCluster"


def _store(store: Resource) -> Iterator[Result]:
    public = store[_PUBLICLY_ACCESSIBLE]
    stated = public.boolean()
    if stated or (stated is None and _PUBLIC_UNLESS_SAID[store.type]):
        yield public.violation(f"PubliclyAccessible is {public.shown}; it must be false.")


def _rds(database: Resource) -> Iterator[Result]:
    public = database[_PUBLICLY_ACCESSIBLE]
    stated = public.boolean()
    if stated:
        yield public.violation("PubliclyAccessible is true; it must be false.")
    elif stated is None and not _is_in_private_subnets(database):
        yield public.violation(
            "PubliclyAccessible is missing. RDS then gives a public address in a VPC that has an internet "
            "gateway, and the app does not show private subnets for the database; it must be false."
        )


def _is_in_private_subnets(database: Resource) -> bool:
    """Whether the app shows that no subnet of a database is routed to the internet."""
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
        yield access.violation(f"PublicAccess is {access.shown}; it must be DISABLED.")


def _search(domain: Resource) -> Iterator[Result]:
    subnets = domain.properties.at("VPCOptions/SubnetIds")
    if not subnets.items():
        yield subnets.violation(
            "VPCOptions names no subnet, so the domain has an endpoint on the internet.",
            fix="In raw CDK write vpc=system.vpc; in a template write VPCOptions with private subnets.",
        )


# Functions and APIs


def _function_url(url: Resource) -> Iterator[Result]:
    kind = url["AuthType"]
    if kind.text() != "AWS_IAM":
        yield kind.violation(
            f"AuthType is {kind.shown}, so anyone can call the function.",
            fix="Write AuthType: AWS_IAM (lambda.FunctionUrlAuthType.AWS_IAM).",
        )


def _serverless_function(function: Resource) -> Iterator[Result]:
    kind = function.properties.at("FunctionUrlConfig/AuthType")
    if kind.text() == "NONE":
        yield kind.violation("AuthType is NONE, so anyone can call the function.", fix="Write AWS_IAM.")


_PREFLIGHT = "OPTIONS"
_AUTHORIZE = "Write AuthorizationType AWS_IAM, JWT, CUSTOM or COGNITO_USER_POOLS, with its authorizer."


def _method(method: Resource) -> Iterator[Result]:
    kind = method["AuthorizationType"]
    if (kind.text() or "NONE") == "NONE" and method["HttpMethod"].text() != _PREFLIGHT:
        api = method["RestApiId"].target("AWS::ApiGateway::RestApi")
        if api is None or not _is_private(api):
            yield kind.violation(f"AuthorizationType is {kind.shown}: anyone can call.", fix=_AUTHORIZE)


def _is_private(api: Resource) -> bool:
    return any(item.text() == "PRIVATE" for item in api.properties.at("EndpointConfiguration/Types").items())


def _route(route: Resource) -> Iterator[Result]:
    kind = route["AuthorizationType"]
    if (kind.text() or "NONE") == "NONE" and not _is_called_later(route):
        yield kind.violation(f"AuthorizationType is {kind.shown}: anyone can call.", fix=_AUTHORIZE)


def _is_called_later(route: Resource) -> bool:
    """Whether a route is a preflight, or of a WebSocket, which authorizes as it connects."""
    key = route["RouteKey"].text() or ""
    if key.startswith(_PREFLIGHT):
        return True
    api = route["ApiId"].target("AWS::ApiGatewayV2::Api")
    return api is not None and api["ProtocolType"].text() == "WEBSOCKET" and key != "$connect"


def _as_warning(check: Check) -> Check:
    return lambda resource: warned(check(resource))


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_PUBLIC_UNLESS_SAID, _store),
    _RDS_INSTANCE: _rds,
    _RDS_CLUSTER: _rds_cluster,
    "AWS::MSK::Cluster": _msk,
    "AWS::OpenSearchService::Domain": _search,
    "AWS::Elasticsearch::Domain": _search,
    "AWS::Lambda::Url": _as_warning(_function_url),
    "AWS::Serverless::Function": _as_warning(_serverless_function),
    "AWS::ApiGateway::Method": _as_warning(_method),
    "AWS::ApiGatewayV2::Route": _as_warning(_route),
}

RULES = (
    Rule(
        id="TTS-DATA-002",
        title="Data stores are not reachable from the internet",
        why=(
            "A database with a public address is tried by strangers within minutes, and one weak password or "
            "unpatched flaw then gives away everything in it. Data leaves a system through its service only."
        ),
        source=(
            'Handbook, "Permissions": "Any routine activities such as data management, import / export / '
            'archiving, must be performed through your system."; "Other people\'s information": "Don\'t '
            'release information"'
        ),
        fix=(
            "Keep the store in the private subnets of TtsSystem (vpc=system.vpc) and write "
            "PubliclyAccessible: false, in raw CDK publicly_accessible=False."
        ),
        decides=(
            "PubliclyAccessible is false on RDS, Redshift, DMS, MQ, Neptune and Lightsail databases, public "
            "access is disabled on MSK, and a search domain stands in a VPC. Where RDS says nothing, the "
            "database must be in subnets of the app without a route to an internet gateway. Function URLs "
            "and API methods without authorization warn; preflights and private APIs pass."
        ),
        controls=("AC-3", "AC-4", "SC-7"),
        force="M",
        production="block",
        sandbox="block",
        checks=_CHECKS,
    ),
)
