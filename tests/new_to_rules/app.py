"""A typical app that knows nothing of the rules: service, workers, database, bucket, queue, function.

It was written for this project, in the manner of the examples in the CDK's documentation. It measures what a
first synth with guardrails prints (docs/first-synth.md).
"""

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tts_constructs import Environment, TtsGuardrails


class PermitsStack(cdk.Stack):
    """The whole system."""

    def __init__(self, scope: Construct, name: str, env: cdk.Environment) -> None:
        super().__init__(scope, name, env=env)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2)

        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        web = patterns.ApplicationLoadBalancedFargateService(
            self,
            "Web",
            cluster=cluster,
            desired_count=2,
            task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(
                image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:latest")
            ),
        )

        workers = autoscaling.AutoScalingGroup(
            self,
            "Workers",
            vpc=vpc,
            instance_type=ec2.InstanceType("t3.small"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            min_capacity=1,
            max_capacity=3,
        )

        db = rds.DatabaseInstance(
            self,
            "Db",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
            vpc=vpc,
        )
        db.connections.allow_default_port_from(web.service)
        db.connections.allow_default_port_from(workers)

        uploads = s3.Bucket(self, "Uploads")
        queue = sqs.Queue(self, "Jobs")
        fn = lambda_.Function(
            self,
            "Resize",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_asset("fn"),
            environment={"BUCKET": uploads.bucket_name},
        )
        fn.add_event_source(sources.SqsEventSource(queue))
        uploads.grant_read_write(fn)
        uploads.grant_read_write(web.task_definition.task_role)
        queue.grant_send_messages(web.task_definition.task_role)


app = cdk.App()
PermitsStack(app, "Permits", env=cdk.Environment(account="222233334444", region="us-east-1"))
cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.PRODUCTION))
app.synth()
