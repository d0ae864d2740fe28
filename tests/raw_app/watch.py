"""Who is told when something fails."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from .data import Database
from .policies import allow, deny_plain_http, document
from .service import Service

_ON_CALL = "forms-on-call@example.gov"


class Watch(Construct):
    """The alarms of production, and their topic."""

    def __init__(self, scope: Construct, service: Service, database: Database, key: kms.CfnKey) -> None:
        super().__init__(scope, "Watch")
        self.topic = sns.CfnTopic(
            self,
            "Topic",
            kms_master_key_id=key.attr_arn,
            subscription=[sns.CfnTopic.SubscriptionProperty(protocol="email", endpoint=_ON_CALL)],
        )
        sns.CfnTopicPolicy(
            self,
            "TopicPolicy",
            topics=[self.topic.ref],
            policy_document=document(
                deny_plain_http("sns:Publish", self.topic.ref),
                allow(
                    "cloudwatch.amazonaws.com",
                    "sns:Publish",
                    self.topic.ref,
                    StringEquals={"aws:SourceAccount": cdk.Stack.of(self).account},
                ),
            ),
        )
        self.errors = self._alarm(
            "Errors",
            "AWS/ApplicationELB",
            "HTTPCode_ELB_5XX_Count",
            LoadBalancer=service.balancer.attr_load_balancer_full_name,
        )
        self.instances = self._alarm(
            "Instances", "AWS/EC2", "StatusCheckFailed", AutoScalingGroupName=service.group.ref
        )
        self.memory = self._alarm(
            "Load", "AWS/RDS", "CPUUtilization", threshold=90, DBClusterIdentifier=database.cluster.ref
        )

    def _alarm(
        self, name: str, namespace: str, metric: str, *, threshold: int = 1, **dimensions: str
    ) -> cloudwatch.CfnAlarm:
        return cloudwatch.CfnAlarm(
            self,
            name,
            namespace=namespace,
            metric_name=metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=dimension, value=value)
                for dimension, value in dimensions.items()
            ],
            statistic="Maximum",
            period=60,
            evaluation_periods=5,
            threshold=threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            alarm_actions=[self.topic.ref],
        )
