"""The network of a system: its parts, and who may connect to what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.aws.cidr import shared
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.settings.model import Settings
from tts_constructs.report.formats.html.network_flows import (
    INTERNET,
    NOT_KNOWN,
    OTHER_GROUPS,
    RANGES,
    THIS_VPC,
)
from tts_constructs.report.formats.html.network_topology import (
    IN_NO_SUBNET,
    ISOLATED,
    PRIVATE,
    PUBLIC,
    ZONE_NOT_KNOWN,
    Network,
    networks_of,
)

VPC = """
Metadata: {TTS: {version: 1, system: App/System, project: forms, environment: production}}
Parameters:
  Given: {Type: String}
  Mode: {Type: String, AllowedValues: [open, closed]}
Conditions:
  IsOpen: !Equals [!Ref Mode, open]
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.9.0.0/16}}
  Gateway: {Type: "AWS::EC2::InternetGateway"}
  Nat: {Type: "AWS::EC2::NatGateway"}
  FrontTable: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  AppTable: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  FrontRoute: {Type: "AWS::EC2::Route", Properties: {RouteTableId: !Ref FrontTable, GatewayId: !Ref Gateway}}
  AppRoute: {Type: "AWS::EC2::Route", Properties: {RouteTableId: !Ref AppTable, NatGatewayId: !Ref Nat}}
  FrontAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Front, RouteTableId: !Ref FrontTable}
  AppAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref App, RouteTableId: !Ref AppTable}
  Front: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, AvailabilityZone: us-east-1a}}
  App: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, AvailabilityZone: us-east-1b}}
  Data: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Ref Given}}
"""

NOTHING_OUT = (
    "SecurityGroupEgress: [{IpProtocol: icmp, FromPort: 252, ToPort: 86, CidrIp: 255.255.255.255/32}]"
)


def networks(text: str) -> list[Network]:
    assembly = Assembly(Settings())
    add_stack(assembly, checked_template(parse_yaml(text, "App"), "App"), "App", region="us-east-1")
    return networks_of(assembly)


def network(resources: str = "") -> Network:
    (one,) = networks(VPC + resources)
    return one


def group(name: str, inwards: str = "", outwards: str = NOTHING_OUT) -> str:
    return f"""
  {name}Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{inwards}]
      {outwards}
"""


def function(name: str, subnet: str = "App") -> str:
    return f"""
  {name}:
    Type: AWS::Lambda::Function
    Properties: {{VpcConfig: {{SubnetIds: [!Ref {subnet}], SecurityGroupIds: [!Ref {name}Group]}}}}
"""


def web(inwards: str = "", outwards: str = NOTHING_OUT) -> set[tuple[str, str, tuple[str, ...]]]:
    """The flows of a function whose group has these rules."""
    found = network(group("Web", inwards, outwards) + function("Web"))
    return {(flow.source, flow.target, flow.ports) for flow in found.flows}


def test_a_network_says_whose_it_is() -> None:
    found = network()
    assert (found.system, found.project, found.environment) == ("App/System", "forms", "production")
    assert (found.region, found.vpc) == ("us-east-1", "Vpc")


def test_a_subnet_is_public_private_or_isolated_by_its_routes() -> None:
    assert {subnet.name: subnet.tier for subnet in network().subnets} == {
        "Front": PUBLIC,
        "App": PRIVATE,
        "Data": ISOLATED,
    }


def test_zones_are_named_as_far_as_they_are_known() -> None:
    assert network().zones == ("us-east-1a", "us-east-1b", ZONE_NOT_KNOWN)


def test_a_zone_of_the_region_is_known_by_its_number() -> None:
    found = networks(
        "Resources:\n  Vpc: {Type: 'AWS::EC2::VPC'}\n"
        "  One: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc, "
        "AvailabilityZone: !Select [1, !GetAZs '']}}"
    )
    assert found[0].zones == ("zone 2 of the region",)


@pytest.mark.parametrize(
    ("rule", "source", "ports"),
    [
        ("{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}", INTERNET, "tcp 443"),
        ("{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIpv6: '::/0'}", INTERNET, "tcp 443"),
        ("{IpProtocol: udp, FromPort: 1, ToPort: 9, CidrIp: 192.0.2.0/24}", RANGES, "udp 1 to 9"),
        ("{IpProtocol: tcp, CidrIp: 10.9.4.0/24}", THIS_VPC, "all tcp"),
        ("{IpProtocol: tcp, CidrIp: 10.8.0.0/15}", RANGES, "all tcp"),
        ("{IpProtocol: -1, CidrIp: !GetAtt Vpc.CidrBlock}", THIS_VPC, "all traffic"),
        ("{IpProtocol: icmp, CidrIp: 192.0.2.0/24}", RANGES, "protocol icmp"),
        ("{IpProtocol: -1, CidrIp: !Ref Given}", NOT_KNOWN, "all traffic"),
        ("{IpProtocol: !Ref Given, CidrIp: 0.0.0.0/0}", NOT_KNOWN, "all traffic"),
        ("{IpProtocol: tcp, SourcePrefixListId: pl-1}", RANGES, "all tcp"),
        ("{IpProtocol: tcp, SourceSecurityGroupId: sg-1}", OTHER_GROUPS, "all tcp"),
        ("{IpProtocol: tcp, SourceSecurityGroupId: !Ref Given}", NOT_KNOWN, "all tcp"),
    ],
)
def test_what_comes_from_outside_has_a_name_without_an_address(rule: str, source: str, ports: str) -> None:
    assert web(rule) == {(source, "App/Web", (ports,))}


def test_halves_of_the_internet_are_the_internet() -> None:
    halves = "{IpProtocol: tcp, CidrIp: 0.0.0.0/1}, {IpProtocol: tcp, CidrIp: 128.0.0.0/1}"
    assert web(halves) == {(INTERNET, "App/Web", ("all tcp",))}


def test_each_way_of_a_choice_counts() -> None:
    rule = "{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: !If [IsOpen, 0.0.0.0/0, 192.0.2.0/24]}"
    assert web(rule) == {(INTERNET, "App/Web", ("tcp 80",)), (RANGES, "App/Web", ("tcp 80",))}


def test_a_list_of_rules_that_is_not_known_may_open_everything() -> None:
    found = network(
        """
  WebGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: !Ref Given, SecurityGroupEgress: !Ref Given}
"""
        + function("Web")
    )
    assert {(flow.source, flow.target) for flow in found.flows} == {
        (NOT_KNOWN, "App/Web"),
        ("App/Web", NOT_KNOWN),
    }


def test_egress_that_is_not_stated_lets_everything_out() -> None:
    assert web(outwards="") == {("App/Web", INTERNET, ("all traffic",))}


def test_the_egress_that_the_cdk_states_for_none_lets_nothing_out() -> None:
    assert web() == set()


def test_rules_that_are_resources_count() -> None:
    found = network(
        group("Web")
        + function("Web")
        + """
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      {GroupId: !GetAtt WebGroup.GroupId, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
"""
    )
    assert [(flow.source, flow.ports) for flow in found.flows] == [(INTERNET, ("tcp 22",))]


@pytest.mark.parametrize(
    ("outwards", "ports"),
    [
        (
            "{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, DestinationSecurityGroupId: !Ref StoreGroup}",
            ("tcp 5432",),
        ),
        ("{IpProtocol: tcp, FromPort: 5000, ToPort: 5433, CidrIp: 0.0.0.0/0}", ("tcp 5432 to 5433",)),
        ("{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}", None),
        ("{IpProtocol: udp, CidrIp: 0.0.0.0/0}", None),
        ("{IpProtocol: tcp, DestinationSecurityGroupId: !Ref WebGroup}", None),
    ],
)
def test_two_parts_talk_at_the_ports_that_both_their_groups_allow(
    outwards: str, ports: tuple[str, ...] | None
) -> None:
    found = network(
        group("Web", outwards=f"SecurityGroupEgress: [{outwards}]")
        + function("Web")
        + group(
            "Store", "{IpProtocol: tcp, FromPort: 5432, ToPort: 5440, SourceSecurityGroupId: !Ref WebGroup}"
        )
        + function("Store", "Data")
    )
    flows = {(flow.source, flow.target): flow.ports for flow in found.flows}
    assert flows.get(("App/Web", "App/Store")) == ports


def test_a_group_of_instances_has_the_security_groups_of_its_launch_template() -> None:
    found = network(
        group("Web")
        + """
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {SecurityGroupIds: [!Ref WebGroup]}}
  Servers:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      VPCZoneIdentifier: [!Ref App]
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}
"""
    )
    (servers,) = found.members
    assert (servers.name, servers.kind, servers.tier) == ("Servers", "Auto-scaling group", PRIVATE)
    assert servers.groups == ("WebGroup",)


def test_a_file_system_has_the_security_groups_of_its_mount_targets() -> None:
    found = network(
        group("Files", "{IpProtocol: tcp, FromPort: 2049, ToPort: 2049, CidrIp: 10.9.0.0/16}")
        + """
  Files: {Type: "AWS::EFS::FileSystem"}
  Target:
    Type: AWS::EFS::MountTarget
    Properties: {FileSystemId: !Ref Files, SubnetId: !Ref App, SecurityGroups: [!Ref FilesGroup]}
"""
    )
    (files,) = found.members
    assert (files.is_store, files.groups) == (True, ("FilesGroup",))
    assert [(flow.source, flow.target) for flow in found.flows] == [(THIS_VPC, "App/Files")]


def test_a_cluster_stands_for_its_databases() -> None:
    found = networks(
        """
Resources:
  Cluster: {Type: "AWS::RDS::DBCluster"}
  Member: {Type: "AWS::RDS::DBInstance", Properties: {DBClusterIdentifier: !Ref Cluster}}
  Alone: {Type: "AWS::RDS::DBInstance"}
"""
    )
    assert [member.name for member in found[0].members] == ["Alone", "Cluster"]


def test_a_bucket_is_shown_with_the_only_vpc_of_its_system() -> None:
    (bucket,) = network('\n  Bucket: {Type: "AWS::S3::Bucket"}').members
    assert (bucket.kind, bucket.is_store, bucket.tier) == ("Bucket", True, IN_NO_SUBNET)


def test_a_part_of_no_vpc_of_the_app_has_a_network_of_its_own() -> None:
    found = networks(
        VPC
        + '\n  Elsewhere: {Type: "AWS::Lambda::Function", Properties: {VpcConfig: {SubnetIds: [subnet-1]}}}'
    )
    assert [(each.vpc, [member.name for member in each.members]) for each in found] == [
        ("Vpc", []),
        (None, ["Elsewhere"]),
    ]


def test_a_security_group_on_nothing_is_told() -> None:
    assert network(group("Web")).unused_groups == ("WebGroup",)


def test_a_part_is_named_by_its_construct() -> None:
    found = network(
        '\n  B1: {Type: "AWS::S3::Bucket", Metadata: {"aws:cdk:path": App/System/Uploads/Bucket/Resource}}'
    )
    assert [member.name for member in found.members] == ["Uploads/Bucket"]


def test_no_address_and_no_account_is_shown() -> None:
    found = network(
        group("Web", "{IpProtocol: tcp, CidrIp: 192.0.2.0/24}")
        + function("Web")
        + '\n  B: {Type: "AWS::S3::Bucket", Metadata: {"aws:cdk:path": App/logs-123456789012-192.0.2.7}}'
    )
    assert "192.0.2" not in str(asdict(found))
    assert "123456789012" not in str(asdict(found))


PORT = st.integers(0, 65535)
PORTS = st.tuples(st.sampled_from(["-1", "tcp", "udp"]), PORT, PORT).map(
    lambda each: (each[0], 0, 65535) if each[0] == "-1" else (each[0], *sorted(each[1:]))
)


@given(PORTS, PORTS, st.sampled_from(["tcp", "udp"]), PORT)
def test_shared_ports_are_those_of_both(one: Any, other: Any, protocol: str, port: int) -> None:
    def holds(ports: Any) -> bool:
        return ports is not None and ports[0] in ("-1", protocol) and ports[1] <= port <= ports[2]

    assert holds(shared(one, other)) == (holds(one) and holds(other))


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        3,
        "",
        "x",
        [],
        {},
        [None],
        {"Ref": "Vpc"},
        {"Ref": "Missing"},
        {"Fn::GetAtt": ["Vpc", "Id"]},
        {"Fn::If": []},
    ]
)
TYPES = st.sampled_from(
    [
        "AWS::EC2::VPC",
        "AWS::EC2::Subnet",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Route",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::LaunchTemplate",
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::RDS::DBInstance",
        "AWS::EFS::MountTarget",
        "AWS::Lambda::Function",
    ]
)
KEYS = st.sampled_from(
    [
        *("VpcId", "SubnetId", "SubnetIds", "Subnets", "VPCZoneIdentifier", "AvailabilityZone", "CidrBlock"),
        *("SecurityGroups", "SecurityGroupIds", "SecurityGroupIngress", "SecurityGroupEgress", "GroupId"),
        *("CidrIp", "IpProtocol", "FromPort", "RouteTableId", "NatGatewayId", "GatewayId"),
        *("LaunchTemplate", "LaunchTemplateData", "FileSystemId", "DBClusterIdentifier", "VpcConfig"),
    ]
)
PROPERTIES = st.one_of(
    ODD, st.dictionaries(KEYS, st.one_of(ODD, st.dictionaries(KEYS, ODD, max_size=2)), max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(["Vpc", "A", "B", "C", "D"]),
        st.fixed_dictionaries({"Type": TYPES, "Properties": PROPERTIES}),
        max_size=5,
    )
)
def test_any_template_has_networks(resources: dict[str, Any]) -> None:
    assembly = Assembly(Settings())
    add_stack(assembly, {"Resources": resources}, "App")
    assert isinstance(networks_of(assembly), list)
