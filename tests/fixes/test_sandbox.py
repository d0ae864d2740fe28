"""SBX: what the fixes of rules about sandboxes say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_amplify as amplify
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_apprunner as apprunner
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lightsail as lightsail
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix
from tts_constructs import DataSensitivity, TtsGuardrails, TtsSystem
from tts_constructs.system_metadata import Environment

_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"


# TTS-SBX-001: load balancers


def _balancer(stack: cdk.Stack, **more: Any) -> elbv2.ApplicationLoadBalancer:
    return elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), **more)


def _listener(
    balancer: elbv2.ApplicationLoadBalancer, **more: Any
) -> tuple[elbv2.ApplicationListener, elbv2.ListenerAction]:
    """A listener for HTTPS, and what it forwards to."""
    targets = elbv2.ApplicationTargetGroup(balancer, "Targets", vpc=balancer.vpc, port=8080)
    forward = elbv2.ListenerAction.forward([targets])
    certificate = acm.Certificate.from_certificate_arn(balancer, "Certificate", _CERTIFICATE)
    return balancer.add_listener(
        "Https", port=443, certificates=[certificate], **{"default_action": forward, **more}
    ), forward


def _shown_to_everybody(stack: cdk.Stack) -> None:
    _listener(_balancer(stack, internet_facing=True))


def _shown_to_nobody(stack: cdk.Stack) -> None:
    _listener(_balancer(stack, internet_facing=False))


def _shown_to_who_is_known(stack: cdk.Stack) -> None:
    balancer = _balancer(stack, internet_facing=True)
    listener, forward = _listener(balancer)
    login = "https://login.example.gov"
    listener.add_action(
        "Login",
        action=elbv2.ListenerAction.authenticate_oidc(
            authorization_endpoint=f"{login}/authorize",
            token_endpoint=f"{login}/token",
            user_info_endpoint=f"{login}/user",
            issuer=login,
            client_id="benefits",
            client_secret=cdk.SecretValue.secrets_manager("login"),
            next=forward,
        ),
    )


def _shown_to_the_team(stack: cdk.Stack) -> None:
    balancer = _balancer(stack, internet_facing=True)
    _listener(balancer, open=False)
    balancer.connections.allow_from(ec2.Peer.ipv4("192.0.2.0/24"), ec2.Port.tcp(443))


# TTS-SBX-001: what else answers


def _site(stack: cdk.Stack, **more: Any) -> None:
    origin = origins.HttpOrigin("api.example.gov", protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY)
    cloudfront.Distribution(stack, "Site", default_behavior=cloudfront.BehaviorOptions(origin=origin, **more))


def _public_site(stack: cdk.Stack) -> None:
    _site(stack)


def _signed_site(stack: cdk.Stack) -> None:
    key = cloudfront.PublicKey.from_public_key_id(stack, "Key", "K0ABCDEFGHIJKL")
    _site(stack, trusted_key_groups=[cloudfront.KeyGroup(stack, "Keys", items=[key])])


def _rest_api(stack: cdk.Stack, **more: Any) -> None:
    apigateway.RestApi(stack, "Api", **more).root.add_method("GET", apigateway.MockIntegration())


def _rest_api_for_roles(stack: cdk.Stack) -> None:
    options = apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)
    _rest_api(stack, default_method_options=options)


def _http_api(stack: cdk.Stack, **more: Any) -> None:
    onwards = integrations.HttpUrlIntegration("Onwards", "https://api.example.gov")
    apigatewayv2.HttpApi(stack, "Api", **more).add_routes(path="/", integration=onwards)


def _http_api_for_roles(stack: cdk.Stack) -> None:
    _http_api(stack, default_authorizer=authorizers.HttpIamAuthorizer())


def _graphql_api(stack: cdk.Stack, **mode: Any) -> None:
    given = {"authorization_type": appsync.AuthorizationType.API_KEY} | mode
    schema = Path.cwd() / "schema.graphql"
    schema.write_text("type Query { answer: String }", encoding="utf-8")
    appsync.GraphqlApi(
        stack,
        "Api",
        name="benefits",
        definition=appsync.Definition.from_file(str(schema)),
        authorization_config=appsync.AuthorizationConfig(
            default_authorization=appsync.AuthorizationMode(**given)
        ),
    )


def _graphql_api_for_roles(stack: cdk.Stack) -> None:
    _graphql_api(stack, authorization_type=appsync.AuthorizationType.IAM)


def _function(stack: cdk.Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return {}"),
    )


def _function_url(stack: cdk.Stack) -> None:
    _function(stack).add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)


def _function_url_for_roles(stack: cdk.Stack) -> None:
    _function(stack).add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)


def _runner(stack: cdk.Stack, **network: Any) -> None:
    image = apprunner.CfnService.ImageRepositoryProperty(
        image_identifier="111122223333.dkr.ecr.us-east-1.amazonaws.com/benefits:1",
        image_repository_type="ECR",
    )
    apprunner.CfnService(
        stack,
        "Runner",
        source_configuration=apprunner.CfnService.SourceConfigurationProperty(image_repository=image),
        tags=[cdk.CfnTag(key="Project", value="benefits")],
        **network,
    )


def _private_runner(stack: cdk.Stack) -> None:
    ingress = apprunner.CfnService.IngressConfigurationProperty(is_publicly_accessible=False)
    _runner(
        stack,
        network_configuration=apprunner.CfnService.NetworkConfigurationProperty(
            ingress_configuration=ingress
        ),
    )


def _amplify_app(stack: cdk.Stack, **more: Any) -> None:
    amplify.CfnApp(stack, "App", name="benefits", **more)


def _amplify_app_with_a_password(stack: cdk.Stack) -> None:
    login = cdk.SecretValue.secrets_manager("login", json_field="password").unsafe_unwrap()
    _amplify_app(
        stack,
        basic_auth_config=amplify.CfnApp.BasicAuthConfigProperty(
            enable_basic_auth=True, username="team", password=login
        ),
    )


def _express(stack: cdk.Stack, subnets: Sequence[ec2.ISubnet]) -> None:
    container = ecs.CfnExpressGatewayService.ExpressGatewayContainerProperty(image="benefits:1")
    ecs.CfnExpressGatewayService(
        stack,
        "Service",
        execution_role_arn="arn:aws:iam::111122223333:role/Execution",
        infrastructure_role_arn="arn:aws:iam::111122223333:role/Infrastructure",
        primary_container=container,
        network_configuration=ecs.CfnExpressGatewayService.ExpressGatewayServiceNetworkConfigurationProperty(
            subnets=[subnet.subnet_id for subnet in subnets]
        ),
    )


def _express_in_public(stack: cdk.Stack) -> None:
    _express(stack, ec2.Vpc(stack, "Vpc").public_subnets)


def _express_in_private(stack: cdk.Stack) -> None:
    subnets = ec2.Vpc(stack, "Vpc").private_subnets
    _express(stack, subnets=subnets)


def _cluster(stack: cdk.Stack, **more: Any) -> None:
    eks.Cluster(stack, "Cluster", vpc=ec2.Vpc(stack, "Vpc"), version=eks.KubernetesVersion.V1_33, **more)


def _private_cluster(stack: cdk.Stack) -> None:
    _cluster(stack, endpoint_access=eks.EndpointAccess.PRIVATE)


def _container(stack: cdk.Stack, **deployment: Any) -> None:
    container = lightsail.CfnContainer.ContainerProperty(container_name="web", image="benefits:1")
    lightsail.CfnContainer(
        stack,
        "Container",
        power="nano",
        scale=1,
        service_name="benefits",
        container_service_deployment=lightsail.CfnContainer.ContainerServiceDeploymentProperty(
            containers=[container], **deployment
        ),
    )


def _public_container(stack: cdk.Stack) -> None:
    endpoint = lightsail.CfnContainer.PublicEndpointProperty(container_name="web", container_port=8080)
    _container(stack, public_endpoint=endpoint)


# TTS-SBX-002, TTS-SBX-003


def _queue(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _queue_of_synthetic_data(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(TtsGuardrails(data_sensitivity=DataSensitivity.SYNTHETIC))
    sqs.Queue(stack, "Tasks")


def _system(stack: cdk.Stack) -> None:
    TtsSystem(
        stack,
        "System",
        project="benefits",
        environment=Environment.SANDBOX,
        owner="benefits@example.gov",
        data_sensitivity=DataSensitivity.SYNTHETIC,
    )


def _budget(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")
    budgets.CfnBudget(
        stack,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=500, unit="USD"),
        ),
    )


def _in_a_sandbox(rule_id: str, before: Any, after: Any) -> Fix:
    return Fix(rule_id, before, after, environment=Environment.SANDBOX)


FIXES = (
    _in_a_sandbox(
        "TTS-SBX-001", _shown_to_everybody, (_shown_to_nobody, _shown_to_who_is_known, _shown_to_the_team)
    ),
    *(
        _in_a_sandbox("TTS-SBX-001", before, after)
        for before, after in (
            (_public_site, _signed_site),
            (_rest_api, _rest_api_for_roles),
            (_http_api, _http_api_for_roles),
            (_graphql_api, _graphql_api_for_roles),
            (_function_url, _function_url_for_roles),
            (_runner, _private_runner),
            (_amplify_app, _amplify_app_with_a_password),
            (_express_in_public, _express_in_private),
            (_cluster, _private_cluster),
            (_public_container, _container),
        )
    ),
    _in_a_sandbox("TTS-SBX-002", _queue, (_queue_of_synthetic_data, _system)),
    _in_a_sandbox("TTS-SBX-003", _queue, (_budget, _system)),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
