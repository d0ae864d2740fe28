"""Instances and their images: what the examples of the rules do not say."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.judging import findings
from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import MANAGED_INSTANCE
from tts_constructs.policy.model.assembly import Lookups
from tts_constructs.policy.settings.model import ImageSettings, Settings

OWNER = "777788889999"
IMAGE = "ami-0123456789abcdef0"
SETTINGS = Settings(
    image=ImageSettings(owners=(OWNER,), ssm_parameters=("/tts/ami",), devices=standards.IMAGE_DEVICES)
)


def verdicts(
    rule_id: str, resources: dict[str, Any], *, lookups: Lookups | None = None, synthesizing: bool = False
) -> list[tuple[str, str]]:
    found = findings(rule_id, resources, settings=SETTINGS, lookups=lookups, synthesizing=synthesizing)
    return [(finding.verdict, finding.level) for finding in found]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Thing": {"Type": kind, "Properties": properties}}


def template_with(image: Any) -> dict[str, Any]:
    return resource("AWS::EC2::LaunchTemplate", LaunchTemplateData={"ImageId": image})


def ami_key(name: str, *owners: str) -> str:
    filters = ":".join(["filters.architecture.0=x86_64", f"filters.name.0={name}"])
    stated = ":".join(f"owners.{number}={owner}" for number, owner in enumerate(owners))
    return f"ami:account=111111111111:{filters}:{stated}:region=us-east-1"


def missing(name: Any, owners: Any) -> dict[str, Any]:
    return {"provider": "ami", "props": {"filters": {"name": name}, "owners": owners}}


@pytest.mark.parametrize("service", ["EC2", "ec2", "Ec2", "@aws-sdk/client-ec2", "client-ec2", "EC2Client"])
@pytest.mark.parametrize(
    "action",
    ["runInstances", "RunInstancesCommand", "requestSpotInstances", "RequestSpotFleetCommand", "createfleet"],
)
def test_every_spelling_of_a_launching_call_is_found(service: str, action: str) -> None:
    text = f'{{"service": "{service}", "action": "{action}"}}'
    assert verdicts("TTS-EC2-001", resource("Custom::AWS", Delete=text)) == [("violation", "block")]


def test_an_escape_in_json_hides_no_service() -> None:
    text = r'{"service":"\u0045C2","action":"run\u0049nstances"}'
    assert verdicts("TTS-EC2-001", resource("Custom::AWS", Create=text)) == [("violation", "block")]


@pytest.mark.parametrize("service", ["ec2-instance-connect", "@aws-sdk/client-ec2-instance-connect", "EMR"])
def test_another_service_is_not_ec2(service: str) -> None:
    text = f'{{"service": "{service}", "action": "runInstances"}}'
    assert verdicts("TTS-EC2-001", resource("Custom::AWS", Create=text)) == []


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ({"service": "EC2", "action": {"Ref": "Nothing"}}, "unknown"),
        ({"service": "EC2", "action": {"Ref": "Topic"}}, "unknown"),
        ({"service": {"Fn::Sub": "${Topic}EC2"}, "action": "runInstances"}, "violation"),
        ({"Ref": "Nothing"}, "unknown"),
    ],
)
def test_a_call_of_which_a_part_is_not_known_may_be_one_of_ec2(call: Any, verdict: str) -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}, **resource("Custom::AWS", Create=call)}
    assert verdicts("TTS-EC2-001", resources) == [(verdict, "block")]


def test_a_call_of_ec2_without_an_action_is_unknown() -> None:
    text = '{"service": "EC2"}'
    assert verdicts("TTS-EC2-001", resource("Custom::AWS", Create=text)) == [("unknown", "block")]


@settings(max_examples=50)
@given(st.text().filter(lambda key: key != ami_key(standards.IMAGE_NAME, OWNER)))
def test_no_other_key_of_the_context_proves_an_image(key: str) -> None:
    lookups = Lookups({key: IMAGE})
    assert verdicts("TTS-EC2-003", template_with(IMAGE), lookups=lookups) == [("violation", "block")]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (ami_key(standards.IMAGE_NAME, OWNER), []),
        (ami_key(standards.IMAGE_NAME, OWNER, "999900001111"), [("violation", "block")]),
        (ami_key(standards.IMAGE_NAME, "self"), [("violation", "block")]),
        (ami_key("FISMA Ready Baseline Ubuntu (1490000000 - Packer)", OWNER), [("violation", "block")]),
        (ami_key(standards.IMAGE_NAME, OWNER) + ":filters.name.1=*", [("violation", "block")]),
        ("ssm:account=1:parameterName=/tts/ami:region=us-east-1", []),
        ("ssm:account=1:parameterName=/team/ami:region=us-east-1", [("violation", "block")]),
    ],
)
def test_a_record_counts_by_its_name_filter_and_owners(key: str, found: list[tuple[str, str]]) -> None:
    assert verdicts("TTS-EC2-003", template_with(IMAGE), lookups=Lookups({key: IMAGE})) == found


def test_a_failed_lookup_is_no_record() -> None:
    lookups = Lookups(
        {ami_key(standards.IMAGE_NAME, OWNER): {"$providerError": "none", "$dontSaveContext": True}}
    )
    assert verdicts("TTS-EC2-003", template_with(IMAGE), lookups=lookups) == [("violation", "block")]


@pytest.mark.parametrize(("synthesizing", "level"), [(True, "warn"), (False, "block")])
@pytest.mark.parametrize("placeholder", ["ami-1234", "dummyValue"])
def test_a_pending_lookup_warns_at_synth_only(placeholder: str, *, synthesizing: bool, level: str) -> None:
    lookups = Lookups(missing=[missing([standards.IMAGE_NAME], [OWNER])])
    found = verdicts("TTS-EC2-003", template_with(placeholder), lookups=lookups, synthesizing=synthesizing)
    assert found == [("unknown", level)]


def test_an_ssm_parameter_of_the_settings_may_be_pending() -> None:
    entry = {"provider": "ssm", "props": {"parameterName": "/tts/ami"}}
    image = template_with("dummy-value-for-/tts/ami")
    found = verdicts("TTS-EC2-003", image, lookups=Lookups(missing=[entry]), synthesizing=True)
    assert found == [("unknown", "warn")]


@pytest.mark.parametrize(
    "entry",
    [
        missing([standards.IMAGE_NAME], []),
        missing([], [OWNER]),
        missing([{"a": 1}], [OWNER]),
        missing(standards.IMAGE_NAME, [OWNER]),
        {"provider": "vpc-provider", "props": {}},
        {"provider": "ami"},
        {"provider": "ssm", "props": {"parameterName": "/team/ami"}},
        {},
    ],
)
def test_another_missing_lookup_makes_no_image_pending(entry: dict[str, Any]) -> None:
    found = verdicts(
        "TTS-EC2-003", template_with("ami-1234"), lookups=Lookups(missing=[entry]), synthesizing=True
    )
    assert found == [("violation", "block")]


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ({"Fn::GetAtt": ["Written", "Value"]}, [("violation", "block")]),
        ({"Fn::GetAtt": ["Made", "ImageId"]}, [("unknown", "block")]),
        ("{{resolve:secretsmanager:image}}", [("unknown", "block")]),
        ("{{resolve:ssm:/tts/ami}}", []),
        (" resolve:ssm:/tts/ami:stable ", []),
        ("resolve:ssm:/tts/ami/other", [("violation", "block")]),
        (["ami"], [("unknown", "block")]),
        (None, [("unknown", "block")]),
    ],
)
def test_an_image_id_can_take_many_forms(image: Any, found: list[tuple[str, str]]) -> None:
    others = {
        "Written": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/x", "Value": IMAGE}},
        "Made": {"Type": "AWS::ImageBuilder::Image"},
    }
    assert verdicts("TTS-EC2-003", template_with(image) | others) == found


def test_a_parameter_that_the_app_writes_passes_with_a_proven_image() -> None:
    written = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/tts/ami", "Value": IMAGE}}
    resources = template_with("resolve:ssm:/tts/ami") | {"Written": written}
    lookups = Lookups({ami_key(standards.IMAGE_NAME, OWNER): IMAGE})
    assert verdicts("TTS-EC2-003", resources, lookups=lookups) == []


def test_what_cannot_be_decided_hides_no_fault_after_it() -> None:
    mappings = [
        {"DeviceName": "/dev/sda1", "Ebs": {"Encrypted": {"Fn::GetAZs": ""}}},
        "malformed",
        {"DeviceName": "/dev/sdf", "Ebs": {"Encrypted": False}},
    ]
    found = verdicts(
        "TTS-EC2-005",
        resource("AWS::EC2::LaunchTemplate", LaunchTemplateData={"BlockDeviceMappings": mappings}),
    )
    assert ("violation", "block") in found
    assert ("unknown", "block") in found


def test_a_wrong_mapping_is_told_the_device_that_is_expected() -> None:
    expecting = Settings(image=ImageSettings(devices=("/dev/nvme0",)))
    data = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}]}
    template = resource("AWS::EC2::LaunchTemplate", LaunchTemplateData=data)
    (finding,) = findings("TTS-EC2-005", template, settings=expecting)
    assert "/dev/xvda" in finding.message
    assert "/dev/nvme0" in finding.fix


def locations(rule_id: str, resources: dict[str, Any]) -> dict[str, str]:
    """Location and message of each finding about the resource `Thing`."""
    return {
        found.location.removeprefix("Properties/"): found.message
        for found in findings(rule_id, resources, settings=SETTINGS)
        if found.logical_id == "Thing"
    }


@pytest.mark.parametrize(
    ("rule_id", "unseen"),
    [
        ("TTS-EC2-003", "its image cannot be seen"),
        ("TTS-EC2-006", "whether it gives public addresses cannot"),
    ],
)
def test_what_cannot_be_seen_of_a_launch_template_is_named(rule_id: str, unseen: str) -> None:
    group = resource("AWS::AutoScaling::AutoScalingGroup", LaunchTemplate={"LaunchTemplateId": "lt-1"})
    assert unseen in locations(rule_id, group)["LaunchTemplate"]


def test_a_compute_environment_starts_the_image_that_it_names_itself() -> None:
    environment = resource("AWS::Batch::ComputeEnvironment", ComputeResources={"ImageId": IMAGE})
    assert list(locations("TTS-EC2-003", environment)) == ["ComputeResources/ImageId"]


def test_a_compute_environment_may_start_instances_from_another_template() -> None:
    overrides = [{"LaunchTemplateId": "lt-1"}]
    launch = {"LaunchTemplateId": {"Ref": "Template"}, "Overrides": overrides}
    resources = {
        "Template": {
            "Type": "AWS::EC2::LaunchTemplate",
            "Properties": {"LaunchTemplateData": {"ImageId": IMAGE}},
        },
        **resource("AWS::Batch::ComputeEnvironment", ComputeResources={"LaunchTemplate": launch}),
    }
    found = locations("TTS-EC2-003", resources)
    assert list(found) == ["ComputeResources/LaunchTemplate/Overrides/0"]
    assert "its image cannot be seen" in found["ComputeResources/LaunchTemplate/Overrides/0"]


def test_an_interface_that_a_launch_template_names_is_one_of_instances() -> None:
    interfaces = {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]}
    resources = {
        "Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": interfaces}},
        **resource("AWS::EC2::EIPAssociation", NetworkInterfaceId="eni-1"),
    }
    assert verdicts("TTS-EC2-006", resources) == [("violation", "block")]


@pytest.mark.parametrize(
    ("mapping", "is_decided"),
    [
        ({"Ebs": {"Encrypted": True}}, True),
        ({"NoDevice": ""}, True),
        ({"NoDevice": True}, True),
        ({"NoDevice": "true"}, True),
        ({"NoDevice": False}, False),
        ({"VirtualName": "ephemeral0"}, False),
    ],
    ids=str,
)
def test_a_volume_is_decided_by_its_mapping_or_left_out(mapping: dict[str, Any], is_decided: bool) -> None:
    mappings = [{"DeviceName": device, **mapping} for device in standards.IMAGE_DEVICES]
    launch = {
        "Type": "AWS::AutoScaling::LaunchConfiguration",
        "Properties": {"BlockDeviceMappings": mappings},
    }
    assert (findings("TTS-EC2-005", {"Launch": launch}) == ()) is is_decided


def test_a_managed_instance_is_judged_by_its_subnet() -> None:
    route = {"RouteTableId": {"Ref": "Table"}, "GatewayId": {"Ref": "Gateway"}}
    resources: dict[str, Any] = {
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"MapPublicIpOnLaunch": True}},
        "Table": {"Type": "AWS::EC2::RouteTable"},
        "Gateway": {"Type": "AWS::EC2::InternetGateway"},
        "Route": {"Type": "AWS::EC2::Route", "Properties": route},
        "Association": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Table"}},
        },
        "Instance": {
            "Type": MANAGED_INSTANCE,
            "Properties": {"ManagedInstance": {"SubnetId": {"Ref": "Subnet"}}},
        },
    }
    found = [one for one in findings("TTS-EC2-006", resources) if one.logical_id == "Instance"]
    assert [one.location for one in found] == ["Properties/ManagedInstance/SubnetId"]
    resources["Instance"]["Properties"] = {"ManagedInstance": {"SubnetId": "subnet-1", "Ipv6AddressCount": 1}}
    found = [one for one in findings("TTS-EC2-006", resources) if one.logical_id == "Instance"]
    assert "Properties/ManagedInstance/Ipv6AddressCount" in [one.location for one in found]
