"""What load balancers of a sandbox let in: cases that teach too little to be examples."""

from typing import Any

from tests.policy import judging
from tts_constructs.policy.model.finding import Finding
from tts_constructs.system_metadata import Environment

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
ELSEWHERE = {"Fn::ImportValue": "of-no-stack"}


def findings(resources: dict[str, Any], **parameters: Any) -> tuple[Finding, ...]:
    return judging.findings("TTS-SBX-001", resources, environment=Environment.SANDBOX, Parameters=parameters)


def verdicts(resources: dict[str, Any], **parameters: Any) -> list[tuple[str, str]]:
    return sorted((found.logical_id, found.verdict) for found in findings(resources, **parameters))


def group(*ranges: Any) -> dict[str, Any]:
    rules = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": one} for one in ranges]
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": rules}}


def balancer(*groups: Any, kind: str = BALANCER, **properties: Any) -> dict[str, Any]:
    held = [{"Ref": name} if isinstance(name, str) else name for name in groups]
    return {"Type": kind, "Properties": {"SecurityGroups": held, **properties}}


def test_a_finding_begins_with_the_way_in() -> None:
    wide = {"Balancer": balancer("Group"), "Group": group("0.0.0.0/0")}
    pieces = {
        "One": balancer("Low"),
        "Low": group("8.0.0.0/8"),
        "Two": balancer("High"),
        "High": group("9.0.0.0/8"),
    }
    for resources in (wide, pieces, {"Balancer": balancer()}):
        assert {found.message.split(",")[0] for found in findings(resources)} == {"It faces the internet"}


def test_one_balancer_that_is_not_known_hides_nothing_of_the_others() -> None:
    resources = {
        "One": balancer("Low"),
        "Low": group("8.0.0.0/8"),
        "Two": balancer("High"),
        "High": group("9.0.0.0/8"),
        "Third": balancer("High", Scheme=ELSEWHERE),
    }
    assert verdicts(resources) == [("One", "violation"), ("Third", "unknown"), ("Two", "violation")]


def test_the_widest_choice_of_a_range_counts_beside_other_balancers() -> None:
    choice = {"Type": "String", "AllowedValues": ["8.0.0.0/8", "9.0.0.0/16"]}
    resources = {
        "One": balancer("Low"),
        "Low": group({"Ref": "Range"}),
        "Two": balancer("High"),
        "High": group("11.0.0.0/16"),
    }
    assert verdicts(resources, Range=choice) == [("One", "violation"), ("Two", "violation")]


def test_classic_balancers_count_beside_others() -> None:
    resources = {
        "One": balancer("Low", kind=CLASSIC),
        "Low": group("8.0.0.0/8"),
        "Two": balancer("High"),
        "High": group("9.0.0.0/8"),
    }
    assert verdicts(resources) == [("One", "violation"), ("Two", "violation")]


def test_why_it_is_not_known_what_a_group_lets_in_is_said() -> None:
    (of_range,) = findings(
        {"Balancer": balancer("Group"), "Group": group({"Ref": "Range"})}, Range={"Type": "String"}
    )
    assert of_range.verdict == "unknown"
    assert "Range" in of_range.message.partition("Group may let the internet in. ")[2]
    names = [f"P{number}" for number in range(9)]
    parameters = {name: {"Type": "String", "AllowedValues": ["8.0.0.0/16", "8.1.0.0/16"]} for name in names}
    many = group(*({"Ref": name} for name in names))
    of_ways = findings({"Balancer": balancer("Group"), "Group": many}, **parameters)
    assert [found.verdict for found in of_ways] == ["unknown"]
    assert "combinations of conditions" in of_ways[0].message


def test_a_group_that_is_not_known_does_not_hide_what_others_let_in_together() -> None:
    resources = {
        "One": balancer("Low", ELSEWHERE),
        "Low": group("8.0.0.0/8"),
        "Two": balancer("High"),
        "High": group("9.0.0.0/8"),
    }
    assert verdicts(resources) == [("One", "unknown"), ("One", "violation"), ("Two", "violation")]


def test_a_balancer_that_lets_the_internet_in_by_itself_is_told_once() -> None:
    resources = {
        "One": balancer("All", "Low"),
        "All": group("0.0.0.0/0"),
        "Low": group("8.0.0.0/8"),
        "Two": balancer("High"),
        "High": group("9.0.0.0/8"),
    }
    assert verdicts(resources) == [("One", "violation"), ("Two", "violation")]
