"""Where a service of the system is called: its address, its name inside the VPC, and who may call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from tts_constructs import Access, Alarms, Flow, NetworkPolicy, TtsAsgService, TtsSystem, standards
from tts_constructs.constructs.asg_service.callers import NO_CALLER
from tts_constructs.errors import InvalidArgumentError

pytestmark = pytest.mark.usefixtures("image_settings")

API: dict[str, Any] = {"access": Access.internal(), "domain_name": "api.forms.example.gov"}
CALLED_AT_8443 = NetworkPolicy(between=[Flow.service("Web", "Api", 8443)])

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture(scope="module")
def make_system(
    make_system: MakeSystem, app_with_images: Callable[..., cdk.App], make_stack: Callable[..., cdk.Stack]
) -> MakeSystem:
    """Makes a system in a region whose images are recorded."""

    def make(region: str = "us-east-1", **arguments: Any) -> TtsSystem:
        stack = make_stack(region, scope=app_with_images(region))
        return make_system(stack, **arguments)

    return make


def service(name: str, system: TtsSystem, scope: Any = None, **more: Any) -> TtsAsgService:
    """A service that has either its own domain name, or a certificate that was made elsewhere."""
    scope = scope or system
    if "domain_name" not in more:
        more["certificate"] = certificate(name, scope)
    elif "certificate" not in more:
        more["hosted_zone"] = public_zone(cdk.Stack.of(scope))
    given: dict[str, Any] = {"access": Access.public(), "port": 8080, "alarms": Alarms.none(reason="a test")}
    return TtsAsgService(scope, name, system=system, **given | more)


def certificate(name: str, scope: Any) -> acm.ICertificate:
    stack = cdk.Stack.of(scope)
    arn = f"arn:{standards.partition(stack.region)}:acm:{stack.region}:111122223333:certificate/web"
    return acm.Certificate.from_certificate_arn(stack, f"{name}Certificate", arn)


def public_zone(stack: cdk.Stack) -> route53.IHostedZone:
    found = stack.node.try_find_child("Zone")
    return found or route53.HostedZone.from_hosted_zone_attributes(  # type: ignore[return-value]
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.gov"
    )


def other_stack(system: TtsSystem, name: str) -> cdk.Stack:
    env = cdk.Environment(account="111122223333", region=system.stack.region)
    return cdk.Stack(system.stack.node.scope, name, env=env)  # type: ignore[arg-type]  # an App is a construct


def user_data(stack: cdk.Stack, service_name: str) -> str:
    templates = Template.from_stack(stack).find_resources("AWS::EC2::LaunchTemplate")
    (one,) = (template for name, template in templates.items() if service_name in name)
    return str(one["Properties"]["LaunchTemplateData"]["UserData"])


# The address


@pytest.mark.parametrize(
    ("port", "url"),
    [(443, "https://api.forms.example.gov"), (8443, "https://api.forms.example.gov:8443")],
)
def test_an_address_is_the_name_that_the_certificate_proves_and_the_port(
    make_system: MakeSystem, port: int, url: str
) -> None:
    api = service("Api", make_system(), **API)
    assert api.url_for(port) == url


def test_the_port_of_an_address_is_443_unless_stated(make_system: MakeSystem) -> None:
    assert service("Api", make_system(), **API).url_for() == "https://api.forms.example.gov"


def test_a_caller_in_the_same_stack_boots_with_the_address(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    web, api = service("Web", system), service("Api", system, **API)
    web.add_user_data(f"start-web --api {api.url_for(8443)}")
    assert "start-web --api https://api.forms.example.gov:8443" in user_data(system.stack, "Web")


def test_two_services_boot_with_each_others_addresses(make_system: MakeSystem) -> None:
    both = NetworkPolicy(between=[Flow.service("Web", "Api", 8443), Flow.service("Api", "Web", 9443)])
    system = make_system(network=both)
    web = service("Web", system, **API | {"domain_name": "web.forms.example.gov"})
    api = service("Api", system, **API)
    web.add_user_data(f"start --api {api.url_for(8443)}")
    api.add_user_data(f"start --web {web.url_for(9443)}")
    assert "--api https://api.forms.example.gov:8443" in user_data(system.stack, "Web")
    assert "--web https://web.forms.example.gov:9443" in user_data(system.stack, "Api")


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
@pytest.mark.parametrize("caller_first", [True, False])
def test_a_caller_in_another_stack_boots_with_the_address(
    make_system: MakeSystem, caller_first: bool, region: str
) -> None:
    system = make_system(region, network=CALLED_AT_8443)
    stacks = {name: other_stack(system, f"{name}Stack") for name in ("Web", "Api")}
    named: dict[str, dict[str, Any]] = {"Web": {}, "Api": API}
    order = list(named) if caller_first else list(reversed(named))
    made = {name: service(name, system, stacks[name], **named[name]) for name in order}
    made["Web"].add_user_data(f"start --api {made['Api'].url_for(8443)}")
    assert "--api https://api.forms.example.gov:8443" in user_data(stacks["Web"], "Web")
    assert [stack.node.id for stack in stacks["Api"].dependencies] == ["Stack"]


def test_services_of_two_stacks_may_call_each_other(make_system: MakeSystem) -> None:
    both = NetworkPolicy(between=[Flow.service("Web", "Api", 8443), Flow.service("Api", "Web", 9443)])
    system = make_system(network=both)
    stacks = {name: other_stack(system, f"{name}Stack") for name in ("Web", "Api")}
    web = service("Web", system, stacks["Web"], **API | {"domain_name": "web.forms.example.gov"})
    api = service("Api", system, stacks["Api"], **API)
    web.add_user_data(f"start --api {api.url_for(8443)}")
    api.add_user_data(f"start --web {web.url_for(9443)}")
    assert "--api https://api.forms.example.gov:8443" in user_data(stacks["Web"], "Web")
    assert "--web https://web.forms.example.gov:9443" in user_data(stacks["Api"], "Api")
    rules = Template.from_stack(stacks["Web"]).find_resources("AWS::EC2::SecurityGroupIngress").values()
    assert {8443, 9443} <= {rule["Properties"]["FromPort"] for rule in rules}


def test_a_service_without_a_name_has_no_address_that_a_caller_can_verify(make_system: MakeSystem) -> None:
    api = service("Api", make_system(), access=Access.internal())
    with pytest.raises(InvalidArgumentError) as refused:
        api.url_for()
    assert refused.value.faults == (
        "the service has no domain_name=, and no certificate proves the balancer's own name; write "
        "domain_name= where you make the service",
    )


@pytest.mark.parametrize(
    ("port", "fault"),
    [
        (0, "port=0 is not a port; write one from 1 to 65535"),
        (65536, "port=65536 is not a port; write one from 1 to 65535"),
        (80, "port=80 only redirects; write a port of HTTPS, such as 443"),
    ],
)
def test_an_address_at_a_port_that_serves_no_https_is_refused(
    make_system: MakeSystem, port: int, fault: str
) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        service("Api", make_system(), **API).url_for(port)
    assert refused.value.faults == (fault,)


# Who may call


def synthesize(system: TtsSystem) -> None:
    Template.from_stack(system.stack)


def test_an_address_is_refused_at_synth_where_nobody_is_let_in(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API).url_for(443)
    with pytest.raises(
        RuntimeError, match=r"url_for\(443\).*nothing lets a caller in at port 443; write"
    ) as told:
        synthesize(system)
    assert 'Flow.service("<caller>", "Api", 443)' in str(told.value)
    assert "8443" not in str(told.value)


def test_every_address_that_nobody_may_call_is_told(make_system: MakeSystem) -> None:
    system = make_system()
    api = service("Api", system, **API)
    api.url_for(443)
    api.url_for(9443)
    with pytest.raises(RuntimeError, match=r"(?s)url_for\(443\).*url_for\(9443\)"):
        synthesize(system)


@pytest.mark.parametrize("access", [Access.public(), Access.restricted(["192.0.2.0/24"])])
def test_a_service_that_ranges_reach_has_callers_at_443_alone(
    make_system: MakeSystem, access: Access
) -> None:
    system = make_system()
    web = service("Web", system, access=access, domain_name="web.example.gov")
    web.url_for()
    synthesize(system)
    web = service("Web", system := make_system(), access=access, domain_name="web.example.gov")
    web.url_for(8443)
    with pytest.raises(RuntimeError, match=r"url_for\(8443\)"):
        synthesize(system)


def from_group(api: TtsAsgService, system: TtsSystem) -> None:
    group = ec2.SecurityGroup(system, "Group", vpc=system.vpc, allow_all_outbound=False)
    group.connections.allow_to(api.load_balancer, ec2.Port.tcp(443))


def from_group_of_another_stack(api: TtsAsgService, system: TtsSystem) -> None:
    stack = other_stack(system, "Other")
    group = ec2.SecurityGroup(stack, "Group", vpc=system.vpc, allow_all_outbound=False)
    group.connections.allow_to(api.load_balancer, ec2.Port.tcp(443))


def from_range(api: TtsAsgService, _: TtsSystem) -> None:
    api.load_balancer.connections.allow_from(ec2.Peer.ipv4("10.0.64.0/18"), ec2.Port.tcp_range(400, 500))


def from_parameter(api: TtsAsgService, system: TtsSystem) -> None:
    port = cdk.CfnParameter(system.stack, "Port", type="Number").value_as_number
    api.load_balancer.connections.allow_from(ec2.Peer.ipv4("10.0.64.0/18"), ec2.Port.tcp(port))


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize("allow", [from_group, from_group_of_another_stack, from_range, from_parameter])
def test_a_rule_of_a_security_group_lets_callers_in_too(
    make_system: MakeSystem, allow: Callable[[TtsAsgService, TtsSystem], None]
) -> None:
    system = make_system()
    api = service("Api", system, **API)
    api.url_for(443)
    allow(api, system)
    synthesize(system)
    Annotations.from_stack(system.stack).has_no_warning("*", Match.string_like_regexp(NO_CALLER))


def other_port(api: TtsAsgService) -> None:
    api.load_balancer.connections.allow_from(ec2.Peer.ipv4("10.0.64.0/18"), ec2.Port.tcp(444))


def other_protocol(api: TtsAsgService) -> None:
    api.load_balancer.connections.allow_from(ec2.Peer.ipv4("10.0.64.0/18"), ec2.Port.udp(443))


def other_group(api: TtsAsgService) -> None:
    api.connections.allow_from(ec2.Peer.ipv4("10.0.64.0/18"), ec2.Port.tcp(443))


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize("allow", [other_port, other_protocol, other_group])
def test_a_rule_for_something_else_lets_nobody_in(
    make_system: MakeSystem, allow: Callable[[TtsAsgService], None]
) -> None:
    system = make_system()
    api = service("Api", system, **API)
    api.url_for(443)
    allow(api)
    with pytest.raises(RuntimeError, match=r"url_for\(443\)"):
        synthesize(system)


def test_an_internal_service_that_no_flow_names_is_warned_about(make_system: MakeSystem) -> None:
    system = make_system()
    service("Api", system, **API)
    Annotations.from_stack(system.stack).has_warning(
        "/Stack/System/Api", Match.string_like_regexp("no flow of the network policy names it")
    )


def test_the_warning_can_be_acknowledged(make_system: MakeSystem) -> None:
    system = make_system()
    api = service("Api", system, **API)
    cdk.Annotations.of(api).acknowledge_warning(NO_CALLER)
    Annotations.from_stack(system.stack).has_no_warning("*", Match.string_like_regexp("no flow"))


def test_who_is_called_or_faces_others_is_not_warned_about(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API)
    Annotations.from_stack(system.stack).has_no_warning("*", Match.string_like_regexp("no flow"))


# The name inside the VPC


def records(stack: cdk.Stack) -> list[dict[str, Any]]:
    found = Template.from_stack(stack).find_resources("AWS::Route53::RecordSet").values()
    return [record["Properties"] for record in found]


def zones(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    found = Template.from_stack(stack).find_resources("AWS::Route53::HostedZone")
    return {name: dict(zone) for name, zone in found.items()}


def test_an_internal_service_has_its_name_in_a_private_zone_of_the_vpc(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API)
    ((zone_id, zone),) = zones(system.stack).items()
    assert zone["Properties"]["Name"] == "api.forms.example.gov."
    assert zone["Properties"]["VPCs"] == [{"VPCId": {"Ref": "SystemVpc960C8DDB"}, "VPCRegion": "us-east-1"}]
    (record,) = records(system.stack)
    assert (record["Name"], record["Type"]) == ("api.forms.example.gov.", "A")
    assert record["HostedZoneId"] == {"Ref": zone_id}
    assert "InternalLoadBalancer" in str(record["AliasTarget"]["DNSName"])


def test_the_certificate_proves_that_name_by_the_public_zone(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API)
    Template.from_stack(system.stack).has_resource_properties(
        "AWS::CertificateManager::Certificate",
        {
            "DomainName": "api.forms.example.gov",
            "DomainValidationOptions": [
                {"DomainName": "api.forms.example.gov", "HostedZoneId": "Z0123456789ABCDEFGHIJ"}
            ],
        },
    )


def test_in_govcloud_the_name_is_a_cname_below_the_zones_own_name(make_system: MakeSystem) -> None:
    system = make_system("us-gov-west-1", network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API)
    ((zone_id, zone),) = zones(system.stack).items()
    assert zone["Properties"]["Name"] == "forms.example.gov."
    (record,) = records(system.stack)
    assert (record["Name"], record["Type"], record["TTL"]) == ("api.forms.example.gov.", "CNAME", "60")
    assert record["HostedZoneId"] == {"Ref": zone_id}
    (target,) = record["ResourceRecords"]
    assert "InternalLoadBalancer" in str(target)


def test_in_govcloud_services_of_one_domain_share_the_zone_from_their_stacks(make_system: MakeSystem) -> None:
    system = make_system("us-gov-west-1", network=NetworkPolicy(between=[Flow.service("Web", "Api")]))
    stack = other_stack(system, "Other")
    service("Web", system, **API | {"domain_name": "web.forms.example.gov"})
    service("Api", system, stack, **API)
    assert len(zones(system.stack)) == 1
    assert zones(stack) == {}
    assert [record["Name"] for record in records(stack)] == ["api.forms.example.gov."]


def test_in_govcloud_an_internal_service_cannot_hide_a_top_level_domain(make_system: MakeSystem) -> None:
    system = make_system("us-gov-west-1")
    with pytest.raises(InvalidArgumentError) as refused:
        service(
            "Api", system, **API | {"domain_name": "forms.gov", "certificate": certificate("Api", system)}
        )
    assert refused.value.faults == (
        "domain_name='forms.gov' would hide all of 'gov' from the VPC: in GovCloud (US) an internal service "
        "is named in a private zone of the domain above it; write a name below, such as 'api.forms.gov'",
    )


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_no_private_zone_hides_the_public_one_from_the_vpc(make_system: MakeSystem, region: str) -> None:
    system = make_system(region, network=CALLED_AT_8443)
    service("Web", system)
    service("Api", system, **API | {"domain_name": "example.gov"})
    assert zones(system.stack) == {}
    (record,) = records(system.stack)
    assert (record["Name"], record["HostedZoneId"]) == ("example.gov.", "Z0123456789ABCDEFGHIJ")


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_a_name_whose_zone_lies_elsewhere_is_known_inside_the_vpc(
    make_system: MakeSystem, region: str
) -> None:
    system = make_system(region, network=CALLED_AT_8443)
    service("Web", system)
    api = service("Api", system, certificate=certificate("Api", system), **API)
    assert api.url_for(8443) == "https://api.forms.example.gov:8443"
    assert len(zones(system.stack)) == 1
    assert [record["Name"] for record in records(system.stack)] == ["api.forms.example.gov."]
    outputs = Template.from_stack(system.stack).to_json()["Outputs"]
    assert "ApiUrl" in outputs
    assert "ApiBalancerName" not in outputs


def test_a_zone_that_a_team_chose_for_the_record_gets_it(make_system: MakeSystem) -> None:
    system = make_system(network=CALLED_AT_8443)
    service("Web", system)
    zone = route53.PrivateHostedZone(system.stack, "Own", zone_name="forms.example.gov", vpc=system.vpc)
    service("Api", system, certificate=certificate("Api", system), hosted_zone=zone, **API)
    (zone_id,) = zones(system.stack)
    (record,) = records(system.stack)
    assert record["HostedZoneId"] == {"Ref": zone_id}
    assert zone_id.startswith("Own")


def test_a_service_that_others_reach_keeps_its_name_in_the_public_zone(make_system: MakeSystem) -> None:
    system = make_system()
    service("Web", system, domain_name="web.example.gov")
    assert zones(system.stack) == {}
    (record,) = records(system.stack)
    assert record["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"


def test_a_name_that_is_known_at_deployment_only_stays_in_the_given_zone(make_system: MakeSystem) -> None:
    system = make_system()
    name = cdk.CfnParameter(system.stack, "Name").value_as_string
    service("Api", system, **API | {"domain_name": name})
    assert zones(system.stack) == {}
    (record,) = records(system.stack)
    assert record["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"


def test_a_private_zone_is_made_once(make_system: MakeSystem) -> None:
    system = make_system()
    assert system.private_zone("forms.example.gov") is system.private_zone("forms.example.gov")
