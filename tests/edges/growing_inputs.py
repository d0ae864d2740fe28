"""Inputs of any size that join resources, values, and names in each way in which rules do.

Each function makes the resources for a number; `SHAPES` says by which rules they are judged. What a shape
needs beside resources it holds below `SECTIONS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Resources = dict[str, Any]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def allow(action: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resources, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Statement": list(statements)}


def ingress(one: int, **more: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": one, "ToPort": one, "CidrIp": "0.0.0.0/0"} | more


# Buckets


def buckets_and_writers(number: int) -> Resources:
    pattern = {"DestinationBucketName": {"Fn::Sub": "logs-${AWS::StackName}"}}
    return {
        f"{kind}{one}": resource("S3::Bucket", **properties)
        for one in range(number)
        for kind, properties in (
            ("Logs", {"BucketName": f"logs-{one}"}),
            ("Data", {"LoggingConfiguration": pattern}),
        )
    }


def policies_of_one_bucket(number: int) -> Resources:
    policy = document(allow("s3:GetObject", arn("Data"), Principal="*"))
    policies = {
        f"P{one}": resource("S3::BucketPolicy", Bucket=ref("Data"), PolicyDocument=policy)
        for one in range(number)
    }
    return {"Data": resource("S3::Bucket"), **policies}


def statements_of_one_policy(number: int) -> Resources:
    statements = [
        allow("s3:*", f"arn:aws:s3:::b/{one}", Principal={"AWS": f"arn:aws:iam::{one:012}:root"})
        for one in range(number)
    ]
    policy = resource("S3::BucketPolicy", Bucket=ref("Data"), PolicyDocument=document(*statements))
    return {"Data": resource("S3::Bucket"), "Policy": policy}


def buckets_named_by_expressions(number: int) -> Resources:
    return {
        f"{kind}{one}": made
        for one in range(number)
        for name in [{"Fn::Sub": f"${{AWS::StackName}}-{one}"}]
        for kind, made in (
            ("B", resource("S3::Bucket", BucketName=name)),
            ("P", resource("S3::BucketPolicy", Bucket=name, PolicyDocument=document(allow("s3:*")))),
        )
    }


# Networks


def groups_and_holders(number: int) -> Resources:
    return {"Shared": resource("EC2::SecurityGroup", SecurityGroupIngress=[ingress(443)])} | {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("G", resource("EC2::SecurityGroup", SecurityGroupIngress=[ingress(one)])),
            ("H", resource("EC2::Instance", SecurityGroupIds=[ref("Shared"), ref(f"G{one}")])),
        )
    }


def groups_of_one_holder(number: int) -> Resources:
    groups = {
        f"G{one}": resource("EC2::SecurityGroup", SecurityGroupIngress=[ingress(one)])
        for one in range(number)
    }
    return groups | {"Web": resource("EC2::Instance", SecurityGroupIds=[ref(name) for name in groups])}


def groups_and_holders_under_conditions(number: int) -> Resources:
    made = groups_and_holders(number)
    return {name: body | {"Condition": f"C{one % 50}"} for one, (name, body) in enumerate(made.items())}


def subnets_and_route_tables(number: int) -> Resources:
    return {"Vpc": resource("EC2::VPC"), "Table": resource("EC2::RouteTable", VpcId=ref("Vpc"))} | {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("S", resource("EC2::Subnet", VpcId=ref("Vpc"), MapPublicIpOnLaunch=True)),
            ("A", resource("EC2::SubnetRouteTableAssociation", SubnetId=ref(f"S{one}"),
                           RouteTableId=ref("Table"))),
            ("R", resource("EC2::Route", RouteTableId=ref("Table"),
                           DestinationCidrBlock=f"9.{one % 250}.0.0/16")),
            ("I", resource("EC2::Instance", SubnetId=ref(f"S{one}"), Ipv6AddressCount=1)),
        )
    }  # fmt: skip


def entries_of_one_acl(number: int) -> Resources:
    return {"Vpc": resource("EC2::VPC"), "Acl": resource("EC2::NetworkAcl", VpcId=ref("Vpc"))} | {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            (
                "E",
                resource(
                    "EC2::NetworkAclEntry", NetworkAclId=ref("Acl"), Protocol=6, RuleNumber=number - one,
                    RuleAction="allow", PortRange={"From": one, "To": one + 5},
                    CidrBlock=f"{one % 200}.0.0.0/8",
                ),
            ),
            ("S", resource("EC2::SubnetNetworkAclAssociation", SubnetId=f"subnet-{one}",
                           NetworkAclId=ref("Acl"))),
        )
    }  # fmt: skip


def networks_and_flow_logs(number: int) -> Resources:
    return {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("V", resource("EC2::VPC")),
            ("F", resource("EC2::FlowLog", ResourceId=ref("V0"), ResourceType="VPC", TrafficType="ALL")),
            ("P", resource("EC2::VPCPeeringConnection", VpcId=ref("V0"), PeerVpcId=ref(f"V{one}"))),
        )
    }


def many_findings_of_one_group(number: int) -> Resources:
    rules = [ingress(22, ToPort=22 + one) for one in range(number)]
    group = resource("EC2::SecurityGroup", GroupDescription="x", SecurityGroupIngress=rules)
    return {"Group": group, "Web": resource("EC2::Instance", SecurityGroupIds=[ref("Group")])}


# Permissions


def boundaries(number: int) -> Resources:
    kept = document(allow([f"s{one}:Get*" for one in range(number)]))
    roles = {
        f"R{one}": resource(
            "IAM::Role", PermissionsBoundary=ref("Boundary"),
            Policies=[{"PolicyDocument": document(allow([f"s{one}:Get*", f"x{one}:*"]))}],
        )
        for one in range(number)
    }  # fmt: skip
    return {"Boundary": resource("IAM::ManagedPolicy", PolicyDocument=kept), **roles}


def policies_of_one_role(number: int) -> Resources:
    policies = {
        f"P{one}": resource(
            "IAM::Policy", Roles=[ref("Role")], PolicyDocument=document(allow(f"s{one}:Get*"))
        )
        for one in range(number)
    }
    kept = document(*(allow(f"s{one}:Get*") for one in range(number)))
    role = resource("IAM::Role", PermissionsBoundary=ref("Boundary"))
    return {"Role": role, "Boundary": resource("IAM::ManagedPolicy", PolicyDocument=kept), **policies}


def roles_with_one_policy(number: int) -> Resources:
    granted = document(*(allow(f"s{one}:Get*") for one in range(number)))
    roles = {
        f"R{one}": resource(
            "IAM::Role", ManagedPolicyArns=[ref("Policy")], PermissionsBoundary=ref("Boundary")
        )
        for one in range(number)
    }
    policies = {
        name: resource("IAM::ManagedPolicy", PolicyDocument=granted) for name in ("Policy", "Boundary")
    }
    return policies | roles


def one_policy_of_roles(number: int) -> Resources:
    granted = document(*(allow("s3:GetObject", f"arn:aws:s3:::b/{one}") for one in range(number)))
    roles = {f"R{one}": resource("IAM::Role", AssumeRolePolicyDocument=document()) for one in range(number)}
    policy = resource("IAM::ManagedPolicy", PolicyDocument=granted, Roles=[ref(role) for role in roles])
    return {"Policy": policy, **roles}


def keys_and_policies(number: int) -> Resources:
    made: Resources = {}
    for one in range(number):
        allowed = document(allow("kms:*", Principal={"AWS": f"arn:aws:iam::111122223333:role/r{one}"}))
        used = document(allow("kms:Decrypt", arn(f"K{one}")))
        made[f"K{one}"] = resource("KMS::Key", KeyPolicy=allowed)
        made[f"P{one}"] = resource("IAM::ManagedPolicy", PolicyDocument=used)
    return made


# Alarms, databases, listeners


def topics_and_alarms(number: int) -> Resources:
    return {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("T", resource("SNS::Topic")),
            ("P", resource("SNS::TopicPolicy", Topics=[ref(f"T{one}")],
                           PolicyDocument=document(allow("sns:*")))),
            ("D", resource("RDS::DBInstance", Engine="postgres")),
            ("A", alarm([ref(f"T{one}")], [ref(f"D{one}")])),
        )
    }  # fmt: skip


def one_alarm_of_all(number: int) -> Resources:
    made = topics_and_alarms(number)
    topics, databases = ([ref(f"{kind}{one}") for one in range(number)] for kind in "TD")
    return {name: body for name, body in made.items() if name[0] != "A"} | {"A": alarm(topics, databases)}


def alarm(topics: list[Any], databases: list[Any]) -> dict[str, Any]:
    metrics = [
        {"MetricStat": {"Metric": {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": one}]}}}
        for one in databases
    ]
    return resource("CloudWatch::Alarm", AlarmActions=topics, Metrics=metrics)


def databases_of_one_group(number: int) -> Resources:
    groups = {
        "Parameters": resource(
            "RDS::DBParameterGroup", Family="postgres14", Parameters={"rds.force_ssl": "1"}
        ),
        "Plan": resource("Backup::BackupPlan", BackupPlan={"BackupPlanName": "x"}),
    }
    return groups | {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("D", resource("RDS::DBInstance", Engine="postgres", DBParameterGroupName=ref("Parameters"))),
            ("T", resource("DynamoDB::Table", TableName=f"t{one}")),
            ("S", resource("Backup::BackupSelection", BackupPlanId=ref("Plan"),
                           BackupSelection={"Resources": [arn(f"T{one}")]})),
        )
    }  # fmt: skip


def listeners_of_one_balancer(number: int) -> Resources:
    balancer = "ElasticLoadBalancingV2"
    return {"B": resource(f"{balancer}::LoadBalancer")} | {
        f"{kind}{one}": made
        for one in range(number)
        for kind, made in (
            ("L", resource(f"{balancer}::Listener", LoadBalancerArn=ref("B"), Protocol="HTTP", Port=one)),
            ("R", resource(f"{balancer}::ListenerRule", ListenerArn=ref("L0"),
                           Actions=[{"Type": "forward", "TargetGroupArn": ref(f"T{one}")}])),
            ("T", resource(f"{balancer}::TargetGroup", Protocol="HTTP")),
        )
    }  # fmt: skip


def groups_of_one_launch_template(number: int) -> Resources:
    groups = {
        f"A{one}": resource("AutoScaling::AutoScalingGroup", LaunchTemplate={"LaunchTemplateId": ref("L"),
                            "Version": {"Fn::GetAtt": ["L", "LatestVersionNumber"]}})
        for one in range(number)
    }  # fmt: skip
    return {"L": resource("EC2::LaunchTemplate", LaunchTemplateData={"ImageId": "ami-1"}), **groups}


# Values that have several possibilities


def values_of_a_parameter(_: int) -> Resources:
    return {f"I{one}": resource("EC2::Instance", ImageId=ref("Image")) for one in range(20)}


def entries_of_a_mapping(_: int) -> Resources:
    look_up = {"Fn::FindInMap": ["Map", ref("Open"), "v"]}
    return {f"B{one}": resource("S3::Bucket", AccessControl=look_up) for one in range(20)}


def a_loop_over_a_mapping(number: int) -> Resources:
    body = {"B${X}": resource("S3::Bucket", BucketName={"Fn::FindInMap": ["Map", ref("X"), "v"]})}
    return {"Fn::ForEach::Loop": ["X", [f"k{one}" for one in range(number)], body]}


def branches_of_conditions(number: int) -> Resources:
    return {
        f"B{one}": resource("S3::Bucket", BucketName={"Fn::If": [f"C{one % 50}", "a", "b"]})
        | {"Condition": f"C{one % 50}"}
        for one in range(number)
    }


def optional_items(number: int) -> Resources:
    none = {"Ref": "AWS::NoValue"}
    tags = [{"Fn::If": [f"C{one % 10}", {"Key": f"k{one}", "Value": "v"}, none]} for one in range(number)]
    statements = [
        {"Fn::If": [f"C{one % 10}", allow(f"s3:Get{one}", f"x{one}"), none]} for one in range(number)
    ]
    return {
        "Data": resource("S3::Bucket", Tags=tags),
        "Policy": resource("IAM::ManagedPolicy", PolicyDocument=document(*statements)),
    }


# Texts


def parts_of_a_substitution(number: int) -> Resources:
    text = "\n".join(f"export A{one}=${{Open}}" for one in range(number))
    parts = [part for one in range(number) for part in (f"\necho password{one}=", ref("Open"))]
    return {
        "Sub": resource("EC2::Instance", UserData={"Fn::Base64": {"Fn::Sub": text}}),
        "Join": resource("EC2::Instance", UserData={"Fn::Base64": {"Fn::Join": ["", parts]}}),
    }


def json_in_text(number: int) -> Resources:
    calls = {
        f"S{one}": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ec2:authorizeSecurityGroupIngress",
            "Parameters": {"GroupId": "${Open}", "CidrIp": "0.0.0.0/0", "IpProtocol": "tcp"},
        }
        for one in range(number)
    }
    policy = document(*(allow("s3:*", f"arn:${{AWS::Partition}}:s3:::b/{one}") for one in range(number)))
    return {
        "Machine": resource("StepFunctions::StateMachine",
                            DefinitionString={"Fn::Sub": json.dumps({"States": calls})}),
        "Policy": resource("IAM::ManagedPolicy", PolicyDocument={"Fn::Sub": json.dumps(policy)}),
        "Braces": resource("Lambda::Function", Environment={"Variables": {"A": '{"a":' * number}}),
    }  # fmt: skip


def globals_of_functions(number: int) -> Resources:
    return {
        f"F{one}": resource("Serverless::Function", Policies=[document(allow("*"))]) for one in range(number)
    }


def sections(number: int) -> dict[str, Any]:
    """All of a template but its resources, for every shape."""
    return {
        "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
        "Globals": {"Function": {"Environment": {"Variables": {f"V{one}": "x" for one in range(20)}}}},
        "Parameters": {
            "Open": {"Type": "String"},
            "Image": {"Type": "String", "AllowedValues": [f"ami-{one}" for one in range(number)]},
            **{f"P{one}": {"Type": "String"} for one in range(50)},
        },
        "Conditions": {f"C{one}": {"Fn::Equals": [ref(f"P{one}"), "x"]} for one in range(50)},
        "Mappings": {
            "Map": {f"k{one}": {"v": "Private" if one % 2 else "PublicRead"} for one in range(number)}
        },
    }  # fmt: skip


Shape = Callable[[int], Resources]

SHAPES: dict[Shape, str] = {
    buckets_and_writers: "S3 LOG",
    policies_of_one_bucket: "S3 TLS",
    statements_of_one_policy: "S3 TLS",
    buckets_named_by_expressions: "S3 TLS",
    groups_and_holders: "NET SBX VPC",
    groups_of_one_holder: "NET SBX VPC",
    groups_and_holders_under_conditions: "NET SBX",
    subnets_and_route_tables: "EC2 VPC NET",
    entries_of_one_acl: "VPC",
    networks_and_flow_logs: "VPC",
    many_findings_of_one_group: "NET",
    boundaries: "IAM",
    policies_of_one_role: "IAM",
    roles_with_one_policy: "IAM",
    one_policy_of_roles: "IAM",
    keys_and_policies: "KMS IAM",
    topics_and_alarms: "MON DATA",
    one_alarm_of_all: "MON",
    databases_of_one_group: "DATA TLS",
    listeners_of_one_balancer: "TLS LOG",
    groups_of_one_launch_template: "EC2 ASG",
    values_of_a_parameter: "EC2",
    entries_of_a_mapping: "S3",
    a_loop_over_a_mapping: "S3",
    branches_of_conditions: "S3",
    optional_items: "IAM TAG",
    parts_of_a_substitution: "SEC",
    json_in_text: "NET IAM SEC",
    globals_of_functions: "IAM SEC",
}
"""Each shape with the families of rules that join what it holds."""
