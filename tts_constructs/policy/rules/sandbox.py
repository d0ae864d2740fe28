"""Sandboxes: what may be shown, kept and spent there."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy import baseline
from tts_constructs.policy.balancers import (
    CLASSIC_LOAD_BALANCER,
    LOAD_BALANCER,
    actions_of,
    faces_internet,
    kind_of,
    listeners_of,
    rules_of,
    security_groups_of,
)
from tts_constructs.policy.cidr import Network, are_wide
from tts_constructs.policy.node import Node, Result, each, settled
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.security_groups import GROUP, ingress_of, networks_at, ranges_of
from tts_constructs.policy.system import METADATA_KEY, UNDECLARED, DataSensitivity
from tts_constructs.policy.tags import PROJECT
from tts_constructs.policy.template import Resource, Stack
from tts_constructs.policy.values import Text

# TTS-SBX-001: nothing without authentication is shown to the public

_AUTHENTICATES = {
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
}
"""Types of actions that ask who somebody is, and where each says whether it lets others pass."""


def _balancer(balancer: Resource) -> Iterator[Result]:
    if not faces_internet(balancer) or kind_of(balancer) == "gateway":
        return
    openings = list(settled(_openings(balancer)))
    if openings and not _authenticates(balancer):
        yield from openings


def _openings(balancer: Resource) -> Iterator[Result]:
    """How the security groups of a balancer let the internet in; nothing where they let in stated ranges."""
    places = security_groups_of(balancer)
    if not places:
        yield balancer["SecurityGroups"].violation(
            "It faces the internet, no authenticate action stands before all it forwards, and no security "
            "group says who may come in."
        )
    yield from each(places, _opening)


def _opening(place: Node) -> Iterator[Result]:
    group = place.target(GROUP)
    if group is None:
        yield place.unknown("The security group is not one of the app, so whom it lets in cannot be seen.")
        return
    networks: list[Network] = []
    undecided: list[Result] = []
    for rule in ingress_of(group):
        undecided += settled(_collect(rule, networks))
    if are_wide(networks):
        yield place.violation(
            f"It faces the internet, {group.logical_id} lets the internet in, and no authenticate action "
            "stands before all it forwards."
        )
    elif undecided:
        yield place.unknown(f"Whom {group.logical_id} lets in cannot be decided. {undecided[0].message}")


def _collect(rule: Node, networks: list[Network]) -> Iterator[Result]:
    """Adds the ranges that a rule lets in to `networks`."""

    def collect(place: Node) -> Iterator[Result]:
        networks.extend(networks_at(place))
        yield from ()

    yield from each(ranges_of(rule), collect)


def _authenticates(balancer: Resource) -> bool:
    """Whether a balancer has listeners in the app, and all that these forward is authenticated first."""
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
    yield from each([config["DefaultCacheBehavior"], *config["CacheBehaviors"].items()], _behavior)


def _behavior(behavior: Node) -> Iterator[Result]:
    if behavior["TrustedKeyGroups"].items() or behavior["TrustedSigners"].items():
        return
    functions = [*behavior["LambdaFunctionAssociations"].items(), *behavior["FunctionAssociations"].items()]
    if any(function["EventType"].text() == "viewer-request" for function in functions):
        yield behavior.unknown("Whether the function at viewer-request authenticates cannot be seen.")
    else:
        yield behavior.violation("It answers everybody: no TrustedKeyGroups stand here.")


def _method(method: Resource) -> Iterator[Result]:
    api = method["RestApiId"].target("AWS::ApiGateway::RestApi")
    if (method["HttpMethod"].text() or "").upper() == "OPTIONS" or (api and _is_private(api)):
        return
    yield from _authorised(method["AuthorizationType"])


def _is_private(api: Resource) -> bool:
    types = api["EndpointConfiguration"]["Types"].items()
    return bool(types) and all(kind.text() == "PRIVATE" for kind in types)


def _rest_api(api: Resource) -> Iterator[Result]:
    for key in ("Body", "BodyS3Location"):
        if api[key].exists and not _is_private(api):
            yield api[key].unknown(
                "Which methods this definition has, and who may call them, is not read here."
            )


def _route(route: Resource) -> Iterator[Result]:
    api = route["ApiId"].target("AWS::ApiGatewayV2::Api")
    key = route["RouteKey"].text() or ""
    # A WebSocket API authorises when a connection is made, and nowhere else.
    speaks_http = api is None or api["ProtocolType"].text() != "WEBSOCKET"
    if not key.startswith("OPTIONS ") and (speaks_http or key == "$connect"):
        yield from _authorised(route["AuthorizationType"])


def _http_api(api: Resource) -> Iterator[Result]:
    if api["Target"].exists:
        yield api["Target"].violation("A target given here makes a route that answers everybody.")
    for key in ("Body", "BodyS3Location"):
        if api[key].exists:
            yield api[key].unknown(
                "Which routes this definition has, and who may call them, is not read here."
            )


def _function_url(url: Resource) -> Iterator[Result]:
    yield from _authorised(url["AuthType"])


def _serverless_function(function: Resource) -> Iterator[Result]:
    url = function["FunctionUrlConfig"]
    if url.exists:
        yield from _authorised(url["AuthType"])
    for _, event in function["Events"].entries():
        yield from settled(_implicit_api(event))


def _implicit_api(event: Node) -> Iterator[Result]:
    """Judges an event that names no API, for which the transform then makes one that answers everybody."""
    kind, properties = event["Type"].text(), event["Properties"]
    of_the_app = properties["RestApiId" if kind == "Api" else "ApiId"].exists
    if kind in {"Api", "HttpApi"} and not (of_the_app or properties["Auth"]["Authorizer"].exists):
        yield event.unknown(
            "No Authorizer stands here, and who may call the API that is made of it is not read."
        )


def _serverless_api(api: Resource) -> Iterator[Result]:
    authorizer = api["Auth"]["DefaultAuthorizer"]
    if not (authorizer.exists or _is_private_in_short(api)):
        yield authorizer.unknown(
            "No DefaultAuthorizer stands here, and what each event asks for is not read."
        )


def _is_private_in_short(api: Resource) -> bool:
    """Whether an API of AWS SAM is private: its endpoints are a map, or the type itself."""
    endpoint = api["EndpointConfiguration"]
    kind = endpoint["Type"] if isinstance(endpoint.value, dict) else endpoint
    return kind.text() == "PRIVATE"


def _graphql_api(api: Resource) -> Iterator[Result]:
    if api["Visibility"].text() != "PRIVATE":
        yield from each([api.properties, *api["AdditionalAuthenticationProviders"].items()], _is_no_api_key)


def _is_no_api_key(provider: Node) -> Iterator[Result]:
    kind = provider["AuthenticationType"]
    if kind.text() == "API_KEY":
        yield kind.violation("AuthenticationType is API_KEY, which anybody can read who was given the page.")


def _authorised(kind: Node) -> Iterator[Result]:
    if (kind.text() or "NONE").upper() == "NONE":
        yield kind.violation(f"{kind.key} is {kind.shown}, so it answers everybody.")


# TTS-SBX-002: no sensitive information

_HARMLESS = (DataSensitivity.PUBLIC, DataSensitivity.SYNTHETIC)
_DECLARATION = f"Metadata/{METADATA_KEY}/data_sensitivity"


def _system_data(stack: Stack) -> Iterator[Result]:
    metadata = stack.body.get("Metadata")
    states_itself = isinstance(metadata, dict) and METADATA_KEY in metadata
    if not stack.resources or (stack.parent and not states_itself):
        return
    declared = stack.record.get("data_sensitivity", UNDECLARED)
    if isinstance(declared, str):
        yield from _declared(declared)
    else:
        yield Result("unknown", _DECLARATION, "data_sensitivity is no text, so what is kept is not declared.")


def _resource_data(resource: Resource) -> Iterator[Result]:
    metadata = resource.body.get("Metadata")
    if not isinstance(metadata, dict) or METADATA_KEY not in metadata:
        return
    declaration = resource.attribute("Metadata")[METADATA_KEY]["data_sensitivity"]
    if declaration.exists:
        yield from _declared(declaration.text() or UNDECLARED)


def _declared(text: str) -> Iterator[Result]:
    declared = text.strip().lower()
    if declared == UNDECLARED:
        message = "Nobody declared what data is kept here, so it counts as sensitive."
        yield Result("violation", _DECLARATION, message, at_most="warn")
    elif declared not in _HARMLESS:
        yield Result("violation", _DECLARATION, f"The owner declares {declared} data.")


# TTS-SBX-003: no more than 500 USD a month

_BUDGET = "AWS::Budgets::Budget"


def _budget(stack: Stack) -> Iterator[Result]:
    if stack.parent or not stack.resources or (stack.region or "").startswith("us-gov-"):
        return
    budgets = [b for b in stack.assembly.of_type(_BUDGET) if b.stack.account == stack.account]
    faults = [list(settled(_budget_faults(budget))) for budget in budgets]
    if not all(faults):
        return
    undecided = [fault for found in faults for fault in found if fault.verdict == "unknown"]
    if undecided:
        yield Result(
            "unknown", "", f"Whether the app has its budget cannot be decided. {undecided[0].message}"
        )
    else:
        limit = f"a monthly budget of at most {baseline.SANDBOX_BUDGET_USD} USD for all that it costs"
        yield Result("violation", "", f"The app has {len(budgets)} budgets, and none is {limit}.")


def _budget_faults(budget: Resource) -> Iterator[Result]:
    data = budget["Budget"]
    kind, period = data["BudgetType"].text(), data["TimeUnit"].text()
    amount, unit = data.at("BudgetLimit/Amount").number(), data.at("BudgetLimit/Unit").text()
    within = amount is not None and amount <= baseline.SANDBOX_BUDGET_USD
    # Over a longer time the same amount is less a month.
    if not (within and unit == "USD" and kind == "COST" and period in {"MONTHLY", "QUARTERLY", "ANNUALLY"}):
        yield data.violation("It allows more.")
    yield from _left_out(data)


_WHOLE_ACCOUNT = "LinkedAccount"
_BY_TAG = "TagKeyValue"


def _left_out(data: Node) -> Iterator[Result]:
    """What filters leave out, unless they ask for all of an account or of a `Project`."""
    for name, values in data["CostFilters"].entries():
        of_project = name == _BY_TAG and all(map(_names_project, values.items()))
        if name != _WHOLE_ACCOUNT and not of_project:
            yield values.violation(f"It counts some {name} alone.")
    expression = data["FilterExpression"]
    if expression.exists and expression["Tags"]["Key"].text() != PROJECT:
        yield expression.violation("It counts what its FilterExpression leaves.")


def _names_project(value: Node) -> bool:
    text = str(value.value) if isinstance(value.value, Text) else value.text() or ""
    return text.startswith(f"user:{PROJECT}$")


RULES = (
    Rule(
        id="TTS-SBX-001",
        title="Nothing without authentication is shown to the public",
        why="A sandbox is for trying things out: what runs there is neither assessed nor watched. Shown "
        "to the public it looks like a service of the government, and is an open door into the account.",
        source="TTS rule for sandboxes (handbook, “Amazon Web Services”, which names them “for "
        "development and testing”); NIST SP 800-53 AC-3",
        fix="Use TtsAsgService with Access.restricted([…]) or Access.internal(). Or write Scheme: "
        "internal, an authenticate-oidc or authenticate-cognito action before each forward, or security "
        "groups that let in stated ranges; for an API an authoriser, for a distribution TrustedKeyGroups.",
        decides="A load balancer that faces the internet passes if it has listeners in the app and each "
        "of their default actions and rules that forwards also authenticates, and lets nobody else pass, or "
        "if the ranges that its security groups let in are, together, not as wide as the internet (wider "
        "than /8 in IPv4 or /16 in IPv6). Each behaviour of an enabled distribution needs trusted key "
        "groups or signers; a function at viewer-request is unknown. Each method, route (but OPTIONS), "
        "function URL and GraphQL API needs an authoriser, unless its API is private; a definition (Body) "
        "is unknown, and so is an API of AWS SAM without a DefaultAuthorizer.",
        controls=("AC-3", "AC-4", "SC-7"),
        force="M",
        production=None,
        sandbox="block",
        checks={
            LOAD_BALANCER: _balancer,
            CLASSIC_LOAD_BALANCER: _balancer,
            "AWS::CloudFront::Distribution": _distribution,
            "AWS::ApiGateway::Method": _method,
            "AWS::ApiGateway::RestApi": _rest_api,
            "AWS::ApiGatewayV2::Route": _route,
            "AWS::ApiGatewayV2::Api": _http_api,
            "AWS::AppSync::GraphQLApi": _graphql_api,
            "AWS::Lambda::Url": _function_url,
            "AWS::Serverless::Api": _serverless_api,
            "AWS::Serverless::Function": _serverless_function,
            "AWS::Serverless::HttpApi": _serverless_api,
        },
    ),
    Rule(
        id="TTS-SBX-002",
        title="No sensitive information is kept in a sandbox",
        why="In a sandbox everybody in TTS can see everything, and nothing there is assessed for the "
        "public's information. Until its owner says otherwise, data counts as sensitive.",
        source="Handbook, “Other people's information”: “always assume the owner of that data has the "
        "most conservative requirements unless they have taken express action”; “Anyone in TTS can get "
        "access to the AWS sandbox account.”",
        fix="Use data that is public or made up, and say so: "
        "TtsSystem(data_sensitivity=DataSensitivity.SYNTHETIC), or data_sensitivity in Metadata.TTS of "
        "the template. Keep all other data in production.",
        decides="data_sensitivity of Metadata.TTS, of a stack or of a resource, is public or synthetic. "
        "Anything else that is declared is a violation; undeclared, and no declaration at all, warn.",
        controls=("AC-4", "SA-3(2)", "SI-12"),
        force="M",
        production=None,
        sandbox="block",
        checks={"*": _resource_data},
        stack_check=_system_data,
    ),
    Rule(
        id="TTS-SBX-003",
        title="More than 500 USD a month needs agreement",
        why="The money is other people's, and the contract that it comes from has a ceiling. A budget "
        "tells the owner in time that something was left running.",
        source="TTS rule for sandboxes (handbook, “Tagging”, which refers to “other people's money” of "
        "the sandbox): more than 500 USD a month needs agreement",
        fix="Use TtsSystem, which makes the budget in a sandbox, or write an AWS::Budgets::Budget with "
        "BudgetType: COST, TimeUnit: MONTHLY and BudgetLimit of at most 500 USD.",
        decides="Some stack of the app for the same account has an AWS::Budgets::Budget of costs, monthly "
        "or longer, of at most 500 USD. Its filters name a Project or an account, or there are none: "
        "one that counts a single service leaves out the others. It is not evaluated in us-gov regions, "
        "where CloudFormation has no budgets.",
        controls=("SA-2", "PM-3"),
        force="M",
        production=None,
        sandbox="warn",
        stack_check=_budget,
    ),
)
