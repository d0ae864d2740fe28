"""What AWS would refuse of a service is refused at synth, with the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_wafv2 as wafv2
from aws_cdk.assertions import Annotations, Match, Template

from tts_constructs import Access, Alarms, NetworkPolicy, TtsAsgService, TtsSystem
from tts_constructs.errors import InvalidArgumentError

pytestmark = pytest.mark.usefixtures("image_settings")

GONE = elbv2.ListenerAction.fixed_response(410)
ACL = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/web/1"
EXAMPLE = "arn:aws:wafv2:us-east-1:<account>:regional/webacl/<name>/<id>"

MakeService = Callable[..., TtsAsgService]


@pytest.fixture
def make_service(
    make_system: Callable[..., TtsSystem],
    app_with_images: Callable[..., cdk.App],
    make_stack: Callable[..., cdk.Stack],
) -> MakeService:
    """Makes a service in a system of its own."""

    def make(name: str = "Web", *, flows: tuple[Any, ...] = (), **more: Any) -> TtsAsgService:
        stack = make_stack(scope=app_with_images())
        system = make_system(stack, network=NetworkPolicy(between=list(flows)))
        arn = stack.format_arn(service="acm", resource="certificate", resource_name="web")
        given: dict[str, Any] = {
            "access": Access.public(),
            "port": 8080,
            "alarms": Alarms.none(reason="a test"),
            "certificate": acm.Certificate.from_certificate_arn(system, "Certificate", arn),
        }
        return TtsAsgService(system, name, **given | more)

    return make


@pytest.fixture
def web(make_service: MakeService) -> TtsAsgService:
    return make_service()


def refusal(make: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(InvalidArgumentError) as error:
        make()
    return error.value.faults


# Routes


def test_two_routes_of_one_priority_are_refused(web: TtsAsgService) -> None:
    web.add_route("Old", priority=1, paths=["/old"], action=GONE)
    assert refusal(lambda: web.add_route("Older", priority=1, paths=["/older"], action=GONE)) == (
        'priority=1 is that of the route "Old"; write another: 2',
    )


def test_two_routes_of_one_id_are_refused(web: TtsAsgService) -> None:
    web.add_route("Old", priority=1, paths=["/old"], action=GONE)
    assert refusal(lambda: web.add_route("Old", priority=2, paths=["/older"], action=GONE)) == (
        'its service already has a route "Old"; write another id',
    )


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_is_between_1_and_50000(web: TtsAsgService, priority: int) -> None:
    assert refusal(lambda: web.add_route("Old", priority=priority, paths=["/old"], action=GONE)) == (
        f"priority={priority} is not a valid priority; write 1 to 50000",
    )


@pytest.mark.parametrize("priority", [1, 50_000])
def test_the_first_and_the_last_priority_are_taken(web: TtsAsgService, priority: int) -> None:
    web.add_route("Old", priority=priority, paths=["/old"], action=GONE)
    rules = Template.from_stack(cdk.Stack.of(web)).find_resources("AWS::ElasticLoadBalancingV2::ListenerRule")
    assert [rule["Properties"]["Priority"] for rule in rules.values()] == [priority]


def test_a_route_takes_five_patterns(web: TtsAsgService) -> None:
    paths = ["/a", "/b", "/c"]
    web.add_route("Five", priority=1, paths=paths, hosts=["a.gov", "b.gov"], action=GONE)
    assert refusal(
        lambda: web.add_route("Six", priority=2, paths=[*paths, "/d"], hosts=["a.gov", "b.gov"], action=GONE)
    ) == ("paths= and hosts= hold 6 patterns, and a rule takes 5; write a further route for the others",)


def test_a_pattern_takes_128_characters(web: TtsAsgService) -> None:
    web.add_route("Long", priority=1, paths=["/" + "a" * 127], action=GONE)
    (fault,) = refusal(lambda: web.add_route("Longer", priority=2, paths=["/" + "a" * 128], action=GONE))
    assert fault.endswith("has 129 characters, and a pattern takes 128")


def test_all_faults_of_a_route_are_told_at_once(web: TtsAsgService) -> None:
    assert len(refusal(lambda: web.add_route("Old", priority=0, action=GONE))) == 2


def test_a_refused_route_leaves_nothing_behind(web: TtsAsgService) -> None:
    refusal(lambda: web.add_route("Old", priority=0, paths=["/old"], action=GONE))
    web.add_route("Old", priority=1, paths=["/old"], action=GONE)


# Quotas


def warnings_of(service: TtsAsgService) -> list[str]:
    found = Annotations.from_stack(cdk.Stack.of(service)).find_warning("*", Match.any_value())
    return [str(one.entry.data) for one in found if "default quota" in str(one.entry.data)]


def test_more_rules_than_the_default_quota_are_a_warning(web: TtsAsgService) -> None:
    for number in range(1, 101):
        web.add_route(f"Old{number}", priority=number, paths=[f"/{number}"], action=GONE)
    assert warnings_of(web) == []
    web.add_route("Last", priority=101, paths=["/last"], action=GONE)
    (warning,) = warnings_of(web)
    assert "more than 100 rules" in warning


def test_rules_count_at_each_listener(make_service: MakeService) -> None:
    api = make_service("Api", access=Access.internal())
    for number in range(1, 52):
        api.add_route(f"Old{number}", priority=number, paths=[f"/{number}"], action=GONE)
    assert warnings_of(api) == []
    api.accept(api.auto_scaling_group, 8443)
    (warning,) = warnings_of(api)
    assert "more than 100 rules" in warning


def test_more_listeners_than_the_default_quota_are_a_warning(make_service: MakeService) -> None:
    api = make_service("Api", access=Access.internal())
    for port in range(9001, 9050):
        api.accept(api.auto_scaling_group, port)
    assert warnings_of(api) == []
    api.accept(api.auto_scaling_group, 9050)
    (warning,) = warnings_of(api)
    assert "more than 50 listeners" in warning


# Web ACLs


@pytest.mark.parametrize(
    ("arn", "fault"),
    [
        (
            "arn:aws:wafv2:us-east-1:111122223333:global/webacl/web/1",
            "has the scope CLOUDFRONT, and a load balancer takes a web ACL of the scope REGIONAL, made in "
            f"us-east-1: {EXAMPLE}",
        ),
        ("web", f"is no ARN; write {EXAMPLE}"),
        (
            "arn:aws:waf-regional:us-east-1:111122223333:webacl/1",
            f"is not that of a web ACL (WAFv2); write {EXAMPLE}",
        ),
        (
            "arn:aws-us-gov:wafv2:us-east-1:111122223333:regional/webacl/web/1",
            f"is not that of a web ACL (WAFv2); write {EXAMPLE}",
        ),
        (
            "arn:aws:wafv2:us-east-1:111122223333:regional/ipset/web/1",
            f"is not that of a web ACL (WAFv2); write {EXAMPLE}",
        ),
        (
            "arn:aws:wafv2:us-west-2:111122223333:regional/webacl/web/1",
            "lies in 'us-west-2', and the load balancer in 'us-east-1'; make a web ACL there",
        ),
    ],
)
def test_an_arn_that_waf_refuses_is_refused(web: TtsAsgService, arn: str, fault: str) -> None:
    (told,) = refusal(lambda: web.use_web_acl(arn))
    assert told.endswith(fault)


def a_web_acl_of_the_stack(service: TtsAsgService) -> str:
    acl = wafv2.CfnWebACL(
        service,
        "Acl",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config={
            "cloudWatchMetricsEnabled": True,
            "metricName": "web",
            "sampledRequestsEnabled": True,
        },
    )
    return acl.attr_arn


def an_arn_with_tokens(_: TtsAsgService) -> str:
    return f"arn:{cdk.Aws.PARTITION}:wafv2:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:regional/webacl/web/1"


def a_parameter(service: TtsAsgService) -> str:
    return cdk.CfnParameter(cdk.Stack.of(service), "Acl").value_as_string


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize("arn", [lambda _: ACL, a_web_acl_of_the_stack, an_arn_with_tokens, a_parameter])
def test_the_arn_of_a_regional_web_acl_is_taken(
    web: TtsAsgService, arn: Callable[[TtsAsgService], str]
) -> None:
    given = arn(web)
    web.use_web_acl(given)
    Template.from_stack(cdk.Stack.of(web)).has_resource_properties(
        "AWS::WAFv2::WebACLAssociation", {"WebACLArn": cdk.Stack.of(web).resolve(given)}
    )


def test_a_global_web_acl_is_refused_among_tokens(web: TtsAsgService) -> None:
    arn = f"arn:{cdk.Aws.PARTITION}:wafv2:us-east-1:{cdk.Aws.ACCOUNT_ID}:global/webacl/web/1"
    (fault,) = refusal(lambda: web.use_web_acl(arn))
    assert "has the scope CLOUDFRONT" in fault


def test_a_second_web_acl_is_refused(web: TtsAsgService) -> None:
    web.use_web_acl(ACL)
    assert refusal(lambda: web.use_web_acl(ACL)) == (
        "the service already has a web ACL, and its load balancer takes one",
    )


# Ids


@pytest.mark.parametrize(
    ("name", "refused"), [("Büro", "'ü'"), ("Web\N{EN DASH}1", "'\u2013'"), ("Web?", "'?'"), ("Web'", '"\'"')]
)
def test_an_id_that_no_description_takes_is_refused(
    make_service: MakeService, name: str, refused: str
) -> None:
    (fault,) = refusal(lambda: make_service(name))
    assert f"holds {refused}, which AWS refuses in the description of a security group" in fault


@pytest.mark.parametrize("name", ["Web-1", "Web_1", "web.v2", "Web (staff)", "1"])
def test_an_id_that_a_description_takes_is_taken(make_service: MakeService, name: str) -> None:
    assert make_service(name).node.id == name


def test_an_id_without_a_letter_or_digit_is_refused(make_service: MakeService) -> None:
    assert refusal(lambda: make_service("--")) == (
        "its id '--' has no ASCII letter or digit, of which outputs are named; write another id",
    )


def test_a_path_has_room_in_a_description(make_service: MakeService) -> None:
    taken = len("Stack/System/")
    service = make_service("a" * (200 - taken))
    groups = Template.from_stack(cdk.Stack.of(service)).find_resources("AWS::EC2::SecurityGroup").values()
    assert max(len(group["Properties"]["GroupDescription"]) for group in groups) <= 255
    assert refusal(lambda: make_service("a" * (201 - taken))) == (
        "its path has 201 characters; write shorter ids, 200 characters in all",
    )


def test_an_id_that_no_prefix_of_logs_takes_is_refused(make_service: MakeService) -> None:
    (fault,) = refusal(lambda: make_service("AWSLogs"))
    assert "which no prefix of logs may" in fault
