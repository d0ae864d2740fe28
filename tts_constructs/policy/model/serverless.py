"""Writes out what resources of AWS::Serverless state: roles, stages, domain names, tables, state machines.

What the transform adds on its own is not known here. A resource that keeps its type is judged by it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tts_constructs.policy.model.intrinsics import is_call

SERVERLESS = "AWS::Serverless-2016-10-31"
MADE_FROM = "TtsMadeFrom"
"""The key under which a resource that replaced one of AWS::Serverless keeps the type of that one."""

_PREFIX = "AWS::Serverless::"
_NOT_MERGED = frozenset({"Environment"})
"""Properties that are judged in Globals themselves."""

_BESIDE = ("Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")
_TRUST = {
    "Function": "lambda.amazonaws.com",
    "StateMachine": "states.amazonaws.com",
}

Made = tuple[str, str, dict[str, Any]]
"""A resource: what its logical ID ends in, its type, its properties."""


def write_out(body: dict[str, Any]) -> dict[str, Any]:
    """Return a template with Globals merged into its AWS::Serverless resources, and with what they make."""
    resources = body.get("Resources")
    if not isinstance(resources, dict):
        return body
    defaults = body.get("Globals")
    written: dict[str, Any] = dict(resources)
    for logical_id, resource in resources.items():
        kind = _kind(resource)
        if not kind:
            continue
        given = defaults.get(kind) if isinstance(defaults, dict) else None
        stated = resource.get("Properties", {})
        if not isinstance(stated, dict) or is_call(stated):
            continue
        properties = _merged(given if isinstance(given, dict) else {}, stated)
        written[logical_id] = {**resource, "Properties": properties}
        for ending, made_type, made in _MAKERS[kind](logical_id, properties) if kind in _MAKERS else ():
            beside = {key: resource[key] for key in _BESIDE if key in resource}
            if ending:
                beside.pop("DependsOn", None)
                name = f"{logical_id}{ending}"
                while name in written:
                    name += "Made"
                written[name] = {"Type": made_type, **beside, "Properties": made}
            else:
                written[logical_id] = {
                    "Type": made_type,
                    MADE_FROM: resource["Type"],
                    **beside,
                    "Properties": made,
                }
    return {**body, "Resources": written}


def _kind(resource: Any) -> str:
    """Return the last part of a type of AWS::Serverless, such as `Function`, or an empty text."""
    name = resource.get("Type") if isinstance(resource, dict) else None
    return name.removeprefix(_PREFIX) if isinstance(name, str) and name.startswith(_PREFIX) else ""


def _merged(given: dict[str, Any], stated: dict[str, Any]) -> dict[str, Any]:
    """Return properties with those of Globals: maps are merged, lists joined, other values replaced."""
    result = {key: value for key, value in given.items() if key not in _NOT_MERGED}
    for key, value in stated.items():
        result[key] = _combined(result[key], value) if key in result else value
    return result


def _combined(given: Any, stated: Any) -> Any:
    if isinstance(given, list) and isinstance(stated, list):
        return [*given, *stated]
    if isinstance(given, dict) and isinstance(stated, dict) and not (is_call(given) or is_call(stated)):
        return {key: _both(key, given, stated) for key in {**given, **stated}}
    return stated


def _both(key: str, given: dict[str, Any], stated: dict[str, Any]) -> Any:
    if key in given and key in stated:
        return _combined(given[key], stated[key])
    return stated.get(key, given.get(key))


def _function(_: str, stated: dict[str, Any]) -> Iterator[Made]:
    yield from _role("Function", stated)


def _state_machine(logical_id: str, stated: dict[str, Any]) -> Iterator[Made]:
    roles = list(_role("StateMachine", stated))
    role = {"Fn::GetAtt": [f"{logical_id}Role", "Arn"]} if roles else None
    yield from roles
    names = {"Name": "StateMachineName", "Type": "StateMachineType", "Logging": "LoggingConfiguration"}
    names |= {"Tracing": "TracingConfiguration", "DefinitionUri": "DefinitionS3Location"}
    made = {names.get(key, key): value for key, value in stated.items() if key not in _NOT_OF_MACHINES}
    made |= {"Tags": _listed_tags(stated["Tags"])} if "Tags" in stated else {}
    made |= {"Events": stated["Events"]} if stated.get("Events") else {}  # which can make methods of an API
    role = stated.get("Role", role)
    yield "", "AWS::StepFunctions::StateMachine", made | ({} if role is None else {"RoleArn": role})


_OF_ROLES = frozenset({"Policies", "AssumeRolePolicyDocument", "PermissionsBoundary"})


_NOT_OF_MACHINES = _OF_ROLES | {"Role", "RolePath", "Events"}


def _role(kind: str, stated: dict[str, Any]) -> Iterator[Made]:
    """Yield the role that a resource states; what it says of a role counts only if it names none."""
    if "Role" in stated or _OF_ROLES.isdisjoint(stated):
        return
    trust = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [_TRUST[kind]]}}
    role: dict[str, Any] = {
        "AssumeRolePolicyDocument": stated.get("AssumeRolePolicyDocument", {"Statement": [trust]})
    }
    policies = stated.get("Policies")
    arns: list[Any] = []
    documents: list[Any] = []
    for policy in policies if isinstance(policies, list) else [policies]:
        if isinstance(policy, str):
            arns.append(policy if policy.startswith("arn:") else f"arn:aws:iam::aws:policy/{policy}")
        elif _is_document(policy):
            documents.append({"PolicyName": f"Policy{len(documents)}", "PolicyDocument": policy})
        elif is_call(policy):
            arns.append(policy)
    role |= {"ManagedPolicyArns": arns} if arns else {}
    role |= {"Policies": documents} if documents else {}
    role |= {"PermissionsBoundary": stated["PermissionsBoundary"]} if "PermissionsBoundary" in stated else {}
    role |= {"Tags": _listed_tags(stated["Tags"])} if "Tags" in stated else {}
    yield "Role", "AWS::IAM::Role", role


def _is_document(policy: Any) -> bool:
    """Return whether an item of Policies is a document, or a choice of one; not a template of SAM's."""
    if not isinstance(policy, dict):
        return False
    choice = policy.get("Fn::If")
    return "Statement" in policy or (isinstance(choice, list) and any(map(_is_document, choice)))


def _table(_: str, stated: dict[str, Any]) -> Iterator[Made]:
    made = {key: value for key, value in stated.items() if key != "PrimaryKey"}
    made |= {"Tags": _listed_tags(stated["Tags"])} if "Tags" in stated else {}
    yield "", "AWS::DynamoDB::Table", made


def _api(logical_id: str, stated: dict[str, Any]) -> Iterator[Made]:
    names = ("StageName", "AccessLogSetting", "MethodSettings", "TracingEnabled", "CacheClusterEnabled")
    stage = {"RestApiId": {"Ref": logical_id}, **_some(stated, *names)}
    tags = {"Tags": _listed_tags(stated["Tags"])} if "Tags" in stated else {}
    yield "Stage", "AWS::ApiGateway::Stage", stage | tags
    domain = stated.get("Domain")
    if isinstance(domain, dict) and not is_call(domain):
        kind = domain.get("EndpointConfiguration", "REGIONAL")
        made = _some(domain, "DomainName", "SecurityPolicy", "MutualTlsAuthentication")
        made |= {"EndpointConfiguration": {"Types": [kind]}, **tags}
        yield "DomainName", "AWS::ApiGateway::DomainName", made


def _http_api(logical_id: str, stated: dict[str, Any]) -> Iterator[Made]:
    names = ("StageName", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "Tags")
    yield "Stage", "AWS::ApiGatewayV2::Stage", {"ApiId": {"Ref": logical_id}, **_some(stated, *names)}
    domain = stated.get("Domain")
    if isinstance(domain, dict) and not is_call(domain):
        settings = _some(domain, "CertificateArn", "SecurityPolicy")
        made = {
            **_some(domain, "DomainName"),
            "DomainNameConfigurations": [settings],
            **_some(stated, "Tags"),
        }
        yield "DomainName", "AWS::ApiGatewayV2::DomainName", made


def _some(stated: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: stated[name] for name in names if name in stated}


def _listed_tags(tags: Any) -> Any:
    """Return tags, which SAM takes as a map, as a list; a call stays."""
    if not isinstance(tags, dict) or is_call(tags):
        return tags
    return [{"Key": key, "Value": value} for key, value in tags.items()]


_MAKERS: dict[str, Callable[[str, dict[str, Any]], Iterator[Made]]] = {
    "Api": _api,
    "Function": _function,
    "HttpApi": _http_api,
    "SimpleTable": _table,
    "StateMachine": _state_machine,
}
