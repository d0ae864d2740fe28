"""DATA: what the fixes of rules about stores say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_dax as dax
from aws_cdk import aws_docdb as docdb
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_elasticsearch as elasticsearch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_msk as msk
from aws_cdk import aws_neptunegraph as neptunegraph
from aws_cdk import aws_opensearchserverless as opensearchserverless
from aws_cdk import aws_opensearchservice as opensearch
from aws_cdk import aws_rds as rds
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from tests.fixes.following import Fix

_ID = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
_POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16)
_AURORA = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_6)
_ROLE = "arn:aws:iam::111122223333:role/cache"

# TTS-DATA-001


def _databases(stack: cdk.Stack, **more: Any) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    rds.DatabaseInstance(stack, "Instance", vpc=vpc, engine=_POSTGRES, **more)
    rds.DatabaseCluster(
        stack, "Cluster", vpc=vpc, engine=_AURORA, writer=rds.ClusterInstance.serverless_v2("W"), **more
    )
    docdb.DatabaseCluster(
        stack,
        "Documents",
        vpc=vpc,
        instance_type=ec2.InstanceType("r6g.large"),
        master_user=docdb.Login(username="forms"),
        **(more or {"storage_encrypted": False}),
    )


def _encrypted_databases(stack: cdk.Stack) -> None:
    _databases(stack, storage_encrypted=True)


def _table(stack: cdk.Stack) -> None:
    dynamodb.Table(stack, "Table", partition_key=_ID)


def _encrypted_table(stack: cdk.Stack) -> None:
    dynamodb.Table(stack, "Table", partition_key=_ID, encryption=dynamodb.TableEncryption.AWS_MANAGED)


def _global_table(stack: cdk.Stack) -> None:
    dynamodb.TableV2(stack, "Table", partition_key=_ID)


def _encrypted_global_table(stack: cdk.Stack) -> None:
    dynamodb.TableV2(
        stack, "Table", partition_key=_ID, encryption=dynamodb.TableEncryptionV2.aws_managed_key()
    )


def _files(stack: cdk.Stack) -> None:
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"), encrypted=False)


def _encrypted_files(stack: cdk.Stack) -> None:
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"), encrypted=True)


def _caches(stack: cdk.Stack) -> None:
    elasticache.CfnReplicationGroup(
        stack, "Cache", replication_group_description="Sessions", transit_encryption_enabled=True
    )
    dax.CfnCluster(stack, "Dax", iam_role_arn=_ROLE, node_type="dax.r5.large", replication_factor=3)


def _encrypted_caches(stack: cdk.Stack) -> None:
    elasticache.CfnReplicationGroup(
        stack,
        "Cache",
        replication_group_description="Sessions",
        transit_encryption_enabled=True,
        at_rest_encryption_enabled=True,
    )
    dax.CfnCluster(
        stack,
        "Dax",
        iam_role_arn=_ROLE,
        node_type="dax.r5.large",
        replication_factor=3,
        sse_specification=dax.CfnCluster.SSESpecificationProperty(sse_enabled=True),
    )


def _lone_cache(stack: cdk.Stack) -> None:
    elasticache.CfnCacheCluster(
        stack,
        "Cache",
        cache_node_type="cache.t4g.small",
        engine="redis",
        num_cache_nodes=1,
        vpc_security_group_ids=["sg-0a1b2c3d"],
    )


def _replicated_cache(stack: cdk.Stack) -> None:
    elasticache.CfnReplicationGroup(
        stack,
        "Cache",
        replication_group_description="Sessions",
        security_group_ids=["sg-0a1b2c3d"],
        at_rest_encryption_enabled=True,
        transit_encryption_enabled=True,
    ).apply_removal_policy(cdk.RemovalPolicy.RETAIN)


def _search(stack: cdk.Stack) -> None:
    elasticsearch.Domain(stack, "Old", version=elasticsearch.ElasticsearchVersion.V7_10)
    opensearch.Domain(stack, "Search", version=opensearch.EngineVersion.OPENSEARCH_2_19)


def _encrypted_search(stack: cdk.Stack) -> None:
    elasticsearch.Domain(
        stack,
        "Old",
        version=elasticsearch.ElasticsearchVersion.V7_10,
        encryption_at_rest=elasticsearch.EncryptionAtRestOptions(enabled=True),
    )
    opensearch.Domain(
        stack,
        "Search",
        version=opensearch.EngineVersion.OPENSEARCH_2_19,
        encryption_at_rest=opensearch.EncryptionAtRestOptions(enabled=True),
    )


def _streams(stack: cdk.Stack) -> None:
    kinesis.Stream(stack, "Stream", encryption=kinesis.StreamEncryption.UNENCRYPTED)
    firehose.DeliveryStream(stack, "Delivery", destination=_to_a_bucket(stack))


def _to_a_bucket(stack: cdk.Stack) -> firehose.IDestination:
    silent: Any = firehose.DisableLogging()
    return firehose.S3Bucket(s3.Bucket(stack, "Events"), logging_config=silent)


def _encrypted_streams(stack: cdk.Stack) -> None:
    kinesis.Stream(stack, "Stream", encryption=kinesis.StreamEncryption.MANAGED)
    firehose.DeliveryStream(
        stack,
        "Delivery",
        destination=_to_a_bucket(stack),
        encryption=firehose.StreamEncryption.aws_owned_key(),
    )


def _warehouse(stack: cdk.Stack, *, encrypted: bool = False) -> None:
    redshift.CfnCluster(
        stack,
        "Warehouse",
        cluster_type="single-node",
        db_name="forms",
        master_username="forms",
        manage_master_password=True,
        node_type="ra3.large",
        publicly_accessible=False,
        encrypted=encrypted,
    )


def _encrypted_warehouse(stack: cdk.Stack) -> None:
    _warehouse(stack, encrypted=True)


def _queue(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks", encryption=sqs.QueueEncryption.UNENCRYPTED)


def _encrypted_queue(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks", encryption=sqs.QueueEncryption.SQS_MANAGED)


def _queue_of_defaults(stack: cdk.Stack) -> None:
    sqs.Queue(stack, "Tasks")


def _topic(stack: cdk.Stack) -> None:
    sns.Topic(stack, "News")


def _topic_with_the_managed_key(stack: cdk.Stack) -> None:
    sns.Topic(stack, "News", master_key=kms.Alias.from_alias_name(stack, "OfSns", "alias/aws/sns"))


def _topic_with_a_key(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    sns.Topic(stack, "News", master_key=key)


def _log_group(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)


def _encrypted_log_group(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com"))
    logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)


def _encrypted_log_group_of_a_container(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com"))
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)
    ecs.FargateTaskDefinition(stack, "Task").add_container(
        "Container",
        image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:latest"),
        logging=ecs.LogDriver.aws_logs(stream_prefix="web", log_group=log_group),
    )


# TTS-DATA-002


def _public_databases(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    rds.DatabaseInstance(stack, "Forms", vpc=vpc, vpc_subnets=public, engine=_POSTGRES)


def _private_databases(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    private = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    rds.DatabaseInstance(
        stack, "Forms", vpc=vpc, vpc_subnets=private, engine=_POSTGRES, publicly_accessible=False
    )


def _msk(stack: cdk.Stack, access: msk.CfnCluster.PublicAccessProperty) -> None:
    msk.CfnCluster(
        stack,
        "Brokers",
        cluster_name="forms",
        kafka_version="3.8.x",
        number_of_broker_nodes=2,
        broker_node_group_info=msk.CfnCluster.BrokerNodeGroupInfoProperty(
            client_subnets=["subnet-0a1b2c3d"],
            instance_type="kafka.m5.large",
            connectivity_info=msk.CfnCluster.ConnectivityInfoProperty(public_access=access),
        ),
    )


def _public_brokers(stack: cdk.Stack) -> None:
    _msk(stack, msk.CfnCluster.PublicAccessProperty(type="SERVICE_PROVIDED_EIPS"))


def _private_brokers(stack: cdk.Stack) -> None:
    _msk(stack, msk.CfnCluster.PublicAccessProperty(type="DISABLED"))


def _public_search(stack: cdk.Stack) -> None:
    opensearch.Domain(stack, "Search", version=opensearch.EngineVersion.OPENSEARCH_2_19)
    ec2.Vpc(stack, "Vpc")


def _private_search(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    opensearch.Domain(
        stack,
        "Search",
        version=opensearch.EngineVersion.OPENSEARCH_2_19,
        vpc=vpc,
        vpc_subnets=[ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)],
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)],
    )


def _public_graph(stack: cdk.Stack) -> None:
    neptunegraph.CfnGraph(stack, "Graph", provisioned_memory=16, public_connectivity=True)


def _private_graph(stack: cdk.Stack) -> None:
    neptunegraph.CfnGraph(stack, "Graph", provisioned_memory=16, public_connectivity=False)


def _public_collections(stack: cdk.Stack) -> None:
    policy = '[{"Rules": [], "AllowFromPublic": true}]'
    opensearchserverless.CfnSecurityPolicy(stack, "Access", name="forms", type="network", policy=policy)


def _private_collections(stack: cdk.Stack) -> None:
    policy = '[{"Rules": [], "AllowFromPublic": false, "SourceVPCEs": ["vpce-0a1b2c3d"]}]'
    opensearchserverless.CfnSecurityPolicy(stack, "Access", name="forms", type="network", policy=policy)


def _queue_for_everybody(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Tasks", enforce_ssl=True)
    queue.grant_send_messages(iam.AnyPrincipal())


def _queue_for_a_role(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Tasks", enforce_ssl=True)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    queue.grant_send_messages(role)


def _queue_for_an_account(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Tasks", enforce_ssl=True)
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sqs:SendMessage"],
            principals=[iam.AnyPrincipal()],
            resources=[queue.queue_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )


def _function(stack: cdk.Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def _permission_for_everybody(stack: cdk.Stack) -> None:
    name = _function(stack).function_name
    lambda_.CfnPermission(
        stack, "Permission", action="lambda:InvokeFunction", function_name=name, principal="*"
    )


def _permission_for_an_account(stack: cdk.Stack) -> None:
    name = _function(stack).function_name
    lambda_.CfnPermission(
        stack, "Permission", action="lambda:InvokeFunction", function_name=name, principal=stack.account
    )


def _open_url(stack: cdk.Stack) -> None:
    _function(stack).add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)


def _closed_url(stack: cdk.Stack) -> None:
    _function(stack).add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)


_OPEN_URL_OF_A_TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Forms:
    Type: AWS::Serverless::Function
    Properties: {FunctionUrlConfig: {AuthType: NONE}}
"""
_CLOSED_URL_OF_A_TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Forms:
    Type: AWS::Serverless::Function
    Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}}
"""


def _open_api(stack: cdk.Stack) -> None:
    apigateway.LambdaRestApi(stack, "Api", handler=_function(stack))


def _closed_api(stack: cdk.Stack) -> None:
    apigateway.LambdaRestApi(
        stack,
        "Api",
        handler=_function(stack),
        default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM),
    )


def _open_routes(stack: cdk.Stack) -> None:
    handler = integrations.HttpLambdaIntegration("Handler", _function(stack))
    apigatewayv2.HttpApi(stack, "Api").add_routes(path="/forms", integration=handler)


def _closed_routes(stack: cdk.Stack) -> None:
    handler = integrations.HttpLambdaIntegration("Handler", _function(stack))
    apigatewayv2.HttpApi(stack, "Api").add_routes(
        path="/forms", integration=handler, authorizer=authorizers.HttpIamAuthorizer()
    )


def _quick_api(stack: cdk.Stack) -> None:
    target = _function(stack).function_arn
    apigatewayv2.CfnApi(stack, "Api", name="forms", protocol_type="HTTP", target=target)


def _api_with_a_route(stack: cdk.Stack) -> None:
    handler = integrations.HttpLambdaIntegration("Handler", _function(stack))
    api: Any = apigatewayv2.HttpApi(stack, "Api")
    api.add_routes(path="/forms", integration=handler, authorizer=authorizers.HttpIamAuthorizer())
    log_group = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.THREE_YEARS)
    stage = api.default_stage.node.default_child
    stage.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
        destination_arn=log_group.log_group_arn, format='{"requestId": "$context.requestId"}'
    )


# TTS-DATA-003

_RECOVERY = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
_BACKUPS = efs.CfnFileSystem.BackupPolicyProperty(status="ENABLED")


def _deleted(stack: cdk.Stack) -> None:
    dynamodb.TableV2(
        stack,
        "Table",
        partition_key=_ID,
        encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
        point_in_time_recovery_specification=_RECOVERY,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    efs.CfnFileSystem(stack, "Files", encrypted=True, backup_policy=_BACKUPS)


def _kept(stack: cdk.Stack) -> None:
    dynamodb.TableV2(
        stack,
        "Table",
        partition_key=_ID,
        encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
        point_in_time_recovery_specification=_RECOVERY,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    files = efs.CfnFileSystem(stack, "Files", encrypted=True, backup_policy=_BACKUPS)
    files.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


def _no_recovery(stack: cdk.Stack) -> None:
    dynamodb.Table(stack, "Table", partition_key=_ID)


def _recovery(stack: cdk.Stack) -> None:
    dynamodb.Table(
        stack,
        "Table",
        partition_key=_ID,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )


def _no_backups_of_files(stack: cdk.Stack) -> None:
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"))


def _backups_of_files(stack: cdk.Stack) -> None:
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"), enable_automatic_backups=True)


def _database(stack: cdk.Stack) -> None:
    backups = cdk.Duration.days(0)
    rds.DatabaseInstance(
        stack, "Forms", vpc=ec2.Vpc(stack, "Vpc"), engine=_POSTGRES, backup_retention=backups
    )


def _robust_database(stack: cdk.Stack) -> None:
    rds.DatabaseInstance(
        stack,
        "Forms",
        vpc=ec2.Vpc(stack, "Vpc"),
        engine=_POSTGRES,
        backup_retention=cdk.Duration.days(35),
        deletion_protection=True,
        multi_az=True,
    )


FIXES = (
    Fix("TTS-DATA-001", _databases, _encrypted_databases),
    Fix("TTS-DATA-001", _table, _encrypted_table),
    Fix("TTS-DATA-001", _global_table, _encrypted_global_table),
    Fix("TTS-DATA-001", _files, _encrypted_files),
    Fix("TTS-DATA-001", _caches, _encrypted_caches),
    Fix("TTS-DATA-001", _lone_cache, _replicated_cache),
    Fix("TTS-DATA-001", _search, _encrypted_search),
    Fix("TTS-DATA-001", _streams, _encrypted_streams),
    Fix("TTS-DATA-001", _warehouse, _encrypted_warehouse),
    Fix("TTS-DATA-001", _queue, (_encrypted_queue, _queue_of_defaults)),
    Fix("TTS-DATA-001", _topic, (_topic_with_the_managed_key, _topic_with_a_key)),
    Fix("TTS-DATA-001", _log_group, (_encrypted_log_group, _encrypted_log_group_of_a_container)),
    Fix("TTS-DATA-002", _public_databases, _private_databases),
    Fix("TTS-DATA-002", _public_brokers, _private_brokers),
    Fix("TTS-DATA-002", _public_search, _private_search),
    Fix("TTS-DATA-002", _public_graph, _private_graph),
    Fix("TTS-DATA-002", _public_collections, _private_collections),
    Fix("TTS-DATA-002", _queue_for_everybody, (_queue_for_a_role, _queue_for_an_account)),
    Fix("TTS-DATA-002", _permission_for_everybody, _permission_for_an_account),
    Fix("TTS-DATA-002", _open_url, _closed_url),
    Fix("TTS-DATA-002", _OPEN_URL_OF_A_TEMPLATE, _CLOSED_URL_OF_A_TEMPLATE),
    Fix("TTS-DATA-002", _open_api, _closed_api),
    Fix("TTS-DATA-002", _open_routes, _closed_routes),
    Fix("TTS-DATA-002", _quick_api, _api_with_a_route),
    Fix("TTS-DATA-003", _deleted, _kept),
    Fix("TTS-DATA-003", _no_recovery, _recovery),
    Fix("TTS-DATA-003", _no_backups_of_files, _backups_of_files),
    Fix("TTS-DATA-003", _database, _robust_database),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
