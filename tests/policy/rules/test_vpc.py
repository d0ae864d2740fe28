"""VPCs: what the examples of the rules do not say."""

from typing import Any

import pytest

from tests.policy.judging import Deployed, findings
from tts_constructs.policy.aws.security_groups import SECURITY_GROUP_PROPERTIES
from tts_constructs.policy.aws.vpcs import VPC_PROPERTIES
from tts_constructs.policy.model.assembly import Lookups

VPC = {"Type": "AWS::EC2::VPC"}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def at(path: str, value: Any) -> dict[str, Any]:
    """Properties that hold a value at a path such as `Interfaces/*/SubnetId`."""
    for key in reversed(path.split("/")):
        value = [value] if key == "*" else {key: value}
    assert isinstance(value, dict)
    return value


# TTS-VPC-001

EVERY_PLACE = [(kind, path) for kind, paths in sorted(VPC_PROPERTIES.items()) for path in paths]


def test_an_id_that_the_app_does_not_make_is_found_at_every_place() -> None:
    literal = "subnet-0123456789abcdef0"
    for kind, path in EVERY_PLACE:
        found = findings("TTS-VPC-001", {"Thing": {"Type": kind, "Properties": at(path, literal)}})
        (finding,) = [finding for finding in found if "names" in finding.message]
        assert finding.verdict == "violation", (kind, path)
        assert finding.location == "Properties/" + path.replace("*", "0")
        assert literal not in finding.message


@pytest.mark.parametrize("stands_for", ["vpc-12345", "s-12345", "p-67890"])
def test_what_stands_for_a_vpc_that_is_still_to_be_looked_up_is_named_as_such(stands_for: str) -> None:
    place = {"account": "111111111111", "region": "us-east-1"}
    lookups = Lookups(missing=[{"provider": "vpc-provider", "props": place}])
    resources = {"Web": resource("AWS::EC2::Subnet", VpcId=stands_for)}
    (finding,) = findings("TTS-VPC-001", resources, lookups=lookups, synthesizing=True)
    assert (finding.verdict, finding.message) == (
        "violation",
        f"It names {stands_for}, the placeholder of a VPC from a lookup, which the app does not make.",
    )


def test_a_subnet_of_the_app_is_right_at_every_place() -> None:
    for kind, path in EVERY_PLACE:
        resources = {
            "Vpc": VPC,
            "Private": resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}),
            "Thing": {"Type": kind, "Properties": at(path, {"Ref": "Private"})},
        }
        assert not findings("TTS-VPC-001", resources), (kind, path)


def test_the_project_is_compared_through_nested_stacks_and_subnet_groups() -> None:
    tags = [{"Key": "Project", "Value": "forms"}]
    parent = {
        "Vpc": resource("AWS::EC2::VPC", Tags=tags),
        "Private": resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}),
        "Nested": resource("AWS::CloudFormation::Stack", Parameters={"Subnets": {"Ref": "Private"}}),
    }
    child = {
        "Metadata": {"TTS": {"project": "benefits"}},
        "Parameters": {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
        "Resources": {
            "Group": resource("AWS::RDS::DBSubnetGroup", SubnetIds={"Ref": "Subnets"}),
            "Database": resource("AWS::RDS::DBInstance", DBSubnetGroupName={"Ref": "Group"}),
        },
    }
    found = findings("TTS-VPC-001", Deployed(parent, nested={"Nested": child}))
    assert [(f.logical_id, f.location) for f in found] == [
        ("Database", "Properties/DBSubnetGroupName"),
        ("Group", "Properties/SubnetIds"),
    ]
    assert "the VPC of Project forms, and is of benefits" in found[0].message


def test_the_same_unknown_project_is_the_same_project() -> None:
    tags = [{"Key": "Project", "Value": {"Ref": "Project"}}]
    resources = {
        "Vpc": resource("AWS::EC2::VPC", Tags=tags),
        "Private": resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, Tags=tags),
    }
    assert not findings("TTS-VPC-001", resources, Parameters={"Project": {"Type": "String"}})


def test_tags_of_a_vpc_that_are_not_known_leave_its_project_open() -> None:
    resources = {
        "Vpc": resource("AWS::EC2::VPC", Tags={"Ref": "Nothing"}),
        "Group": resource(
            "AWS::EC2::SecurityGroup",
            VpcId={"Ref": "Vpc"},
            Tags=[{"Key": "Project", "Value": "benefits"}],
        ),
    }
    (finding,) = findings("TTS-VPC-001", resources)
    assert (finding.rule_id, finding.verdict, finding.location) == (
        "TTS-VPC-001",
        "unknown",
        "Properties/VpcId",
    )


def test_resources_that_name_each_other_in_a_circle_end() -> None:
    resources = {
        "A": resource("AWS::EC2::Subnet", VpcId={"Fn::GetAtt": ["B", "VpcId"]}),
        "B": resource("AWS::EC2::Subnet", VpcId={"Fn::GetAtt": ["A", "VpcId"]}),
    }
    assert not findings("TTS-VPC-001", resources)


def test_what_another_kind_of_resource_says_is_not_known() -> None:
    resources = {
        "Custom": {"Type": "Custom::Network"},
        "Private": resource("AWS::EC2::Subnet", VpcId={"Fn::GetAtt": ["Custom", "VpcId"]}),
    }
    (finding,) = findings("TTS-VPC-001", resources)
    assert finding.verdict == "unknown"


def test_one_subnet_that_is_not_known_hides_none_after_it() -> None:
    group = resource("AWS::AutoScaling::AutoScalingGroup", VPCZoneIdentifier=[{"Ref": "One"}, "subnet-1"])
    found = findings("TTS-VPC-001", {"Web": group}, Parameters={"One": {"Type": "String"}})
    assert [finding.verdict for finding in found] == ["unknown", "violation"]


@pytest.mark.parametrize(
    "properties",
    [{"DBClusterIdentifier": "c"}, {"SourceDBInstanceIdentifier": "d"}, {"SourceDBClusterIdentifier": "c"}],
)
def test_a_database_that_follows_another_needs_no_subnet_group(properties: dict[str, Any]) -> None:
    assert not findings("TTS-VPC-001", {"Database": resource("AWS::RDS::DBInstance", **properties)})


# TTS-VPC-002


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::RDS::DBSecurityGroup",
        "AWS::RDS::DBSecurityGroupIngress",
        "AWS::ElastiCache::SecurityGroup",
        "AWS::ElastiCache::SecurityGroupIngress",
        "AWS::Redshift::ClusterSecurityGroup",
        "AWS::Redshift::ClusterSecurityGroupIngress",
    ],
)
def test_every_type_of_ec2_classic_is_found(kind: str) -> None:
    assert len(findings("TTS-VPC-002", {"Thing": {"Type": kind}})) == 1


@pytest.mark.parametrize("vpc", ["", None])
def test_a_group_whose_vpc_is_empty_names_none(vpc: Any) -> None:
    assert len(findings("TTS-VPC-002", {"Group": resource("AWS::EC2::SecurityGroup", VpcId=vpc)})) == 1


def test_a_launch_configuration_joins_no_classic_network() -> None:
    launch = resource("AWS::AutoScaling::LaunchConfiguration", ClassicLinkVPCId="vpc-1")
    assert len(findings("TTS-VPC-002", {"Launch": launch})) == 1


# TTS-VPC-003


@pytest.mark.parametrize("arn", [{"Fn::Sub": "${Arn}"}, {"Fn::Sub": "arn:aws:ec2:us-east-1:${Arn}"}])
def test_a_share_of_what_is_not_known_is_unknown(arn: Any) -> None:
    share = resource("AWS::RAM::ResourceShare", ResourceArns=[arn])
    (finding,) = findings("TTS-VPC-003", {"Share": share}, Parameters={"Arn": {"Type": "String"}})
    assert finding.verdict == "unknown"


def test_a_share_of_a_subnet_is_found_in_a_text_that_does_not_name_its_kind() -> None:
    arn = {"Fn::Join": ["/", [{"Fn::GetAtt": ["Prefix", "Value"]}, {"Ref": "Subnet"}]]}
    resources = {
        "Prefix": {"Type": "AWS::SSM::Parameter"},
        "Subnet": {"Type": "AWS::EC2::Subnet"},
        "Share": resource("AWS::RAM::ResourceShare", ResourceArns=[arn]),
    }
    (finding,) = findings("TTS-VPC-003", resources)
    assert finding.verdict == "violation"


def test_a_share_of_another_kind_of_resource_passes_whoever_owns_it() -> None:
    arn = {"Fn::Sub": "arn:aws:ec2:us-east-1:${Account}:prefix-list/${List}"}
    share = resource("AWS::RAM::ResourceShare", ResourceArns=[arn])
    parameters = {"Account": {"Type": "String"}, "List": {"Type": "String"}}
    assert not findings("TTS-VPC-003", {"Share": share}, Parameters=parameters)


# TTS-VPC-004


def test_the_fault_of_a_flow_log_is_told_where_there_is_one() -> None:
    log = resource("AWS::EC2::FlowLog", ResourceId={"Ref": "Vpc"}, TrafficType="ACCEPT", LogGroupName="g")
    (finding,) = findings("TTS-VPC-004", {"Vpc": VPC, "Flow": log})
    assert finding.message == "The flow log Flow has the TrafficType ACCEPT, not ALL."


def test_what_is_not_known_of_a_flow_log_is_told() -> None:
    log = resource("AWS::EC2::FlowLog", ResourceId={"Ref": "Vpc"}, TrafficType={"Ref": "Nothing"})
    (finding,) = findings("TTS-VPC-004", {"Vpc": VPC, "Flow": log})
    assert "Of Flow: TrafficType can't be evaluated before deployment: it depends on" in finding.message


def test_a_flow_log_of_another_vpc_is_none_of_this_one() -> None:
    log = resource("AWS::EC2::FlowLog", ResourceId={"Ref": "Vpc"}, TrafficType="ALL", LogGroupName="g")
    found = findings("TTS-VPC-004", {"Vpc": VPC, "Other": VPC, "Flow": log})
    assert [finding.logical_id for finding in found] == ["Other"]


def test_the_default_group_of_a_vpc_is_not_the_vpc() -> None:
    watched = {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    log = resource("AWS::EC2::FlowLog", ResourceId=watched, TrafficType="ALL", LogGroupName="g")
    assert len(findings("TTS-VPC-004", {"Vpc": VPC, "Flow": log})) == 1


# TTS-VPC-005


def entry(number: Any, action: str, *, cidr: Any = "0.0.0.0/0", **more: Any) -> dict[str, Any]:
    key = "Ipv6CidrBlock" if ":" in cidr else "CidrBlock"
    stated = {"NetworkAclId": {"Ref": "Acl"}, "RuleNumber": number, "Protocol": -1, "RuleAction": action}
    return resource("AWS::EC2::NetworkAclEntry", **(stated | {key: cidr} | more))


def allowing(**entries: Any) -> list[str]:
    resources = {"Acl": {"Type": "AWS::EC2::NetworkAcl"}, **entries}
    found = findings("TTS-VPC-005", resources)
    return [finding.logical_id for finding in found if finding.verdict == "violation"]


def test_only_the_first_entry_of_two_that_allow_is_told() -> None:
    assert allowing(First=entry(9, "allow"), Second=entry("10", "allow")) == ["First"]


def test_an_entry_that_denies_the_other_direction_denies_nothing_here() -> None:
    assert allowing(Deny=entry(1, "deny", Egress=True), Allow=entry(2, "allow")) == ["Allow"]


def test_an_entry_that_denies_ipv4_denies_no_ipv6() -> None:
    assert allowing(Deny=entry(1, "deny"), Allow=entry(2, "allow", cidr="::/0")) == ["Allow"]


def test_an_entry_of_another_acl_denies_nothing_here() -> None:
    assert allowing(Deny=entry(1, "deny", NetworkAclId="acl-1"), Allow=entry(2, "allow")) == ["Allow"]


def test_an_entry_that_denies_a_part_does_not_deny_all() -> None:
    assert allowing(Deny=entry(1, "deny", cidr="10.0.0.0/8"), Allow=entry(2, "allow")) == ["Allow"]


def test_an_entry_that_denies_under_a_condition_does_not_always_deny() -> None:
    deny = entry(1, "deny") | {"Condition": "Sometimes"}
    assert allowing(Deny=deny, Allow=entry(2, "allow")) == ["Allow"]


def test_an_entry_that_denies_whenever_the_other_is_there_denies_it() -> None:
    deny, allow = (
        entry(number, action) | {"Condition": "C"} for number, action in ((1, "deny"), (2, "allow"))
    )
    assert allowing(Deny=deny, Allow=allow) == []
    assert allowing(Deny=deny, Allow=allow | {"Condition": "D"}) == ["Allow"]
    assert allowing(Deny=entry(3, "deny") | {"Condition": "C"}, Allow=allow) == ["Allow"]


def test_an_entry_whose_number_is_not_known_denies_nothing_for_sure() -> None:
    assert allowing(Deny=entry({"Ref": "Nothing"}, "deny"), Allow=entry(2, "allow")) == ["Allow"]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({}, "in from everywhere (IPv4)"),
        ({"cidr": "::/0"}, "in from everywhere (IPv6)"),
        ({"Egress": True}, "out to everywhere (IPv4)"),
    ],
)
def test_what_an_entry_lets_through_is_told(stated: dict[str, Any], told: str) -> None:
    stated |= {"NetworkAclId": "acl-1"}
    (finding,) = findings("TTS-VPC-005", {"Allow": entry(1, "allow", **stated)})
    assert finding.message == f"The entry lets everything {told}."


ALL_PORTS: dict[str, Any] = {"PortRange": {"From": 0, "To": 65535}}


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([entry(1, "allow", Protocol=6, **ALL_PORTS), entry(2, "allow", Protocol="17", **ALL_PORTS)], ["E0"]),
        ([entry(2, "allow", Protocol=6, **ALL_PORTS), entry(1, "allow", Protocol=17, **ALL_PORTS)], ["E1"]),
        ([entry(1, "allow", cidr="0.0.0.0/1"), entry(2, "allow", cidr="128.0.0.0/1")], ["E0"]),
        ([entry(1, "allow", cidr="::/1"), entry(2, "allow", cidr="8000::/1")], ["E0"]),
        (
            [
                entry(1, "allow", Protocol=6, PortRange={"From": 1, "To": 1023}),
                entry(2, "allow", Protocol=6, PortRange={"From": 1024, "To": 65535}),
                entry(3, "allow", Protocol=17, **ALL_PORTS),
            ],
            ["E0"],
        ),
        ([entry(1, "deny"), entry(2, "allow", cidr="0.0.0.0/1"), entry(3, "allow", cidr="128.0.0.0/1")], []),
        ([entry(1, "allow", Protocol=6, **ALL_PORTS), entry(2, "deny"), entry(3, "allow", Protocol=17)], []),
        ([entry(1, "allow", Protocol=6, **ALL_PORTS), entry(2, "allow", Protocol=17, Egress=True)], []),
        ([entry(1, "allow", Protocol=6, PortRange={"From": 9, "To": 9}), entry(2, "allow", Protocol=17)], []),
        ([entry(1, "allow", cidr="10.0.0.0/8"), entry(2, "allow", cidr="172.16.0.0/12")], []),
        (
            [
                entry(1, "allow", cidr={"Fn::ImportValue": "range"}),
                entry(2, "allow", cidr="0.0.0.0/1"),
                entry(3, "allow", cidr="128.0.0.0/1"),
            ],
            ["E1"],
        ),
        (
            [
                entry(1, "deny", Protocol=6, **ALL_PORTS),
                entry(2, "allow", Protocol=6, **ALL_PORTS),
                entry(3, "allow", cidr="0.0.0.0/1"),
                entry(4, "allow", cidr="128.0.0.0/1"),
            ],
            ["E2"],
        ),
        (
            [
                entry(1, "deny", Protocol=6, PortRange={"From": 22, "To": 22}),
                entry(2, "allow", Protocol=6, **ALL_PORTS),
                entry(3, "allow", Protocol=17, **ALL_PORTS),
            ],
            ["E1"],
        ),
        (
            [
                entry(1, "allow", Protocol=6, PortRange={"From": 2, "To": 65535}),
                entry(2, "allow", Protocol=17, **ALL_PORTS),
            ],
            [],
        ),
        (
            [
                entry(1, "allow", Protocol=6, PortRange={"From": 0}),
                entry(2, "allow", Protocol=17, PortRange={"To": 65535}),
            ],
            ["E0"],
        ),
        (
            [
                entry(1, "allow", cidr="0.0.0.0/1", PortRange={"From": 9, "To": 9}),
                entry(2, "allow", cidr="128.0.0.0/1", PortRange={"From": 9, "To": 9}),
            ],
            ["E0"],
        ),
    ],
)  # fmt: skip
def test_entries_that_open_an_acl_together_are_told_once(
    entries: list[dict[str, Any]], found: list[str]
) -> None:
    assert allowing(**{f"E{number}": one for number, one in enumerate(entries)}) == found


@pytest.mark.parametrize(
    ("egress", "direction"), [(False, "in from everywhere"), (True, "out to everywhere")]
)
def test_entries_that_open_an_acl_together_are_told_with_their_direction(
    egress: bool, direction: str
) -> None:
    entries = {
        f"E{protocol}": entry(protocol, "allow", Protocol=protocol, Egress=egress, **ALL_PORTS)
        for protocol in (6, 17)
    }
    (finding,) = findings("TTS-VPC-005", {"Acl": {"Type": "AWS::EC2::NetworkAcl"}, **entries})
    assert direction in finding.message


def test_an_association_that_is_not_known_is_named_at_each_subnet() -> None:
    association = resource("AWS::EC2::SubnetNetworkAclAssociation", SubnetId={"Ref": "Nothing"})
    resources = {"Subnet": resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}), "Doubtful": association}
    found = [finding for finding in findings("TTS-VPC-005", resources) if finding.logical_id == "Subnet"]
    assert [(finding.verdict, "Doubtful names" in finding.message) for finding in found] == [
        ("unknown", True)
    ]


def test_host_bits_do_not_hide_everywhere() -> None:
    assert allowing(Allow=entry(1, "allow", cidr="192.0.2.7/0")) == ["Allow"]


def test_the_default_group_is_found_on_every_type() -> None:
    default = {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    for kind, paths in SECURITY_GROUP_PROPERTIES.items():
        resources = {"Vpc": VPC, "Thing": {"Type": kind, "Properties": at(paths[0], default)}}
        messages = [finding.message for finding in findings("TTS-VPC-005", resources)]
        assert "It is the VPC's default security group." in messages, kind


@pytest.mark.parametrize(("type_of_endpoint", "found"), [("Interface", 1), ("Gateway", 0), (None, 0)])
def test_an_interface_endpoint_has_the_default_group_unless_it_names_one(
    type_of_endpoint: Any, found: int
) -> None:
    properties = {"VpcEndpointType": type_of_endpoint} if type_of_endpoint else {}
    assert len(findings("TTS-VPC-005", {"S3": resource("AWS::EC2::VPCEndpoint", **properties)})) == found


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("ResourceConfigurationArn", "AWS::VpcLattice::ResourceConfiguration"),
        ("ServiceNetworkArn", "AWS::VpcLattice::ServiceNetwork"),
    ],
)
@pytest.mark.parametrize(
    ("arn", "passes"),
    [
        ({"Fn::GetAtt": ["Own", "Arn"]}, True),
        ({"Fn::Sub": "arn:aws:vpc-lattice:us-east-1:111111111111:x/${Own}"}, True),
        ({"Fn::GetAtt": ["Other", "Arn"]}, False),
        ("arn:aws:vpc-lattice:us-east-1:111111111111:x/1", False),
    ],
    ids=str,
)
def test_an_endpoint_of_lattice_leads_to_what_the_app_makes(
    key: str, kind: str, arn: Any, passes: bool
) -> None:
    endpoint = {"Type": "AWS::EC2::VPCEndpoint", "Properties": {key: arn}}
    resources = {"Endpoint": endpoint, "Own": {"Type": kind}, "Other": {"Type": "AWS::SNS::Topic"}}
    found = [(one.location, one.level) for one in findings("TTS-VPC-003", resources)]
    assert found == [] if passes else [(f"Properties/{key}", "warn")]


@pytest.mark.parametrize(
    ("kind", "properties", "places"),
    [
        ("AWS::EC2::TransitGatewayConnect", {}, ["Properties"]),
        ("AWS::EC2::TransitGatewayAttachment", {}, ["Properties"]),
        ("AWS::EC2::TransitGateway", {}, []),
        ("AWS::GameLift::Fleet", {"PeerVpcId": "vpc-1"}, ["Properties/PeerVpcId"]),
        ("AWS::GameLift::Fleet", {}, []),
    ],
)
def test_what_joins_a_vpc_to_another_network_is_found(
    kind: str, properties: dict[str, Any], places: list[str]
) -> None:
    found = findings("TTS-VPC-003", {"Joins": {"Type": kind, "Properties": properties}})
    assert [one.location for one in found] == places


@pytest.mark.parametrize(
    ("kind", "properties", "told"),
    [
        ("Environment", {}, ["No option of aws:ec2:vpc is set"]),
        ("Environment", {"TemplateName": "web"}, []),
        ("ConfigurationTemplate", {}, []),
        ("Environment", "subnet-a, subnet-b", ["It names subnet-a,", "It names subnet-b,"]),
        ("ConfigurationTemplate", "subnet-a", ["It names subnet-a,"]),
    ],
)
def test_an_environment_of_beanstalk_is_put_into_subnets_of_the_app(
    kind: str, properties: Any, told: list[str]
) -> None:
    if isinstance(properties, str):
        option = {"Namespace": "aws:ec2:vpc", "OptionName": "Subnets", "Value": properties}
        properties = {"OptionSettings": [option]}
    found = findings(
        "TTS-VPC-001", {"Web": {"Type": f"AWS::ElasticBeanstalk::{kind}", "Properties": properties}}
    )
    assert [one.message.startswith(begin) for one, begin in zip(found, told, strict=True)] == [True] * len(
        told
    )
