"""A service over the life of its stack: what an update replaces, and what AWS refuses of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53

from tts_constructs import (
    Access,
    Alarms,
    DataSensitivity,
    Environment,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
)
from tts_constructs.testing import StackUpdate, replacements
from tts_constructs.testing.synthesis import template_of

pytestmark = pytest.mark.usefixtures("image_settings")

REGIONS = ("us-east-1", "us-gov-west-1")
RESTRICTED = Access.restricted(["192.0.2.0/24"])
SANDBOX = {"environment": Environment.SANDBOX, "data_sensitivity": DataSensitivity.SYNTHETIC}
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LOG_GROUP = "AWS::Logs::LogGroup"
NOTHING: dict[str, Any] = {}

Template = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def template(
    make_system: Callable[..., TtsSystem],
    app_with_images: Callable[..., cdk.App],
    make_stack: Callable[..., cdk.Stack],
) -> Template:
    """The template of a system with one service."""

    @cache
    def make(
        access: Access = RESTRICTED,
        name: str = "Web",
        region: str = "us-east-1",
        sandbox: bool = False,
        has_name: bool = False,
        **more: Any,
    ) -> dict[str, Any]:
        stack = make_stack(region, scope=app_with_images(region))
        system = make_system(stack, **(SANDBOX if sandbox else {}))
        TtsBucket(system, "Uploads")
        TtsAsgService(
            system,
            name,
            **{
                "access": access,
                "port": 8080,
                "alarms": Alarms.to_email("team@example.gov"),
                **(named(system) if has_name else certified(system)),
                **more,
            },
        )
        return template_of(stack)

    return make


def certified(system: TtsSystem) -> dict[str, Any]:
    arn = system.stack.format_arn(service="acm", resource="certificate", resource_name="web")
    return {"certificate": acm.Certificate.from_certificate_arn(system, "Certificate", arn)}


def named(system: TtsSystem) -> dict[str, Any]:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        system, "Zone", hosted_zone_id="Z0123456789", zone_name="example.gov"
    )
    return {"domain_name": "web.example.gov", "hosted_zone": zone}


def refused(update: StackUpdate) -> dict[str, str]:
    """The type of each resource that AWS surely refuses to create, change, or delete."""
    types = update.created | update.deleted | {one: it.type for one, it in update.replaced.items()}  # type: ignore[operator]
    return {refusal.logical_id: types[refusal.logical_id] for refusal in update.refusals if refusal.certain}


# A first deployment that fails, and a stack that is deleted


@pytest.mark.parametrize("access", [RESTRICTED, Access.internal()], ids=lambda one: type(one).__name__)
def test_the_balancer_alone_keeps_a_failed_first_deployment_from_going(
    template: Template, access: Access
) -> None:
    update = replacements(template(access), NOTHING)
    assert list(refused(update).values()) == [LOAD_BALANCER]


def test_a_first_deployment_without_deletion_protection_can_be_rolled_back(template: Template) -> None:
    update = replacements(template(deletion_protection=False), NOTHING)
    assert refused(update) == {}


def test_deletion_protection_is_switched_on_in_place(template: Template) -> None:
    update = replacements(template(deletion_protection=False), template())
    assert (update.replaced, update.may_be_replaced, update.refusals) == ({}, {}, ())


@pytest.mark.parametrize("region", REGIONS)
def test_a_sandbox_can_be_deleted(template: Template, region: str) -> None:
    update = replacements(template(sandbox=True, region=region), NOTHING)
    assert refused(update) == {}


def test_deletion_protection_of_a_sandbox_is_stated_as_off(template: Template) -> None:
    resources = template(sandbox=True)["Resources"].values()
    (balancer,) = [one["Properties"] for one in resources if one["Type"] == LOAD_BALANCER]
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
    assert attributes["deletion_protection.enabled"] == "false"


def test_a_sandbox_can_have_deletion_protection(template: Template) -> None:
    update = replacements(template(sandbox=True, deletion_protection=True), NOTHING)
    assert list(refused(update).values()) == [LOAD_BALANCER]


# Access changed


CHANGES = [
    (Access.internal(), Access.public()),
    (Access.public(), Access.internal()),
    (Access.internal(), RESTRICTED),
    (RESTRICTED, Access.internal()),
]


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("has_name", [False, True])
def test_access_changes_between_internal_and_external_without_a_refusal(
    template: Template, before: Access, after: Access, has_name: bool
) -> None:
    update = replacements(
        template(before, has_name=has_name, deletion_protection=False), template(after, has_name=has_name)
    )
    assert refused(update) == {}
    assert {LOAD_BALANCER, TARGET_GROUP} <= set(update.created.values())
    assert {LOAD_BALANCER, TARGET_GROUP} <= set(update.deleted.values())


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=lambda one: type(one).__name__)
def test_access_changes_without_the_loss_of_instances_or_logs(
    template: Template, before: Access, after: Access
) -> None:
    update = replacements(template(before, has_name=True), template(after, has_name=True))
    changed = {*update.created.values(), *(one.type for one in update.replaced.values())}
    lasting = {"AWS::AutoScaling::AutoScalingGroup", LOG_GROUP, "AWS::EC2::SecurityGroup"}
    assert changed & {*lasting, "AWS::CertificateManager::Certificate"} == set()


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=lambda one: type(one).__name__)
def test_the_name_moves_to_another_zone_before_it_leaves_the_old_one(
    template: Template, before: Access, after: Access
) -> None:
    # the public zone, or the private one of the VPC; CloudFormation creates first and deletes last
    update = replacements(template(before, has_name=True), template(after, has_name=True))
    for changed in (update.created, update.deleted):
        assert list(changed.values()).count("AWS::Route53::RecordSet") == 1


def test_a_protected_balancer_stays_when_access_changes(template: Template) -> None:
    update = replacements(template(Access.internal()), template(Access.public()))
    assert list(refused(update).values()) == [LOAD_BALANCER]


def test_between_public_and_restricted_nothing_is_replaced(template: Template) -> None:
    update = replacements(template(RESTRICTED), template(Access.public()))
    assert not any(one.type == LOAD_BALANCER for one in update.replaced.values())
    assert LOAD_BALANCER not in {*update.created.values(), *update.deleted.values()}
    assert update.refusals == ()


# A service renamed


def test_a_renamed_service_is_another_one(template: Template) -> None:
    update = replacements(template(deletion_protection=False), template(name="Site"))
    assert {LOAD_BALANCER, TARGET_GROUP, LOG_GROUP} <= set(update.created.values())
    assert refused(update) == {}
    assert [update.deleted[one] for one, kept in update.left_behind.items() if kept == "Retain"] == [
        LOG_GROUP
    ]


def test_a_renamed_service_leaves_a_protected_balancer(template: Template) -> None:
    update = replacements(template(), template(name="Site"))
    assert list(refused(update).values()) == [LOAD_BALANCER]


def test_two_services_cannot_have_one_domain_name_while_one_is_renamed(template: Template) -> None:
    before = template(has_name=True, deletion_protection=False)
    update = replacements(before, template(name="Site", has_name=True))
    assert list(refused(update).values()) == ["AWS::Route53::RecordSet"]


# What can't change on a live system


def test_another_port_replaces_the_target_group_and_not_the_balancer(template: Template) -> None:
    update = replacements(template(), template(port=9090))
    assert [one.properties for one in update.replaced.values() if one.type == TARGET_GROUP] == [("Port",)]
    assert LOAD_BALANCER not in {one.type for one in update.replaced.values()}
    assert refused(update) == {}


def test_another_domain_name_replaces_the_record_and_the_certificate(template: Template) -> None:
    before, after = (template(has_name=True, domain_name=name) for name in ("a.example.gov", "b.example.gov"))
    update = replacements(before, after)
    types = {one.type for one in update.replaced.values()}
    assert {"AWS::Route53::RecordSet", "AWS::CertificateManager::Certificate"} <= types
    assert refused(update) == {}


@pytest.mark.parametrize(
    ("change", "property_of_subnets"),
    [
        ({"cidr": "10.1.0.0/16"}, "CidrBlock"),
        ({"availability_zones": ["us-east-1b", "us-east-1a"]}, "AvailabilityZone"),
    ],
)
def test_the_subnets_of_a_live_system_are_replaced_by_another_range_or_order_of_zones(
    make_system: Callable[..., TtsSystem], change: dict[str, Any], property_of_subnets: str
) -> None:
    update = replacements(
        make_system(availability_zones=["us-east-1a", "us-east-1b"]).stack, make_system(**change).stack
    )
    subnets = [one for one in update.replaced.values() if one.type == "AWS::EC2::Subnet"]
    assert len(subnets) >= 4
    assert all(property_of_subnets in subnet.properties for subnet in subnets)
