"""TTS-VPC-003: VPCs of different systems must not be connected."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.vpcs import SUBNET
from tts_constructs.policy.model.checks import check_each, check_items
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Unknown
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.vpc._shared import OWN_VPC

VPN_GATEWAY = "AWS::EC2::VPNGateway"


def _joins(resource: Resource) -> Iterator[Result]:
    yield resource.properties.violation(f"{resource.type} joins the VPC to another network.")


def _transit_gateway(resource: Resource) -> Iterator[Result]:
    if resource.type.endswith(("Attachment", "Connect")):
        yield from _joins(resource)


_GATEWAYS = {
    "CoreNetworkArn": ("AWS::NetworkManager::CoreNetwork",),
    "LocalGatewayId": (),
    "TransitGatewayId": ("AWS::EC2::TransitGateway",),
    "VpcPeeringConnectionId": ("AWS::EC2::VPCPeeringConnection",),
    "VpnGatewayId": (VPN_GATEWAY,),
}
"""Properties of a route or an attachment that lead to another network, with the types that are judged
themselves where the app makes them."""


def _leads_elsewhere(resource: Resource) -> Iterator[Result]:
    places = [resource[key] for key in _GATEWAYS if resource[key].exists]
    yield from check_each(places, _is_of_app)
    gateway = resource["GatewayId"].value
    if isinstance(gateway, str) and gateway.startswith("vgw-"):
        yield _joins_elsewhere(resource["GatewayId"])


def _is_of_app(place: Node) -> Iterator[Result]:
    if place.target(*_GATEWAYS[str(place.key)]) is None or not _GATEWAYS[str(place.key)]:
        yield _joins_elsewhere(place)


def _joins_elsewhere(place: Node) -> Result:
    return place.violation(f"{place.key} is {place.shown}, so the VPC is joined to a network from elsewhere.")


def _is_peered(fleet: Resource) -> Iterator[Result]:
    if fleet["PeerVpcId"].exists:
        yield fleet["PeerVpcId"].violation("The VPC is peered with the network of a fleet.")


def _endpoint(endpoint: Resource) -> Iterator[Result]:
    name = endpoint["ServiceName"]
    if "vpce-svc-" in str(name.value):
        yield name.violation(f"{name.key} names a service of another account.", at_most="warn")
    for key, kind in _LATTICE.items():
        place = endpoint[key]
        if place.exists and not _is_made_by_app(place, kind):
            yield place.violation(f"{key} is {place.shown}, which the app does not make.", at_most="warn")


_LATTICE = {
    "ResourceConfigurationArn": "AWS::VpcLattice::ResourceConfiguration",
    "ServiceNetworkArn": "AWS::VpcLattice::ServiceNetwork",
}


def _is_made_by_app(place: Node, kind: str) -> bool:
    value = place.value
    references = value.references if isinstance(value, Text) else (value,)
    return any(isinstance(part, Reference) and part.resource.type == kind for part in references)


def _shares(share: Resource) -> Iterator[Result]:
    yield from check_items(share["ResourceArns"], _is_subnet)


def _is_subnet(arn: Node) -> Iterator[Result]:
    value = arn.value
    references = value.references if isinstance(value, Text) else (value,)
    if ":subnet/" in str(value) or any(
        isinstance(part, Reference) and part.resource.type == SUBNET for part in references
    ):
        yield arn.violation("A subnet is shared with other accounts, whose systems then run in this VPC.")
    elif isinstance(value, Unknown) or (isinstance(value, Text) and "/" not in str(value)):
        arn.text()


_NO_ENDPOINT = (
    "Remove it, and call the other system at its HTTPS address. If it is a service that your system buys, "
    "write a waiver that says which."
)


RULE = Rule(
    id="TTS-VPC-003",
    title="VPCs of different systems must not be connected",
    why=(
        "Connected VPCs act as one network. An intruder in one system can then reach the other. Systems "
        "must talk to each other as the public does, over HTTPS."
    ),
    source=OWN_VPC,
    section="VPCs",
    fix=(
        "Remove it, and call the other system at its HTTPS address. Services of one system talk in the VPC "
        "of their TtsSystem, by NetworkPolicy(between=[Flow.service(…)])."
    ),
    decides=(
        "These break the rule: a VPC peering, an attachment to a transit gateway or a Cloud WAN, a VPN "
        "gateway or connection, Direct Connect, a VPC Lattice association, a route or attachment to a "
        "gateway, peering, or network that the app doesn't make, and a share of subnets with other "
        "accounts. An endpoint to a service of another account warns. So does an endpoint to a service "
        "network or resource that the app doesn't make."
    ),
    controls=("AC-4", "AC-6", "SC-7", "SC-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        "AWS::DirectConnect::DirectConnectGatewayAssociation": _joins,
        "AWS::DirectConnect::PrivateVirtualInterface": _joins,
        "AWS::DirectConnect::TransitVirtualInterface": _joins,
        "AWS::EC2::LocalGatewayRouteTableVPCAssociation": _joins,
        "AWS::EC2::Route": _leads_elsewhere,
        "AWS::EC2::TransitGateway*": _transit_gateway,
        "AWS::EC2::VPCEndpoint": fixed_by(_endpoint, _NO_ENDPOINT),
        "AWS::EC2::VPCGatewayAttachment": _leads_elsewhere,
        "AWS::EC2::VPCPeeringConnection": _joins,
        "AWS::EC2::VPNConcentrator": _joins,
        "AWS::EC2::VPNConnection": _joins,
        VPN_GATEWAY: _joins,
        "AWS::EC2::VPNGatewayRoutePropagation": _leads_elsewhere,
        "AWS::GameLift::Fleet": _is_peered,
        "AWS::NetworkManager::*Attachment": _joins,
        "AWS::NetworkManager::TransitGatewayPeering": _joins,
        "AWS::RAM::ResourceShare": _shares,
        "AWS::VpcLattice::ServiceNetworkVpcAssociation": _joins,
    },
)
