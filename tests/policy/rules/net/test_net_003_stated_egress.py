"""What security groups let out: cases that teach too little to be examples."""

from typing import Any

import pytest

from tests.policy.judging import findings

CHOICE = {
    "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
    "Parameters": {"Stage": {"Type": "String"}},
}


def places(resources: dict[str, Any], **parts: Any) -> list[tuple[str, str, str]]:
    found = findings("TTS-NET-003", resources, **parts)
    return [(finding.logical_id, finding.location, finding.verdict) for finding in found]


def opened(first: int, last: int) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "CidrIp": "0.0.0.0/0"}


def group(*egress: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupEgress": [*egress]}}


def test_a_rule_that_opens_one_port_more_than_half_is_told_at_its_range() -> None:
    at_range = ("Group", "Properties/SecurityGroupEgress/0/CidrIp", "violation")
    assert places({"Group": group(opened(0, 32768))}) == [at_range]


@pytest.mark.parametrize(("last", "is_found"), [(42766, False), (42767, True)])
def test_rules_may_open_half_of_the_ports_together_and_no_more(last: int, is_found: bool) -> None:
    found = places({"Group": group(opened(0, 20000), opened(30000, last))})
    assert found == ([("Group", "Properties/SecurityGroupEgress", "violation")] if is_found else [])


def test_rules_of_a_group_of_the_app_are_told_together_at_the_group_alone() -> None:
    egress = {
        name: {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {**opened(*ports), "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}},
        }
        for name, ports in (("Low", (0, 20000)), ("High", (30000, 60000)))
    }
    found = places({"Group": group(), **egress})
    assert found == [("Group", "Properties/SecurityGroupEgress", "violation")]


def test_a_list_that_is_known_in_one_branch_alone_is_judged_there() -> None:
    lists = {"Fn::If": ["Live", [opened(0, 20000), opened(30000, 60000)], {"Fn::ImportValue": "egress"}]}
    held = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupEgress": lists}}
    found = places({"Group": held}, **CHOICE)
    assert sorted(found) == [
        ("Group", "Properties/SecurityGroupEgress", "unknown"),
        ("Group", "Properties/SecurityGroupEgress", "violation"),
    ]
