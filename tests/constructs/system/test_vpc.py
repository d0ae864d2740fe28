from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tts_constructs import standards
from tts_constructs.constructs.system import vpc
from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.system_metadata import DataSensitivity, Environment

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture(scope="module")
def default(make_system: MakeSystem) -> Template:
    return Template.from_stack(make_system().stack)


def subnets(template: Template) -> dict[str, dict[str, Any]]:
    """Properties of the subnets, by the end of their names."""
    found: dict[str, dict[str, Any]] = {}
    for subnet in template.find_resources("AWS::EC2::Subnet").values():
        (name,) = (tag["Value"] for tag in subnet["Properties"]["Tags"] if tag["Key"] == "Name")
        found[name.rpartition("/")[2]] = subnet["Properties"]
    return found


def test_a_vpc_has_three_tiers_in_two_zones(default: Template) -> None:
    assert {name: subnet["AvailabilityZone"] for name, subnet in subnets(default).items()} == {
        "PublicSubnet1": "us-east-1a",
        "PublicSubnet2": "us-east-1b",
        "PrivateSubnet1": "us-east-1a",
        "PrivateSubnet2": "us-east-1b",
        "DataSubnet1": "us-east-1a",
        "DataSubnet2": "us-east-1b",
    }


def test_nothing_gets_a_public_address_by_itself(default: Template) -> None:
    assert [subnet["MapPublicIpOnLaunch"] for subnet in subnets(default).values()] == [False] * 6


def test_zones_can_be_named(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(availability_zones=["us-east-1b", "us-east-1c"]).stack)
    assert {subnet["AvailabilityZone"] for subnet in subnets(template).values()} == {
        "us-east-1b",
        "us-east-1c",
    }


def test_a_zone_that_is_added_moves_no_subnet(make_system: MakeSystem, default: Template) -> None:
    more = subnets(Template.from_stack(make_system(availability_zones=3).stack))
    before = subnets(default)
    assert len(more) == 9
    assert {name: more[name]["CidrBlock"] for name in before} == {
        name: subnet["CidrBlock"] for name, subnet in before.items()
    }


def test_naming_the_zones_moves_no_subnet(make_system: MakeSystem, default: Template) -> None:
    named = subnets(Template.from_stack(make_system(availability_zones=["us-east-1a", "us-east-1b"]).stack))
    assert named == subnets(default)


def test_the_narrowest_range_still_holds_a_balancer_in_each_subnet(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(cidr="192.168.6.0/23").stack)
    assert {subnet["CidrBlock"].rpartition("/")[2] for subnet in subnets(template).values()} == {"27"}


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ({}, 2),
        ({"availability_zones": 3}, 3),
        ({"environment": Environment.DEVELOPMENT}, 1),
        ({"environment": Environment.SANDBOX, "data_sensitivity": DataSensitivity.PUBLIC}, 1),
        ({"nat_gateways": 1}, 1),
        ({"nat_gateways": 0}, 0),
    ],
)
def test_nat_gateways_are_one_a_zone_in_production_else_one_or_as_many_as_stated(
    make_system: MakeSystem, arguments: dict[str, Any], number: int
) -> None:
    Template.from_stack(make_system(**arguments).stack).resource_count_is("AWS::EC2::NatGateway", number)


def test_without_nat_gateways_the_subnets_are_the_same(make_system: MakeSystem, default: Template) -> None:
    template = Template.from_stack(make_system(nat_gateways=0).stack)
    assert {name: subnet["CidrBlock"] for name, subnet in subnets(template).items()} == {
        name: subnet["CidrBlock"] for name, subnet in subnets(default).items()
    }


def test_services_find_the_tiers(make_system: MakeSystem) -> None:
    system = make_system()
    for tier, names in {
        system.public_subnets.subnet_group_name: ["PublicSubnet1", "PublicSubnet2"],
        system.private_subnets.subnet_group_name: ["PrivateSubnet1", "PrivateSubnet2"],
        system.data_subnets.subnet_group_name: ["DataSubnet1", "DataSubnet2"],
    }.items():
        selected = system.vpc.select_subnets(subnet_group_name=tier).subnets
        assert [subnet.node.id for subnet in selected] == names


def test_each_subnet_has_the_acl_of_its_tier(default: Template) -> None:
    tiers: dict[str, str] = {
        association["Properties"]["SubnetId"]["Ref"]: association["Properties"]["NetworkAclId"]["Ref"]
        for association in default.find_resources("AWS::EC2::SubnetNetworkAclAssociation").values()
    }
    assert {subnet[len("SystemVpc") : -len("Subnet12345678")]: acl for subnet, acl in tiers.items()} == {
        "PublicSubnet1": "SystemVpcPublicAclFFD28AB4",
        "PublicSubnet2": "SystemVpcPublicAclFFD28AB4",
        "PrivateSubnet1": "SystemVpcPrivateAcl5D3913F3",
        "PrivateSubnet2": "SystemVpcPrivateAcl5D3913F3",
        "DataSubnet1": "SystemVpcDataAclC676095B",
        "DataSubnet2": "SystemVpcDataAclC676095B",
    }


def test_an_acl_entry_says_direction_range_and_ports(default: Template) -> None:
    entries = default.find_resources("AWS::EC2::NetworkAclEntry")
    assert entries["SystemVpcPublicAclInHttps5EA00B86"]["Properties"] == {
        "NetworkAclId": {"Ref": "SystemVpcPublicAclFFD28AB4"},
        "CidrBlock": "0.0.0.0/0",
        "Egress": False,
        "PortRange": {"From": 443, "To": 443},
        "Protocol": 6,
        "RuleAction": "allow",
        "RuleNumber": 100,
    }
    assert (
        entries["SystemVpcPrivateAclOutVpc780AACB2"]["Properties"].items()
        >= {
            "CidrBlock": "10.0.0.0/16",
            "Egress": True,
            "PortRange": {"From": 0, "To": 65535},
            "RuleNumber": 100,
        }.items()
    )


def test_the_acls_name_the_range_of_the_vpc(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(cidr="172.16.0.0/20").stack)
    template.has_resource_properties("AWS::EC2::VPC", {"CidrBlock": "172.16.0.0/20"})
    entries = template.find_resources("AWS::EC2::NetworkAclEntry").values()
    assert {entry["Properties"]["CidrBlock"] for entry in entries} == {
        "0.0.0.0/0",
        "172.16.0.0/20",
        "172.16.4.0/22",  # the private tier
    }


def test_the_policy_becomes_the_acls(make_system: MakeSystem) -> None:
    policy = NetworkPolicy(inbound=[], outbound=[Flow.tcp_to("192.0.2.0/24", 587)])
    entries = Template.from_stack(make_system(network=policy).stack).find_resources(
        "AWS::EC2::NetworkAclEntry"
    )
    assert sum(entry["Properties"].get("CidrBlock") == "192.0.2.0/24" for entry in entries.values()) == 2
    ports = [entry["Properties"].get("PortRange", {}).get("From") for entry in entries.values()]
    assert 587 in ports
    assert not {80, 443} & set(ports)


def test_ipv6_has_entries_of_its_own_that_wait_for_the_range_of_the_vpc(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(ipv6=True).stack)
    (block,) = template.find_resources("AWS::EC2::VPCCidrBlock")
    entries = [
        entry
        for entry in template.find_resources("AWS::EC2::NetworkAclEntry").values()
        if "Ipv6CidrBlock" in entry["Properties"]
    ]
    assert len(entries) == 24
    assert all(entry["DependsOn"] == [block] for entry in entries)


def test_without_ipv6_nothing_speaks_it(default: Template) -> None:
    default.resource_count_is("AWS::EC2::VPCCidrBlock", 0)
    assert "Ipv6" not in str(default.to_json())


def test_all_traffic_is_logged_and_kept_for_thirty_months_under_the_systems_key(default: Template) -> None:
    (group,) = default.find_resources("AWS::Logs::LogGroup")
    default.has_resource_properties(
        "AWS::EC2::FlowLog",
        {
            "ResourceType": "VPC",
            "ResourceId": {"Ref": "SystemVpc960C8DDB"},
            "TrafficType": "ALL",
            "LogGroupName": {"Ref": group},
        },
    )
    default.has_resource(
        "AWS::Logs::LogGroup",
        {
            "Properties": {
                "RetentionInDays": standards.LOG_RETENTION_DAYS,
                "KmsKeyId": {"Fn::GetAtt": ["SystemKey6081C7A2", "Arn"]},
            },
            "DeletionPolicy": "RetainExceptOnCreate",
        },
    )


def test_s3_is_reached_by_a_gateway_endpoint_from_every_subnet_but_those_of_data(default: Template) -> None:
    (endpoint,) = default.find_resources("AWS::EC2::VPCEndpoint").values()
    assert endpoint["Properties"]["VpcEndpointType"] == "Gateway"
    assert "s3" in str(endpoint["Properties"]["ServiceName"])
    tables = [table["Ref"] for table in endpoint["Properties"]["RouteTableIds"]]
    assert len(tables) == 4
    assert not any("Data" in table for table in tables)


@pytest.mark.parametrize("arguments", [{}, {"ipv6": True}, {"nat_gateways": 0, "ipv6": True}])
def test_the_data_tier_has_route_tables_without_a_route(
    make_system: MakeSystem, arguments: dict[str, Any]
) -> None:
    template = Template.from_stack(make_system(**arguments).stack)
    assert sum("Data" in table for table in template.find_resources("AWS::EC2::RouteTable")) == 2
    assert not any("Data" in str(route) for route in template.find_resources("AWS::EC2::Route").items())


def test_acls_let_the_message_of_path_mtu_discovery_through(make_system: MakeSystem) -> None:
    # VPC User Guide, "Path MTU Discovery": type 3, code 4, "both inbound and outbound"; IPv6: type 2
    entries = Template.from_stack(make_system(ipv6=True).stack).find_resources("AWS::EC2::NetworkAclEntry")
    found = {
        (tier, entry["Properties"]["Protocol"], entry["Properties"]["Egress"]): (
            entry["Properties"]["Icmp"],
            entry["Properties"].get("CidrBlock") or entry["Properties"].get("Ipv6CidrBlock"),
        )
        for name, entry in entries.items()
        for tier in ("Public", "Private", "Data")
        if f"{tier}Acl" in name and "Icmp" in entry["Properties"]
    }
    four, six = {"Type": 3, "Code": 4}, {"Type": 2, "Code": -1}
    own = {"Fn::Select": [0, {"Fn::GetAtt": ["SystemVpc960C8DDB", "Ipv6CidrBlocks"]}]}
    assert found == {
        (tier, protocol, egress): message
        for egress in (False, True)
        for tier, protocol, message in [
            ("Public", 1, (four, "0.0.0.0/0")),
            ("Public", 58, (six, "::/0")),
            ("Private", 1, (four, "0.0.0.0/0")),
            ("Private", 58, (six, "::/0")),
            ("Data", 1, (four, "10.0.0.0/16")),
            ("Data", 58, (six, own)),
        ]
    }


def test_nothing_uses_the_default_security_group_and_no_function_restricts_it(
    make_app: Callable[..., cdk.App], make_system: MakeSystem
) -> None:
    flag = {"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": True}
    env = cdk.Environment(account="111122223333", region="us-east-1")
    template = Template.from_stack(make_system(cdk.Stack(make_app(flag), "Stack", env=env)).stack)
    template.resource_count_is("AWS::Lambda::Function", 0)
    assert "DefaultSecurityGroup" not in str(template.to_json())


def test_an_interface_endpoint_takes_https_from_the_vpc_under_the_services_own_name(
    make_system: MakeSystem,
) -> None:
    system = make_system(cidr="10.7.0.0/16", interface_endpoints=[ec2.InterfaceVpcEndpointAwsService.SSM])
    template = Template.from_stack(system.stack)
    ((group_id, group),) = template.find_resources("AWS::EC2::SecurityGroup").items()
    rule = {"CidrIp": "10.7.0.0/16", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    (ingress,) = group["Properties"]["SecurityGroupIngress"]
    assert ingress.items() >= rule.items()
    (nothing,) = group["Properties"]["SecurityGroupEgress"]
    assert nothing["CidrIp"] == "255.255.255.255/32"
    template.has_resource_properties(
        "AWS::EC2::VPCEndpoint",
        {
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.us-east-1.ssm",
            "PrivateDnsEnabled": True,
            "SecurityGroupIds": [{"Fn::GetAtt": [group_id, "GroupId"]}],
            "SubnetIds": [
                {"Ref": "SystemVpcPrivateSubnet1Subnet60F4FCD7"},
                {"Ref": "SystemVpcPrivateSubnet2Subnet7300EFF1"},
            ],
        },
    )


def test_interface_endpoints_are_made_by_choice_only(default: Template) -> None:
    default.resource_properties_count_is(
        "AWS::EC2::VPCEndpoint", Match.object_like({"VpcEndpointType": "Interface"}), 0
    )


def test_without_nat_gateways_only_ipv6_has_a_way_out(make_system: MakeSystem) -> None:
    template = Template.from_stack(make_system(nat_gateways=0, ipv6=True).stack)
    routes = template.find_resources("AWS::EC2::Route")
    private = {name: route["Properties"] for name, route in routes.items() if "PrivateSubnet" in name}
    assert {route["DestinationIpv6CidrBlock"] for route in private.values()} == {"::/0"}
    assert all("EgressOnlyInternetGatewayId" in route for route in private.values())


private_ranges = st.integers(vpc.WIDEST, vpc.NARROWEST).flatmap(
    lambda prefix: st.builds(
        lambda base, place: ipaddress.IPv4Network((int(base) + (place << (32 - prefix)), prefix)),
        st.sampled_from([ipaddress.IPv4Address(f"{start}.0.0") for start in ("10.0", "172.16", "192.168")]),
        st.integers(0, 2 ** (prefix - vpc.WIDEST) - 1),
    )
)
"""Every range that a VPC may have in three /16s."""


ZONES = "availability-zones:account=111122223333:region=us-east-1"


def plan(cidr: str, zones: int, *, ipv6: bool) -> dict[str, tuple[ipaddress.IPv4Network, int | None]]:
    """IPv4 range, and place among the /64s of IPv6, of each subnet, read without a slow template."""
    env = cdk.Environment(account="111122223333", region="us-east-1")
    stack = cdk.Stack(cdk.App(context={ZONES: [f"us-east-1{letter}" for letter in "abcd"]}), "S", env=env)
    made = vpc.system_vpc(
        stack,
        "Vpc",
        network=NetworkPolicy(inbound=[], outbound=[]),
        cidr=cidr,
        availability_zones=zones,
        nat_gateways=0,
        ipv6=ipv6,
        key=kms.Key(stack, "Key"),
        environment=Environment.PRODUCTION,
    )
    found: dict[str, tuple[ipaddress.IPv4Network, int | None]] = {}
    for tier in ("Public", "Private", "Data"):
        for subnet in made.select_subnets(subnet_group_name=tier).subnets:
            resource = cast(ec2.CfnSubnet, subnet.node.default_child)
            place = None
            if ipv6:
                place, cidrs = stack.resolve(resource.ipv6_cidr_block)["Fn::Select"]
                assert cidrs["Fn::Cidr"][2] == "64"
                assert place < cidrs["Fn::Cidr"][1] <= 256  # a VPC has a /56
            found[subnet.node.id] = ipaddress.IPv4Network(subnet.ipv4_cidr_block), place
    return found


@given(cidr=private_ranges, zones=st.integers(2, vpc.MAX_ZONES), ipv6=st.booleans())
@example(cidr=ipaddress.IPv4Network("10.0.0.0/16"), zones=4, ipv6=True)
@example(cidr=ipaddress.IPv4Network("192.168.254.0/23"), zones=4, ipv6=True)
@example(cidr=ipaddress.IPv4Network("192.168.254.0/23"), zones=3, ipv6=False)
@settings(max_examples=15)
def test_subnets_lie_in_the_vpc_and_apart_and_stay_where_they_are(
    cidr: ipaddress.IPv4Network, zones: int, ipv6: bool
) -> None:
    subnets = plan(str(cidr), zones, ipv6=ipv6)
    assert len(subnets) == 3 * zones
    ranges = [range_ for range_, _ in subnets.values()]
    assert all(range_.subnet_of(cidr) and range_.prefixlen == cidr.prefixlen + 4 for range_ in ranges)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(ranges, 2))
    if ipv6:
        assert len({place for _, place in subnets.values()}) == len(subnets)
    fewer = plan(str(cidr), 2, ipv6=ipv6)
    assert {name: subnets[name] for name in fewer} == fewer


@given(cidr=private_ranges)
def test_the_acls_know_the_private_tier_by_the_range_of_its_four_zones(cidr: ipaddress.IPv4Network) -> None:
    (named,) = vpc.families(None, str(cidr), ipv6=False)[0].private
    private = ipaddress.IPv4Network(named)
    assert list(private.subnets(2)) == list(cidr.subnets(4))[4:8]


def test_the_acls_know_the_private_tier_of_ipv6_by_the_ranges_of_its_four_zones(
    make_stack: Callable[..., cdk.Stack],
) -> None:
    private = list(vpc.families(None, "10.0.0.0/16", ipv6=True)[1].private)
    places = [range_["Fn::Select"][0] for range_ in make_stack().resolve(private)]
    subnets = plan("10.0.0.0/16", 4, ipv6=True)
    assert places == [subnets[f"PrivateSubnet{zone}"][1] for zone in range(1, 5)]
