"""One fault for each rule of the catalog: what somebody could change in the app, as little as breaks it."""

from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_cassandra as cassandra
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from .app import RawApp, build
from .network import ANYWHERE
from .stacks import OWNER, PROJECT

Fault = Callable[[RawApp], None]

FAULTS: dict[str, Fault] = {}
"""By the rule that a fault breaks."""


def breaks(rule_id: str) -> Callable[[Fault], Fault]:
    """Registers a fault."""

    def register(fault: Fault) -> Fault:
        FAULTS[rule_id] = fault
        return fault

    return register


# Compute


@breaks("TTS-EC2-001")
def a_bastion_is_added(raw: RawApp) -> None:
    template = raw.production.service.template
    ec2.CfnInstance(
        raw.production,
        "Bastion",
        launch_template=ec2.CfnInstance.LaunchTemplateSpecificationProperty(
            launch_template_id=template.ref, version=template.attr_latest_version_number
        ),
        instance_type="t3.micro",
        subnet_id=raw.production.network.private_ids[0],
        security_group_ids=[raw.production.service.instance_group.attr_group_id],
    )


@breaks("TTS-EC2-002")
def the_group_copies_an_instance(raw: RawApp) -> None:
    group = raw.production.service.group
    group.add_property_deletion_override("LaunchTemplate")
    group.add_property_override("InstanceId", "i-0123456789abcdef0")


@breaks("TTS-EC2-003")
def the_image_is_somebody_elses(raw: RawApp) -> None:
    template = raw.production.service.template
    template.add_property_override("LaunchTemplateData.ImageId", "ami-0123456789abcdef0")


@breaks("TTS-EC2-004")
def imdsv1_is_answered(raw: RawApp) -> None:
    template = raw.production.service.template
    template.add_property_override("LaunchTemplateData.MetadataOptions.HttpTokens", "optional")


@breaks("TTS-EC2-005")
def the_volume_of_the_audit_logs_is_not_encrypted(raw: RawApp) -> None:
    template = raw.production.service.template
    template.add_property_override("LaunchTemplateData.BlockDeviceMappings.1.Ebs.Encrypted", value=False)


@breaks("TTS-EC2-006")
def instances_get_public_addresses(raw: RawApp) -> None:
    interface = "LaunchTemplateData.NetworkInterfaces.0"
    template = raw.production.service.template
    template.add_property_override(f"{interface}.AssociatePublicIpAddress", value=True)


@breaks("TTS-ASG-001")
def one_instance_is_enough(raw: RawApp) -> None:
    raw.production.service.group.min_size = "1"


@breaks("TTS-ASG-002")
def the_group_does_not_ask_the_balancer(raw: RawApp) -> None:
    raw.production.service.group.health_check_type = "EC2"


@breaks("TTS-ASG-003")
def instances_live_for_a_quarter(raw: RawApp) -> None:
    raw.production.service.group.max_instance_lifetime = 7_776_000


# Network


@breaks("TTS-VPC-001")
def the_targets_are_in_another_vpc(raw: RawApp) -> None:
    raw.production.service.target_group.vpc_id = "vpc-0123456789abcdef0"


@breaks("TTS-VPC-002")
def the_address_of_nat_is_a_classic_one(raw: RawApp) -> None:
    raw.production.network.address.domain = "standard"


@breaks("TTS-VPC-003")
def the_vpc_is_joined_to_others(raw: RawApp) -> None:
    network = raw.production.network
    ec2.CfnTransitGatewayAttachment(
        raw.production,
        "Intranet",
        transit_gateway_id="tgw-0123456789abcdef0",
        vpc_id=network.vpc.attr_vpc_id,
        subnet_ids=network.private_ids,
    )


@breaks("TTS-VPC-004")
def only_refused_traffic_is_logged(raw: RawApp) -> None:
    raw.production.network.flow_log.traffic_type = "REJECT"


@breaks("TTS-VPC-005")
def a_subnet_is_left_to_the_default_acl(raw: RawApp) -> None:
    network = raw.production.network
    network.node.try_remove_child(network.acl_associations[-1].node.id)


@breaks("TTS-NET-001")
def a_console_is_open_to_the_internet(raw: RawApp) -> None:
    ec2.CfnSecurityGroupIngress(
        raw.production,
        "Console",
        group_id=raw.production.service.balancer_group.attr_group_id,
        ip_protocol="tcp",
        from_port=8443,
        to_port=8443,
        cidr_ip=ANYWHERE,
    )


@breaks("TTS-NET-002")
def ssh_is_open_to_the_office(raw: RawApp) -> None:
    ec2.CfnSecurityGroupIngress(
        raw.production,
        "Ssh",
        group_id=raw.production.service.instance_group.attr_group_id,
        ip_protocol="tcp",
        from_port=22,
        to_port=22,
        cidr_ip="192.0.2.0/24",
    )


@breaks("TTS-NET-003")
def everything_may_go_out(raw: RawApp) -> None:
    raw.production.service.instance_group.add_property_override("SecurityGroupEgress.0.IpProtocol", "-1")


# HTTPS


@breaks("TTS-TLS-001")
def http_redirects_to_http(raw: RawApp) -> None:
    # In the sandbox, where the group lets in the office alone: in production port 80 would be open to the
    # internet for more than to redirect, which is TTS-NET-001.
    listener = raw.sandbox.service.http
    listener.add_property_override("DefaultActions.0.RedirectConfig.Protocol", "HTTP")


@breaks("TTS-TLS-002")
def tls_1_0_is_allowed(raw: RawApp) -> None:
    raw.production.service.https.ssl_policy = "ELBSecurityPolicy-2016-08"


@breaks("TTS-TLS-003")
def browsers_forget_after_a_day(raw: RawApp) -> None:
    raw.production.service.https.add_property_override("ListenerAttributes.0.Value", "max-age=86400")


@breaks("TTS-TLS-004")
def pages_are_served_with_tls_1_1(raw: RawApp) -> None:
    certificate = "DistributionConfig.ViewerCertificate"
    distribution = raw.production.pages.distribution
    distribution.add_property_override(f"{certificate}.MinimumProtocolVersion", "TLSv1.1_2016")


@breaks("TTS-TLS-005")
def the_api_is_served_with_tls_1_0(raw: RawApp) -> None:
    raw.production.partners.domain.security_policy = "TLS_1_0"


@breaks("TTS-TLS-006")
def uploads_take_plain_http(raw: RawApp) -> None:
    storage = raw.production.storage
    storage.node.try_remove_child(storage.uploads_policy.node.id)


@breaks("TTS-TLS-007")
def the_database_takes_clients_without_tls(raw: RawApp) -> None:
    raw.production.database.parameters.parameters = {"rds.force_ssl": "0"}


# Data


@breaks("TTS-S3-001")
def uploads_may_be_made_public(raw: RawApp) -> None:
    bucket = raw.production.storage.uploads
    bucket.add_property_override("PublicAccessBlockConfiguration.BlockPublicPolicy", value=False)


@breaks("TTS-S3-002")
def uploads_are_encrypted_without_a_key(raw: RawApp) -> None:
    rule = "BucketEncryption.ServerSideEncryptionConfiguration.0"
    bucket = raw.production.storage.uploads
    bucket.add_property_override(f"{rule}.ServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})


@breaks("TTS-S3-003")
def uploads_keep_no_versions(raw: RawApp) -> None:
    raw.production.storage.uploads.versioning_configuration = None


@breaks("TTS-S3-004")
def nobody_knows_who_reads_uploads(raw: RawApp) -> None:
    raw.production.storage.uploads.logging_configuration = None


@breaks("TTS-DATA-001")
def drafts_are_not_encrypted(raw: RawApp) -> None:
    raw.production.drafts.table.add_property_override("SSESpecification", {"SSEEnabled": False})


@breaks("TTS-DATA-002")
def the_database_has_a_public_address(raw: RawApp) -> None:
    raw.production.database.instances[0].publicly_accessible = True


@breaks("TTS-DATA-003")
def drafts_go_with_the_stack(raw: RawApp) -> None:
    raw.production.drafts.table.apply_removal_policy(cdk.RemovalPolicy.DESTROY)


@breaks("TTS-KMS-001")
def the_key_stays_the_same(raw: RawApp) -> None:
    raw.production.key.enable_key_rotation = False


@breaks("TTS-SEC-001")
def the_password_stands_in_the_code(raw: RawApp) -> None:
    cluster = raw.production.database.cluster
    cluster.add_property_deletion_override("ManageMasterUserPassword")
    cluster.add_property_override("MasterUserPassword", "not-a-secret-any-more")


# No back channel


@breaks("TTS-ACC-001")
def instances_take_a_key(raw: RawApp) -> None:
    raw.production.service.template.add_property_override("LaunchTemplateData.KeyName", "forms-operators")


@breaks("TTS-IAM-001")
def an_operator_gets_a_user(raw: RawApp) -> None:
    iam.CfnUser(raw.production, "Operator")


@breaks("TTS-IAM-002")
def everybody_may_take_the_role(raw: RawApp) -> None:
    role = raw.production.service.role
    role.add_property_override("AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "*"})


@breaks("TTS-CD-001")
def nobody_knows_the_commit(raw: RawApp) -> None:
    _claim(raw.production, commit="main")


@breaks("TTS-CD-002")
def nobody_answers_for_production(raw: RawApp) -> None:
    _claim(raw.production, owner="tbd")


@breaks("TTS-CD-003")
def production_can_be_deleted(raw: RawApp) -> None:
    raw.production.termination_protection = False


def _claim(stack: cdk.Stack, **changes: str) -> None:
    """Writes the record of a production stack by hand, with some changes to what is there."""
    by_hand = {
        "version": 1,
        "system": stack.node.path,
        "project": PROJECT,
        "environment": "production",
        "owner": OWNER,
        "data_sensitivity": "sensitive",
        "repository": "https://git.example.gov/forms.git",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
    }
    there = (stack.template_options.metadata or {}).get("TTS", by_hand)
    stack.add_metadata("TTS", there | changes)


# Services


@breaks("TTS-SVC-001")
def a_service_is_used_that_is_not_approved(raw: RawApp) -> None:
    cassandra.CfnKeyspace(raw.production, "Sessions")


@breaks("TTS-SVC-002")
def the_cache_of_the_api_is_not_encrypted(raw: RawApp) -> None:
    raw.production.partners.stage.add_property_override("MethodSettings.0.CacheDataEncrypted", value=False)


# Tags


@breaks("TTS-TAG-001")
def the_queue_is_of_no_project(raw: RawApp) -> None:
    cdk.Tags.of(raw.production.tasks.queue).remove("Project")


@breaks("TTS-TAG-002")
def volumes_are_of_no_project(raw: RawApp) -> None:
    template = raw.production.service.template
    template.add_property_override("LaunchTemplateData.TagSpecifications.1.ResourceType", "network-interface")


@breaks("TTS-TAG-003")
def the_topic_is_of_another_project(raw: RawApp) -> None:
    cdk.Tags.of(raw.production.watch.topic).add("Project", "benefits")


@breaks("TTS-TAG-004")
def the_certificate_does_not_say_where_it_is_for(raw: RawApp) -> None:
    cdk.Tags.of(raw.production.service.certificate).remove("Environment")


# Monitoring and auditing


@breaks("TTS-LOG-001")
def the_balancer_keeps_no_log(raw: RawApp) -> None:
    raw.production.service.balancer.add_property_override("LoadBalancerAttributes.0.Value", "false")


@breaks("TTS-LOG-002")
def the_flow_log_is_kept_for_a_quarter(raw: RawApp) -> None:
    raw.production.network.log_group.retention_in_days = 90


@breaks("TTS-MON-001")
def nobody_is_told_of_errors(raw: RawApp) -> None:
    raw.production.watch.errors.actions_enabled = False


# Sandbox


@breaks("TTS-SBX-001")
def the_sandbox_is_shown_to_the_public(raw: RawApp) -> None:
    group = raw.sandbox.service.balancer_group
    group.add_property_override("SecurityGroupIngress.0.CidrIp", ANYWHERE)


@breaks("TTS-SBX-002")
def real_uploads_are_tried_in_the_sandbox(raw: RawApp) -> None:
    raw.sandbox.storage.uploads.add_metadata("TTS", {"data_sensitivity": "sensitive"})


@breaks("TTS-SBX-003")
def the_budget_is_ten_times_as_much(raw: RawApp) -> None:
    raw.sandbox.budget.add_property_override("Budget.BudgetLimit.Amount", 5000)


# What a template hides, and where it is


@breaks("TTS-CFN-001")
def a_stack_comes_from_elsewhere(raw: RawApp) -> None:
    cdk.CfnStack(
        raw.production,
        "Shared",
        template_url="https://shared.s3.us-east-1.amazonaws.com/monitoring.template.json",
    )


@breaks("TTS-REG-001")
def a_subnet_is_abroad(raw: RawApp) -> None:
    raw.production.network.private[1].availability_zone = "ca-central-1b"


if __name__ == "__main__":
    broken = build(cdk.App())
    for fault in FAULTS.values():
        fault(broken)
    broken.app.synth()
