"""LOG and MON: what the fixes of rules about logs and alarms say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_docdb as docdb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_neptune as neptune
from aws_cdk import aws_rds as rds
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_wafv2 as wafv2

from tests.fixes.following import Fix

_POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16)
_AURORA = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_6)
_SMALL = ec2.InstanceType("t3.small")


def _function(stack: cdk.Stack, **more: Any) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **more,
    )


# TTS-LOG-001


def _balancers(stack: cdk.Stack) -> list[elbv2.BaseLoadBalancer]:
    vpc = ec2.Vpc(stack, "Vpc")
    return [
        elbv2.ApplicationLoadBalancer(stack, "Application", vpc=vpc),
        elbv2.NetworkLoadBalancer(stack, "Network", vpc=vpc),
    ]


def _logged_balancers(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(
        stack,
        "Logs",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
    )
    for load_balancer in _balancers(stack):
        load_balancer.log_access_logs(bucket)


def _classic(stack: cdk.Stack, **more: Any) -> None:
    elb.LoadBalancer(stack, "Classic", vpc=ec2.Vpc(stack, "Vpc"), **more)


def _logged_classic(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(
        stack,
        "Logs",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
    )
    bucket.grant_put(iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com"))
    _classic(
        stack,
        access_logging_policy=elb.CfnLoadBalancer.AccessLoggingPolicyProperty(
            enabled=True, s3_bucket_name=bucket.bucket_name
        ),
    )


def _distribution(stack: cdk.Stack, **more: Any) -> None:
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("forms.example.gov"))
    cloudfront.Distribution(stack, "Site", default_behavior=behavior, **more)


def _logged_distribution(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(
        stack,
        "Logs",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
    )
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("forms.example.gov"))
    cloudfront.Distribution(stack, "Site", default_behavior=behavior, enable_logging=True, log_bucket=bucket)


_IAM = apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)


def _api(stack: cdk.Stack) -> None:
    apigateway.LambdaRestApi(stack, "Api", handler=_function(stack), default_method_options=_IAM)


def _logged_api(stack: cdk.Stack) -> None:
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)
    apigateway.LambdaRestApi(
        stack,
        "Api",
        handler=_function(stack),
        default_method_options=_IAM,
        deploy_options=apigateway.StageOptions(
            access_log_destination=apigateway.LogGroupLogDestination(log_group)
        ),
    )


def _stage_of_a_deployment(stack: cdk.Stack) -> None:
    api = apigateway.RestApi(stack, "Api", deploy=False, default_method_options=_IAM)
    api.root.add_method("GET")
    apigateway.CfnDeployment(stack, "Deployment", rest_api_id=api.rest_api_id, stage_name="forms")


def _stage_by_itself(stack: cdk.Stack) -> None:
    api = apigateway.RestApi(stack, "Api", deploy=False, default_method_options=_IAM)
    api.root.add_method("GET")
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)
    apigateway.Stage(
        stack,
        "Stage",
        deployment=apigateway.Deployment(stack, "Deployment", api=api),
        access_log_destination=apigateway.LogGroupLogDestination(log_group),
    )


def _http_api(stack: cdk.Stack) -> Any:
    api = apigatewayv2.HttpApi(stack, "Api")
    handler = integrations.HttpLambdaIntegration("Handler", _function(stack))
    api.add_routes(path="/forms", integration=handler, authorizer=authorizers.HttpIamAuthorizer())
    return api


def _logged_http_api(stack: cdk.Stack) -> None:
    api = _http_api(stack)
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)
    stage = api.default_stage.node.default_child
    stage.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
        destination_arn=log_group.log_group_arn, format='{"requestId": "$context.requestId"}'
    )


def _web_acl(stack: cdk.Stack) -> wafv2.CfnWebACL:
    return wafv2.CfnWebACL(
        stack,
        "Acl",
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        scope="REGIONAL",
        visibility_config=wafv2.CfnWebACL.VisibilityConfigProperty(
            cloud_watch_metrics_enabled=True, metric_name="forms", sampled_requests_enabled=True
        ),
    )


def _logged_web_acl(stack: cdk.Stack) -> None:
    acl = _web_acl(stack)
    bucket = s3.Bucket(
        stack,
        "Logs",
        bucket_name="aws-waf-logs-forms",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
    )
    wafv2.CfnLoggingConfiguration(
        stack, "AclLogs", resource_arn=acl.attr_arn, log_destination_configs=[bucket.bucket_arn]
    )


def _databases(stack: cdk.Stack, **more: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    writer = rds.ClusterInstance.serverless_v2("Writer")
    rds.DatabaseInstance(stack, "Instance", vpc=vpc, engine=_POSTGRES, **more)
    rds.DatabaseCluster(stack, "Cluster", vpc=vpc, engine=_AURORA, writer=writer, **more)


def _logged_databases(stack: cdk.Stack) -> None:
    _databases(stack, cloudwatch_logs_exports=["postgresql"])


# TTS-LOG-002


def _log_group(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Log")


def _kept_log_group(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)


def _log_group_kept_longer(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Log", retention=logs.RetentionDays.TEN_YEARS)


def _delivery_log_group(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Log", log_group_class=logs.LogGroupClass.DELIVERY)


def _standard_log_group(stack: cdk.Stack) -> None:
    logs.LogGroup(
        stack,
        "Log",
        log_group_class=logs.LogGroupClass.STANDARD,
        retention=logs.RetentionDays.THREE_YEARS,
    )


def _log_groups_of_the_cdk(stack: cdk.Stack) -> None:
    ec2.Vpc(stack, "Vpc").add_flow_log("FlowLog")
    _function(stack)


def _log_groups_of_the_app(stack: cdk.Stack) -> None:
    log_group = logs.LogGroup(stack, "Traffic", retention=logs.RetentionDays.THREE_YEARS)
    ec2.Vpc(stack, "Vpc").add_flow_log(
        "FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group)
    )
    _function(stack, log_group=logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS))


def _helpers(stack: cdk.Stack) -> None:
    _function(stack, log_retention=logs.RetentionDays.ONE_WEEK)
    rds.DatabaseInstance(
        stack,
        "Instance",
        vpc=ec2.Vpc(stack, "Vpc"),
        engine=_POSTGRES,
        cloudwatch_logs_exports=["postgresql"],
        cloudwatch_logs_retention=logs.RetentionDays.ONE_MONTH,
    )


def _helpers_that_keep(stack: cdk.Stack) -> None:
    _function(stack, log_group=logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS))
    rds.DatabaseInstance(
        stack,
        "Instance",
        vpc=ec2.Vpc(stack, "Vpc"),
        engine=_POSTGRES,
        cloudwatch_logs_exports=["postgresql"],
        cloudwatch_logs_retention=logs.RetentionDays.THREE_YEARS,
    )


def _log_bucket(stack: cdk.Stack, rule: s3.LifecycleRule) -> None:
    bucket = s3.Bucket(
        stack,
        "Logs",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        lifecycle_rules=[rule],
    )
    for load_balancer in _balancers(stack):
        load_balancer.log_access_logs(bucket)


def _bucket_of_a_year(stack: cdk.Stack) -> None:
    _log_bucket(stack, s3.LifecycleRule(expiration=cdk.Duration.days(365)))


def _bucket_until_a_day(stack: cdk.Stack) -> None:
    _log_bucket(stack, s3.LifecycleRule(expiration_date=datetime(2031, 1, 1, tzinfo=UTC)))


def _bucket_that_keeps(stack: cdk.Stack) -> None:
    _log_bucket(stack, s3.LifecycleRule(expiration=cdk.Duration.days(913)))


# TTS-MON-001


def _unwatched(stack: cdk.Stack) -> dict[str, str]:
    """Something of each type that is to be watched; what names each in a dimension."""
    vpc = ec2.Vpc(stack, "Vpc")
    application = elbv2.ApplicationLoadBalancer(stack, "Application", vpc=vpc)
    network = elbv2.NetworkLoadBalancer(stack, "Network", vpc=vpc)
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-0a1b2c3d"}),
        instance_type=_SMALL,
    )
    return {
        "application": application.load_balancer_full_name,
        "network": network.load_balancer_full_name,
        "classic": elb.LoadBalancer(stack, "Classic", vpc=vpc).load_balancer_name,
        "group": autoscaling.AutoScalingGroup(
            stack, "Group", vpc=vpc, launch_template=template
        ).auto_scaling_group_name,
        "instance": rds.DatabaseInstance(stack, "Instance", vpc=vpc, engine=_POSTGRES).instance_identifier,
        "cluster": rds.DatabaseCluster(
            stack, "Cluster", vpc=vpc, engine=_AURORA, writer=rds.ClusterInstance.serverless_v2("Writer")
        ).cluster_identifier,
        "documents": docdb.CfnDBCluster(stack, "Documents").ref,
        "graph": neptune.CfnDBCluster(stack, "Graph").ref,
        "warehouse": redshift.CfnCluster(
            stack,
            "Warehouse",
            cluster_type="single-node",
            db_name="forms",
            master_username="forms",
            node_type="ra3.large",
        ).ref,
    }


def _watched(stack: cdk.Stack) -> None:
    names = _unwatched(stack)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    topic = sns.Topic(stack, "OnCall", master_key=key, enforce_ssl=True)
    topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}))  # fmt: skip  # noqa: E501 - one line, as the fix shows it
    metrics = {
        "application": cloudwatch.Metric(
            namespace="AWS/ApplicationELB",
            metric_name="HTTPCode_ELB_5XX_Count",
            dimensions_map={"LoadBalancer": names["application"]},
        ),
        "network": cloudwatch.Metric(
            namespace="AWS/NetworkELB",
            metric_name="TCP_ELB_Reset_Count",
            dimensions_map={"LoadBalancer": names["network"]},
        ),
        "classic": cloudwatch.Metric(
            namespace="AWS/ELB",
            metric_name="UnHealthyHostCount",
            dimensions_map={"LoadBalancerName": names["classic"]},
        ),
        "group": cloudwatch.Metric(
            namespace="AWS/AutoScaling",
            metric_name="GroupInServiceInstances",
            dimensions_map={"AutoScalingGroupName": names["group"]},
        ),
        "instance": cloudwatch.Metric(
            namespace="AWS/RDS",
            metric_name="FreeStorageSpace",
            dimensions_map={"DBInstanceIdentifier": names["instance"]},
        ),
        "cluster": cloudwatch.Metric(
            namespace="AWS/RDS",
            metric_name="CPUUtilization",
            dimensions_map={"DBClusterIdentifier": names["cluster"]},
        ),
        "documents": cloudwatch.Metric(
            namespace="AWS/DocDB",
            metric_name="CPUUtilization",
            dimensions_map={"DBClusterIdentifier": names["documents"]},
        ),
        "graph": cloudwatch.Metric(
            namespace="AWS/Neptune",
            metric_name="CPUUtilization",
            dimensions_map={"DBClusterIdentifier": names["graph"]},
        ),
        "warehouse": cloudwatch.Metric(
            namespace="AWS/Redshift",
            metric_name="HealthStatus",
            dimensions_map={"ClusterIdentifier": names["warehouse"]},
        ),
    }
    for name, metric in metrics.items():
        alarm = metric.create_alarm(stack, f"{name}Alarm", threshold=1, evaluation_periods=5)
        alarm.add_alarm_action(actions.SnsAction(topic))


def _alarm_to(stack: cdk.Stack, key: kms.IKey) -> sns.Topic:
    metric = cloudwatch.Metric(namespace="Forms", metric_name="Errors")
    alarm = metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=5)
    topic = sns.Topic(stack, "OnCall", master_key=key)
    alarm.add_alarm_action(actions.SnsAction(topic))
    return topic


def _silent_by_the_managed_key(stack: cdk.Stack) -> None:
    _alarm_to(stack, kms.Alias.from_alias_name(stack, "OfSns", "alias/aws/sns"))


def _silent_by_a_key(stack: cdk.Stack) -> None:
    _alarm_to(stack, kms.Key(stack, "Key", enable_key_rotation=True))


def _silent_by_the_policy(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    _alarm_to(stack, key).add_to_resource_policy(_refuses_plain_http())


def _heard_by_the_policy(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    topic = _alarm_to(stack, key)
    topic.add_to_resource_policy(_refuses_plain_http())
    topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}))  # fmt: skip  # noqa: E501 - one line, as the fix shows it


def _refuses_plain_http() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=["sns:Publish"],
        principals=[iam.AnyPrincipal()],
        resources=["*"],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def _heard(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    topic = sns.Topic(stack, "OnCall", master_key=key, enforce_ssl=True)
    topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}))  # fmt: skip  # noqa: E501 - one line, as the fix shows it
    metric = cloudwatch.Metric(namespace="Forms", metric_name="Errors")
    alarm = metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=5)
    alarm.add_alarm_action(actions.SnsAction(topic))


FIXES = (
    Fix("TTS-LOG-001", _balancers, _logged_balancers),
    Fix("TTS-LOG-001", _classic, _logged_classic),
    Fix("TTS-LOG-001", _distribution, _logged_distribution),
    Fix("TTS-LOG-001", _api, _logged_api),
    Fix("TTS-LOG-001", _stage_of_a_deployment, _stage_by_itself),
    Fix("TTS-LOG-001", _http_api, _logged_http_api),
    Fix("TTS-LOG-001", _web_acl, _logged_web_acl),
    Fix("TTS-LOG-001", _databases, _logged_databases),
    Fix("TTS-LOG-002", _log_group, _kept_log_group),
    Fix(
        "TTS-LOG-002",
        _kept_log_group,
        _log_group_kept_longer,
        settings="[retention]\nlog_groups = 3653",
    ),
    Fix("TTS-LOG-002", _delivery_log_group, _standard_log_group),
    Fix(
        "TTS-LOG-002",
        _log_groups_of_the_cdk,
        _log_groups_of_the_app,
        context={"@aws-cdk/aws-lambda:useCdkManagedLogGroup": True},
    ),
    Fix("TTS-LOG-002", _helpers, _helpers_that_keep),
    Fix("TTS-LOG-002", _bucket_of_a_year, _bucket_that_keeps),
    Fix("TTS-LOG-002", _bucket_until_a_day, _bucket_that_keeps),
    Fix("TTS-MON-001", _unwatched, _watched),
    Fix("TTS-MON-001", _silent_by_the_managed_key, _heard),
    Fix("TTS-MON-001", _silent_by_a_key, _heard),
    Fix("TTS-MON-001", _silent_by_the_policy, _heard_by_the_policy),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
