"""The name of a service: its certificate, its record, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template

from tts_constructs import Access, Alarms, TtsAsgService, TtsSystem
from tts_constructs.errors import InvalidArgumentError

pytestmark = pytest.mark.usefixtures("image_settings")

COMMERCIAL, GOVCLOUD = "us-east-1", "us-gov-west-1"
RECORD = "AWS::Route53::RecordSet"
NAME = "web.example.gov"

MakeSystem = Callable[..., TtsSystem]
Zone = Callable[[TtsSystem], route53.IHostedZone]


@pytest.fixture
def system_in(
    make_system: MakeSystem, app_with_images: Callable[..., cdk.App], make_stack: Callable[..., cdk.Stack]
) -> Callable[[str], TtsSystem]:
    """Makes a system in a region whose images are recorded."""

    def make(region: str) -> TtsSystem:
        return make_system(make_stack(region, scope=app_with_images(region)))

    return make


def certificate(system: TtsSystem) -> acm.ICertificate:
    arn = system.stack.format_arn(service="acm", resource="certificate", resource_name="web")
    return acm.Certificate.from_certificate_arn(system, "Certificate", arn)


def service(system: TtsSystem, **more: Any) -> TtsAsgService:
    given: dict[str, Any] = {"access": Access.public(), "port": 8080, "alarms": Alarms.none(reason="a test")}
    return TtsAsgService(system, "Web", **given | more)


def proven(system: TtsSystem, **more: Any) -> TtsAsgService:
    return service(system, certificate=certificate(system), **more)


def imported(system: TtsSystem, name: str = "example.gov") -> route53.IHostedZone:
    return route53.HostedZone.from_hosted_zone_attributes(
        system, "Zone", hosted_zone_id="Z0123456789", zone_name=name
    )


def private(system: TtsSystem) -> route53.IHostedZone:
    return route53.PrivateHostedZone(system, "Zone", zone_name="example.gov", vpc=system.vpc)


def public(system: TtsSystem) -> route53.IHostedZone:
    return route53.PublicHostedZone(system, "Zone", zone_name="example.gov")


def records(of: TtsAsgService) -> list[dict[str, Any]]:
    found = Template.from_stack(cdk.Stack.of(of)).find_resources(RECORD).values()
    return [record["Properties"] for record in found]


def outputs(of: TtsAsgService) -> dict[str, Any]:
    return {
        name: one["Value"] for name, one in Template.from_stack(cdk.Stack.of(of)).find_outputs("*").items()
    }


@pytest.mark.parametrize("region", [COMMERCIAL, GOVCLOUD])
def test_a_name_whose_zone_lies_elsewhere_is_the_address(
    system_in: Callable[[str], TtsSystem], region: str
) -> None:
    web = proven(system_in(region), domain_name=NAME)
    assert web.url == f"https://{NAME}"
    assert outputs(web)["WebUrl"] == f"https://{NAME}"
    assert records(web) == []


def test_the_name_of_the_balancer_is_an_output_for_the_record_elsewhere(
    system_in: Callable[[str], TtsSystem],
) -> None:
    web = proven(system_in(GOVCLOUD), domain_name=NAME)
    dns_name = cdk.Stack.of(web).resolve(web.load_balancer.load_balancer_dns_name)
    assert outputs(web)["WebBalancerName"] == dns_name


@pytest.mark.parametrize("names", [{}, {"domain_name": NAME, "hosted_zone": imported}])
def test_no_other_service_has_that_output(
    system_in: Callable[[str], TtsSystem], names: dict[str, Any]
) -> None:
    system = system_in(COMMERCIAL)
    web = proven(system, **{key: value(system) if callable(value) else value for key, value in names.items()})
    assert "WebBalancerName" not in outputs(web)


@pytest.mark.parametrize("region", [COMMERCIAL, GOVCLOUD])
@pytest.mark.parametrize("zone", [imported, public])
def test_a_zone_validates_the_certificate_of_its_name_and_gets_an_alias(
    system_in: Callable[[str], TtsSystem], region: str, zone: Zone
) -> None:
    system = system_in(region)
    web = service(system, domain_name=NAME, hosted_zone=zone(system))
    (record,) = records(web)
    assert (record["Type"], "AliasTarget" in record) == ("A", True)
    Template.from_stack(system.stack).has_resource_properties(
        "AWS::CertificateManager::Certificate", {"DomainName": NAME}
    )


@pytest.mark.parametrize("zone", [imported, private, public])
def test_a_zone_gets_a_record_of_a_name_that_a_given_certificate_proves(
    system_in: Callable[[str], TtsSystem], zone: Zone
) -> None:
    system = system_in(COMMERCIAL)
    web = proven(system, domain_name=NAME, hosted_zone=zone(system))
    (record,) = records(web)
    assert (record["Name"], record["Type"]) == (f"{NAME}.", "A")
    assert Template.from_stack(system.stack).find_resources("AWS::CertificateManager::Certificate") == {}


@pytest.mark.parametrize("zone", [imported, private])
def test_a_zone_of_govcloud_that_may_be_private_gets_a_cname(
    system_in: Callable[[str], TtsSystem], zone: Zone
) -> None:
    system = system_in(GOVCLOUD)
    web = proven(system, domain_name=NAME, hosted_zone=zone(system))
    (record,) = records(web)
    dns_name = cdk.Stack.of(web).resolve(web.load_balancer.load_balancer_dns_name)
    assert (record["Type"], record["TTL"], record["ResourceRecords"]) == ("CNAME", "60", [dns_name])


def test_a_public_zone_of_govcloud_gets_an_alias(system_in: Callable[[str], TtsSystem]) -> None:
    system = system_in(GOVCLOUD)
    (record,) = records(proven(system, domain_name=NAME, hosted_zone=public(system)))
    assert record["Type"] == "A"


def test_the_name_of_an_imported_zone_of_govcloud_gets_an_alias_since_no_cname_can_be_there(
    system_in: Callable[[str], TtsSystem],
) -> None:
    system = system_in(GOVCLOUD)
    (record,) = records(proven(system, domain_name="example.gov", hosted_zone=imported(system)))
    assert record["Type"] == "A"


@pytest.mark.parametrize(
    ("zone", "name"), [("example.gov.", NAME), ("EXAMPLE.gov", NAME), ("example.gov", "WEB.Example.gov")]
)
def test_case_and_a_final_dot_of_a_zone_mean_nothing(
    system_in: Callable[[str], TtsSystem], zone: str, name: str
) -> None:
    system = system_in(COMMERCIAL)
    web = proven(system, domain_name=name, hosted_zone=imported(system, zone))
    assert len(records(web)) == 1


# What is refused


def refusal(make: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(InvalidArgumentError) as error:
        make()
    return error.value.faults


def test_the_name_of_a_private_zone_is_refused_in_govcloud(system_in: Callable[[str], TtsSystem]) -> None:
    system = system_in(GOVCLOUD)
    assert refusal(lambda: proven(system, domain_name="example.gov", hosted_zone=private(system))) == (
        "domain_name='example.gov' is the name of a private zone, which can't have an alias to a balancer in "
        "us-gov-west-1; write a name below it, such as 'www.example.gov'",
    )


def test_the_name_of_a_private_zone_gets_an_alias_elsewhere(system_in: Callable[[str], TtsSystem]) -> None:
    system = system_in(COMMERCIAL)
    (record,) = records(proven(system, domain_name="example.gov", hosted_zone=private(system)))
    assert record["Type"] == "A"


def test_a_zone_without_a_name_is_refused(system_in: Callable[[str], TtsSystem]) -> None:
    system = system_in(COMMERCIAL)
    zone = route53.PrivateHostedZone.from_private_hosted_zone_id(system, "Zone", "Z0123456789")
    assert refusal(lambda: proven(system, domain_name=NAME, hosted_zone=zone)) == (
        "hosted_zone= has no name to compare with domain_name=; write "
        "HostedZone.from_hosted_zone_attributes(..., hosted_zone_id=..., zone_name=...)",
    )


def test_a_zone_without_a_domain_name_is_refused(system_in: Callable[[str], TtsSystem]) -> None:
    system = system_in(COMMERCIAL)
    assert refusal(lambda: proven(system, hosted_zone=imported(system))) == (
        "hosted_zone= gets no record without a name; write domain_name= too, or leave it out",
    )
