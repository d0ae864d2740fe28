"""Templates that somebody could write to make the judge slow: each takes a size, and returns resources."""

from collections.abc import Callable
from typing import Any

GROUP = "AWS::EC2::SecurityGroup"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def rule(one: int, port: int | None = None, cidr: str | None = None) -> dict[str, Any]:
    """One of many rules, each for an address of its own and, if none is said, at a port of its own."""
    port = port or 1000 + one
    cidr = cidr or f"8.{one // 250}.{one % 250}.7/32"
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def inline(number: int) -> dict[str, Any]:
    rules = [rule(one) for one in range(number)]
    return {"Group": resource(GROUP, SecurityGroupIngress=rules, SecurityGroupEgress=rules)}


def of_a_group_elsewhere(number: int) -> dict[str, Any]:
    halves = [rule(one, 1000 + one // 2, f"{8 + one % 2}.0.0.0/8") for one in range(number)]
    return {
        f"{way}{one}": resource(f"AWS::EC2::SecurityGroup{way}", GroupId="sg-1", **half)
        for way in ("Ingress", "Egress")
        for one, half in enumerate(halves)
    }


def on_balancers_of_a_group_elsewhere(number: int) -> dict[str, Any]:
    return {
        f"{kind}{one}": resource(f"AWS::{kind}", **properties)
        for one in range(number)
        for kind, properties in (
            ("EC2::SecurityGroupIngress", rule(one, 80, "0.0.0.0/0") | {"GroupId": "sg-1"}),
            ("ElasticLoadBalancingV2::LoadBalancer", {"SecurityGroups": ["sg-1"]}),
        )
    }


def holders_of_one_group(number: int) -> dict[str, Any]:
    shared = resource(GROUP, SecurityGroupIngress=[rule(one, 443) for one in range(number)])
    own = {f"Own{one}": resource(GROUP, SecurityGroupIngress=[rule(one, 443)]) for one in range(number)}
    balancers = {
        f"Balancer{one}": resource(BALANCER, SecurityGroups=[{"Ref": f"Own{one}"}, {"Ref": "Shared"}])
        for one in range(number)
    }
    return {"Shared": shared, **own, **balancers}


def entries_in_descending_order(number: int) -> dict[str, Any]:
    return {
        f"Entry{port}": {
            "Type": "AWS::EC2::NetworkAclEntry",
            "Properties": {
                "NetworkAclId": "acl-1", "Protocol": 6, "RuleNumber": number - port, "RuleAction": "allow",
                "PortRange": {"From": port, "To": port}, "CidrBlock": "0.0.0.0/0",
            },
        }
        for port in range(number)
    }  # fmt: skip


def buckets_and_writers_by_pattern(number: int) -> dict[str, Any]:
    logging = {"LoggingConfiguration": {"DestinationBucketName": {"Fn::Sub": "logs-${AWS::StackName}"}}}
    buckets = {
        f"Logs{i}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"logs-{i}"}}
        for i in range(number)
    }
    return buckets | {f"Data{i}": {"Type": "AWS::S3::Bucket", "Properties": logging} for i in range(number)}


def a_long_value(number: int) -> dict[str, Any]:
    return {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "a" * 500 * number}}}


SHAPES: dict[str, Callable[[int], dict[str, Any]]] = {
    "one security group with many rules": inline,
    "many rules of a group that is elsewhere": of_a_group_elsewhere,
    "many load balancers of a group that is elsewhere": on_balancers_of_a_group_elsewhere,
    "many load balancers that share a group": holders_of_one_group,
    "entries of a network ACL in descending order": entries_in_descending_order,
    "buckets, and writers of logs by a pattern": buckets_and_writers_by_pattern,
    "a long value": a_long_value,
}
"""By what a reader calls them."""
