"""The web service: a load balancer that serves HTTPS, and a group of instances behind it."""

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from constructs import Construct

from .network import ANYWHERE, RANGE, Network
from .policies import document, grant, trust
from .storage import Storage

_PORT = 8080
_IMAGE = "FISMA Ready Baseline Ubuntu (* - Packer)"
_IMAGE_OWNER = "777788889999"


class Service(Construct):
    """The service of a stack.

    Args:
        scope: The construct that it is made in.
        network: The VPC that it runs in.
        storage: Its uploads, and where its balancer logs to.
        visitors: The range that may call it.
        domain: The name that it is called by.
        size: How many instances it has at least.
        tags: For what the CDK's own tags do not reach: the launch template, and what it launches.
    """

    def __init__(
        self,
        scope: Construct,
        network: Network,
        storage: Storage,
        *,
        visitors: str,
        domain: str,
        size: int,
        tags: dict[str, str],
    ) -> None:
        super().__init__(scope, "Service")
        self._network = network
        self._storage = storage
        self.certificate = acm.CfnCertificate(
            self, "Certificate", domain_name=domain, validation_method="DNS"
        )
        self.balancer_group = self._balancer_group(visitors)
        self.instance_group = self._instance_group()
        self.balancer = self._balancer()
        self.target_group = self._target_group()
        self.https = self._https()
        self.http = self._http()
        for listener in (self.https, self.http):
            # Older releases of the CDK do not know that listeners carry tags.
            listener.add_property_override("Tags", [{"Key": key, "Value": tags[key]} for key in tags])
        self.role = self._role()
        self.template = self._template([cdk.CfnTag(key=key, value=value) for key, value in tags.items()])
        self.group = self._group(size)

    # Who may connect to what

    def _balancer_group(self, visitors: str) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            "BalancerGroup",
            group_description="Visitors of the service",
            vpc_id=self._network.vpc.attr_vpc_id,
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp", from_port=port, to_port=port, cidr_ip=visitors
                )
                for port in (443, 80)
            ],
        )

    def _instance_group(self) -> ec2.CfnSecurityGroup:
        group = ec2.CfnSecurityGroup(
            self,
            "InstanceGroup",
            group_description="Instances of the service",
            vpc_id=self._network.vpc.attr_vpc_id,
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=443, to_port=443, cidr_ip=ANYWHERE
                ),
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=5432, to_port=5432, cidr_ip=RANGE
                ),
            ],
        )
        ec2.CfnSecurityGroupIngress(
            self,
            "FromBalancer",
            group_id=group.attr_group_id,
            ip_protocol="tcp",
            from_port=_PORT,
            to_port=_PORT,
            source_security_group_id=self.balancer_group.attr_group_id,
        )
        ec2.CfnSecurityGroupEgress(
            self,
            "ToInstances",
            group_id=self.balancer_group.attr_group_id,
            ip_protocol="tcp",
            from_port=_PORT,
            to_port=_PORT,
            destination_security_group_id=group.attr_group_id,
        )
        return group

    # The load balancer

    def _balancer(self) -> elb.CfnLoadBalancer:
        balancer = elb.CfnLoadBalancer(
            self,
            "Balancer",
            type="application",
            scheme="internet-facing",
            subnets=self._network.public_ids,
            security_groups=[self.balancer_group.attr_group_id],
            load_balancer_attributes=[
                elb.CfnLoadBalancer.LoadBalancerAttributeProperty(key=key, value=value)
                for key, value in (
                    ("access_logs.s3.enabled", "true"),
                    ("access_logs.s3.bucket", self._storage.logs.ref),
                    ("deletion_protection.enabled", "true"),
                    ("routing.http.drop_invalid_header_fields.enabled", "true"),
                )
            ],
        )
        balancer.node.add_dependency(self._storage.logs_policy)
        return balancer

    def _target_group(self) -> elb.CfnTargetGroup:
        return elb.CfnTargetGroup(
            self,
            "Targets",
            vpc_id=self._network.vpc.attr_vpc_id,
            port=_PORT,
            protocol="HTTP",
            target_type="instance",
            health_check_path="/healthz",
        )

    def _https(self) -> elb.CfnListener:
        return elb.CfnListener(
            self,
            "Https",
            load_balancer_arn=self.balancer.attr_load_balancer_arn,
            port=443,
            protocol="HTTPS",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
            certificates=[elb.CfnListener.CertificateProperty(certificate_arn=self.certificate.ref)],
            default_actions=[
                elb.CfnListener.ActionProperty(
                    type="forward", target_group_arn=self.target_group.attr_target_group_arn
                )
            ],
            listener_attributes=[
                elb.CfnListener.ListenerAttributeProperty(
                    key="routing.http.response.strict_transport_security.header_value",
                    value="max-age=31536000; includeSubDomains",
                )
            ],
        )

    def _http(self) -> elb.CfnListener:
        return elb.CfnListener(
            self,
            "Http",
            load_balancer_arn=self.balancer.attr_load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                elb.CfnListener.ActionProperty(
                    type="redirect",
                    redirect_config=elb.CfnListener.RedirectConfigProperty(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
        )

    # The instances

    def _role(self) -> iam.CfnRole:
        objects = f"{self._storage.uploads.attr_arn}/*"
        return iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=trust("ec2.amazonaws.com"),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="uploads",
                    policy_document=document(grant(("s3:GetObject", "s3:PutObject"), objects)),
                )
            ],
        )

    def _template(self, tags: list[cdk.CfnTag]) -> ec2.CfnLaunchTemplate:
        template = ec2.CfnLaunchTemplate
        profile = iam.CfnInstanceProfile(self, "Profile", roles=[self.role.ref])
        image = ec2.MachineImage.lookup(name=_IMAGE, owners=[_IMAGE_OWNER]).get_image(self)
        return template(
            self,
            "Template",
            tag_specifications=[
                template.LaunchTemplateTagSpecificationProperty(resource_type="launch-template", tags=tags)
            ],
            launch_template_data=template.LaunchTemplateDataProperty(
                image_id=image.image_id,
                instance_type="t3.small",
                iam_instance_profile=template.IamInstanceProfileProperty(arn=profile.attr_arn),
                metadata_options=template.MetadataOptionsProperty(http_tokens="required"),
                network_interfaces=[
                    template.NetworkInterfaceProperty(
                        device_index=0,
                        associate_public_ip_address=False,
                        groups=[self.instance_group.attr_group_id],
                    )
                ],
                block_device_mappings=[
                    template.BlockDeviceMappingProperty(
                        device_name=device,
                        ebs=template.EbsProperty(encrypted=True, volume_size=40, volume_type="gp3"),
                    )
                    for device in ("/dev/sda1", "/dev/sdk")
                ],
                tag_specifications=[
                    template.TagSpecificationProperty(resource_type=kind, tags=tags)
                    for kind in ("instance", "volume")
                ],
                user_data=cdk.Fn.base64("#!/bin/sh\nsystemctl start forms\n"),
            ),
        )

    def _group(self, size: int) -> autoscaling.CfnAutoScalingGroup:
        return autoscaling.CfnAutoScalingGroup(
            self,
            "Group",
            min_size=str(size),
            max_size=str(size + 2),
            launch_template=autoscaling.CfnAutoScalingGroup.LaunchTemplateSpecificationProperty(
                launch_template_id=self.template.attr_launch_template_id,
                version=self.template.attr_latest_version_number,
            ),
            vpc_zone_identifier=self._network.private_ids,
            target_group_arns=[self.target_group.attr_target_group_arn],
            health_check_type="ELB",
            health_check_grace_period=300,
            max_instance_lifetime=2_592_000,
        )
