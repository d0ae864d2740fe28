"""Makes the tables of properties that name or hold something, from the CloudFormation schemas of cfn-lint.

Each topic is a file in `tts_constructs/policy/aws/data`: resource types with the paths of their properties.
Run `python -m scripts.make_property_tables` after cfn-lint is updated; a test says when it is due. To add a
topic, write a function that tells its properties, and add it to `TOPICS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from scripts.make_taggable import SCHEMAS, read
from tts_constructs.policy.aws.property_tables import (
    DATA,
    KEY_PAIRS,
    NETWORKS,
    PUBLIC_ADDRESSES,
    SECRETS,
    SECURITY_GROUPS,
    USER_DATA,
)
from tts_constructs.policy.rules.sec._secret_names import names_a_secret

Paths = dict[str, list[str]]


class Property(NamedTuple):
    """A property that holds a text.

    Args:
        type: The resource type.
        path: Map keys; `*` means each item of a list, or each entry of a map of any names.
        schema: What the schema says of it.
    """

    type: str
    path: str
    schema: dict[str, Any]

    @property
    def name(self) -> str:
        """The last key of the path."""
        return next(key for key in reversed(self.path.split("/")) if key != "*")


# Names of properties that hold no secret, although they sound like it, with what they hold.
_NO_SECRETS = {
    "AccessKey": "the name of a user, in AWS::DataSync::LocationObjectStorage",
    "ApiKeySelectionExpression": "an expression",
    "AuthorizerCredentials": "the ARN of a role",
    "BasicAuth": "the ARN of a secret",
    "CdnIdentifierSecret": "the ARN of a secret",
    "ClientCertificateTlsAuth": "the ARN of a secret",
    "Credential": "the name or ARN of a secret",
    "CredentialSpecs": "the ARN of a file",
    "Credentials": "the ARN of a role or a secret",
    "CredentialsParameter": "the ARN of a secret",
    "DomainJoinServiceAccountSecret": "the ARN of a secret",
    "EventSourceToken": "the ID of a skill of Alexa",
    "PasswordParam": "the name of a parameter of SSM",
    "PreTokenGeneration": "the ARN of a function",
    "RemovePrivateKey": "the ID of a key",
    "SaslScram256Auth": "the ARN of a secret",
    "SaslScram512Auth": "the ARN of a secret",
    "SecretArnList": "ARNs of secrets",
    "SecretStringKey": "a key in a secret",
    "SecretStringTemplate": "a text to which AWS adds a secret; its fields are judged by their names",
    "SqlServerCredentials": "the ARN of a secret",
    "TokenDomains": "names of domains",
    "TokenSelection": "a kind of token",
    "TokenSigningPublicKeys": "public keys",
    "TokenUrlCustomProperties": "parameters of a URL; judged by their names",
    "TokenUrlParametersMap": "parameters of a URL; judged by their names",
    "WebIdentityTokenAudiences": "names of audiences",
}  # fmt: skip
# The same for single places.
_NO_SECRETS_AT = {
    "TLS/Certificate/File/PrivateKey": "the path of a file, in AWS::AppMesh",
    "TokenValidityUnits/": "units of time",
    "AWS::Transfer::Connector As2Config/": "names of secrets",
}
# Secrets whose name doesn't say it.
_SECRETS_BY_HAND: Paths = {
    "AWS::ApiGateway::ApiKey": ["Value"],
    "AWS::AppFlow::ConnectorProfile": [
        "ConnectorProfileConfig/ConnectorProfileCredentials/Datadog/ApplicationKey"
    ],
    "AWS::CodePipeline::Pipeline": ["Stages/*/Actions/*/Configuration/OAuthToken"],
    "AWS::Cognito::UserPoolIdentityProvider": ["ProviderDetails/client_secret"],
    "AWS::DirectConnect::PrivateVirtualInterface": ["BgpPeers/*/AuthKey"],
    "AWS::DirectConnect::PublicVirtualInterface": ["BgpPeers/*/AuthKey"],
    "AWS::DirectConnect::TransitVirtualInterface": ["BgpPeers/*/AuthKey"],
    "AWS::EC2::VPNConnection": ["VpnTunnelOptionsSpecifications/*/PreSharedKey"],
    "AWS::Glue::Connection": ["ConnectionInput/ConnectionProperties/PASSWORD"],
    "AWS::IoTWireless::WirelessDevice": [
        *(f"LoRaWAN/{kind}/AppKey" for kind in ("OtaaV10x", "OtaaV11")),
        "LoRaWAN/OtaaV11/NwkKey",
        *(f"LoRaWAN/{kind}/SessionKeys/AppSKey" for kind in ("AbpV10x", "AbpV11")),
        "LoRaWAN/AbpV10x/SessionKeys/NwkSKey",
        *(f"LoRaWAN/AbpV11/SessionKeys/{key}" for key in ("FNwkSIntKey", "NwkSEncKey", "SNwkSIntKey")),
    ],
    # The schema says that AWS makes it, and yet takes it.
    "AWS::MediaPackage::Channel": ["HlsIngest/ingestEndpoints/*/Password"],
    "AWS::OpsWorks::App": ["AppSource/SshKey"],
    "AWS::OpsWorks::Stack": ["CustomCookbooksSource/SshKey"],
    "AWS::Transfer::HostKey": ["HostKeyBody"],
}

# Keys for logins that a property holds, in place of a name.
_KEY_PAIRS_BY_HAND: Paths = {
    "AWS::Glue::DevEndpoint": ["PublicKey", "PublicKeys/*"],
    "AWS::OpsWorks::UserProfile": ["SshPublicKey"],
}
_KEY_PAIR = re.compile(r"(?:Default)?(?:E[cC]2|S[sS][hH])?(?:Key(?:Pair)?Name|KeyPair|Ec2SshKey)|Ec2SshKey")
_KEY_PAIR_NOT_OF = {
    "AWS::EC2::KeyPair": "it is the key pair, and judged as one",
    "AWS::Lightsail::KeyPair": "it is the key pair, and judged as one",
    "AWS::Location::APIKey": "a key of an API",
    "AWS::Transfer::HostKey": "a key of a server",
}

_NETWORK = re.compile(
    r"(?:EC2)?V[pP][cC]I[dD]s?|VpcID|Vpc|VpcArn|VpcIdentifier|VPCZoneIdentifier"
    r"|(?:Client|Vpc)?Subnets|(?:\w*[a-z0-9])?SubnetId(?:s|List)?|SubnetArns?"
    r"|(?:Cache|Cluster|DB)?SubnetGroupName|(?:Replication)?SubnetGroupId(?:entifier)?"
)
_NO_NETWORKS_AT = {
    "AWS::AutoScaling::LaunchConfiguration ClassicLinkVPCId": "of EC2-Classic",
    "AWS::EC2::TransitGatewayVpcAttachment RemoveSubnetIds": "subnets that it leaves",
    "AWS::EC2::VPC VpcEncryptionControl/VpcId": "of itself",
    "AWS::EC2::VPCPeeringConnection PeerVpcId": "the other VPC, which TTS-VPC-003 judges",
    "AWS::Redshift::EndpointAuthorization VpcIds": "VPCs of the account that is let in",
    "SubnetGroup CacheSubnetGroupName": "its own name",
    "SubnetGroup DBSubnetGroupName": "its own name",
    "SubnetGroup ReplicationSubnetGroupIdentifier": "its own name",
    "SubnetGroup SubnetGroupName": "its own name",
}
_NETWORKS_BY_HAND: Paths = {
    # Amazon's fleet is peered with this VPC of the account.
    "AWS::GameLift::Fleet": ["PeerVpcId"],
}

_SECURITY_GROUP = re.compile(
    r"\w*Security_?Groups?(?:I[dD]s?|I[dD]List|IDs|Arns?|Memberships)?|Groups|GroupSet"
)
_NO_SECURITY_GROUPS = {
    "CacheSecurityGroupNames": "groups of EC2-Classic",
    "ClassicLinkVPCSecurityGroups": "groups of EC2-Classic",
    "ClusterSecurityGroups": "groups of EC2-Classic",
    "DBSecurityGroupMemberships": "groups of EC2-Classic",
    "DBSecurityGroups": "groups of EC2-Classic",
    "DestinationSecurityGroupId": "the peer of a rule",
    "EC2SecurityGroupId": "the peer of a rule",
    "SourceSecurityGroupId": "the peer of a rule",
    "SourceSecurityGroups": "peers of a rule",
}
_NO_SECURITY_GROUPS_OF = {
    "AWS::AmazonMQ::Broker Users/": "groups of users",
    "AWS::Budgets::": "groups of users",
    "AWS::Grafana::Workspace SamlConfiguration/": "groups of users",
    "AWS::IAM::": "groups of users",
    "AWS::MediaLive::": "groups of MediaLive",
}
_SECURITY_GROUPS_BY_HAND: Paths = {
    "AWS::EC2::SpotFleet": ["SpotFleetRequestConfigData/LaunchSpecifications/*/SecurityGroups/*/GroupId"],
}


def _holds_a_secret(place: Property) -> bool:
    return (
        names_a_secret(place.name)
        and "enum" not in place.schema
        and (place.name not in _NO_SECRETS or (place.name == "AccessKey" and "DataSync" not in place.type))
        and not any(text in f"{place.type} {place.path}" for text in _NO_SECRETS_AT)
    )


def _names_a_key_pair(place: Property) -> bool:
    return bool(_KEY_PAIR.fullmatch(place.name)) and place.type not in _KEY_PAIR_NOT_OF


def _is_user_data(place: Property) -> bool:
    return place.name == "UserData"


def _names_a_network(place: Property) -> bool:
    where = f"{place.type} {place.path}".removesuffix("/*")
    return bool(_NETWORK.fullmatch(place.name)) and not where.endswith(tuple(_NO_NETWORKS_AT))


def _names_a_security_group(place: Property) -> bool:
    return (
        bool(_SECURITY_GROUP.fullmatch(place.name))
        and place.name not in _NO_SECURITY_GROUPS
        and not f"{place.type} {place.path}".startswith(tuple(_NO_SECURITY_GROUPS_OF))
    )


def _assigns_an_address(place: Property) -> bool:
    return place.name == "AssignPublicIp"


TOPICS: dict[str, tuple[Callable[[Property], bool], Paths]] = {
    SECRETS: (_holds_a_secret, _SECRETS_BY_HAND),
    KEY_PAIRS: (_names_a_key_pair, _KEY_PAIRS_BY_HAND),
    NETWORKS: (_names_a_network, _NETWORKS_BY_HAND),
    PUBLIC_ADDRESSES: (_assigns_an_address, {}),
    SECURITY_GROUPS: (_names_a_security_group, _SECURITY_GROUPS_BY_HAND),
    USER_DATA: (_is_user_data, {}),
}
"""For each file: which properties it has by the schemas, and which by hand."""


def tables() -> dict[str, Paths]:
    """The table of each topic: sorted paths by resource type."""
    found: dict[str, Paths] = {topic: {} for topic in TOPICS}
    for place in properties():
        for topic, (belongs, _) in TOPICS.items():
            if belongs(place):
                found[topic].setdefault(place.type, []).append(place.path)
    for topic, (_, by_hand) in TOPICS.items():
        for resource_type, paths in by_hand.items():
            found[topic].setdefault(resource_type, []).extend(paths)
    return {
        topic: {name: sorted(set(paths)) for name, paths in sorted(table.items())}
        for topic, table in found.items()
    }


def rendered(table: Paths) -> str:
    """A table as its file holds it."""
    return json.dumps(table, indent=1) + "\n"


def properties() -> Iterator[Property]:
    """Every property of every type of every region that takes a text."""
    files: dict[str, str] = {}
    for region in sorted((SCHEMAS / "providers").glob("*.json")):
        for resource_type, file in read(region).items():
            files.setdefault(resource_type, file)
    for resource_type, file in sorted(files.items()):
        schema = read(SCHEMAS / "resources" / f"{file}.json")
        made = tuple(f"{_path_of(pointer)}/" for pointer in schema.get("readOnlyProperties", ()))
        for path, place in _texts(schema, {"properties": schema.get("properties", {})}, (), frozenset()):
            if not f"{path}/".startswith(made):
                yield Property(resource_type, path, place)


def _path_of(pointer: str) -> str:
    """Return the path of a property that a schema names by a pointer such as `/properties/Users/*/Name`."""
    keys = pointer.removeprefix("/properties/").split("/")
    return "/".join("*" if key in {"items", "*"} else key for key in keys if key != "properties")


def _texts(
    schema: dict[str, Any], place: dict[str, Any], path: tuple[str, ...], seen: frozenset[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and schema of each text below a place; a definition within itself is not followed."""
    while "$ref" in place:
        reference = place["$ref"]
        if reference in seen:
            return
        seen |= {reference}
        place = schema
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]
    for option in (*place.get("oneOf", ()), *place.get("anyOf", ()), *place.get("allOf", ())):
        if "type" in option or "properties" in option or "$ref" in option:
            yield from _texts(schema, option, path, seen)
    for name, held in place.get("properties", {}).items():
        yield from _texts(schema, held, (*path, name), seen)
    named_freely = [*place.get("patternProperties", {}).values(), place.get("additionalProperties")]
    for held in (*named_freely, place.get("items")):
        if isinstance(held, dict):
            yield from _texts(schema, held, (*path, "*"), seen)
    if path and "string" in (place["type"] if isinstance(place.get("type"), list) else [place.get("type")]):
        yield "/".join(path), place


if __name__ == "__main__":
    for topic, table in tables().items():
        (DATA / f"{topic}.json").write_text(rendered(table), encoding="utf-8")
        print(f"{topic}: {sum(map(len, table.values()))} properties of {len(table)} types")
