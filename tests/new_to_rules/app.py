"""A typical app that knows nothing of the rules: service, workers, database, bucket, queue, function."""

# Written for this project. docs/first-synth.md shows what it prints, tests/fixes/one_round how it complies.

from pathlib import Path

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
        add_function(self, uploads, queue, web)


def add_function(
    stack: cdk.Stack,
    uploads: s3.Bucket,
    queue: sqs.Queue,
    web: patterns.ApplicationLoadBalancedFargateService,
) -> None:
    """Adds the function, and who may use what. Nothing of this changes when the app adopts the rules."""
    fn = lambda_.Function(
        stack,
        "Resize",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_asset(str(Path(__file__).with_name("fn"))),
        environment={"BUCKET": uploads.bucket_name},
    )
    fn.add_event_source(sources.SqsEventSource(queue))
    uploads.grant_read_write(fn)
    uploads.grant_read_write(web.task_definition.task_role)
    queue.grant_send_messages(web.task_definition.task_role)


def build(app: cdk.App) -> None:
    """Builds the app."""
    PermitsStack(app, "Permits", env=cdk.Environment(account="222233334444", region="us-east-1"))
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.PRODUCTION))


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
