"""The app of `tests/new_to_rules` after one round: it does what the fixes say, and no more."""

import aws_cdk as cdk
from aws_cdk import Aspects
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from tests.new_to_rules.app import add_function
from tts_constructs import Environment, TtsGuardrails

CERTIFICATE = "arn:aws:acm:us-east-1:222233334444:certificate/0a1b2c3d"


class PermitsStack(cdk.Stack):
    """The system."""

    def __init__(self, scope: cdk.App, name: str, env: cdk.Environment) -> None:
        super().__init__(scope, name, env=env, termination_protection=True)
        stack = self
        cdk.Tags.of(stack).add("Project", "permits")
        cdk.Tags.of(stack).add("Environment", "production")
        key = kms.Key(self, "Key", enable_key_rotation=True)
        key.grant_encrypt_decrypt(iam.ServicePrincipal("logs.us-east-1.amazonaws.com"))
        key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        blocked = s3.BlockPublicAccess.BLOCK_ALL
        log_bucket = s3.Bucket(
            self,
            "Logs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=blocked,
        )

        vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        traffic = logs.LogGroup(self, "Traffic", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)
        vpc.add_flow_log("Flow", destination=ec2.FlowLogDestination.to_cloud_watch_logs(traffic))
        anyone = ec2.AclCidr.any_ipv4()
        for subnet_type in (ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS):
            acl = ec2.NetworkAcl(
                self,
                f"{subnet_type.name}Acl",
                vpc=vpc,
                subnet_selection=ec2.SubnetSelection(subnet_type=subnet_type),
            )
            for number, direction, ports in [
                (100, ec2.TrafficDirection.INGRESS, ec2.AclTraffic.tcp_port(443)),
                (110, ec2.TrafficDirection.INGRESS, ec2.AclTraffic.tcp_port(80)),
                (120, ec2.TrafficDirection.INGRESS, ec2.AclTraffic.tcp_port_range(1024, 65535)),
                (100, ec2.TrafficDirection.EGRESS, ec2.AclTraffic.tcp_port(443)),
                (110, ec2.TrafficDirection.EGRESS, ec2.AclTraffic.tcp_port(80)),
                (120, ec2.TrafficDirection.EGRESS, ec2.AclTraffic.tcp_port_range(1024, 65535)),
            ]:
                acl.add_entry(
                    f"{direction.name}{number}",
                    cidr=anyone,
                    traffic=ports,
                    direction=direction,
                    rule_number=number,
                )

        def group(name: str) -> ec2.SecurityGroup:
            group = ec2.SecurityGroup(self, name, vpc=vpc, allow_all_outbound=False)
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
            return group

        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        web = patterns.ApplicationLoadBalancedFargateService(
            self,
            "Web",
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", CERTIFICATE),
            cluster=cluster,
            desired_count=2,
            redirect_http=True,
            ssl_policy=elbv2.SslPolicy.FIPS_TLS13_12,
            security_groups=[group("WebGroup")],
            task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(
                image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:latest"),
                log_driver=ecs.LogDriver.aws_logs(
                    stream_prefix="Web",
                    log_group=logs.LogGroup(
                        self, "WebLogs", retention=logs.RetentionDays.THREE_YEARS, encryption_key=key
                    ),
                ),
            ),
        )
        web.listener.set_attribute(
            "routing.http.response.strict_transport_security.header_value",
            "max-age=31536000; includeSubDomains",
        )
        web.load_balancer.log_access_logs(log_bucket)

        workers = autoscaling.AutoScalingGroup(
            self,
            "Workers",
            vpc=vpc,
            launch_template=ec2.LaunchTemplate(
                self,
                "WorkersTemplate",
                instance_type=ec2.InstanceType("t3.small"),
                machine_image=ec2.MachineImage.lookup(
                    name="FISMA Ready Baseline Ubuntu (* - Packer)", owners=["777788889999"]
                ),
                role=iam.Role(self, "WorkersRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
                security_group=group("WorkersGroup"),
                require_imdsv2=True,
                block_devices=[
                    ec2.BlockDevice(
                        device_name="/dev/sda1", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True)
                    ),
                    ec2.BlockDevice(
                        device_name="/dev/sdk", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True)
                    ),
                ],
            ),
            min_capacity=2,
            max_capacity=3,
            max_instance_lifetime=cdk.Duration.days(30),
        )

        db = rds.DatabaseInstance(
            self,
            "Db",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
            vpc=vpc,
            security_groups=[group("DbGroup")],
            storage_encrypted=True,
            multi_az=True,
            deletion_protection=True,
            cloudwatch_logs_exports=["postgresql"],
        )
        db.connections.allow_default_port_from(web.service)
        db.connections.allow_default_port_from(workers)

        uploads = s3.Bucket(
            self,
            "Uploads",
            versioned=True,
            encryption_key=key,
            enforce_ssl=True,
            block_public_access=blocked,
            server_access_logs_bucket=log_bucket,
        )
        queue = sqs.Queue(self, "Jobs", enforce_ssl=True)
        add_function(self, uploads, queue, web)

        topic = sns.Topic(self, "Alarms", master_key=key, enforce_ssl=True)
        topic.grant_publish(
            iam.ServicePrincipal(
                "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            )
        )
        for name, namespace, metric, dimensions in [
            (
                "Errors",
                "AWS/ApplicationELB",
                "HTTPCode_ELB_5XX_Count",
                {"LoadBalancer": web.load_balancer.load_balancer_full_name},
            ),
            (
                "Few",
                "AWS/AutoScaling",
                "GroupInServiceInstances",
                {"AutoScalingGroupName": workers.auto_scaling_group_name},
            ),
            ("Full", "AWS/RDS", "FreeStorageSpace", {"DBInstanceIdentifier": db.instance_identifier}),
        ]:
            alarm = cloudwatch.Metric(
                namespace=namespace, metric_name=metric, dimensions_map=dimensions
            ).create_alarm(self, name, threshold=1, evaluation_periods=1)
            alarm.add_alarm_action(actions.SnsAction(topic))


def build(app: cdk.App) -> None:
    """Builds the app."""
    PermitsStack(app, "Permits", env=cdk.Environment(account="222233334444", region="us-east-1"))
    Aspects.of(app).add(
        TtsGuardrails(environment=Environment.PRODUCTION, project="permits", owner="permits@example.gov")
    )
