"""The VPC of a stack: two zones, a public and a private subnet in each."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from .policies import document, grant, trust

RANGE = "10.20.0.0/16"
ANYWHERE = "0.0.0.0/0"
_ZONES = 2
_TCP = 6
_INBOUND = {100: (443, 443), 110: (80, 80), 120: (1024, 65535)}
_OUTBOUND = {100: (443, 443), 110: (1024, 65535)}


class Network(Construct):
    """A VPC with its subnets, routes, network ACL and flow log."""

    def __init__(self, scope: Construct, key: kms.CfnKey) -> None:
        super().__init__(scope, "Network")
        self.vpc = ec2.CfnVPC(
            self, "Vpc", cidr_block=RANGE, enable_dns_hostnames=True, enable_dns_support=True
        )
        self.public = [self._subnet(f"Public{zone}", zone, block=zone) for zone in range(_ZONES)]
        self.private = [self._subnet(f"Private{zone}", zone, block=zone + 8) for zone in range(_ZONES)]
        self._route()
        self.acl_associations = self._control()
        self.log_group = logs.CfnLogGroup(self, "Traffic", kms_key_id=key.attr_arn, retention_in_days=1096)
        self.flow_log = self._watch()

    @property
    def public_ids(self) -> list[str]:
        """Ids of the public subnets."""
        return [subnet.attr_subnet_id for subnet in self.public]

    @property
    def private_ids(self) -> list[str]:
        """Ids of the private subnets."""
        return [subnet.attr_subnet_id for subnet in self.private]

    def _subnet(self, name: str, zone: int, *, block: int) -> ec2.CfnSubnet:
        return ec2.CfnSubnet(
            self,
            name,
            vpc_id=self.vpc.attr_vpc_id,
            availability_zone=cdk.Fn.select(zone, cdk.Fn.get_azs()),
            cidr_block=f"10.20.{block * 16}.0/20",
            map_public_ip_on_launch=False,
        )

    def _route(self) -> None:
        gateway = ec2.CfnInternetGateway(self, "Gateway")
        attachment = ec2.CfnVPCGatewayAttachment(
            self,
            "Attachment",
            vpc_id=self.vpc.attr_vpc_id,
            internet_gateway_id=gateway.attr_internet_gateway_id,
        )
        self.address = ec2.CfnEIP(self, "NatAddress", domain="vpc")
        nat = ec2.CfnNatGateway(
            self,
            "Nat",
            subnet_id=self.public[0].attr_subnet_id,
            allocation_id=self.address.attr_allocation_id,
        )
        self.address.node.add_dependency(attachment)
        public = ec2.CfnRouteTable(self, "PublicRoutes", vpc_id=self.vpc.attr_vpc_id)
        private = ec2.CfnRouteTable(self, "PrivateRoutes", vpc_id=self.vpc.attr_vpc_id)
        ec2.CfnRoute(
            self,
            "ToGateway",
            route_table_id=public.attr_route_table_id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.attr_internet_gateway_id,
        ).node.add_dependency(attachment)
        ec2.CfnRoute(
            self,
            "ToNat",
            route_table_id=private.attr_route_table_id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=nat.attr_nat_gateway_id,
        )
        for table, subnets in ((public, self.public), (private, self.private)):
            for subnet in subnets:
                ec2.CfnSubnetRouteTableAssociation(
                    self,
                    f"RoutesOf{subnet.node.id}",
                    route_table_id=table.attr_route_table_id,
                    subnet_id=subnet.attr_subnet_id,
                )

    def _control(self) -> list[ec2.CfnSubnetNetworkAclAssociation]:
        acl = ec2.CfnNetworkAcl(self, "Acl", vpc_id=self.vpc.attr_vpc_id)
        for egress, entries in ((False, _INBOUND), (True, _OUTBOUND)):
            for number, (first, last) in entries.items():
                ec2.CfnNetworkAclEntry(
                    self,
                    f"{'Out' if egress else 'In'}{number}",
                    network_acl_id=acl.attr_id,
                    rule_number=number,
                    protocol=_TCP,
                    rule_action="allow",
                    egress=egress,
                    cidr_block=ANYWHERE,
                    port_range=ec2.CfnNetworkAclEntry.PortRangeProperty(from_=first, to=last),
                )
        return [
            ec2.CfnSubnetNetworkAclAssociation(
                self,
                f"AclOf{subnet.node.id}",
                network_acl_id=acl.attr_id,
                subnet_id=subnet.attr_subnet_id,
            )
            for subnet in (*self.public, *self.private)
        ]

    def _watch(self) -> ec2.CfnFlowLog:
        events = f"{self.log_group.attr_arn}:*"
        role = iam.CfnRole(
            self,
            "FlowLogRole",
            assume_role_policy_document=trust("vpc-flow-logs.amazonaws.com"),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="write",
                    policy_document=document(grant(("logs:CreateLogStream", "logs:PutLogEvents"), events)),
                )
            ],
        )
        return ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self.vpc.attr_vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=self.log_group.ref,
            deliver_logs_permission_arn=role.attr_arn,
        )
