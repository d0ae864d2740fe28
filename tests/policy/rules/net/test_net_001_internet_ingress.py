"""What security groups open to the internet: cases that teach too little to be examples."""

from typing import Any

import pytest

from tests.policy import judging
from tts_constructs.policy.model.finding import Finding

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
MOUNT = "AWS::EFS::MountTarget"
OF_CDK = {"aws:cdk:path": "App/Group/Resource"}


def findings(resources: dict[str, Any], **parts: Any) -> tuple[Finding, ...]:
    return judging.findings("TTS-NET-001", resources, **parts)


def opened(port: Any, cidr: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}


def group(*rules: dict[str, Any], **body: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [*rules]}, **body}


def ingress(rule: dict[str, Any], group_id: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {**rule, "GroupId": group_id}}


def holding(kind: str, *groups: Any, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"SecurityGroups": [*groups], **properties}}


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", {"Fn::ImportValue": "range"}])
def test_what_is_wrong_or_unknown_in_a_sandbox_has_the_fix_of_a_sandbox(cidr: Any) -> None:
    for metadata, starts in ({}, "Name in `CidrIp`"), (OF_CDK, "Use TtsAsgService with Access.restricted"):
        unsafe = group(opened(8443, cidr), Metadata=metadata)
        sandbox = {"Metadata": {"TTS": {"environment": "sandbox"}}}
        (there,) = findings({"Group": unsafe}, **sandbox)
        (elsewhere,) = findings({"Group": unsafe})
        assert "shows nothing to the internet" in there.fix
        assert there.fix.startswith(starts)
        assert "shows nothing to the internet" not in elsewhere.fix
        assert (there.verdict, there.location) == (elsewhere.verdict, elsewhere.location)


def test_rules_of_a_foreign_group_are_judged_by_what_has_that_group() -> None:
    halves = {
        "One": ingress(opened(443, "8.0.0.0/8"), "sg-1"),
        "Two": ingress(opened(443, "9.0.0.0/8"), "sg-1"),
    }
    assert findings(halves)
    assert not findings({**halves, "Balancer": holding(BALANCER, "sg-1")})


def test_whether_a_balancer_has_a_group_that_pieces_open_can_be_unknown() -> None:
    pieces = group(opened(443, "8.0.0.0/8"), opened(443, "9.0.0.0/8"))
    balancer = {"Type": BALANCER, "Properties": {"SecurityGroups": {"Fn::ImportValue": "groups"}}}
    (finding,) = findings({"Group": pieces, "Balancer": balancer})
    assert (finding.verdict, finding.location) == ("unknown", "Properties/SecurityGroupIngress")
    assert finding.message.startswith("Balancer has groups that are not known")


def test_a_narrow_rule_of_an_unknown_group_opens_nothing() -> None:
    parts = {"Parameters": {"Id": {"Type": "String"}, "Port": {"Type": "Number"}}}
    assert not findings({"In": ingress(opened(8000, "8.0.0.0/16"), {"Ref": "Id"})}, **parts)
    assert not findings({"In": ingress(opened({"Ref": "Port"}, "8.0.0.0/16"), "sg-1")}, **parts)


def test_groups_of_a_classic_balancer_open_port_80_together_only_to_redirect() -> None:
    halves = {"One": group(opened(80, "8.0.0.0/8")), "Two": group(opened(80, "9.0.0.0/8"))}
    both = ({"Ref": "One"}, {"Ref": "Two"})
    serves = holding(CLASSIC, *both, Listeners=[{"LoadBalancerPort": "80", "Protocol": "HTTP"}])
    (finding,) = findings({**halves, "Holder": serves})
    assert "Holder does more on port 80" in finding.message
    assert not findings({**halves, "Holder": holding(BALANCER, *both)})


def test_many_rules_that_are_not_wide_together_leave_nothing_undecided() -> None:
    many = [opened(8000 + number, f"8.0.{number % 250}.0/24") for number in range(1000)]
    groups = {"One": group(*many), "Two": group(opened(8000, "9.0.0.0/16"))}
    assert not findings({**groups, "Holder": holding(MOUNT, {"Ref": "One"}, {"Ref": "Two"})})


def test_a_second_choice_of_a_range_counts_as_the_first_does() -> None:
    parts = {"Parameters": {"Range": {"Type": "String", "AllowedValues": ["10.0.0.0/16", "8.0.0.0/8"]}}}
    groups = {"One": group(opened(8443, {"Ref": "Range"})), "Two": group(opened(8443, "9.0.0.0/8"))}
    both = holding(MOUNT, {"Ref": "One"}, {"Ref": "Two"})
    (finding,) = findings({**groups, "Holder": both}, **parts)
    assert finding.logical_id == "Holder"
    choice = group(opened(8443, {"Ref": "Range"}), opened(8443, "9.0.0.0/8"))
    assert [finding.logical_id for finding in findings({"Group": choice}, **parts)] == ["Group"]


def test_messages_of_icmp_whose_type_is_not_known_count_together() -> None:
    rules = [
        {"IpProtocol": "icmp", "FromPort": {"Fn::ImportValue": "type"}, "ToPort": 4, "CidrIp": cidr}
        for cidr in ("8.0.0.0/8", "9.0.0.0/8")
    ]
    (finding,) = findings({"Group": group(*rules)})
    assert "Protocol icmp is open to ranges that together are the internet" in finding.message
    known = [{**rule, "FromPort": 3} for rule in rules]
    assert findings({"Group": group(*known)}) == ()
