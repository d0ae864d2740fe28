"""TTS-SBX-001: Sandboxes must not show anything to the public without authentication."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from tts_constructs.policy.aws.cidr import Network, addresses, are_wide, parse
from tts_constructs.policy.aws.load_balancers import (
    CLASSIC_LOAD_BALANCER,
    LOAD_BALANCER,
    actions_of,
    faces_internet,
    kind_of,
    listeners_of,
    rules_of,
    security_groups_of,
)
from tts_constructs.policy.aws.security_groups import GROUP, ingress_of, networks_at, ranges_of
from tts_constructs.policy.aws.serverless_events import events_for_everybody, is_private
from tts_constructs.policy.aws.subnets import SUBNET, is_routed_to_internet
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import TOO_MANY_WAYS, Node, UnknownValue
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_AUTHENTICATES = {
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
}
"""Types of actions that authenticate, and the property by which each says whether it lets others pass."""


def _balancer(balancer: Resource) -> Iterator[Result]:
    way_in = _way_in(balancer)
    if way_in:
        openings = list(stop_at_unknown(_openings(balancer, way_in)))
        if openings and not _authenticates(balancer):
            yield from openings


def _way_in(balancer: Resource) -> str:
    """Return how the internet reaches a load balancer, as the start of a sentence; empty: it does not."""
    if kind_of(balancer) == "gateway":
        return ""
    if faces_internet(balancer):
        return "It faces the internet"
    accelerated = balancer.stack.assembly.index(_accelerated, _ACCELERATED)[balancer]
    return f"{accelerated[0].logical_id} shows it to the internet" if accelerated else ""


_ACCELERATED = "AWS::GlobalAccelerator::EndpointGroup"


def _accelerated(endpoints: Resource) -> Iterator[Resource]:
    for endpoint in endpoints["EndpointConfigurations"].items():
        reference = endpoint["EndpointId"].reference()
        if reference:
            yield reference.resource


def _openings(balancer: Resource, way_in: str) -> Iterator[Result]:
    """Yield how a balancer's security groups let the internet in; nothing if they let in stated ranges."""
    places = security_groups_of(balancer)
    if not places:
        yield balancer["SecurityGroups"].violation(
            f"{way_in}, it forwards some requests without an authenticate action, and no security group "
            "says who may come in."
        )
    alone = list(check_each(places, lambda place: _opening(place, way_in)))
    yield from alone
    if not any(result.verdict == "violation" for result in alone):
        yield from _beside_others(balancer, way_in)


def _opening(place: Node, way_in: str) -> Iterator[Result]:
    group = place.target(GROUP)
    if group is None:
        yield place.unknown("The security group is not one of the app, so nobody can tell who it lets in.")
        return
    ways, complete = group.stack.assembly.in_any_way(_lets_in, group)
    undecided = [way.undecided for way in ways if way.undecided]
    if any(way.is_internet for way in ways):
        yield place.violation(
            f"{way_in}, {group.logical_id} lets the internet in, and it forwards some requests without an "
            "authenticate action."
        )
    elif undecided or not complete:
        why = undecided[0] if undecided else TOO_MANY_WAYS.message
        yield place.unknown(f"{group.logical_id} may let the internet in. {why}")


@dataclass(frozen=True)
class _LetIn:
    """The ranges that a security group lets in.

    Args:
        networks: The ranges.
        is_internet: Whether they are as wide as the internet together.
        undecided: Why other ranges are not known; None: all are known.
    """

    networks: tuple[Network, ...]
    is_internet: bool
    undecided: str | None


def _lets_in(_: Assembly, group: Resource) -> _LetIn:
    networks: list[Network] = []

    def collect(place: Node) -> Iterator[Result]:
        networks.extend(networks_at(place))
        yield from ()

    def collect_all() -> Iterator[Result]:
        yield from check_each(ingress_of(group), lambda rule: check_each(ranges_of(rule), collect))

    undecided = [result.message for result in stop_at_unknown(collect_all())]
    return _LetIn(tuple(networks), are_wide(networks), next(iter(undecided), None))


def _beside_others(balancer: Resource, way_in: str) -> Iterator[Result]:
    """Yield a finding if the ranges of a sandbox let the internet in together, even in pieces."""
    assembly = balancer.stack.assembly
    shown, _ = assembly.in_any_way(_groups_shown, balancer)
    if any(shown) and _sandbox_of(balancer) in assembly.cached(_open_sandboxes):
        yield balancer["SecurityGroups"].violation(
            f"{way_in}, it forwards some requests without an authenticate action, and {_TOGETHER}"
        )


_TOGETHER = "the ranges that this sandbox lets in are, together, the internet."


def _sandbox_of(balancer: Resource) -> Hashable:
    return balancer.stack.outermost.account, balancer.stack.environment


def _open_sandboxes(assembly: Assembly) -> set[Hashable]:
    """Return the sandboxes whose balancers and clusters let in the internet only together with others."""
    shown: dict[Hashable, set[Resource]] = {}
    for balancer in assembly.of_type(LOAD_BALANCER, CLASSIC_LOAD_BALANCER):
        groups, _ = assembly.in_any_way(_groups_shown, balancer)
        shown.setdefault(_sandbox_of(balancer), set()).update(*groups)
    for cluster in assembly.of_type(*_CLUSTERS):
        shown.setdefault(_sandbox_of(cluster), set()).add(cluster)
    return {
        sandbox
        for sandbox, held in shown.items()
        if are_wide(network for resource in held for network in _most(assembly, resource))
    }


def _groups_shown(assembly: Assembly, balancer: Resource) -> frozenset[Resource]:
    """Return the security groups by which a balancer shows something unauthenticated to stated ranges."""
    with suppress(UnknownValue):  # the check of the balancer says so
        if _way_in(balancer) and not _authenticates(balancer):
            return frozenset(group for group in _groups_of(balancer) if any(_most(assembly, group)))
    return frozenset()


def _groups_of(balancer: Resource) -> Iterator[Resource]:
    """Yield the security groups of a balancer that are of the app, beside any that are not known."""
    for place in security_groups_of(balancer):
        with suppress(UnknownValue):  # the check of the balancer says so
            group = place.target(GROUP)
            if group:
                yield group


def _most(assembly: Assembly, resource: Resource) -> tuple[Network, ...]:
    """Return the ranges that a group or cluster lets in, in its widest way; none if that is the internet."""
    ((most,), _) = assembly.in_any_way(_lets_in_most, resource)
    return most


def _lets_in_most(assembly: Assembly, resource: Resource) -> tuple[Network, ...]:
    lets_in = _lets_in if resource.type == GROUP else _cluster_lets_in
    ways, _ = assembly.in_any_way(lets_in, resource)
    return () if any(way.is_internet for way in ways) else max((way.networks for way in ways), key=addresses)


def _authenticates(balancer: Resource) -> bool:
    """Return whether a balancer has listeners in the app, and authenticates all that they forward."""
    listeners = listeners_of(balancer)
    places = [actions_of(place) for listener in listeners for place in (listener, *rules_of(listener))]
    return bool(listeners) and all(_is_authenticated(actions) for actions in places)


def _is_authenticated(actions: Node) -> bool:
    items = actions.items()
    forwards = any((action["Type"].text() or "").lower() == "forward" for action in items)
    return not forwards or any(map(_authenticates_everybody, items))


def _authenticates_everybody(action: Node) -> bool:
    config = _AUTHENTICATES.get((action["Type"].text() or "").lower())
    return config is not None and (action[config]["OnUnauthenticatedRequest"].text() or "").lower() != "allow"


def _distribution(distribution: Resource) -> Iterator[Result]:
    config = distribution["DistributionConfig"]
    if config["Enabled"].boolean() is False:
        return
    yield from check_each([config["DefaultCacheBehavior"], *config["CacheBehaviors"].items()], _behavior)


def _behavior(behavior: Node) -> Iterator[Result]:
    if behavior["TrustedKeyGroups"].items() or behavior["TrustedSigners"].items():
        return
    functions = [*behavior["LambdaFunctionAssociations"].items(), *behavior["FunctionAssociations"].items()]
    if any(function["EventType"].text() == "viewer-request" for function in functions):
        yield behavior.unknown(
            "The function at viewer-request may not authenticate: the template does not show its code."
        )
    else:
        yield behavior.violation("TrustedKeyGroups is not set, so it answers everyone.")


def _method(method: Resource) -> Iterator[Result]:
    api = method["RestApiId"].target("AWS::ApiGateway::RestApi")
    if (method["HttpMethod"].text() or "").upper() == "OPTIONS" or (api and _is_private(api)):
        return
    yield from _authorized(method["AuthorizationType"])


def _is_private(api: Resource) -> bool:
    types = api["EndpointConfiguration"]["Types"].items()
    return bool(types) and all(kind.text() == "PRIVATE" for kind in types)


def _rest_api(api: Resource) -> Iterator[Result]:
    for key in ("Body", "BodyS3Location"):
        if api[key].exists and not _is_private(api):
            yield api[key].unknown(
                "This definition says which methods exist and who may call them, and is not read here."
            )


def _route(route: Resource) -> Iterator[Result]:
    api = route["ApiId"].target("AWS::ApiGatewayV2::Api")
    key = route["RouteKey"].text() or ""
    # A WebSocket API authorizes only when a connection is made.
    speaks_http = api is None or api["ProtocolType"].text() != "WEBSOCKET"
    if not key.startswith("OPTIONS ") and (speaks_http or key == "$connect"):
        yield from _authorized(route["AuthorizationType"])


def _http_api(api: Resource) -> Iterator[Result]:
    if api["Target"].exists:
        yield api["Target"].violation("A target given here makes a route that answers everyone.")
    for key in ("Body", "BodyS3Location"):
        if api[key].exists:
            yield api[key].unknown(
                "This definition says which routes exist and who may call them, and is not read here."
            )


def _function_url(url: Resource) -> Iterator[Result]:
    yield from _authorized(url["AuthType"])


def _serverless_function(function: Resource) -> Iterator[Result]:
    url = function["FunctionUrlConfig"]
    if url.exists:
        yield from _authorized(url["AuthType"])
    yield from events_for_everybody(function)


def _serverless_api(api: Resource) -> Iterator[Result]:
    authorizer = api["Auth"]["DefaultAuthorizer"]
    if authorizer.exists or is_private(api.properties):
        return
    for key in ("DefinitionBody", "DefinitionUri"):
        if api[key].exists:
            yield api[key].unknown(
                "This definition says which methods exist and who may call them, and is not read here."
            )


def _graphql_api(api: Resource) -> Iterator[Result]:
    if api["Visibility"].text() != "PRIVATE":
        yield from check_each(
            [api.properties, *api["AdditionalAuthenticationProviders"].items()], _is_no_api_key
        )


def _is_no_api_key(provider: Node) -> Iterator[Result]:
    yield from _is_not_api_key(provider["AuthenticationType"])


def _is_not_api_key(kind: Node) -> Iterator[Result]:
    if kind.text() == "API_KEY":
        yield kind.violation(f"{kind.key} is API_KEY, which anyone who gets the page can read.")


def _app_runner(service: Resource) -> Iterator[Result]:
    public = service.properties.at("NetworkConfiguration/IngressConfiguration/IsPubliclyAccessible")
    if public.boolean() is not False:
        yield public.violation(f"{public.key} is {public.shown}, so it answers everyone.")


def _amplify_app(app: Resource) -> Iterator[Result]:
    branches = app.stack.assembly.index(_app_of, _BRANCH)[app]
    if branches and all(_asks_for_password(branch) for branch in branches):
        return
    if not _asks_for_password(app):
        yield _without_password(app)


def _amplify_branch(branch: Resource) -> Iterator[Result]:
    if branch["BasicAuthConfig"].exists:
        if not _asks_for_password(branch):
            yield _without_password(branch)
    elif not branch["AppId"].target(_APP):
        yield branch["BasicAuthConfig"].unknown(
            "The app is not in this assembly, so whether it asks for a password cannot be seen."
        )


_APP = "AWS::Amplify::App"
_BRANCH = "AWS::Amplify::Branch"


def _app_of(branch: Resource) -> Iterator[Resource]:
    app = branch["AppId"].target(_APP)
    if app:
        yield app


def _asks_for_password(app: Resource) -> bool:
    return app.properties.at("BasicAuthConfig/EnableBasicAuth").boolean() is True


def _without_password(app: Resource) -> Result:
    place = app.properties.at("BasicAuthConfig/EnableBasicAuth")
    return place.violation(f"{place.key} is {place.shown}, so it answers everyone.")


def _lightsail_container(service: Resource) -> Iterator[Result]:
    endpoint = service.properties.at("ContainerServiceDeployment/PublicEndpoint")
    if endpoint.exists and service["IsDisabled"].boolean() is not True:
        yield endpoint.violation("A public endpoint answers everyone.")


def _express_service(service: Resource) -> Iterator[Result]:
    place = service.properties.at("NetworkConfiguration/Subnets")
    subnets = place.items()
    if not subnets:
        yield place.violation(
            "Subnets is not set, so its load balancer is in public subnets and answers everyone."
        )
    yield from check_each(subnets, _public_subnet)


def _public_subnet(place: Node) -> Iterator[Result]:
    subnet = place.target(SUBNET)
    if subnet is None:
        yield place.unknown("The subnet is not one of the app, so whether it is public cannot be seen.")
    elif is_routed_to_internet(subnet):
        yield place.violation(f"{subnet.logical_id} is public, so its load balancer answers everyone.")


_CLUSTERS = {
    "AWS::EKS::Cluster": ("ResourcesVpcConfig", "EndpointPublicAccess", "PublicAccessCidrs"),
    "Custom::AWSCDK-EKS-Cluster": ("Config/resourcesVpcConfig", "endpointPublicAccess", "publicAccessCidrs"),
}
"""Where each type says of an EKS cluster whether its endpoint is public, and to which ranges."""


def _eks_cluster(cluster: Resource) -> Iterator[Result]:
    ranges, assembly = _ranges_of_cluster(cluster), cluster.stack.assembly
    if ranges is None:
        return
    let_in = _cluster_lets_in(assembly, cluster)
    if let_in.is_internet:
        yield ranges.violation(f"The endpoint is public, and {ranges.key} is {ranges.shown}: the internet.")
    elif let_in.undecided:
        yield ranges.unknown(let_in.undecided)
    elif _sandbox_of(cluster) in assembly.cached(_open_sandboxes):
        yield ranges.violation(f"The endpoint is public, and {_TOGETHER}")


def _ranges_of_cluster(cluster: Resource) -> Node | None:
    """Return the place of the ranges that may call a cluster, or None if its endpoint is not public."""
    configuration, public, ranges = _CLUSTERS[cluster.type]
    config = cluster.properties.at(configuration)
    return None if config[public].boolean() is False else config[ranges]


def _cluster_lets_in(_: Assembly, cluster: Resource) -> _LetIn:
    try:
        ranges = _ranges_of_cluster(cluster)
        texts = ranges.texts() if ranges else []
    except UnknownValue as error:
        return _LetIn((), is_internet=False, undecided=error.result.message)
    networks = [network for network in map(parse, texts) if network]
    wrong = len(networks) < len(texts)
    return _LetIn(
        tuple(networks),
        is_internet=ranges is not None and (not texts or are_wide(networks)),
        undecided="Not all of it are address ranges; CloudFormation would refuse it." if wrong else None,
    )


def _accelerated_endpoints(endpoints: Resource) -> Iterator[Result]:
    """Judge what an accelerator shows; a balancer of the app is judged itself."""
    places = endpoints.properties.find_all("EndpointConfigurations/*/EndpointId")
    yield from check_each(list(places), _accelerated_endpoint)


def _accelerated_endpoint(place: Node) -> Iterator[Result]:
    shown = place.target()
    if shown is None:
        yield place.unknown(
            "The accelerator shows something outside the app to the internet, which may not authenticate."
        )
    elif shown.type != LOAD_BALANCER:
        yield place.violation(
            f"The accelerator shows {shown.logical_id} ({shown.type}) to the internet, and no authenticate "
            "action can come before it."
        )


def _events_api(api: Resource) -> Iterator[Result]:
    providers = api.properties.find_all("EventConfig/AuthProviders/*/AuthType")
    yield from check_each(list(providers), _is_not_api_key)


def _always_public(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation("It faces the internet and answers everybody.")


def _streaming_distribution(distribution: Resource) -> Iterator[Result]:
    config = distribution["StreamingDistributionConfig"]
    signers = config["TrustedSigners"]["Enabled"]
    if config["Enabled"].boolean() is not False and not signers.boolean():
        yield signers.violation("It answers everybody: no TrustedSigners are enabled.")


def _authorized(kind: Node) -> Iterator[Result]:
    if (kind.text() or "NONE").upper() == "NONE":
        yield kind.violation(f"{kind.key} is {kind.shown}, so it answers everyone.")


_PASSWORD = ("Write `enable_basic_auth=True`.", "Write `EnableBasicAuth: true`.")

_REST_AUTHORIZER = (
    "Write `authorization_type=apigateway.AuthorizationType.IAM` for each method, as in "
    "`default_method_options=`, or give it an authorizer. Or make the API private.",
    "Write an `AuthorizationType` other than NONE at each method, or make the API private with "
    "`Types: [PRIVATE]`.",
)

_HTTP_AUTHORIZER = (
    "Write `default_authorizer=authorizers.HttpIamAuthorizer()`, or another authorizer.",
    "Write an `AuthorizationType` other than NONE at each route, such as `AuthorizationType: AWS_IAM`.",
)

_SAM_AUTHORIZER = "Write `DefaultAuthorizer: AWS_IAM` in Auth, or another authorizer."

RULE = Rule(
    id="TTS-SBX-001",
    title="Sandboxes must not show anything to the public without authentication",
    why=(
        "A sandbox is for trying things out: nobody assesses or watches what runs there. To the public it "
        "looks like a government service, and for attackers it is a way into the account."
    ),
    source="TTS rule for sandboxes (handbook, “Amazon Web Services”, which names them “for "
    "development and testing”); NIST SP 800-53 AC-3",
    section="Amazon Web Services",
    fix=(
        "Use TtsAsgService with Access.restricted([…]) or Access.internal(). Or write "
        "`internet_facing=False`. Or authenticate before each forward, as with "
        "`elbv2.ListenerAction.authenticate_oidc(…)`. Or write `open=False` for each listener, and let "
        "narrow ranges in with `connections.allow_from(ec2.Peer.ipv4(…), ec2.Port.tcp(443))`."
    ),
    template_fix=(
        "Write `Scheme: internal`. Or write an action such as `Type: authenticate-cognito` before each "
        "forward. Or let only narrow ranges in to the security groups."
    ),
    decides=(
        "A load balancer that faces the internet, or that an accelerator exposes, passes in two cases. "
        "First: it has listeners in the app, and each of their default actions and rules that forwards also "
        "authenticates, and lets nobody else pass. Second: the security groups of all such load balancers "
        "of the sandbox and the ranges of its EKS clusters together let in no more internet addresses than "
        "one /8 of IPv4 and one /16 of IPv6. "
        "Each behavior of an enabled distribution needs trusted key groups or signers; the rule can't "
        "decide about a function at viewer-request. Each method, route (except OPTIONS), function URL, and "
        "API of AppSync needs an authorizer, unless its API is private. The rule can't decide about a "
        "definition (Body), or about an API of AWS SAM without a DefaultAuthorizer. An App Runner service "
        "must have IsPubliclyAccessible: false, an Amplify app (or each of its branches) a BasicAuthConfig, "
        "a Lightsail container service no PublicEndpoint, an ECS express service private subnets, and an "
        "EKS cluster no public endpoint or narrow PublicAccessCidrs. An accelerator must expose nothing but "
        "load balancers of the app; the rule can't decide about what is outside the app. Load balancers and "
        "distributions of Lightsail break the rule."
    ),
    controls=("AC-3", "AC-4", "SC-7"),
    force="M",
    production=None,
    sandbox="block",
    checks={
        LOAD_BALANCER: _balancer,
        CLASSIC_LOAD_BALANCER: _balancer,
        "AWS::AppRunner::Service": fixed_by(
            _app_runner,
            "Write `apprunner.CfnService.IngressConfigurationProperty(is_publicly_accessible=False)` in "
            "the network configuration. What others of the VPC call has a VPC ingress connection.",
            "Write `IsPubliclyAccessible: false`.",
        ),
        _APP: fixed_by(_amplify_app, *_PASSWORD),
        _BRANCH: fixed_by(_amplify_branch, *_PASSWORD),
        "AWS::ECS::ExpressGatewayService": fixed_by(
            _express_service,
            "Write `subnets=` with private subnets: its load balancer is then internal.",
            "Name private subnets in `Subnets`: its load balancer is then internal.",
        ),
        **dict.fromkeys(
            _CLUSTERS,
            fixed_by(
                _eks_cluster,
                "Write `endpoint_access=eks.EndpointAccess.PRIVATE`.",
                "Write `EndpointPublicAccess: false`, or narrow ranges in `PublicAccessCidrs`.",
            ),
        ),
        _ACCELERATED: fixed_by(
            _accelerated_endpoints,
            "Accelerate a load balancer of the app that authenticates, or remove the endpoint.",
        ),
        **dict.fromkeys(
            ("AWS::Lightsail::Distribution", "AWS::Lightsail::LoadBalancer"),
            fixed_by(_always_public, "Use TtsAsgService with Access.restricted([…]).", "Remove it."),
        ),
        "AWS::Lightsail::Container": fixed_by(
            _lightsail_container,
            "Remove `public_endpoint=` from the deployment.",
            "Remove PublicEndpoint from the deployment.",
        ),
        "AWS::CloudFront::Distribution": fixed_by(
            _distribution,
            "Write `trusted_key_groups=[…]` at each behavior, so that links are signed.",
            "Name `TrustedKeyGroups` at each behavior, so that links are signed.",
        ),
        "AWS::CloudFront::StreamingDistribution": fixed_by(
            _streaming_distribution,
            "Write `trusted_signers=` with `enabled=True`, so that links are signed.",
            "Write `TrustedSigners: {Enabled: true}`, so that links are signed.",
        ),
        "AWS::AppSync::Api": fixed_by(
            _events_api,
            'Write `auth_type="AWS_IAM"`, or another type than API_KEY, for each provider.',
            "Write an `AuthType` other than API_KEY for each provider.",
        ),
        "AWS::ApiGateway::Method": fixed_by(_method, *_REST_AUTHORIZER),
        "AWS::ApiGateway::RestApi": fixed_by(_rest_api, *_REST_AUTHORIZER),
        "AWS::ApiGatewayV2::Route": fixed_by(_route, *_HTTP_AUTHORIZER),
        "AWS::ApiGatewayV2::Api": fixed_by(_http_api, *_HTTP_AUTHORIZER),
        "AWS::AppSync::GraphQLApi": fixed_by(
            _graphql_api,
            "Write `authorization_type=appsync.AuthorizationType.IAM`, or another type than API_KEY, in "
            "each authorization mode.",
            "Write an `AuthenticationType` other than API_KEY.",
        ),
        "AWS::Lambda::Url": fixed_by(
            _function_url,
            "Write `auth_type=lambda_.FunctionUrlAuthType.AWS_IAM`.",
            "Write `AuthType: AWS_IAM`.",
        ),
        "AWS::Serverless::Api": fixed_by(_serverless_api, _SAM_AUTHORIZER),
        "AWS::Serverless::HttpApi": fixed_by(_serverless_api, _SAM_AUTHORIZER),
        "AWS::Serverless::Function": fixed_by(
            _serverless_function, "Write `AuthType: AWS_IAM` for a function URL."
        ),
        "AWS::StepFunctions::StateMachine": events_for_everybody,
    },
)
