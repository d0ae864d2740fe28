"""The alarms of a service, and who gets them.

Source: TTS-MON-001; SI-4, CA-7, AU-6.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from tts_constructs.arguments import checked
from tts_constructs.constructs.system.encryption_key import CLOUDWATCH, let_alarms_use
from tts_constructs.errors import InvalidArgumentError

SERVER_ERROR_PERCENT = 5
"""Share of a service's own answers, in percent, that may be server errors (5xx) before somebody is told."""

LEAST_REQUESTS = 100 // SERVER_ERROR_PERCENT
"""Requests in five minutes from which the share counts: with so many, one failed request doesn't ring."""

LEAST_ERRORS = 3
"""Server errors in five minutes from which the share counts also with fewer requests."""

DISK_PERCENT = 80
"""How full a file system of an instance may be, in percent, before somebody is told."""

BALANCER_ERRORS = 5
"""Server errors (5xx) of the balancer itself in five minutes before somebody is told."""

_ERRORS_PERIOD = Duration.minutes(5)

BAKE_TIME = Duration.minutes(10)
"""Time that a release is watched after its last instance is in service.

It is two periods of its alarms: the one that has begun, and one of the whole release alone.
"""

_REPLACEMENT_MINUTES = 5
"""Time to notice that an instance is unhealthy, and to launch another, besides the grace."""

_RANGE = 3
"""How many times longer than what rings the time is in which minutes are counted."""

_LONGEST_RANGE_MINUTES = 24 * 60
"""The limit of CloudWatch for alarms with periods below an hour."""


class Alarms(ABC):
    """Chooses who is told when a service fails. You must choose; there is no default.

    Write `Alarms.to_topic(topic)`, `Alarms.to_email(address)` or `Alarms.none(reason=...)`.
    """

    absence: str | None
    """The reason why nobody is told. None: somebody is told."""

    @abstractmethod
    def topic(self, scope: Construct, key: kms.IKey) -> sns.ITopic | None:
        """Returns the topic that is told. Makes one below `scope`, encrypted with `key`, if there is none."""

    @staticmethod
    @checked
    def to_topic(topic: sns.ITopic) -> Alarms:
        """Tells a topic that already exists.

        It adds to the topic's policy, and to the policy of its key, that CloudWatch may publish for the
        alarms of the account. It can't change an imported topic or key, and warns at synth instead.

        Args:
            topic: A topic. If it is encrypted, its key must be one of your own: a topic with `alias/aws/sns`
                tells nobody (TTS-MON-001).
        """
        return TopicAlarms(topic)

    @staticmethod
    @checked
    def to_email(address: str) -> Alarms:
        """Makes a topic for the service that sends e-mail to an address, once its owner confirms.

        Args:
            address: An e-mail address. Prefer a team's address to a person's.

        Raises:
            InvalidArgumentError: It isn't an e-mail address.
        """
        return EmailAlarms(address)

    @staticmethod
    @checked
    def none(*, reason: str) -> Alarms:
        """Tells nobody, and writes the reason into the template.

        Args:
            reason: Why nobody needs to be told. People who review the system read it.

        Raises:
            InvalidArgumentError: The reason is empty.
        """
        return NoAlarms(reason)


@dataclass(frozen=True)
class TopicAlarms(Alarms):
    """The choice that `Alarms.to_topic(topic)` makes."""

    given: sns.ITopic
    absence = None

    def topic(self, scope: Construct, key: kms.IKey) -> sns.ITopic:  # noqa: ARG002 - the union's signature
        """Returns the given topic, into which alarms are let."""
        _let_alarms_publish(self.given, scope)
        return self.given


@dataclass(frozen=True)
class EmailAlarms(Alarms):
    """The choice that `Alarms.to_email(address)` makes."""

    address: str
    absence = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", self.address):
            raise InvalidArgumentError(
                "Alarms.to_email",
                [f"{self.address!r} is not an address; write one such as 'team@example.gov'"],
            )

    def topic(self, scope: Construct, key: kms.IKey) -> sns.ITopic:
        """Makes a topic whose policy and key let CloudWatch publish."""
        topic = sns.Topic(scope, "AlarmTopic", master_key=key, enforce_ssl=True)
        _let_alarms_publish(topic, scope)
        topic.add_subscription(subscriptions.EmailSubscription(self.address))
        return topic


def _let_alarms_publish(topic: sns.ITopic, scope: Construct) -> None:
    """Lets alarms of the account of `scope` write to a topic, by its policy and by the policy of its key.

    A topic with any policy of its own, such as that of `enforce_ssl`, loses the one that SNS gives it, which
    lets alarms in. Only the owner of an imported topic or key can change its policy.
    """
    account = cdk.Stack.of(scope).account
    needs = []
    added = (
        topic.add_to_resource_policy(  # services that share a topic add equal statements; the CDK keeps one
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal(CLOUDWATCH)],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
    )
    if not added.statement_added:
        needs.append("the policy of the topic must let it use sns:Publish")
    key: kms.IKey | None = getattr(topic, "master_key", None)
    if key is None and needs:
        needs.append(_KEY_NEEDS.format("if the topic is encrypted, "))
    elif key is not None and not let_alarms_use(key, account):
        needs.append(_KEY_NEEDS.format(""))
    if needs:
        cdk.Annotations.of(scope).add_warning_v2(
            "tts-constructs:alarmTopic",
            f'The alarms write to the topic "{topic.node.path}", which is imported or has such a key, '
            f"so {CLOUDWATCH} can't be let in here: {'; '.join(needs)}. Ask its owner.",
        )


_KEY_NEEDS = "{}the policy of its key must let it use kms:Decrypt and kms:GenerateDataKey*"


@dataclass(frozen=True)
class NoAlarms(Alarms):
    """The choice that `Alarms.none(reason=...)` makes."""

    absence: str | None = None

    def __post_init__(self) -> None:
        if not (self.absence or "").strip():
            raise InvalidArgumentError(
                "Alarms.none",
                ["has no reason; write why nobody needs to be told when the service fails"],
            )

    def topic(self, scope: Construct, key: kms.IKey) -> None:
        """Returns None, as nobody is told."""


@dataclass(frozen=True, kw_only=True)
class ServiceAlarms:
    """The alarms of a group behind a balancer.

    Args:
        unhealthy: Instances fail their health check, and fewer than wanted are healthy.
        too_few: Fewer instances are healthy than the group's minimum in force.
        server_errors: Too many of the service's answers are server errors.
        balancer_errors: The balancer itself answers with server errors.
        disk: A file system of an instance is nearly full, or no instance tells.
    """

    unhealthy: cloudwatch.Alarm
    too_few: cloudwatch.Alarm
    server_errors: cloudwatch.Alarm
    balancer_errors: cloudwatch.Alarm
    disk: cloudwatch.Alarm

    @property
    def all(self) -> tuple[cloudwatch.Alarm, ...]:
        """Every alarm."""
        return (self.unhealthy, self.too_few, self.server_errors, self.balancer_errors, self.disk)

    @property
    def of_a_release(self) -> tuple[cloudwatch.Alarm, ...]:
        """The alarms that show a bad release. They don't name the group, which names them."""
        return (self.server_errors, self.balancer_errors)


def alarms_of_service(
    scope: Construct,
    *,
    topic: sns.ITopic,
    load_balancer: elbv2.ApplicationLoadBalancer,
    target_group: elbv2.ApplicationTargetGroup,
    group: autoscaling.AutoScalingGroup,
    health_check_grace: Duration,
    fullest_disk: cloudwatch.IMetric,
) -> ServiceAlarms:
    """Makes the alarms of a group behind a balancer. Each tells `topic` when it starts and when it ends.

    Args:
        scope: Parent construct.
        topic: The topic that is told.
        load_balancer: The balancer.
        target_group: Its targets.
        group: The group of the instances.
        health_check_grace: Time that an instance has to become healthy.
        fullest_disk: How full the fullest file system of any instance is, in percent.
    """
    alarms = ServiceAlarms(
        unhealthy=_unhealthy_hosts(scope, target_group, group, health_check_grace),
        too_few=_too_few(scope, target_group, group, health_check_grace),
        server_errors=_server_errors(scope, target_group),
        balancer_errors=_balancer_errors(scope, load_balancer),
        disk=_disk_nearly_full(scope, fullest_disk),
    )
    action = actions.SnsAction(topic)
    for alarm in alarms.all:
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
    return alarms


def _unhealthy_hosts(
    scope: Construct,
    target_group: elbv2.ApplicationTargetGroup,
    group: autoscaling.AutoScalingGroup,
    health_check_grace: Duration,
) -> cloudwatch.Alarm:
    # Not by the unhealthy ones alone: instances of a release that are starting count as such, too.
    return _for_minutes(
        scope,
        "UnhealthyHosts",
        what="An instance fails its health check, and fewer than wanted are healthy",
        expression="IF(unhealthy > 0 AND healthy < wanted, unhealthy, 0)",
        metrics={
            "unhealthy": target_group.metrics.unhealthy_host_count(statistic="Maximum"),
            "healthy": target_group.metrics.healthy_host_count(statistic="Minimum"),
            "wanted": _of_group(group, "GroupDesiredCapacity"),
        },
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        health_check_grace=health_check_grace,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _too_few(
    scope: Construct,
    target_group: elbv2.ApplicationTargetGroup,
    group: autoscaling.AutoScalingGroup,
    health_check_grace: Duration,
) -> cloudwatch.Alarm:
    return _for_minutes(
        scope,
        "TooFewHealthyHosts",
        what="Fewer instances are healthy than the group's minimum in force",
        # The group's own metric, as a schedule may change the minimum.
        expression="healthy - minimum",
        metrics={
            "healthy": target_group.metrics.healthy_host_count(statistic="Minimum"),
            "minimum": _of_group(group, "GroupMinSize"),
        },
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        health_check_grace=health_check_grace,
        # A balancer without instances has no data.
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )


def _for_minutes(
    scope: Construct,
    id_: str,
    *,
    what: str,
    expression: str,
    metrics: dict[str, cloudwatch.IMetric],
    comparison_operator: cloudwatch.ComparisonOperator,
    health_check_grace: Duration,
    treat_missing_data: cloudwatch.TreatMissingData,
) -> cloudwatch.Alarm:
    """Makes an alarm on minutes in which something is wrong, in a row or not.

    One replaced instance is healthy again within the grace and the time to notice and to launch, so that
    many minutes don't ring. Instances that fail again and again ring, though they are healthy in between.
    """
    minutes = min(
        math.ceil(health_check_grace.to_minutes(integral=False)) + _REPLACEMENT_MINUTES,
        _LONGEST_RANGE_MINUTES // _RANGE,
    )
    return cloudwatch.Alarm(
        scope,
        id_,
        alarm_description=f"{what}, for {minutes} of the last {_RANGE * minutes} minutes",
        metric=cloudwatch.MathExpression(
            expression=expression, label=what, using_metrics=metrics, period=Duration.minutes(1)
        ),
        threshold=0,
        comparison_operator=comparison_operator,
        datapoints_to_alarm=minutes,
        evaluation_periods=_RANGE * minutes,
        treat_missing_data=treat_missing_data,
    )


def _of_group(group: autoscaling.AutoScalingGroup, metric_name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/AutoScaling",
        metric_name=metric_name,
        dimensions_map={"AutoScalingGroupName": group.auto_scaling_group_name},
        statistic="Maximum",
    )


def _server_errors(scope: Construct, target_group: elbv2.ApplicationTargetGroup) -> cloudwatch.Alarm:
    errors = target_group.metrics.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT)
    return cloudwatch.Alarm(
        scope,
        "ServerErrors",
        alarm_description=f"More than {SERVER_ERROR_PERCENT} % of answers are server errors (5xx)",
        metric=cloudwatch.MathExpression(
            expression=(
                f"IF(requests >= {LEAST_REQUESTS} OR errors >= {LEAST_ERRORS}, 100 * errors / requests, 0)"
            ),
            label="Server errors, percent",
            using_metrics={"errors": errors, "requests": target_group.metrics.request_count()},
            period=_ERRORS_PERIOD,
        ),
        threshold=SERVER_ERROR_PERCENT,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _balancer_errors(scope: Construct, load_balancer: elbv2.ApplicationLoadBalancer) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        "BalancerErrors",
        alarm_description="The load balancer itself answers with server errors (5xx)",
        metric=load_balancer.metrics.http_code_elb(elbv2.HttpCodeElb.ELB_5XX_COUNT, period=_ERRORS_PERIOD),
        threshold=BALANCER_ERRORS,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _disk_nearly_full(scope: Construct, fullest_disk: cloudwatch.IMetric) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        "DiskNearlyFull",
        alarm_description=(
            f"A file system of an instance is more than {DISK_PERCENT} % full, or no instance has told for "
            "fifteen minutes: then its logs don't arrive either"
        ),
        metric=fullest_disk,
        threshold=DISK_PERCENT,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=3,
        # An agent that isn't there tells nothing, and without logs nobody sees what instances do (AU-5).
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )
