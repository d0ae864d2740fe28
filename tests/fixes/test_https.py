"""TLS: what the fixes of rules about HTTPS say; those of buckets stand in `test_buckets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_dax as dax
from aws_cdk import aws_docdb as docdb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as ecs_patterns
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_memorydb as memorydb
from aws_cdk import aws_msk as msk
from aws_cdk import aws_opensearchservice as opensearch
from aws_cdk import aws_rds as rds
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshiftserverless as redshiftserverless
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_transfer as transfer
from aws_cdk import aws_vpclattice as vpclattice

from tests.fixes.following import Fix

_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"


def _certificate(stack: cdk.Stack) -> acm.ICertificate:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", _CERTIFICATE)


def _balancer(stack: cdk.Stack) -> elbv2.ApplicationLoadBalancer:
    return elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True)


_ANSWER = elbv2.ListenerAction.fixed_response(404)


# TTS-TLS-001


def _http(stack: cdk.Stack) -> None:
    _balancer(stack).add_listener("Http", port=80, default_action=_ANSWER)


def _https(stack: cdk.Stack) -> None:
    balancer = _balancer(stack)
    balancer.add_redirect()
    listener = balancer.add_listener(
        "Https",
        port=443,
        certificates=[_certificate(stack)],
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        default_action=_ANSWER,
    )
    listener.set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )


def _https_of_a_pattern(stack: cdk.Stack) -> None:
    group = ec2.SecurityGroup(stack, "Group", vpc=ec2.Vpc(stack, "Vpc"), allow_all_outbound=False)
    service = ecs_patterns.ApplicationLoadBalancedFargateService(
        stack,
        "Service",
        certificate=_certificate(stack),
        redirect_http=True,
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        security_groups=[group],
        task_image_options=ecs_patterns.ApplicationLoadBalancedTaskImageOptions(
            image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:latest")
        ),
    )
    service.listener.set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )


def _network_balancer(stack: cdk.Stack, **listener: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    balancer = elbv2.NetworkLoadBalancer(stack, "Balancer", vpc=vpc, internet_facing=True)
    targets = elbv2.NetworkTargetGroup(stack, "Targets", vpc=vpc, port=8080)
    balancer.add_listener("Listener", port=443, default_target_groups=[targets], **listener)


def _network_balancer_in_tls(stack: cdk.Stack) -> None:
    _network_balancer(
        stack,
        protocol=elbv2.Protocol.TLS,
        certificates=[_certificate(stack)],
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
    )


def _classic(stack: cdk.Stack) -> None:
    balancer = elb.LoadBalancer(stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True)
    balancer.add_listener(external_port=80, internal_port=8080)


def _classic_in_tls(stack: cdk.Stack) -> None:
    balancer = elb.LoadBalancer(stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True)
    balancer.add_listener(external_port=443, internal_port=8080, ssl_certificate_arn=_CERTIFICATE)


def _no_classic(stack: cdk.Stack) -> None:
    balancer = elbv2.ApplicationLoadBalancer(
        stack, "Balancer", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True
    )
    listener = balancer.add_listener(
        "Https",
        port=443,
        certificates=[_certificate(stack)],
        ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
        default_action=_ANSWER,
    )
    listener.set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )


def _lattice(stack: cdk.Stack, protocol: str = "HTTP") -> None:
    answer = vpclattice.CfnListener.FixedResponseProperty(status_code=404)
    vpclattice.CfnListener(
        stack,
        "Listener",
        service_identifier="svc-0a1b2c3d",
        protocol=protocol,
        default_action=vpclattice.CfnListener.DefaultActionProperty(fixed_response=answer),
        tags=[cdk.CfnTag(key="Project", value="benefits")],
    )


def _lattice_in_tls(stack: cdk.Stack) -> None:
    _lattice(stack, protocol="HTTPS")


# TTS-TLS-002, TTS-TLS-003


def _listener(stack: cdk.Stack, **more: Any) -> elbv2.ApplicationListener:
    given: dict[str, Any] = {"certificates": [_certificate(stack)], "default_action": _ANSWER}
    return _balancer(stack).add_listener("Https", port=443, **(given | more))


def _listener_with_a_policy(stack: cdk.Stack) -> None:
    _listener(stack, ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12)


def _listener_with_hsts(stack: cdk.Stack) -> None:
    _listener(stack).set_attribute(
        "routing.http.response.strict_transport_security.header_value", "max-age=31536000; includeSubDomains"
    )


# TTS-TLS-003, TTS-TLS-004: CloudFront


def _site(stack: cdk.Stack, *, behavior: dict[str, Any] | None = None, **more: Any) -> None:
    given = {"origin": origins.HttpOrigin("api.example.gov")} | (behavior or {})
    cloudfront.Distribution(stack, "Site", default_behavior=cloudfront.BehaviorOptions(**given), **more)


def _site_with_hsts(stack: cdk.Stack) -> None:
    behavior = cloudfront.BehaviorOptions(
        origin=origins.HttpOrigin("api.example.gov"),
        response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    )
    cloudfront.Distribution(stack, "Site", default_behavior=behavior)


def _site_with_a_longer_hsts(stack: cdk.Stack) -> None:
    hsts = cloudfront.ResponseHeadersStrictTransportSecurity(
        access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=True
    )
    policy = cloudfront.ResponseHeadersPolicy(
        stack,
        "Headers",
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(strict_transport_security=hsts),
    )
    _site(stack, behavior={"response_headers_policy": policy})


def _plain_site(stack: cdk.Stack) -> None:
    policy = cloudfront.OriginProtocolPolicy.HTTP_ONLY
    _site(stack, behavior={"origin": origins.HttpOrigin("api.example.gov", protocol_policy=policy)})


def _site_in_tls(stack: cdk.Stack) -> None:
    origin = origins.HttpOrigin(
        "api.example.gov",
        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
    )
    cloudfront.Distribution(
        stack,
        "Site",
        default_behavior=cloudfront.BehaviorOptions(
            origin=origin, viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS
        ),
        certificate=_certificate(stack),
        domain_names=["www.example.gov"],
        minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    )


# TTS-TLS-005


def _domain(stack: cdk.Stack, **more: Any) -> None:
    apigateway.DomainName(
        stack, "Domain", domain_name="api.example.gov", certificate=_certificate(stack), **more
    )


def _old_domain(stack: cdk.Stack) -> None:
    _domain(stack, security_policy=apigateway.SecurityPolicy.TLS_1_0)


def _new_domain(stack: cdk.Stack) -> None:
    _domain(stack, security_policy=apigateway.SecurityPolicy.TLS_1_2)


def _http_domain(stack: cdk.Stack, **more: Any) -> None:
    apigatewayv2.DomainName(
        stack, "Domain", domain_name="api.example.gov", certificate=_certificate(stack), **more
    )


def _old_http_domain(stack: cdk.Stack) -> None:
    _http_domain(stack, security_policy=apigatewayv2.SecurityPolicy.TLS_1_0)


def _new_http_domain(stack: cdk.Stack) -> None:
    _http_domain(stack, security_policy=apigatewayv2.SecurityPolicy.TLS_1_2)


# TTS-TLS-007


def _search(stack: cdk.Stack, **more: Any) -> None:
    opensearch.Domain(stack, "Search", version=opensearch.EngineVersion.OPENSEARCH_2_19, **more)


def _search_in_tls(stack: cdk.Stack) -> None:
    _search(stack, enforce_https=True, tls_security_policy=opensearch.TLSSecurityPolicy.TLS_1_2_PFS)


def _cache(stack: cdk.Stack, **more: Any) -> None:
    elasticache.CfnReplicationGroup(
        stack, "Cache", replication_group_description="Sessions", engine="valkey", **more
    )


def _cache_in_tls(stack: cdk.Stack) -> None:
    _cache(stack, transit_encryption_enabled=True)


def _dax(stack: cdk.Stack, **more: Any) -> None:
    tags = {"Project": "benefits"}
    dax.CfnCluster(
        stack,
        "Dax",
        iam_role_arn="arn:aws:iam::111122223333:role/Dax",
        node_type="dax.t3.small",
        replication_factor=2,
        tags=tags,
        **more,
    )


def _dax_in_tls(stack: cdk.Stack) -> None:
    _dax(stack, cluster_endpoint_encryption_type="TLS")


def _memory(stack: cdk.Stack, *, tls_enabled: bool = False) -> None:
    memorydb.CfnCluster(
        stack,
        "Memory",
        acl_name="team",
        cluster_name="benefits",
        node_type="db.t4g.small",
        tls_enabled=tls_enabled,
    )


def _memory_in_tls(stack: cdk.Stack) -> None:
    _memory(stack, tls_enabled=True)


def _proxy(stack: cdk.Stack, **more: Any) -> None:
    rds.CfnDBProxy(
        stack,
        "Proxy",
        auth=[],
        db_proxy_name="benefits",
        engine_family="POSTGRESQL",
        role_arn="arn:aws:iam::111122223333:role/Proxy",
        vpc_subnet_ids=[subnet.subnet_id for subnet in ec2.Vpc(stack, "Vpc").private_subnets],
        tags=[rds.CfnDBProxy.TagFormatProperty(key="Project", value="benefits")],
        **more,
    )


def _proxy_in_tls(stack: cdk.Stack) -> None:
    _proxy(stack, require_tls=True)


def _stream(stack: cdk.Stack, **in_transit: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    brokers = msk.CfnCluster.BrokerNodeGroupInfoProperty(
        client_subnets=[subnet.subnet_id for subnet in vpc.private_subnets],
        instance_type="kafka.m7g.large",
        security_groups=[ec2.SecurityGroup(stack, "Brokers", vpc=vpc).security_group_id],
    )
    transit: dict[str, Any] = {"client_broker": "TLS_PLAINTEXT", "in_cluster": False} | in_transit
    msk.CfnCluster(
        stack,
        "Stream",
        cluster_name="benefits",
        broker_node_group_info=brokers,
        kafka_version="3.8.x",
        number_of_broker_nodes=3,
        encryption_info=msk.CfnCluster.EncryptionInfoProperty(
            encryption_in_transit=msk.CfnCluster.EncryptionInTransitProperty(**transit)
        ),
    )


def _stream_in_tls(stack: cdk.Stack) -> None:
    _stream(stack, client_broker="TLS", in_cluster=True)


def _task(stack: cdk.Stack, **efs: Any) -> None:
    files = ecs.EfsVolumeConfiguration(file_system_id="fs-0a1b2c3d", **efs)
    task = ecs.FargateTaskDefinition(
        stack, "Task", volumes=[ecs.Volume(name="files", efs_volume_configuration=files)]
    )
    task.add_container("Web", image=ecs.ContainerImage.from_registry("benefits:1"))


def _task_in_tls(stack: cdk.Stack) -> None:
    _task(stack, transit_encryption="ENABLED")


def _transfer(stack: cdk.Stack, **more: Any) -> None:
    given: dict[str, Any] = {"protocols": ["FTP"]}
    transfer.CfnServer(stack, "Files", **(given | more))


def _transfer_in_tls(stack: cdk.Stack) -> None:
    _transfer(stack, protocols=["SFTP"], security_policy_name="TransferSecurityPolicy-FIPS-2024-01")


_ENGINE = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_14)


def _database(stack: cdk.Stack, **more: Any) -> None:
    rds.DatabaseInstance(stack, "Database", vpc=ec2.Vpc(stack, "Vpc"), engine=_ENGINE, **more)


def _database_in_tls(stack: cdk.Stack) -> None:
    rds.DatabaseInstance(
        stack,
        "Database",
        vpc=ec2.Vpc(stack, "Vpc"),
        engine=_ENGINE,
        parameter_group=rds.ParameterGroup(
            stack, "Parameters", engine=_ENGINE, parameters={"rds.force_ssl": "1"}
        ),
    )


def _documents(stack: cdk.Stack, tls: dict[str, str]) -> None:
    parameters = docdb.ClusterParameterGroup(stack, "Parameters", family="docdb5.0", parameters=tls)
    docdb.CfnDBCluster(stack, "Documents", db_cluster_parameter_group_name=parameters.parameter_group_name)


def _documents_in_the_clear(stack: cdk.Stack) -> None:
    _documents(stack, {"tls": "disabled"})


def _documents_in_tls(stack: cdk.Stack) -> None:
    _documents(stack, {"tls": "enabled"})


def _warehouse(stack: cdk.Stack, **more: Any) -> None:
    redshift.CfnCluster(
        stack,
        "Warehouse",
        cluster_type="single-node",
        db_name="benefits",
        master_username="master",
        node_type="ra3.large",
        manage_master_password=True,
        **more,
    )


def _warehouse_in_tls(stack: cdk.Stack) -> None:
    require = redshift.CfnClusterParameterGroup.ParameterProperty(
        parameter_name="require_ssl", parameter_value="true"
    )
    group = redshift.CfnClusterParameterGroup(
        stack,
        "Parameters",
        description="TLS",
        parameter_group_family="redshift-2.0",
        parameters=[require],
    )
    _warehouse(stack, cluster_parameter_group_name=group.ref)


def _workgroup(stack: cdk.Stack, **more: Any) -> None:
    redshiftserverless.CfnWorkgroup(stack, "Workgroup", workgroup_name="benefits", **more)


def _workgroup_in_tls(stack: cdk.Stack) -> None:
    require = redshiftserverless.CfnWorkgroup.ConfigParameterProperty(
        parameter_key="require_ssl", parameter_value="true"
    )
    _workgroup(stack, config_parameters=[require])


def _queue(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _queue_in_tls(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks", enforce_ssl=True)


def _topic(stack: cdk.Stack) -> None:
    sns.Topic(stack, "News")


def _topic_in_tls(stack: cdk.Stack) -> None:
    sns.Topic(stack, "News", enforce_ssl=True)


def _delivery(stack: cdk.Stack, scheme: str = "http") -> None:
    subscription = subscriptions.UrlSubscription(f"{scheme}://forms.example.gov/news")
    sns.Topic(stack, "News", enforce_ssl=True).add_subscription(subscription)


def _delivery_in_tls(stack: cdk.Stack) -> None:
    _delivery(stack, "https")


FIXES = (
    Fix("TTS-TLS-001", _http, (_https, _https_of_a_pattern)),
    Fix("TTS-TLS-001", _network_balancer, _network_balancer_in_tls),
    Fix("TTS-TLS-001", _classic, _no_classic),
    Fix("TTS-TLS-001", _lattice, _lattice_in_tls),
    Fix("TTS-TLS-002", _listener, _listener_with_a_policy),
    Fix("TTS-TLS-002", _classic_in_tls, _no_classic),
    Fix("TTS-TLS-003", _listener, _listener_with_hsts),
    Fix("TTS-TLS-003", _site, (_site_with_hsts, _site_with_a_longer_hsts)),
    Fix("TTS-TLS-004", _plain_site, _site_in_tls),
    Fix("TTS-TLS-005", _old_domain, _new_domain),
    Fix("TTS-TLS-005", _old_http_domain, _new_http_domain),
    *(
        Fix("TTS-TLS-007", before, after)
        for before, after in (
            (_search, _search_in_tls),
            (_cache, _cache_in_tls),
            (_dax, _dax_in_tls),
            (_memory, _memory_in_tls),
            (_proxy, _proxy_in_tls),
            (_stream, _stream_in_tls),
            (_task, _task_in_tls),
            (_transfer, _transfer_in_tls),
            (_database, _database_in_tls),
            (_documents_in_the_clear, _documents_in_tls),
            (_warehouse, _warehouse_in_tls),
            (_workgroup, _workgroup_in_tls),
            (_queue, _queue_in_tls),
            (_topic, _topic_in_tls),
            (_delivery, _delivery_in_tls),
        )
    ),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
