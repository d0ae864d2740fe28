"""The auto-scaling group of a service: its size, its health, and how its instances are replaced."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.system.tts_system import TtsSystem

LONGEST_LIFETIME = Duration.seconds(standards.MAX_INSTANCE_LIFETIME_SECONDS)
_SHORTEST_LIFETIME_SECONDS = 24 * 60 * 60  # what EC2 Auto Scaling takes

# The CDK suspends health checks too, and then an unhealthy instance counts as updated.
_SUSPENDED = [
    autoscaling.ScalingProcess.AZ_REBALANCE,
    autoscaling.ScalingProcess.ALARM_NOTIFICATION,
    autoscaling.ScalingProcess.SCHEDULED_ACTIONS,
]


def scaling_group(
    scope: Construct,
    *,
    system: TtsSystem,
    launch_template: ec2.LaunchTemplate,
    min_capacity: int,
    max_capacity: int,
    health_check_grace: Duration,
    replace_after: Duration,
    signals: autoscaling.Signals | None,
) -> autoscaling.AutoScalingGroup:
    """A group in the system's private subnets that trusts its balancer's health check.

    With `signals` an update is a rolling one that waits for them; else an instance refresh.
    """
    group = autoscaling.AutoScalingGroup(
        scope,
        "Group",
        vpc=system.vpc,
        vpc_subnets=system.private_subnets,
        launch_template=launch_template,
        min_capacity=min_capacity,
        max_capacity=max_capacity,
        max_instance_lifetime=replace_after,
        default_instance_warmup=health_check_grace,
        health_checks=autoscaling.HealthChecks.with_additional_checks(
            additional_types=[autoscaling.AdditionalHealthCheckType.ELB], grace_period=health_check_grace
        ),
        group_metrics=[autoscaling.GroupMetrics.all()],
        signals=signals,
        update_policy=_refresh(health_check_grace) if signals is None else _rolling_update(min_capacity),
    )
    # At boot an instance loads and reports over NAT, which is there only when its route is.
    group.node.add_dependency(
        system.vpc.select_subnets(
            subnet_group_name=system.private_subnets.subnet_group_name
        ).internet_connectivity_established
    )
    return group


def _refresh(warmup: Duration) -> autoscaling.UpdatePolicy:
    return autoscaling.UpdatePolicy.instance_refresh(
        strategy=autoscaling.InstanceRefreshStrategy.ROLLING,
        min_healthy_percentage=100,
        max_healthy_percentage=150,
        instance_warmup=warmup,
    )


def _rolling_update(min_capacity: int) -> autoscaling.UpdatePolicy:
    return autoscaling.UpdatePolicy.rolling_update(
        min_instances_in_service=min_capacity, max_batch_size=1, suspend_processes=_SUSPENDED
    )


def group_faults(
    min_capacity: int, max_capacity: int, replace_after: Duration, signals: autoscaling.Signals | None
) -> Iterator[str]:
    """One sentence for each thing that is wrong with a group's size or lifetime."""
    if min_capacity < standards.MIN_INSTANCES:
        yield (
            f"min_capacity={min_capacity} is too few to outlive a failure; "
            f"write {standards.MIN_INSTANCES} or more"
        )
    if max_capacity < min_capacity:
        yield f"max_capacity={max_capacity} is below min_capacity={min_capacity}; write at least that"
    elif signals is not None and max_capacity == min_capacity:
        yield (
            f"max_capacity={max_capacity} leaves a rolling update no room for a new instance; "
            f"write {min_capacity + 1} or more"
        )
    seconds = replace_after.to_seconds()
    if not _SHORTEST_LIFETIME_SECONDS <= seconds <= standards.MAX_INSTANCE_LIFETIME_SECONDS:
        yield (
            f"replace_after= is {replace_after.to_human_string()}; write 1 to 30 days, so that instances "
            "start from a current image"
        )
