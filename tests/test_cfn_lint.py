"""cfn-lint finds nothing in any template that we make, for a commercial and a GovCloud region."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from sample_app.app import build
from sample_app.benefits import PRODUCTION, SANDBOX, BenefitsStack, Deployment
from tts_constructs import (
    Access,
    Alarms,
    DataSensitivity,
    Environment,
    Flow,
    NetworkPolicy,
    Release,
    Secret,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
REGIONS = ("us-east-1", "us-gov-west-1")

IGNORED = [
    # "Avoid hardcoding availability zones": a stack in a concrete environment has the zones that its account
    # answered to a lookup, and cdk.context.json records them so that they do not move.
    "W3010",
]


IMAGES = {
    "ami:account=111122223333:filters.architecture.0=x86_64:filters.image-type.0=machine:filters.name.0="
    "FISMA Ready Baseline Ubuntu (* - Packer):filters.state.0=available:owners.0=777788889999:"
    f"region={region}": "ami-0f15a0b1e5ea50001"
    for region in (*REGIONS, "us-gov-east-1")
}
"""The image lookups of the account that the tests' stacks are in."""


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image's owner is that of the sample app's settings."""
    monkeypatch.chdir(ROOT)


def system(stack: cdk.Stack, environment: Environment = Environment.PRODUCTION, **more: Any) -> TtsSystem:
    return TtsSystem(
        stack, "System", project="benefits", environment=environment, owner="benefits@example.gov", **more
    )


def service(scope: TtsSystem, name: str, access: Access, **more: Any) -> TtsAsgService:
    certificate = acm.Certificate.from_certificate_arn(
        scope,
        f"{name}Certificate",
        scope.stack.format_arn(service="acm", resource="certificate", resource_name="0f15a4ea"),
    )
    alarms = Alarms.to_email("benefits@example.gov")
    given: dict[str, Any] = {"access": access, "port": 8080, "alarms": alarms, "certificate": certificate}
    return TtsAsgService(scope, name, **given | more)


def a_system(stack: cdk.Stack) -> None:
    system(stack)


def a_system_with_every_choice(stack: cdk.Stack) -> None:
    system(
        stack,
        data_sensitivity=DataSensitivity.PUBLIC,
        network=NetworkPolicy(
            inbound=[Flow.https_from("192.0.2.0/24")], outbound=[Flow.tcp_to("198.51.100.0/24", port=587)]
        ),
        cidr="10.20.0.0/16",
        availability_zones=3,
        nat_gateways=2,
        ipv6=True,
        interface_endpoints=[ec2.InterfaceVpcEndpointAwsService.SSM, ec2.InterfaceVpcEndpointAwsService.KMS],
    )


def a_sandbox(stack: cdk.Stack) -> None:
    sandbox = system(stack, Environment.SANDBOX, data_sensitivity=DataSensitivity.SYNTHETIC)
    service(sandbox, "Web", Access.restricted(["192.0.2.0/24"]))
    TtsBucket(sandbox, "Uploads")


def services_of_each_access(stack: cdk.Stack) -> None:
    whole = system(stack, network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    service(whole, "Web", Access.public())
    service(whole, "Staff", Access.restricted(["192.0.2.0/24"]))
    service(whole, "Api", Access.internal())


def a_service_with_a_name_of_its_own(stack: cdk.Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.gov"
    )
    service(
        system(stack),
        "Web",
        Access.public(),
        certificate=None,
        domain_name="benefits.example.gov",
        hosted_zone=zone,
    )


def a_service_whose_zone_lies_elsewhere(stack: cdk.Stack) -> None:
    service(system(stack), "Web", Access.public(), domain_name="benefits.example.gov")


def a_service_with_a_private_name(stack: cdk.Stack) -> None:
    whole = system(stack)
    zone = route53.PrivateHostedZone(whole, "Zone", zone_name="internal.example.gov", vpc=whole.vpc)
    service(whole, "Api", Access.internal(), domain_name="api.internal.example.gov", hosted_zone=zone)


def a_service_that_only_the_vpc_names(stack: cdk.Stack) -> None:
    whole = system(stack, network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    service(whole, "Web", Access.restricted([f"198.51.100.{number}/32" for number in range(31)]))
    service(whole, "Api", Access.internal(), domain_name="api.forms.example.gov").url_for(8443)


def buckets_of_each_kind(stack: cdk.Stack) -> None:
    whole = system(stack)
    uploads = TtsBucket(whole, "Uploads")
    uploads.grant_read_write(service(whole, "Web", Access.public()))
    TtsBucket(whole, "Published", data_sensitivity=DataSensitivity.PUBLIC)
    TtsBucket(whole, "Logs", log_target=True)


def a_service_that_fetches(stack: cdk.Stack) -> None:
    whole = system(stack)
    login = secretsmanager.Secret(stack, "Login", encryption_key=whole.key)
    service(
        whole,
        "Web",
        Access.public(),
        release=Release.from_bucket(TtsBucket(whole, "Releases"), "web.tar.gz", sha256="0" * 64),
        secrets=[
            Secret.from_secrets_manager(login, env="LOGIN"),
            Secret.from_ssm("/forms/token", env="TOKEN"),
        ],
    )


IN_EVERY_REGION = (
    a_system,
    a_system_with_every_choice,
    a_sandbox,
    services_of_each_access,
    a_service_with_a_name_of_its_own,
    a_service_whose_zone_lies_elsewhere,
    a_service_with_a_private_name,
    a_service_that_only_the_vpc_names,
    buckets_of_each_kind,
    a_service_that_fetches,
)
CASES = [(make, region) for make in IN_EVERY_REGION for region in REGIONS]


def findings(stack: cdk.Stack) -> Iterator[str]:
    """What cfn-lint says of a stack's template."""
    # Here, so that who leaves these tests out does not wait seconds for the import.
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    template = json.dumps(Template.from_stack(stack).to_json())
    for match in lint(template, config=ManualArgs(regions=[stack.region], ignore_checks=IGNORED)):
        yield f"{match.rule.id} {'/'.join(map(str, match.path or ()))}: {match.message}"


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(("make", "region"), CASES)
def test_cfn_lint_finds_nothing_in_what_a_construct_makes(
    make: Callable[[cdk.Stack], None],
    region: str,
    make_app: Callable[..., cdk.App],
    make_stack: Callable[..., cdk.Stack],
) -> None:
    stack = make_stack(region, scope=make_app(IMAGES))
    make(stack)
    assert list(findings(stack)) == []


def test_cfn_lint_finds_nothing_in_the_sample_app(make_app: Callable[..., cdk.App]) -> None:
    app = build(make_app(json.loads((ROOT / "cdk.context.json").read_text(encoding="utf-8"))))
    stacks = [stack for stack in app.node.children if isinstance(stack, cdk.Stack)]
    assert {stack.region for stack in stacks} == set(REGIONS)
    assert [finding for stack in stacks for finding in findings(stack)] == []


@pytest.mark.parametrize("region", ["us-gov-west-1", "us-gov-east-1"])
@pytest.mark.parametrize("deployment", [PRODUCTION, SANDBOX], ids=lambda one: str(one.environment))
def test_cfn_lint_finds_nothing_in_the_sample_app_in_govcloud(
    deployment: Deployment, region: str, make_app: Callable[..., cdk.App]
) -> None:
    lookups = {
        f"availability-zones:account={deployment.account}:region={region}": [
            f"{region}{zone}" for zone in "abc"
        ],
        **{
            name.replace("account=111122223333", f"account={deployment.account}"): ami
            for name, ami in IMAGES.items()
        },
    }
    app = make_app(lookups)
    stack = BenefitsStack(app, "Benefits", replace(deployment, region=region))
    assert list(findings(stack)) == []


def test_cfn_lint_would_find_a_fault(make_stack: Callable[..., cdk.Stack]) -> None:
    stack = make_stack("us-gov-west-1")
    cdk.CfnResource(stack, "Budget", type="AWS::Budgets::Budget")
    assert any(finding.startswith("E3006 Resources/Budget") for finding in findings(stack))
