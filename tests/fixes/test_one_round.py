"""One round is enough: what all fixes of a raw resource say together leaves nothing that blocks."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as ecs_patterns
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from tests.fixes.following import Build, unwritten
from tests.fixes.test_vpc import control, watch
from tts_constructs import DataSensitivity, TtsGuardrails
from tts_constructs.policy.model.finding import Finding
from tts_constructs.system_metadata import Environment
from tts_constructs.testing import findings

_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"


def _bucket(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Uploads")


def _logs(stack: cdk.Stack) -> s3.Bucket:
    return s3.Bucket(
        stack,
        "Logs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
    )


def _bucket_after_one_round(stack: cdk.Stack) -> None:
    s3.Bucket(
        stack,
        "Uploads",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
        server_access_logs_bucket=_logs(stack),
        versioned=True,
    )


def _bucket_of_public_data_after_one_round(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(TtsGuardrails(data_sensitivity=DataSensitivity.PUBLIC))
    s3.Bucket(
        stack,
        "Uploads",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
        server_access_logs_bucket=_logs(stack),
        versioned=True,
    )


def _vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", max_azs=2)


def _vpc_after_one_round(stack: cdk.Stack) -> ec2.Vpc:
    vpc = _vpc(stack)
    watch(vpc)
    control(stack, vpc)
    return vpc


def _balancer(stack: cdk.Stack) -> None:
    load_balancer = elbv2.ApplicationLoadBalancer(
        stack, "Balancer", vpc=_vpc_after_one_round(stack), internet_facing=True
    )
    load_balancer.add_listener("Http", port=80, default_action=elbv2.ListenerAction.fixed_response(404))


def _balancer_after_one_round(stack: cdk.Stack) -> None:
    load_balancer = elbv2.ApplicationLoadBalancer(
        stack, "Balancer", vpc=_vpc_after_one_round(stack), internet_facing=True
    )
    load_balancer.add_redirect()
    listener = load_balancer.add_listener(
        "Https",
        port=443,
        certificates=[acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE)],
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        open=False,
        default_action=elbv2.ListenerAction.fixed_response(404),
    )
    listener.set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )
    load_balancer.connections.allow_from(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
    bucket = _logs(stack)
    load_balancer.log_access_logs(bucket)


def _pattern_after_one_round(stack: cdk.Stack) -> None:
    vpc = _vpc_after_one_round(stack)
    key = kms.Key(stack, "KeyOfLogs", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com"))
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)
    service = ecs_patterns.ApplicationLoadBalancedFargateService(
        stack,
        "Service",
        cluster=ecs.Cluster(stack, "Cluster", vpc=vpc),
        certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE),
        redirect_http=True,
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)],
        task_image_options=ecs_patterns.ApplicationLoadBalancedTaskImageOptions(
            image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:latest"),
            log_driver=ecs.LogDriver.aws_logs(stream_prefix="web", log_group=log_group),
        ),
    )
    service.listener.set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )
    bucket = _logs(stack)
    service.load_balancer.log_access_logs(bucket)


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        (_bucket, [_bucket_after_one_round, _bucket_of_public_data_after_one_round], [_logs]),
        (_vpc, [_vpc_after_one_round], [watch, control]),
        (_balancer, [_balancer_after_one_round, _pattern_after_one_round], [_logs]),
    ],
    ids=["bucket", "VPC", "load balancer"],
)
def test_what_all_fixes_say_together_leaves_nothing_that_blocks(
    before: Build,
    after: list[Build],
    parts: list[Callable[..., object]],
    make_stack: Callable[..., cdk.Stack],
    make_app: Callable[..., cdk.App],
) -> None:
    def blocking(build: Build) -> list[Finding]:
        app = make_app()
        guardrails = TtsGuardrails(
            environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov"
        )
        cdk.Aspects.of(app).add(guardrails)
        stack = make_stack(scope=app)
        cdk.Tags.of(stack).add("Project", "benefits")
        build(stack)
        return [finding for finding in findings(app) if finding.blocks]

    broken = blocking(before)
    assert broken
    for build in after:
        assert [(found.rule_id, found.logical_id, found.message) for found in blocking(build)] == []
    assert (
        unwritten({found.fix for found in broken}, "\n".join(map(inspect.getsource, [*after, *parts]))) == []
    )
