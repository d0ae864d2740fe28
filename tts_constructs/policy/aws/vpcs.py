"""Finds the VPC that a resource is in."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"

VPC_PROPERTIES = {
    "AWS::AmazonMQ::Broker": ("SubnetIds",),
    "AWS::ApiGatewayV2::VpcLink": ("SubnetIds",),
    "AWS::AppRunner::VpcConnector": ("Subnets",),
    "AWS::AutoScaling::AutoScalingGroup": ("VPCZoneIdentifier",),
    "AWS::Batch::ComputeEnvironment": ("ComputeResources/Subnets",),
    "AWS::CodeBuild::Project": ("VpcConfig/Subnets", "VpcConfig/VpcId"),
    "AWS::DAX::Cluster": ("SubnetGroupName",),
    "AWS::DAX::SubnetGroup": ("SubnetIds",),
    "AWS::DMS::ReplicationInstance": ("ReplicationSubnetGroupIdentifier",),
    "AWS::DMS::ReplicationSubnetGroup": ("SubnetIds",),
    "AWS::DirectoryService::MicrosoftAD": ("VpcSettings/SubnetIds", "VpcSettings/VpcId"),
    "AWS::DirectoryService::SimpleAD": ("VpcSettings/SubnetIds", "VpcSettings/VpcId"),
    "AWS::DocDB::DBCluster": ("DBSubnetGroupName",),
    "AWS::DocDB::DBSubnetGroup": ("SubnetIds",),
    "AWS::DocDBElastic::Cluster": ("SubnetIds",),
    "AWS::EC2::ClientVpnEndpoint": ("VpcId",),
    "AWS::EC2::ClientVpnRoute": ("TargetVpcSubnetId",),
    "AWS::EC2::ClientVpnTargetNetworkAssociation": ("SubnetId",),
    "AWS::EC2::EC2Fleet": ("LaunchTemplateConfigs/*/Overrides/*/SubnetId",),
    "AWS::EC2::EgressOnlyInternetGateway": ("VpcId",),
    "AWS::EC2::Instance": ("NetworkInterfaces/*/SubnetId", "SubnetId"),
    "AWS::EC2::InstanceConnectEndpoint": ("SubnetId",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData/NetworkInterfaces/*/SubnetId",),
    "AWS::EC2::NatGateway": ("SubnetId", "VpcId"),
    "AWS::EC2::NetworkAcl": ("VpcId",),
    "AWS::EC2::NetworkInterface": ("SubnetId",),
    "AWS::EC2::RouteTable": ("VpcId",),
    "AWS::EC2::SecurityGroup": ("VpcId",),
    "AWS::EC2::SecurityGroupVpcAssociation": ("VpcId",),
    "AWS::EC2::SpotFleet": (
        "SpotFleetRequestConfigData/LaunchSpecifications/*/NetworkInterfaces/*/SubnetId",
        "SpotFleetRequestConfigData/LaunchSpecifications/*/SubnetId",
        "SpotFleetRequestConfigData/LaunchTemplateConfigs/*/Overrides/*/SubnetId",
    ),
    "AWS::EC2::Subnet": ("VpcId",),
    "AWS::EC2::SubnetNetworkAclAssociation": ("SubnetId",),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCCidrBlock": ("VpcId",),
    "AWS::EC2::VPCDHCPOptionsAssociation": ("VpcId",),
    "AWS::EC2::VPCEndpoint": ("SubnetIds", "VpcId"),
    "AWS::EC2::VPCGatewayAttachment": ("VpcId",),
    "AWS::ECS::Service": ("NetworkConfiguration/AwsvpcConfiguration/Subnets",),
    "AWS::ECS::TaskSet": ("NetworkConfiguration/AwsVpcConfiguration/Subnets",),
    "AWS::EFS::MountTarget": ("SubnetId",),
    "AWS::EKS::Cluster": ("ResourcesVpcConfig/SubnetIds",),
    "AWS::EKS::FargateProfile": ("Subnets",),
    "AWS::EKS::Nodegroup": ("Subnets",),
    "AWS::EMR::Cluster": ("Instances/Ec2SubnetId", "Instances/Ec2SubnetIds"),
    "AWS::ElastiCache::CacheCluster": ("CacheSubnetGroupName",),
    "AWS::ElastiCache::ReplicationGroup": ("CacheSubnetGroupName",),
    "AWS::ElastiCache::ServerlessCache": ("SubnetIds",),
    "AWS::ElastiCache::SubnetGroup": ("SubnetIds",),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("Subnets",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("SubnetMappings/*/SubnetId", "Subnets"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("VpcId",),
    "AWS::Elasticsearch::Domain": ("VPCOptions/SubnetIds",),
    "AWS::FSx::FileSystem": ("SubnetIds",),
    "AWS::Glue::Connection": ("ConnectionInput/PhysicalConnectionRequirements/SubnetId",),
    "AWS::KinesisAnalyticsV2::Application": ("ApplicationConfiguration/VpcConfigurations/*/SubnetIds",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "AmazonOpenSearchServerlessDestinationConfiguration/VpcConfiguration/SubnetIds",
        "AmazonopensearchserviceDestinationConfiguration/VpcConfiguration/SubnetIds",
        "ElasticsearchDestinationConfiguration/VpcConfiguration/SubnetIds",
    ),
    "AWS::Lambda::Function": ("VpcConfig/SubnetIds",),
    "AWS::MSK::Cluster": ("BrokerNodeGroupInfo/ClientSubnets",),
    "AWS::MSK::ServerlessCluster": ("VpcConfigs/*/SubnetIds",),
    "AWS::MWAA::Environment": ("NetworkConfiguration/SubnetIds",),
    "AWS::MemoryDB::Cluster": ("SubnetGroupName",),
    "AWS::MemoryDB::SubnetGroup": ("SubnetIds",),
    "AWS::Neptune::DBCluster": ("DBSubnetGroupName",),
    "AWS::Neptune::DBInstance": ("DBSubnetGroupName",),
    "AWS::Neptune::DBSubnetGroup": ("SubnetIds",),
    "AWS::NetworkFirewall::Firewall": ("SubnetMappings/*/SubnetId", "VpcId"),
    "AWS::NetworkFirewall::VpcEndpointAssociation": ("SubnetMapping/SubnetId", "VpcId"),
    "AWS::OpenSearchServerless::VpcEndpoint": ("SubnetIds", "VpcId"),
    "AWS::OpenSearchService::Domain": ("VPCOptions/SubnetIds",),
    "AWS::RDS::DBCluster": ("DBSubnetGroupName",),
    "AWS::RDS::DBInstance": ("DBSubnetGroupName",),
    "AWS::RDS::DBProxy": ("VpcSubnetIds",),
    "AWS::RDS::DBProxyEndpoint": ("VpcSubnetIds",),
    "AWS::RDS::DBSubnetGroup": ("SubnetIds",),
    "AWS::Redshift::Cluster": ("ClusterSubnetGroupName",),
    "AWS::Redshift::ClusterSubnetGroup": ("SubnetIds",),
    "AWS::Redshift::EndpointAccess": ("SubnetGroupName",),
    "AWS::RedshiftServerless::Workgroup": ("SubnetIds",),
    "AWS::Route53::HostedZone": ("VPCs/*/VPCId",),
    "AWS::Route53Resolver::ResolverEndpoint": ("IpAddresses/*/SubnetId",),
    "AWS::Route53Resolver::ResolverRuleAssociation": ("VPCId",),
    "AWS::S3::AccessPoint": ("VpcConfiguration/VpcId",),
    "AWS::SageMaker::Domain": ("SubnetIds", "VpcId"),
    "AWS::SageMaker::Model": ("VpcConfig/Subnets",),
    "AWS::SageMaker::NotebookInstance": ("SubnetId",),
    "AWS::Scheduler::Schedule": ("Target/EcsParameters/NetworkConfiguration/AwsvpcConfiguration/Subnets",),
    "AWS::SecretsManager::RotationSchedule": ("HostedRotationLambda/VpcSubnetIds",),
    "AWS::Serverless::Function": ("VpcConfig/SubnetIds",),
    "AWS::Synthetics::Canary": ("VPCConfig/SubnetIds", "VPCConfig/VpcId"),
    "AWS::Transfer::Server": ("EndpointDetails/SubnetIds", "EndpointDetails/VpcId"),
}
"""The properties by which each type names its VPC, its subnets, or its subnet group."""

_SUBNET_GROUPS = {
    "CacheSubnetGroupName": ("AWS::ElastiCache::SubnetGroup",),
    "DBSubnetGroupName": (
        "AWS::DocDB::DBSubnetGroup",
        "AWS::Neptune::DBSubnetGroup",
        "AWS::RDS::DBSubnetGroup",
    ),
    "ReplicationSubnetGroupIdentifier": ("AWS::DMS::ReplicationSubnetGroup",),
    "SubnetGroupName": ("AWS::DAX::SubnetGroup", "AWS::MemoryDB::SubnetGroup"),
}
"""Properties that name a subnet group: here, and in the group itself."""


def named_at(place: Node) -> Resource | None:
    """Return the resource of the app by which a place says where something is.

    Returns:
        A VPC, a subnet, a subnet group, or a resource in a VPC whose attribute is used; None: the place names
        something that the app does not make.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    value = place.value
    references = value.references if isinstance(value, Text) else (value,)
    for reference in references:
        if isinstance(reference, Reference) and _tells(reference.resource):
            return reference.resource
    place.text()
    groups = _SUBNET_GROUPS.get(str(place.key))
    return place.target(*groups, name=str(place.key)) if groups else None


def vpcs_of(resource: Resource) -> Iterator[Resource]:
    """Yield the app's known VPCs that a resource of a type in `VPC_PROPERTIES` is in."""
    waiting = [resource]
    seen = {resource}
    while waiting:
        current = waiting.pop()
        if current.type == VPC:
            yield current
            continue
        for path in VPC_PROPERTIES[current.type]:
            for named in _named_by(current, path):
                if named not in seen:
                    seen.add(named)
                    waiting.append(named)


def _named_by(resource: Resource, path: str) -> Iterator[Resource]:
    try:
        for place in resource.properties.find_all(path):
            for item in place.items():
                named = named_at(item)
                if named:
                    yield named
    except UnknownValue:
        return  # reported for the place itself


def _tells(resource: Resource) -> bool:
    return resource.type == VPC or resource.type in VPC_PROPERTIES
