"""The sample app's production, made by CloudFormation: what the APIs then say of it.

The emulator makes real resources of a template, and falls short of AWS in ways that are named here. A test of
what AWS does and moto does not is marked `short`: it fails, and the run says so when moto has learned it.
What moto's CloudFormation refuses or leaves out, and its APIs take, is handed in by `for_moto` and `finish`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from sample_app.benefits import API_PORT
from tests.e2e.cloud import Cloud, Image, Team, cloud, of_type
from tts_constructs import standards

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

STACK = "Benefits-Production"
IMAGE = Image("ami-0f15a0b1e5ea50001", days_old=3)
OLDER = Image("ami-0f15a0b1e5ea50002", days_old=30)
TAGS = {"Project": "benefits", "Environment": "production", "Owner": "benefits@example.gov"}

NEVER_MADE = {
    "AWS::CloudWatch::Alarm",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
}
"""Types that moto's CloudFormation does not make; tests of the constructs and the judges speak of them."""

NEVER_TAGGED = {"internet-gateway", "loadbalancer", "natgateway", "route-table"}
"""What moto's CloudFormation makes without the tags that the template gives it."""


def short(reason: str, raises: type[BaseException] = AssertionError) -> pytest.MarkDecorator:
    """Marks what AWS does and moto does not; a test that passes after all fails the run."""
    return pytest.mark.xfail(strict=True, raises=raises, reason=f"moto {reason}")


@dataclass(frozen=True)
class Deployment:
    """The stack as it was made.

    Args:
        aws: Where.
        template: As the CDK has synthesized it.
        certificate: ARN of the certificate whose name the account keeps.
        names: Physical ids of what was made, by logical id; what joins two others has none.
    """

    aws: Cloud
    template: dict[str, Any]
    certificate: str
    names: dict[str, str]

    def of_type(self, resource_type: str) -> list[str]:
        """The physical ids of the resources of a type."""
        return [self.names[logical_id] for logical_id in of_type(self.template, resource_type)]


def for_moto(template: dict[str, Any]) -> dict[str, Any]:
    """The template with two properties as moto wants them. AWS takes both as they are."""
    changed = deepcopy(template)
    for key in of_type(changed, "AWS::KMS::Key").values():
        # Of a key, moto reads tags as the API of KMS spells them, not as CloudFormation does.
        tags = key["Properties"]["Tags"]
        key["Properties"]["Tags"] = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags]
    for launch in of_type(changed, "AWS::EC2::LaunchTemplate").values():
        # AWS takes the size of a root volume from the image where none is given.
        for device in launch["Properties"]["LaunchTemplateData"]["BlockDeviceMappings"]:
            device["Ebs"].setdefault("VolumeSize", 15)
    return changed


def finish(deployment: Deployment) -> None:
    """Gives buckets by the API of S3 what the template says and moto's CloudFormation leaves out."""
    s3 = deployment.aws.client("s3")
    for logical_id, bucket in of_type(deployment.template, "AWS::S3::Bucket").items():
        name, properties = deployment.names[logical_id], bucket["Properties"]
        s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"]
        )
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
            )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Production, synthesized with lookups and then made, in an account that is ready for the CDK."""
    with cloud(tmp_path_factory.mktemp("aws"), [OLDER, IMAGE]) as aws:
        team = Team.clone(tmp_path_factory.mktemp("team"))
        done = team.synthesize(aws)
        assert done.returncode == 0, done.stderr
        # The account keeps the name of its own certificate, as the sample app has it.
        request = aws.client("acm").request_certificate(DomainName="www.benefits.example.gov")
        for name, value in (
            ("/benefits/certificate-arn", request["CertificateArn"]),
            ("/benefits/release-bucket", "benefits-releases"),
            ("/cdk-bootstrap/hnb659fds/version", "31"),
        ):
            aws.client("ssm").put_parameter(Name=name, Value=value, Type="String")
        cloudformation = aws.client("cloudformation")
        cloudformation.create_stack(
            StackName=STACK,
            # The template is larger than AWS takes in a request; there the CDK uploads it.
            TemplateBody=json.dumps(for_moto(team.template)),
            Capabilities=["CAPABILITY_IAM"],
        )
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        names = {
            resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
            for resource in resources
            if "LogicalResourceId" in resource  # what moto does not make has none
        }
        deployment = Deployment(aws, team.template, request["CertificateArn"], names)
        finish(deployment)
        yield deployment


# The stack


def test_the_stack_is_complete(deployed: Deployment) -> None:
    (stack,) = deployed.aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    urls = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert urls["WebUrl"].startswith("https://")


def test_all_is_made_but_what_the_emulator_never_makes(deployed: Deployment) -> None:
    resources = deployed.template["Resources"]
    assert {res["Type"] for name, res in resources.items() if name not in deployed.names} == NEVER_MADE


# Instances


def groups(deployed: Deployment) -> list[dict[str, Any]]:
    answer = deployed.aws.client("autoscaling").describe_auto_scaling_groups()
    found: list[dict[str, Any]] = answer["AutoScalingGroups"]
    assert len(found) == 2
    return found


def instances(deployed: Deployment) -> list[dict[str, Any]]:
    ids = [one["InstanceId"] for group in groups(deployed) for one in group["Instances"]]
    answer = deployed.aws.client("ec2").describe_instances(InstanceIds=ids)
    return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]


def test_each_service_has_two_instances_in_service(deployed: Deployment) -> None:
    for group in groups(deployed):
        assert [one["LifecycleState"] for one in group["Instances"]] == ["InService"] * 2
        assert group["HealthCheckType"] == "ELB"


def test_each_service_stands_in_private_subnets_of_two_zones(deployed: Deployment) -> None:
    ec2 = deployed.aws.client("ec2")
    for group in groups(deployed):
        subnets = ec2.describe_subnets(SubnetIds=group["VPCZoneIdentifier"].split(","))["Subnets"]
        assert {subnet["AvailabilityZone"] for subnet in subnets} == {"us-gov-west-1a", "us-gov-west-1b"}
        assert {subnet["MapPublicIpOnLaunch"] for subnet in subnets} == {False}


@short("starts every instance of a group in its first subnet")
def test_the_instances_of_a_service_are_in_two_zones(deployed: Deployment) -> None:
    for group in groups(deployed):
        assert len({one["AvailabilityZone"] for one in group["Instances"]}) == 2


def test_instances_run_the_newest_image_without_a_key_or_a_public_address(deployed: Deployment) -> None:
    found = instances(deployed)
    assert len(found) == 4
    for instance in found:
        assert instance["State"]["Name"] == "running"
        assert instance["ImageId"] == IMAGE.id
        assert "KeyName" not in instance
        assert not instance.get("PublicIpAddress")


def test_volumes_of_instances_are_encrypted(deployed: Deployment) -> None:
    ids = [disk["Ebs"]["VolumeId"] for one in instances(deployed) for disk in one["BlockDeviceMappings"]]
    volumes = deployed.aws.client("ec2").describe_volumes(VolumeIds=ids)["Volumes"]
    assert [volume["Encrypted"] for volume in volumes] == [True] * 4


@short("gives instances no metadata options of their launch template")
def test_instances_require_imdsv2(deployed: Deployment) -> None:
    assert {one["MetadataOptions"]["HttpTokens"] for one in instances(deployed)} == {"required"}


# Balancers


def listeners(deployed: Deployment, scheme: str) -> dict[int, dict[str, Any]]:
    """The listeners of the balancer that faces the internet, or of the other one, by port."""
    elb = deployed.aws.client("elbv2")
    (arn,) = [
        balancer["LoadBalancerArn"]
        for balancer in elb.describe_load_balancers()["LoadBalancers"]
        if balancer["Scheme"] == scheme
    ]
    return {one["Port"]: one for one in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}


def test_the_public_balancer_listens_at_443_and_80_alone(deployed: Deployment) -> None:
    assert listeners(deployed, "internet-facing").keys() == {80, 443}


def test_port_80_redirects_to_https_for_good(deployed: Deployment) -> None:
    (action,) = listeners(deployed, "internet-facing")[80]["DefaultActions"]
    assert action == {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }


@pytest.mark.parametrize(
    ("scheme", "port"), [("internet-facing", 443), ("internal", 443), ("internal", API_PORT)]
)
def test_https_is_served_with_our_policy_and_the_accounts_certificate(
    deployed: Deployment, scheme: str, port: int
) -> None:
    listener = listeners(deployed, scheme)[port]
    assert listener["Protocol"] == "HTTPS"
    assert listener["SslPolicy"] == standards.TLS_POLICY
    assert listener["Certificates"] == [{"CertificateArn": deployed.certificate}]
    assert [action["Type"] for action in listener["DefaultActions"]] == ["forward"]


@short("takes no attributes of listeners")
def test_browsers_are_told_to_insist_on_https(deployed: Deployment) -> None:
    arn = listeners(deployed, "internet-facing")[443]["ListenerArn"]
    attributes = deployed.aws.client("elbv2").describe_listener_attributes(ListenerArn=arn)["Attributes"]
    assert standards.HSTS_HEADER_ATTRIBUTE in {attribute["Key"] for attribute in attributes}


@short("takes no attributes of balancers")
def test_requests_are_logged(deployed: Deployment) -> None:
    elb = deployed.aws.client("elbv2")
    for arn in deployed.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        assert {"Key": "access_logs.s3.enabled", "Value": "true"} in attributes


# Security groups


def test_only_443_and_80_are_open_to_the_internet(deployed: Deployment) -> None:
    groups = deployed.of_type("AWS::EC2::SecurityGroup")
    rules = deployed.aws.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": groups}]
    )["SecurityGroupRules"]
    assert {
        (rule["FromPort"], rule["ToPort"])
        for rule in rules
        if not rule["IsEgress"] and rule.get("CidrIpv4") == "0.0.0.0/0"
    } == {(80, 80), (443, 443)}


# Buckets


def test_buckets_refuse_public_access(deployed: Deployment) -> None:
    s3 = deployed.aws.client("s3")
    for bucket in deployed.of_type("AWS::S3::Bucket"):
        answer = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert answer == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )


@short("stores what blocks public access and does not apply it", raises=pytest.fail.Exception)
def test_a_bucket_cannot_be_opened(deployed: Deployment) -> None:
    s3 = deployed.aws.client("s3")
    for bucket in deployed.of_type("AWS::S3::Bucket"):
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.put_bucket_acl(Bucket=bucket, ACL="public-read")


def test_uploads_are_encrypted_with_the_key_of_the_system_and_keep_versions(deployed: Deployment) -> None:
    s3 = deployed.aws.client("s3")
    (key,) = deployed.of_type("AWS::KMS::Key")
    encrypted = {}
    for bucket in deployed.of_type("AWS::S3::Bucket"):
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        versions = s3.get_bucket_versioning(Bucket=bucket).get("Status")
        encrypted[default["SSEAlgorithm"]] = (default.get("KMSMasterKeyID", "").rpartition("/")[2], versions)
    # The other one holds logs, which balancers can write without a key only.
    assert encrypted == {"aws:kms": (key, "Enabled"), "AES256": ("", None)}


# What is kept, and who may


def test_logs_are_kept_for_30_months(deployed: Deployment) -> None:
    logs = deployed.aws.client("logs").describe_log_groups()["logGroups"]
    assert len(logs) == 3
    assert {group["retentionInDays"] for group in logs} == {standards.LOG_RETENTION_DAYS}


def test_all_traffic_of_the_vpc_is_logged(deployed: Deployment) -> None:
    (flow_log,) = deployed.aws.client("ec2").describe_flow_logs()["FlowLogs"]
    assert flow_log["TrafficType"] == "ALL"
    assert [flow_log["ResourceId"]] == deployed.of_type("AWS::EC2::VPC")


def test_the_key_rotates(deployed: Deployment) -> None:
    (key,) = deployed.of_type("AWS::KMS::Key")
    assert deployed.aws.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_every_role_has_the_boundary_of_the_system(deployed: Deployment) -> None:
    (boundary,) = deployed.of_type("AWS::IAM::ManagedPolicy")
    iam = deployed.aws.client("iam")
    for role in deployed.of_type("AWS::IAM::Role"):
        attached = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]
        assert attached["PermissionsBoundaryArn"] == boundary


# Tags


def kind(arn: str) -> str:
    """What an ARN names: `subnet`, `log-group`; `s3` for a bucket, which says no more."""
    service, _, _, rest = arn.split(":", 5)[2:]
    return rest.replace(":", "/").split("/")[0] if "/" in rest or ":" in rest else service


def test_everything_of_the_stack_is_tagged(deployed: Deployment) -> None:
    tagging = deployed.aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    answer = tagging.paginate().build_full_result()["ResourceTagMappingList"]
    tags = [(one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]}) for one in answer]
    tagged = {kind(arn) for arn, own in tags if own.items() >= TAGS.items()}
    assert tagged >= {"flow-logs", "instance", "key", "log-group", "s3", "security-group", "subnet", "vpc"}
    assert {kind(arn) for arn, own in tags if not own.items() >= TAGS.items()} == NEVER_TAGGED


def test_groups_hand_their_tags_to_instances(deployed: Deployment) -> None:
    for group in groups(deployed):
        assert {
            tag["Key"]: tag["Value"] for tag in group["Tags"] if tag["PropagateAtLaunch"]
        }.items() >= TAGS.items()


@short("gives volumes no tags of their launch template")
def test_volumes_are_tagged(deployed: Deployment) -> None:
    ids = [disk["Ebs"]["VolumeId"] for one in instances(deployed) for disk in one["BlockDeviceMappings"]]
    for volume in deployed.aws.client("ec2").describe_volumes(VolumeIds=ids)["Volumes"]:
        assert {tag["Key"] for tag in volume.get("Tags", [])} >= TAGS.keys()
