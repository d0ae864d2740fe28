"""The auto-scaling group of a service: its size, its health check, and how it replaces instances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.system.tts_system import TtsSystem

LONGEST_LIFETIME = Duration.seconds(standards.MAX_INSTANCE_LIFETIME_SECONDS)
_SHORTEST_LIFETIME_SECONDS = 24 * 60 * 60  # what EC2 Auto Scaling takes

_LEAST_HEALTHY, _MOST_HEALTHY = 100, 150
"""Percent of the wanted instances while some are replaced: new ones start before old ones go."""

# The CDK suspends health checks too, and then an unhealthy instance counts as updated.
_SUSPENDED = [
    autoscaling.ScalingProcess.AZ_REBALANCE,
    autoscaling.ScalingProcess.ALARM_NOTIFICATION,
    autoscaling.ScalingProcess.SCHEDULED_ACTIONS,
]


@dataclass(frozen=True, kw_only=True)
class GroupSettings:
    """The size of a group, and how it replaces its instances.

    Args:
        min_capacity: Smallest number of instances.
        max_capacity: Largest number of instances.
        health_check_grace: Time that an instance has to become healthy.
        replace_after: Age at which an instance is replaced.
        signals: Signals that creation and rolling updates wait for. None: updates are an instance refresh.
    """

    min_capacity: int
    max_capacity: int
    health_check_grace: Duration
    replace_after: Duration
    signals: autoscaling.Signals | None

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each value that a group can't have."""
        if self.min_capacity < standards.MIN_INSTANCES:
            yield (
                f"min_capacity={self.min_capacity} is too few to outlive a failure; "
                f"write {standards.MIN_INSTANCES} or more"
            )
        if self.max_capacity < self.min_capacity:
            yield (
                f"max_capacity={self.max_capacity} is below min_capacity={self.min_capacity}; "
                "write at least that"
            )
        elif self.signals is not None and self.max_capacity == self.min_capacity:
            yield (
                f"max_capacity={self.max_capacity} leaves a rolling update no room for a new instance; "
                f"write {self.min_capacity + 1} or more"
            )
        yield from self._lifetime_faults()
        yield from self._grace_faults()

    def schedule_faults(
        self, *, min_capacity: int | None, max_capacity: int | None, desired_capacity: int | None
    ) -> Iterator[str]:
        """Yields one sentence for each size that a schedule can't give the group.

        A size that the schedule leaves open counts as the group's own, as an earlier schedule may not have
        changed it.
        """
        sizes = {
            "min_capacity": min_capacity,
            "max_capacity": max_capacity,
            "desired_capacity": desired_capacity,
        }
        given = {name: size for name, size in sizes.items() if size is not None}
        if not given:
            yield "changes nothing; write min_capacity=, max_capacity= or desired_capacity="
        too_few = {name: size for name, size in given.items() if size < standards.MIN_INSTANCES}
        for name, size in too_few.items():
            yield f"{name}={size} is too few to outlive a failure; write {standards.MIN_INSTANCES} or more"
        if too_few:
            return
        least = self.min_capacity if min_capacity is None else min_capacity
        most = self.max_capacity if max_capacity is None else max_capacity
        if least > most:
            yield _crossed(min_capacity, max_capacity, least, most)
        elif desired_capacity is not None and not least <= desired_capacity <= most:
            yield (
                f"desired_capacity={desired_capacity} is not between min_capacity={least} and "
                f"max_capacity={most}; change one of them too"
            )

    def _grace_faults(self) -> Iterator[str]:
        grace = self.health_check_grace
        if grace.to_milliseconds() == 0:
            yield (
                "health_check_grace= is 0; write the time that an instance has to become healthy, such as "
                "Duration.minutes(5)"
            )
        elif grace.to_milliseconds() % 1000:
            yield f"health_check_grace= is {grace.to_human_string()}; write whole seconds"

    def _lifetime_faults(self) -> Iterator[str]:
        seconds = self.replace_after.to_milliseconds() / 1000
        if not _SHORTEST_LIFETIME_SECONDS <= seconds <= standards.MAX_INSTANCE_LIFETIME_SECONDS:
            yield (
                f"replace_after= is {self.replace_after.to_human_string()}; write 1 to 30 days, so that "
                "instances start from a current image"
            )


def _crossed(min_capacity: int | None, max_capacity: int | None, least: int, most: int) -> str:
    if min_capacity is None:
        return f"max_capacity={most} is below the group's min_capacity={least}; write min_capacity= too"
    if max_capacity is None:
        return f"min_capacity={least} is above the group's max_capacity={most}; write max_capacity= too"
    return f"min_capacity={least} is above max_capacity={most}; write at most that"


def scaling_group(
    scope: Construct, *, system: TtsSystem, launch_template: ec2.LaunchTemplate, settings: GroupSettings
) -> autoscaling.AutoScalingGroup:
    """Makes a group in the system's private subnets that follows its balancer's health check.

    With signals, an update is a rolling one that waits for them. Otherwise it is an instance refresh.
    """
    group = autoscaling.AutoScalingGroup(
        scope,
        "Group",
        vpc=system.vpc,
        vpc_subnets=system.private_subnets,
        launch_template=launch_template,
        min_capacity=settings.min_capacity,
        max_capacity=settings.max_capacity,
        max_instance_lifetime=settings.replace_after,
        default_instance_warmup=settings.health_check_grace,
        health_checks=autoscaling.HealthChecks.with_additional_checks(
            additional_types=[autoscaling.AdditionalHealthCheckType.ELB],
            grace_period=settings.health_check_grace,
        ),
        group_metrics=[autoscaling.GroupMetrics.all()],
        signals=settings.signals,
        update_policy=_update_policy(settings),
    )
    # The L2 has no such argument. Without it, instances are terminated first when they are old or unhealthy.
    resource = cast(autoscaling.CfnAutoScalingGroup, group.node.default_child)
    resource.instance_maintenance_policy = autoscaling.CfnAutoScalingGroup.InstanceMaintenancePolicyProperty(
        min_healthy_percentage=_LEAST_HEALTHY, max_healthy_percentage=_MOST_HEALTHY
    )
    # At boot an instance loads and reports over NAT, which is there only when its route is.
    group.node.add_dependency(
        system.vpc.select_subnets(
            subnet_group_name=system.private_subnets.subnet_group_name
        ).internet_connectivity_established
    )
    return group


def roll_back_on(
    group: autoscaling.AutoScalingGroup, alarms: Sequence[cloudwatch.Alarm], bake_time: Duration
) -> None:
    """Makes an instance refresh fail, and the stack roll back, if one of these alarms rings meanwhile.

    Args:
        group: A group whose updates are an instance refresh.
        alarms: At most ten, none of which names the group.
        bake_time: Time that alarms are watched after the last instance is in service.
    """
    # By override, since the alarms name the balancer's targets, which name the group.
    resource = cast(autoscaling.CfnAutoScalingGroup, group.node.default_child)
    preferences = "UpdatePolicy.AutoScalingInstanceRefresh.Preferences"
    resource.add_override(f"{preferences}.AlarmSpecification.Alarms", [alarm.alarm_name for alarm in alarms])
    resource.add_override(f"{preferences}.BakeTime", bake_time.to_seconds())


def _update_policy(settings: GroupSettings) -> autoscaling.UpdatePolicy:
    if settings.signals is not None:
        return autoscaling.UpdatePolicy.rolling_update(
            min_instances_in_service=settings.min_capacity, max_batch_size=1, suspend_processes=_SUSPENDED
        )
    return autoscaling.UpdatePolicy.instance_refresh(
        strategy=autoscaling.InstanceRefreshStrategy.ROLLING,
        min_healthy_percentage=_LEAST_HEALTHY,
        max_healthy_percentage=_MOST_HEALTHY,
        instance_warmup=settings.health_check_grace,
    )
