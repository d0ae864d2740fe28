"""TTS-VPC-003: VPCs of different systems are not joined."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.vpcs import SUBNET
from tts_constructs.policy.model.checks import check_each
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Unknown
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.vpc._shared import OWN_VPC


def _joins(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation(f"{resource.type} joins the VPC to another network.")


def _transit_gateway(resource: Resource) -> Iterator[Result]:
    if resource.type.endswith("Attachment"):
        yield from _joins(resource)


def _shares(share: Resource) -> Iterator[Result]:
    yield from check_each(share["ResourceArns"].items(), _is_subnet)


def _is_subnet(arn: Node) -> Iterator[Result]:
    value = arn.value
    references = value.references if isinstance(value, Text) else (value,)
    if ":subnet/" in str(value) or any(
        isinstance(part, Reference) and part.resource.type == SUBNET for part in references
    ):
        yield arn.violation("A subnet is shared with other accounts, whose systems then run in this VPC.")
    elif isinstance(value, Unknown) or (isinstance(value, Text) and "/" not in str(value)):
        arn.text()


RULE = Rule(
    id="TTS-VPC-003",
    title="VPCs of different systems are not joined",
    why=(
        "A VPC that is joined to another is one network with it: what breaks into one system reaches the "
        "other. Systems talk to each other as the public does, over HTTPS."
    ),
    source=OWN_VPC,
    section="VPCs",
    fix=(
        "Remove it, and call the other system at its HTTPS address. Services of one system talk in the "
        "VPC of their TtsSystem, by NetworkPolicy(between=[Flow.service(…)])."
    ),
    decides=(
        "A VPC peering, an attachment to a transit gateway or a Cloud WAN, a VPC Lattice association, "
        "and a share of subnets to other accounts are violations."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        "AWS::EC2::TransitGateway*": _transit_gateway,
        "AWS::EC2::VPCPeeringConnection": _joins,
        "AWS::NetworkManager::VpcAttachment": _joins,
        "AWS::RAM::ResourceShare": _shares,
        "AWS::VpcLattice::ServiceNetworkVpcAssociation": _joins,
    },
)
