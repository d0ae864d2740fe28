"""Approved services: only those that GSA has approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.node import Level, Result, settled
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.services import AURORA, Service, Services, Status, services_in_force
from tts_constructs.policy.template import Resource

_NO_SERVICES = ("Custom::", "AWS::CDK::")
_STATE_THEIR_ENGINE = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"})
_SERVERLESS = {
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::Application": "AWS::CloudFormation::Stack",
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
}
"""What the transform AWS::Serverless makes of its types."""

_LENIENCE = {Status.APPROVED: 0, Status.NOT_REVIEWED: 1, Status.NONE: 1, Status.NOT_APPROVED: 3}
_ON_NO_LIST = 2


def _is_approved(resource: Resource) -> Iterator[Result]:
    services = resource.stack.assembly.once(services_in_force)
    plain = services.of(resource.type)
    if plain and plain.status is Status.APPROVED and not plain.partitions:
        return
    if resource.type.startswith(_NO_SERVICES) or resource.type.endswith("::MODULE"):
        return
    for result in settled(_judged(resource, services)):
        yield replace(result, at_most=_at_most(resource)) if result.verdict == "unknown" else result


def _judged(resource: Resource, services: Services) -> Iterator[Result]:
    row = min(map(services.of, _counted_as(resource)), key=_lenience)
    if row is None:
        namespace = resource.type.rpartition("::")[0] or resource.type
        yield Result("violation", "", f"{namespace} is on no list of services.", at_most=_at_most(resource))
        return
    said = ", ".join(filter(None, (row.source, row.as_of))) or "the list of approved services"
    if row.status is Status.NOT_APPROVED:
        yield Result("violation", "", f"{row.service} is not approved ({said}).")
    elif row.status is not Status.APPROVED:
        message = f"{row.service} has not been approved yet ({said})."
        yield Result("violation", "", message, at_most=_at_most(resource))
    elif row.partitions and resource.stack.partition is None:
        yield Result("unknown", "", f"{row.service} is not approved in every region, and the stack has none.")
    elif row.partitions and resource.stack.partition not in row.partitions:
        message = f"{row.service} has not been approved in this region yet ({said})."
        yield Result("violation", "", message, at_most=_at_most(resource))


def _at_most(resource: Resource) -> Level | None:
    """What is neither approved nor refused warns, unless the settings say otherwise."""
    return None if resource.stack.assembly.settings.services.unknown == "block" else "warn"


def _counted_as(resource: Resource) -> tuple[str, ...]:
    """The types by which a resource is looked up; the most lenient answer counts.

    Aurora and RDS share a namespace and are reviewed apart: an engine tells them apart, and what has no
    engine, such as a subnet group, can belong to either.
    """
    if not resource.type.startswith("AWS::RDS::"):
        return (_SERVERLESS.get(resource.type, resource.type),)
    aurora = resource.type.replace("AWS::RDS", AURORA)
    if resource.type not in _STATE_THEIR_ENGINE:
        return resource.type, aurora
    engine = resource["Engine"].text() or ""
    return (aurora,) if engine.lower().startswith("aurora") else (resource.type,)


def _lenience(row: Service | None) -> int:
    return _LENIENCE[row.status] if row else _ON_NO_LIST


RULES = (
    Rule(
        id="TTS-SVC-001",
        title="Only approved services are used",
        why=(
            "GSA IT examines what a service does with the information that it is given before the public's "
            "information goes there; nobody has done so for a service that is not on the list."
        ),
        source=(
            'TTS handbook, AWS, "Approved services for production use": "Not all AWS services are approved '
            'by GSA IT for production use."'
        ),
        fix=(
            "Use a service that is approved; `tts services` lists them. Where GSA has approved more since, "
            "export its list as CSV and name it in tts.toml: [services] approved = '<file>'."
        ),
        decides=(
            "The namespace of each resource type is looked up in the team's list, the handbook, GSA's "
            "published reviews and the baseline of this library, in this order. What is explicitly not "
            "approved blocks; what nobody has reviewed warns, unless the settings say otherwise."
        ),
        controls=("SA-4", "SA-9", "CM-7(5)"),
        force="M",
        production="block",
        sandbox="warn",
        checks={"*": _is_approved},
    ),
)
