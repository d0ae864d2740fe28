"""The target group of a service: the instances that its balancer sends requests to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

_PORTS = range(1, 65536)


@dataclass(frozen=True, kw_only=True)
class TargetSettings:
    """The way that a balancer reaches the instances and checks their health.

    Args:
        port: Port at which the instances listen.
        protocol: Protocol that the balancer uses to reach them, inside the VPC.
        health_check_path: Path that answers 200 when an instance is healthy.
    """

    port: int
    protocol: elbv2.ApplicationProtocol
    health_check_path: str

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each value that a target group can't have."""
        if self.port not in _PORTS:
            yield f"port={self.port} is not a port; write the one at which the instances listen, 1 to 65535"
        path = self.health_check_path
        if not path.startswith("/"):
            yield f"health_check_path={path!r} is not a path; write {'/' + path!r}"


def target_group(
    scope: Construct,
    id_: str,
    *,
    vpc: ec2.IVpc,
    group: autoscaling.AutoScalingGroup,
    settings: TargetSettings,
) -> elbv2.ApplicationTargetGroup:
    """Makes a target group that holds the instances of an auto-scaling group."""
    return elbv2.ApplicationTargetGroup(
        scope,
        id_,
        vpc=vpc,
        port=settings.port,
        protocol=settings.protocol,
        targets=[group],
        health_check=elbv2.HealthCheck(
            path=settings.health_check_path,
            healthy_http_codes="200",
            protocol=elbv2.Protocol[settings.protocol.name],  # AWS's default is HTTP for both
        ),
    )
