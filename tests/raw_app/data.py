"""What production keeps besides uploads: applications in a database, drafts in a table, tasks in a queue."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .network import Network
from .policies import deny_plain_http, document

_ENGINE = "aurora-postgresql"
_PORT = 5432


class Database(Construct):
    """An Aurora cluster that the instances of the service reach."""

    def __init__(
        self, scope: Construct, network: Network, key: kms.CfnKey, clients: ec2.CfnSecurityGroup
    ) -> None:
        super().__init__(scope, "Database")
        self.group = ec2.CfnSecurityGroup(
            self,
            "Group",
            group_description="The database",
            vpc_id=network.vpc.attr_vpc_id,
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp",
                    from_port=_PORT,
                    to_port=_PORT,
                    source_security_group_id=clients.attr_group_id,
                )
            ],
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="icmp", from_port=252, to_port=86, cidr_ip="255.255.255.255/32"
                )
            ],
        )
        self.parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            description="TLS only",
            family="aurora-postgresql17",
            parameters={"rds.force_ssl": "1"},
        )
        subnets = rds.CfnDBSubnetGroup(
            self, "Subnets", db_subnet_group_description="Private subnets", subnet_ids=network.private_ids
        )
        self.cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            engine=_ENGINE,
            engine_version="17.5",
            db_subnet_group_name=subnets.ref,
            db_cluster_parameter_group_name=self.parameters.ref,
            vpc_security_group_ids=[self.group.attr_group_id],
            storage_encrypted=True,
            kms_key_id=key.attr_arn,
            master_username="forms",
            manage_master_user_password=True,
            backup_retention_period=35,
            deletion_protection=True,
            enable_cloudwatch_logs_exports=["postgresql"],
        )
        self.cluster.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
        self.instances = [
            rds.CfnDBInstance(
                self,
                f"Instance{number}",
                db_cluster_identifier=self.cluster.ref,
                db_instance_class="db.t4g.medium",
                engine=_ENGINE,
                publicly_accessible=False,
            )
            for number in (1, 2)
        ]


class Drafts(Construct):
    """A table, written as a generic resource, which the CDK does not tag."""

    def __init__(self, scope: Construct, key: kms.CfnKey, tags: dict[str, str]) -> None:
        super().__init__(scope, "Drafts")
        self.table = cdk.CfnResource(
            self,
            "Table",
            type=dynamodb.CfnTable.CFN_RESOURCE_TYPE_NAME,
            properties={
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key.attr_arn},
                "Tags": [{"Key": name, "Value": value} for name, value in tags.items()],
            },
        )
        self.table.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


class Tasks(cdk.NestedStack):
    """A nested stack with the queue of what is to be done."""

    def __init__(self, scope: Construct, key: kms.CfnKey) -> None:
        super().__init__(scope, "Tasks")
        self.queue = sqs.CfnQueue(self, "Queue", kms_master_key_id=key.attr_arn)
        self.policy = sqs.CfnQueuePolicy(
            self,
            "QueuePolicy",
            queues=[self.queue.ref],
            policy_document=document(deny_plain_http("sqs:*", self.queue.attr_arn)),
        )
