"""A service that many ranges may reach: as many security groups as they fill, and no more than AWS allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from tts_constructs import Access, Alarms, TtsAsgService, TtsSystem
from tts_constructs.errors import InvalidArgumentError

pytestmark = pytest.mark.usefixtures("image_settings")

FIRST = "SystemWebBalancerSecurityGroup"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def four(count: int) -> list[str]:
    return [f"198.51.{number // 256}.{number % 256}/32" for number in range(count)]


def six(count: int) -> list[str]:
    return [f"2001:db8:{number:x}::/48" for number in range(1, count + 1)]


@pytest.fixture(scope="module")
def make_service(
    make_system: Callable[..., TtsSystem],
    app_with_images: Callable[..., cdk.App],
    make_stack: Callable[..., cdk.Stack],
) -> Callable[[list[str]], TtsAsgService]:
    """Makes a service in a system of its own, with IPv6."""

    def make(ranges: list[str]) -> TtsAsgService:
        stack = make_stack(scope=app_with_images())
        arn = "arn:aws:acm:us-east-1:111122223333:certificate/web"
        return TtsAsgService(
            make_system(stack, ipv6=True),
            "Web",
            access=Access.restricted(ranges),
            port=8080,
            alarms=Alarms.none(reason="a test"),
            certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", arn),
        )

    return make


def ingress(service: TtsAsgService) -> dict[str, list[dict[str, Any]]]:
    """The inline ingress of each group of the balancer, in the balancer's order."""
    template = Template.from_stack(cdk.Stack.of(service))
    groups = template.find_resources("AWS::EC2::SecurityGroup")
    (balancer,) = template.find_resources(LOAD_BALANCER).values()
    names = [group["Fn::GetAtt"][0] for group in balancer["Properties"]["SecurityGroups"]]
    return {name: groups[name]["Properties"]["SecurityGroupIngress"] for name in names}


def ranges_at(rules: list[dict[str, Any]], port: int) -> list[str]:
    return [rule.get("CidrIp") or rule["CidrIpv6"] for rule in rules if rule["FromPort"] == port]


@pytest.mark.parametrize(("count", "groups"), [(1, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_each_thirty_ranges_take_a_group(
    make_service: Callable[[list[str]], TtsAsgService], count: int, groups: int
) -> None:
    found = ingress(make_service(four(count)))
    assert len(found) == groups
    assert [range_ for rules in found.values() for range_ in ranges_at(rules, 443)] == four(count)
    assert [range_ for rules in found.values() for range_ in ranges_at(rules, 80)] == four(count)


@pytest.fixture(scope="module")
def full(make_service: Callable[[list[str]], TtsAsgService]) -> TtsAsgService:
    """A service whose balancer has all groups and rules that AWS lets it have; the judge passes it."""
    return make_service([*four(150), *six(150)])


def test_a_balancer_holds_150_ranges_of_each_version_within_awss_quotas(full: TtsAsgService) -> None:
    # Amazon VPC User Guide, quotas: 60 "Inbound or outbound rules per security group", "enforced separately
    # for IPv4 rules and IPv6 rules"; 5 "Security groups per network interface"
    found = ingress(full)
    assert len(found) == 5
    for rules in found.values():
        assert [sum(key in rule for rule in rules) for key in ("CidrIp", "CidrIpv6")] == [60, 60]
    for port in (80, 443):
        let_in = [range_ for rules in found.values() for range_ in ranges_at(rules, port)]
        assert sorted(let_in) == sorted([*four(150), *six(150)])


def test_the_first_group_keeps_its_id_and_its_ranges(
    make_service: Callable[[list[str]], TtsAsgService], full: TtsAsgService
) -> None:
    ((name, rules),) = ingress(make_service([*four(30), *six(30)])).items()
    assert name == f"{FIRST}3A6D9F0B"
    first, *_ = ingress(full).items()
    assert first == (name, rules)


def test_further_groups_let_nothing_out_and_instances_know_only_the_first(full: TtsAsgService) -> None:
    template = Template.from_stack(cdk.Stack.of(full))
    first, *further = ingress(full)
    groups = template.find_resources("AWS::EC2::SecurityGroup")
    for name in further:
        (nothing,) = groups[name]["Properties"]["SecurityGroupEgress"]
        assert nothing["CidrIp"] == "255.255.255.255/32"
    rules = str(template.find_resources("AWS::EC2::SecurityGroupIngress"))
    assert first in rules
    assert not any(name in rules for name in further)


def test_a_group_that_a_team_adds_stands_beside_them(
    make_service: Callable[[list[str]], TtsAsgService],
) -> None:
    service = make_service(four(31))
    group = ec2.SecurityGroup(service, "Own", vpc=TtsSystem.of(service).vpc, allow_all_outbound=False)
    service.load_balancer.add_security_group(group)
    template = Template.from_stack(cdk.Stack.of(service))
    (balancer,) = template.find_resources(LOAD_BALANCER).values()
    names = [named["Fn::GetAtt"][0] for named in balancer["Properties"]["SecurityGroups"]]
    assert [FIRST in name for name in names] == [True, False, True]


def test_a_range_is_let_in_once_however_it_is_written(
    make_service: Callable[[list[str]], TtsAsgService],
) -> None:
    ranges = ["2001:DB8::/32", *four(30), *four(30), "2001:db8:0::/32", "198.51.0.1"]
    (rules,) = ingress(make_service(ranges)).values()
    assert sorted(ranges_at(rules, 443)) == sorted([*four(30), "2001:db8::/32"])


@pytest.mark.parametrize(("ranges", "count", "version"), [(four(151), 151, 4), (six(160), 160, 6)])
def test_more_ranges_than_aws_has_room_for_are_refused_with_the_quotas(
    ranges: list[str], count: int, version: int
) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        Access.restricted(ranges)
    assert refused.value.faults == (
        f"names {count} ranges of IPv{version}, and a load balancer has room for 150: each takes a rule at "
        "port 443 and one at port 80, and AWS's quotas are 60 inbound rules for a security group and 5 "
        "security groups for a network interface; name fewer and wider ranges",
    )


def test_ranges_of_the_two_versions_are_counted_apart_and_each_once() -> None:
    ranges = [*four(150), *six(150)]
    assert Access.restricted([*ranges, *ranges]).ranges == (*ranges, *ranges)
