"""Ways into EKS clusters for people: the public endpoint, and access entries."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.iam_statements import ROLE, Statement, statements
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Unknown, Value
from tts_constructs.policy.result import Result

_ENDPOINTS = {
    "AWS::EKS::Cluster": "ResourcesVpcConfig/EndpointPublicAccess",
    "Custom::AWSCDK-EKS-Cluster": "Config/resourcesVpcConfig/endpointPublicAccess",
}
_ENTRY = "AWS::EKS::AccessEntry"
CLUSTER_TYPES = frozenset({*_ENDPOINTS, _ENTRY})

_OF_NODES = frozenset({"EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX"})
"""Types of access entries that let machines join a cluster."""

_SIGN_ON = "/AWSReservedSSO_"
_REMOVE_ENTRY = "Remove the access entry, and let the pipeline that deploys the system change the cluster."


def keeps_people_out(resource: Resource) -> Iterator[Result]:
    """Yield results for a cluster that people can reach, or may enter."""
    if resource.type == _ENTRY:
        yield from _is_of_a_machine(resource)
    else:
        yield from _has_no_public_endpoint(resource.properties.at(_ENDPOINTS[resource.type]))


def _has_no_public_endpoint(public: Node) -> Iterator[Result]:
    if public.boolean() is not False:
        yield public.violation(
            f"{public.key} is {public.shown}, so people can reach the cluster from the internet.",
            fix="Write `endpoint_access=eks.EndpointAccess.PRIVATE`.",
            template_fix=f"Write `{public.key}: false`, and `true` for the private endpoint.",
        )


def _is_of_a_machine(entry: Resource) -> Iterator[Result]:
    if entry["Type"].text() in _OF_NODES:
        return
    principal = entry["PrincipalArn"]
    if (who := _person(principal.value)) or ((role := principal.target(ROLE)) and (who := _people_of(role))):
        yield principal.violation(f"The access entry lets {who} into the cluster.", fix=_REMOVE_ENTRY)
    elif not isinstance(principal.value, Reference):
        yield principal.unknown(
            f"{principal.key} is a role that is not of the app, so people may take it. "
            "Refer to a role of the app that a service takes.",
            fix=_REMOVE_ENTRY,
        )


def _person(principal: Value) -> str | None:
    """Return who a principal is, as part of a sentence, or None if it can be a machine."""
    if isinstance(principal, Reference):
        return "a user" if principal.resource.type == "AWS::IAM::User" else None
    text = str(principal) if isinstance(principal, str | Text) else ""
    if ":user/" in text:
        return "a user"
    if text.endswith(":root"):
        return "everybody in an account"
    if _SIGN_ON in text:
        return "people who sign on to AWS"
    return None


def _people_of(role: Resource) -> str | None:
    """Return which people may take a role of the app, or None if only services and roles of the app may."""
    trusts = [Statement.read(node) for node in statements(role["AssumeRolePolicyDocument"])]
    for kind, value in (pair for trust in trusts if trust.allows for pair in trust.principals):
        if kind != "Service" and not (isinstance(value, Reference) and value.resource.type == ROLE):
            if isinstance(value, Unknown):
                return None
            return "whoever may take its role"
    return None
