"""Sandboxes: what the examples of the rules do not say."""

from typing import Any, Unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.judging import Deployed, Given, Stack, findings
from tts_constructs.policy.model.finding import Finding
from tts_constructs.system_metadata import Environment

ANYWHERE = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def in_a_sandbox(rule_id: str, *stacks: Stack, **given: Unpack[Given]) -> tuple[Finding, ...]:
    return findings(rule_id, *stacks, environment=Environment.SANDBOX, **given)


def verdicts(rule_id: str, *stacks: Stack, **given: Unpack[Given]) -> list[tuple[str, str]]:
    return [(found.verdict, found.level) for found in in_a_sandbox(rule_id, *stacks, **given)]


def balancer(*ingress: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Balancer": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"SecurityGroups": [{"Ref": "Group"}]},
            },
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [*ingress]}},
            **others,
        }
    }


def listener(balancer_arn: Any, *types: Any) -> dict[str, Any]:
    actions = [{"Type": kind} for kind in types]
    return {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"LoadBalancerArn": balancer_arn, "Protocol": "HTTPS", "DefaultActions": actions},
    }


def budget(amount: Any) -> dict[str, Any]:
    data = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": amount, "Unit": "USD"}}
    return {"Resources": {"Budget": {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": data}}}}


def test_a_listener_of_another_stack_counts() -> None:
    body = balancer(ANYWHERE)
    body["Outputs"] = {"Arn": {"Value": {"Ref": "Balancer"}, "Export": {"Name": "Arn"}}}
    arn = {"Fn::ImportValue": "Arn"}
    authenticated = {"Resources": {"Listener": listener(arn, "authenticate-oidc", "forward")}}
    plain = {"Resources": {"Listener": listener(arn, "forward")}}
    assert verdicts("TTS-SBX-001", body, authenticated) == []
    assert verdicts("TTS-SBX-001", body, authenticated, plain) == [("violation", "block")]


def test_a_balancer_without_a_listener_in_the_app_is_not_taken_for_authenticated() -> None:
    assert verdicts("TTS-SBX-001", balancer(ANYWHERE)) == [("violation", "block")]


def test_an_action_that_is_not_known_leaves_an_open_balancer_undecided() -> None:
    unknown = {"Fn::GetAtt": ["Balancer", "DNSName"]}
    body = balancer(ANYWHERE, Listener=listener({"Ref": "Balancer"}, unknown, "forward"))
    assert verdicts("TTS-SBX-001", body) == [("unknown", "block")]


def test_authentication_settles_a_group_that_is_not_known() -> None:
    body = balancer({"CidrIp": {"Fn::GetAZs": ""}, "IpProtocol": "tcp"})
    body["Resources"]["Listener"] = listener({"Ref": "Balancer"}, "authenticate-cognito", "forward")
    assert verdicts("TTS-SBX-001", body) == []


def test_an_open_range_is_found_beside_one_that_is_not_known() -> None:
    body = balancer({"CidrIp": {"Fn::GetAZs": ""}, "IpProtocol": "tcp"}, ANYWHERE)
    assert verdicts("TTS-SBX-001", body) == [("violation", "block")]


@settings(max_examples=50)
@given(bits=st.integers(0, 32), as_resource=st.booleans())
def test_a_range_is_stated_from_8_bits_on(bits: int, *, as_resource: bool) -> None:
    rule = {"CidrIp": f"16.0.0.0/{bits}", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ingress = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {**rule, "GroupId": {"Ref": "Group"}}}
    body = balancer(Ingress=ingress) if as_resource else balancer(rule)
    assert verdicts("TTS-SBX-001", body) == ([] if bits >= 8 else [("violation", "block")])


def test_the_internet_in_quarters_is_the_internet() -> None:
    quarters = [
        {"CidrIpv6": text, "IpProtocol": "-1"} for text in ("::/2", "4000::/2", "8000::/2", "c000::/2")
    ]
    assert verdicts("TTS-SBX-001", balancer(*quarters)) == [("violation", "block")]


def test_ranges_of_the_groups_of_a_balancer_count_together() -> None:
    second = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"SecurityGroupIngress": [stated("9.0.0.0/8")]},
    }
    body = balancer(stated("8.0.0.0/8"), Second=second)
    assert verdicts("TTS-SBX-001", body) == []
    body["Resources"]["Balancer"]["Properties"]["SecurityGroups"].append({"Ref": "Second"})
    (finding,) = in_a_sandbox("TTS-SBX-001", body)
    assert (finding.verdict, finding.location) == ("violation", "Properties/SecurityGroups")


def stated(cidr: str) -> dict[str, Any]:
    return ANYWHERE | {"CidrIp": cidr}


def test_ranges_of_two_sandboxes_do_not_count_together() -> None:
    stacks = [
        Deployed(balancer(stated("8.0.0.0/8")), account="1" * 12),
        Deployed(balancer(stated("9.0.0.0/8")), account="2" * 12),
    ]
    assert in_a_sandbox("TTS-SBX-001", *stacks) == ()


def test_what_authenticates_adds_nothing_to_what_a_sandbox_shows() -> None:
    authenticated = balancer(
        stated("9.0.0.0/8"), Listener=listener({"Ref": "Balancer"}, "authenticate-oidc", "forward")
    )
    assert verdicts("TTS-SBX-001", balancer(stated("8.0.0.0/8")), authenticated) == []
    assert len(verdicts("TTS-SBX-001", balancer(stated("8.0.0.0/8")), balancer(stated("9.0.0.0/8")))) == 2


def test_a_balancer_that_is_open_alone_makes_no_other_one_open() -> None:
    (finding,) = in_a_sandbox("TTS-SBX-001", balancer(ANYWHERE), balancer(stated("9.0.0.0/8")))
    assert (finding.stack, finding.location) == ("Stack0", "Properties/SecurityGroups/0")


def test_an_accelerator_is_judged_by_what_it_shows() -> None:
    def accelerated(endpoint: Any) -> dict[str, Any]:
        properties = {"EndpointConfigurations": [{"EndpointId": endpoint}]}
        body = balancer(
            ANYWHERE, Ends={"Type": "AWS::GlobalAccelerator::EndpointGroup", "Properties": properties}
        )
        body["Resources"]["Balancer"]["Properties"]["Scheme"] = "internal"
        return body

    (something_else,) = in_a_sandbox("TTS-SBX-001", accelerated({"Ref": "Group"}))
    assert (something_else.verdict, something_else.logical_id) == ("violation", "Ends")
    (elsewhere,) = in_a_sandbox("TTS-SBX-001", accelerated("arn:elsewhere"))
    assert (elsewhere.verdict, elsewhere.logical_id) == ("unknown", "Ends")
    (internal,) = in_a_sandbox("TTS-SBX-001", accelerated({"Ref": "Balancer"}))
    assert (internal.verdict, internal.logical_id) == ("violation", "Balancer")


def cluster(*ranges: str) -> dict[str, Any]:
    config = {"PublicAccessCidrs": [*ranges]}
    return {"Cluster": {"Type": "AWS::EKS::Cluster", "Properties": {"ResourcesVpcConfig": config}}}


def test_ranges_of_clusters_and_balancers_count_together() -> None:
    assert verdicts("TTS-SBX-001", cluster("9.0.0.0/8")) == []
    assert verdicts("TTS-SBX-001", cluster("9.0.0.0/8"), cluster("9.0.0.0/8")) == []
    assert len(verdicts("TTS-SBX-001", cluster("9.0.0.0/8"), cluster("8.0.0.0/8"))) == 2
    assert len(verdicts("TTS-SBX-001", cluster("9.0.0.0/8"), balancer(stated("8.0.0.0/8")))) == 2


def test_a_cluster_that_is_open_alone_makes_no_balancer_open() -> None:
    (finding,) = in_a_sandbox("TTS-SBX-001", cluster("0.0.0.0/0"), balancer(stated("9.0.0.0/8")))
    assert (finding.stack, finding.location) == ("Stack0", "Properties/ResourcesVpcConfig/PublicAccessCidrs")


def test_a_private_cluster_adds_nothing_to_what_a_sandbox_shows() -> None:
    private = cluster("8.0.0.0/8")
    private["Cluster"]["Properties"]["ResourcesVpcConfig"]["EndpointPublicAccess"] = "false"
    assert verdicts("TTS-SBX-001", private, balancer(stated("9.0.0.0/8"))) == []


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        (["0.0.0.0/0"], [("violation", "block")]),
        (["8.0.0.0/8", "9.0.0.0/8"], [("violation", "block")]),
        (["8.0.0.0/8"], []),
        (["8.0.0.0/8", "office"], [("unknown", "block")]),
    ],
)
def test_the_endpoint_of_a_cluster_lets_in_stated_ranges(
    ranges: list[str], found: list[tuple[str, str]]
) -> None:
    config = {"EndpointPublicAccess": True, "PublicAccessCidrs": ranges}
    cluster = {"Type": "AWS::EKS::Cluster", "Properties": {"ResourcesVpcConfig": config}}
    assert verdicts("TTS-SBX-001", {"Resources": {"Cluster": cluster}}) == found


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("public", []),
        (" Synthetic ", []),
        ("sensitive", [("violation", "block")]),
        ("pii", [("violation", "block")]),
        ("undeclared", [("violation", "warn")]),
        (None, [("unknown", "block")]),
    ],
)
def test_data_is_public_or_synthetic(declared: Any, found: list[tuple[str, str]]) -> None:
    body = {
        "Metadata": {"TTS": {"data_sensitivity": declared}},
        "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
    }
    assert verdicts("TTS-SBX-002", body) == found


def test_a_stack_without_resources_keeps_and_spends_nothing() -> None:
    assert verdicts("TTS-SBX-002", {}) == []
    assert verdicts("TTS-SBX-003", {}) == []


def test_any_resource_can_declare_what_it_keeps() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Metadata": {"TTS": {"data_sensitivity": "sensitive"}}}
    body = {"Metadata": {"TTS": {"data_sensitivity": "public"}}, "Resources": {"Queue": queue}}
    (finding,) = in_a_sandbox("TTS-SBX-002", body)
    assert (finding.logical_id, finding.level) == ("Queue", "block")


def test_a_budget_of_another_account_does_not_count() -> None:
    here = Deployed({"Q": {"Type": "AWS::SQS::Queue"}}, account="1" * 12)
    found = in_a_sandbox("TTS-SBX-003", here, Deployed(budget(500), account="2" * 12))
    assert [finding.stack for finding in found] == ["Stack0"]


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.sampled_from([str, int, float]))
def test_a_budget_is_at_most_500_in_any_spelling(amount: int, spelling: Any) -> None:
    assert verdicts("TTS-SBX-003", budget(spelling(amount))) == (
        [] if amount <= 500 else [("violation", "warn")]
    )


@pytest.mark.parametrize("region", ["us-gov-west-1", "us-gov-east-1"])
def test_no_budget_is_asked_for_in_govcloud(region: str) -> None:
    assert verdicts("TTS-SBX-003", budget(9999), region=region) == []


@pytest.mark.parametrize(("unauthenticated", "passes"), [("allow", False), ("Allow", False), ("deny", True)])
def test_an_action_that_lets_others_pass_authenticates_nobody(unauthenticated: str, *, passes: bool) -> None:
    serving = listener({"Ref": "Balancer"}, "authenticate-oidc", "forward")
    config = {"OnUnauthenticatedRequest": unauthenticated}
    serving["Properties"]["DefaultActions"][0]["AuthenticateOidcConfig"] = config
    body = balancer({"IpProtocol": "tcp", "CidrIp": "0.0.0.0/0"}, Listener=serving)
    assert (not in_a_sandbox("TTS-SBX-001", body)) is passes


def shown(kind: str, **properties: Any) -> list[tuple[str, str]]:
    """Locations and verdicts of what TTS-SBX-001 finds in a resource."""
    body = {"Resources": {"Thing": {"Type": kind, "Properties": properties}}}
    return [
        (found.location.removeprefix("Properties/"), found.verdict)
        for found in in_a_sandbox("TTS-SBX-001", body)
    ]


def test_a_gateway_balancer_answers_nobody() -> None:
    assert shown("AWS::ElasticLoadBalancingV2::LoadBalancer", Type="gateway") == []


@pytest.mark.parametrize("signers", ["TrustedKeyGroups", "TrustedSigners"])
def test_a_distribution_answers_those_whose_requests_are_signed(signers: str) -> None:
    config = {"DefaultCacheBehavior": {signers: ["editors"]}}
    assert shown("AWS::CloudFront::Distribution", DistributionConfig=config) == []


@pytest.mark.parametrize("functions", ["LambdaFunctionAssociations", "FunctionAssociations"])
def test_a_function_before_a_distribution_may_authenticate(functions: str) -> None:
    config = {"DefaultCacheBehavior": {functions: [{"EventType": "viewer-request"}]}}
    assert shown("AWS::CloudFront::Distribution", DistributionConfig=config) == [
        ("DistributionConfig/DefaultCacheBehavior", "unknown")
    ]


@pytest.mark.parametrize("kind", ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"])
@pytest.mark.parametrize("key", ["Body", "BodyS3Location"])
def test_who_may_call_what_a_definition_of_an_api_holds_is_not_known(kind: str, key: str) -> None:
    assert shown(kind, **{key: {"paths": {}}}) == [(key, "unknown")]


@pytest.mark.parametrize(("visibility", "told"), [("PRIVATE", False), ("GLOBAL", True)])
def test_a_private_graphql_api_is_not_shown_to_the_public(visibility: str, told: bool) -> None:
    found = shown("AWS::AppSync::GraphQLApi", Visibility=visibility, AuthenticationType="API_KEY")
    assert found == ([("AuthenticationType", "violation")] if told else [])


@pytest.mark.parametrize(("period", "allowed"), [("MONTHLY", True), ("ANNUALLY", True), ("DAILY", False)])
def test_a_budget_may_hold_for_a_longer_time_and_not_for_a_shorter_one(period: str, allowed: bool) -> None:
    body = budget(500)
    body["Resources"]["Budget"]["Properties"]["Budget"]["TimeUnit"] = period
    assert (verdicts("TTS-SBX-003", body) == []) is allowed


def test_a_budget_whose_filter_is_not_known_may_leave_something_out() -> None:
    body = budget(500)
    filters = {"TagKeyValue": [{"Ref": "Nothing"}]}
    body["Resources"]["Budget"]["Properties"]["Budget"]["CostFilters"] = filters
    assert [verdict for verdict, _ in verdicts("TTS-SBX-003", body)] == ["unknown"]


@pytest.mark.parametrize(
    ("kind", "properties", "verdict"),
    [
        ("Api", {}, "violation"),
        ("Api", {"RestApiId": "api"}, "unknown"),
        ("HttpApi", {}, "violation"),
        ("HttpApi", {"ApiId": "api"}, "unknown"),
        ("HttpApi", {"Auth": {"Authorizer": "jwt"}}, ""),
        ("HttpApi", {"Method": "options"}, ""),
        ("S3", {}, ""),
    ],
)
def test_an_event_without_an_authorizer_answers_everybody(
    kind: str, properties: dict[str, Any], verdict: str
) -> None:
    events = {"Called": {"Type": kind, "Properties": properties}}
    for holder in ("AWS::Serverless::Function", "AWS::StepFunctions::StateMachine"):
        assert shown(holder, Events=events) == ([("Events/Called", verdict)] if verdict else [])
