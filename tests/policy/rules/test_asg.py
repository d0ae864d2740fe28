"""Auto Scaling groups: what the examples of the rules do not say."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.judging import findings
from tts_constructs import standards


def verdicts(rule_id: str, resources: dict[str, Any]) -> list[tuple[str, str]]:
    found = findings(rule_id, resources)
    return [(finding.verdict, finding.level) for finding in found]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Thing": {"Type": kind, "Properties": properties}}


@settings(max_examples=50)
@given(st.integers(-10, 10), st.sampled_from([str, int, float]))
def test_a_size_below_two_is_too_small_in_any_spelling(size: int, spelling: Any) -> None:
    group = resource(
        "AWS::AutoScaling::AutoScalingGroup", MinSize=spelling(size), VPCZoneIdentifier="subnet-a,subnet-b"
    )
    assert verdicts("TTS-ASG-001", group) == (
        [] if size >= standards.MIN_INSTANCES else [("violation", "block")]
    )


@settings(max_examples=50)
@given(st.integers(-10, 2 * standards.MAX_INSTANCE_LIFETIME_SECONDS), st.sampled_from([str, int]))
def test_a_lifetime_is_more_than_none_and_at_most_30_days(seconds: int, spelling: Any) -> None:
    group = resource("AWS::AutoScaling::AutoScalingGroup", MaxInstanceLifetime=spelling(seconds))
    allowed = 0 < seconds <= standards.MAX_INSTANCE_LIFETIME_SECONDS
    assert verdicts("TTS-ASG-003", group) == ([] if allowed else [("violation", "warn")])


@pytest.mark.parametrize("size", ["nan", "-inf"])
def test_a_size_that_is_no_number_is_too_small(size: str) -> None:
    group = resource("AWS::AutoScaling::AutoScalingGroup", MinSize=size, VPCZoneIdentifier=["a", "b"])
    assert [verdict for verdict, _ in verdicts("TTS-ASG-001", group)] in (["violation"], ["unknown"])


def test_subnets_that_name_each_others_zone_come_to_an_end() -> None:
    subnets = {
        name: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"AvailabilityZone": {"Fn::GetAtt": [other, "AvailabilityZone"]}},
        }
        for name, other in (("A", "B"), ("B", "A"))
    }
    group = {
        "Type": "AWS::AutoScaling::AutoScalingGroup",
        "Properties": {"MinSize": 2, "VPCZoneIdentifier": [{"Ref": "A"}, {"Ref": "B"}]},
    }
    assert verdicts("TTS-ASG-001", {"Group": group, **subnets}) == []


def test_a_text_names_several_subnets_with_commas_between() -> None:
    places = {"MinSize": 2, "VPCZoneIdentifier": ["subnet-a,subnet-b"]}
    assert verdicts("TTS-ASG-001", resource("AWS::AutoScaling::AutoScalingGroup", **places)) == []


def test_a_zone_that_is_not_known_is_one_in_whatever_order_its_parts_are_written() -> None:
    parts = {"region": {"Ref": "AWS::Region"}, "letter": {"Ref": "Nothing"}}
    subnets = {
        name: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"AvailabilityZone": {"Fn::Sub": ["${region}${letter}", dict(order)]}},
        }
        for name, order in {"One": parts.items(), "Other": reversed(parts.items())}.items()
    }
    places = {"MinSize": 2, "VPCZoneIdentifier": [{"Ref": name} for name in subnets]}
    group = resource("AWS::AutoScaling::AutoScalingGroup", **places)
    assert verdicts("TTS-ASG-001", {**subnets, **group}) == [("violation", "block")]


def test_a_group_may_have_several_health_checks() -> None:
    balanced = {"TargetGroupARNs": ["arn"], "HealthCheckType": "EBS,ELB"}
    assert verdicts("TTS-ASG-002", resource("AWS::AutoScaling::AutoScalingGroup", **balanced)) == []


def test_a_zone_by_name_may_be_one_by_position_where_the_region_is_not_known() -> None:
    zones = {"Named": "us-east-1a", "First": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}
    subnets = {
        name: {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": zone}}
        for name, zone in zones.items()
    }
    places = {"MinSize": 2, "VPCZoneIdentifier": [{"Ref": name} for name in subnets]}
    group = resource("AWS::AutoScaling::AutoScalingGroup", **places)
    (finding,) = findings("TTS-ASG-001", {**subnets, **group}, region=None)
    assert finding.verdict == "unknown"


@pytest.mark.parametrize(
    ("kind", "properties", "fixes"),
    [
        (
            "AWS::AutoScaling::ScheduledAction",
            {"MinSize": 1, "DesiredCapacity": 1},
            {"Properties/MinSize": "min_capacity", "Properties/DesiredCapacity": "desired_capacity"},
        ),
        (
            "AWS::EKS::Nodegroup",
            {"ScalingConfig": {"MinSize": 1, "DesiredSize": 1}, "Subnets": ["a", "b"]},
            {
                "Properties/ScalingConfig/MinSize": "min_size",
                "Properties/ScalingConfig/DesiredSize": "desired_size",
            },
        ),
        (
            "AWS::AutoScalingPlans::ScalingPlan",
            {
                "ScalingInstructions": [
                    {"ScalableDimension": "autoscaling:autoScalingGroup:DesiredCapacity", "MinCapacity": 1}
                ]
            },
            {"Properties/ScalingInstructions/0/MinCapacity": "min_capacity"},
        ),
    ],
)
def test_the_argument_to_write_is_the_one_of_the_construct(
    kind: str, properties: dict[str, Any], fixes: dict[str, str]
) -> None:
    made = {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": "App/Group/Resource"}}
    found = {finding.location: finding.fix for finding in findings("TTS-ASG-001", {"Group": made})}
    assert found.keys() == fixes.keys()
    assert all(f"`{fixes[place]}=2`" in fix for place, fix in found.items())
