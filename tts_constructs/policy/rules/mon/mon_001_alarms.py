"""TTS-MON-001: Services must have alarms that notify somebody."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

from tts_constructs.policy.aws.load_balancers import (
    CLASSIC_LOAD_BALANCER,
    LOAD_BALANCER,
    listeners_of,
    target_groups_of,
)
from tts_constructs.policy.aws.stateful import is_in_cluster
from tts_constructs.policy.model.checks import check_each, stop_at_unknown, with_fix
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.stated_absences import reason_for_no_alarms
from tts_constructs.policy.model.values import Reference, Text
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.mon._alarm_topics import TOPIC, silent_by_key, silent_by_policy

_ALARM = "AWS::CloudWatch::Alarm"
_COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_CLUSTERS = ("AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster")
_INSTANCES = ("AWS::RDS::DBInstance", "AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance")

_NAMES = {
    CLASSIC_LOAD_BALANCER: "LoadBalancerName",
    _GROUP: "AutoScalingGroupName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    **dict.fromkeys(_CLUSTERS, "DBClusterIdentifier"),
    "AWS::Redshift::Cluster": "ClusterIdentifier",
}
"""The property, and the metric dimension, that can name a resource."""

_SCALING = frozenset({"AWS::AutoScaling::ScalingPolicy", "AWS::ApplicationAutoScaling::ScalingPolicy"})

_MACHINES = (":autoscaling:", ":automate:")
"""Parts of ARNs of actions that scale or restart something and notify nobody."""


def _service(resource: Resource) -> Iterator[Result]:
    for result in stop_at_unknown(_is_watched(resource)):
        fix, template_fix = _fixes_of(resource)
        yield replace(result, fix=fix, template_fix=template_fix)


def _is_watched(resource: Resource) -> Iterator[Result]:
    if reason_for_no_alarms(resource):
        return
    alarms = resource.stack.assembly.index(_watched, _ALARM)
    undecided: list[str] = []
    for alarm in dict.fromkeys(alarm for key in _keys(resource) for alarm in alarms[key]):
        try:
            if alarm.exists_whenever(resource) and _tells(alarm):
                return
        except UnknownValue as error:
            undecided.append(f"{alarm.logical_id}: {error.result.message}")
    if undecided:
        yield resource.properties.unknown(f"Its alarm may tell nobody. {undecided[0]}")
    else:
        yield resource.properties.violation("No alarm of the app with an action watches this resource.")


def _fixes_of(resource: Resource) -> tuple[str, str]:
    """Return what to write instead, in a CDK app and in a template."""
    kind = str(resource["Type"].value) if resource.type == LOAD_BALANCER else resource.type
    namespace, metric, dimension = _METRICS.get(kind, _METRICS["application"])
    service = "Use TtsAsgService, which has alarms. Or write" if resource.type in _OF_SERVICES else "Write"
    return (
        f'{service} an alarm on a metric of it, such as `cloudwatch.Metric(namespace="{namespace}", '
        f'metric_name="{metric}", dimensions_map={{"{dimension}": …}})`, and '
        f"`alarm.add_alarm_action(actions.SnsAction(topic))`. {_TOPIC_OF_ALARMS}",
        f"Write an `AWS::CloudWatch::Alarm` on a metric of it, such as {metric} of {namespace} "
        f"with the dimension `{dimension}`, and a topic in `AlarmActions`. {_TEMPLATE_TOPIC_OF_ALARMS}",
    )


_LET_PUBLISH = (
    '`topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", '
    'conditions={"StringEquals": {"aws:SourceAccount": stack.account}}))`'
)

_TOPIC_OF_ALARMS = (
    "Make the topic with `sns.Topic(…, master_key=key, enforce_ssl=True)`. Use the key of TtsSystem "
    "(system.key), or a key that CloudWatch may use: "
    '`key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))`. Let CloudWatch publish: '
    f"{_LET_PUBLISH}."
)

_TEMPLATE_TOPIC_OF_ALARMS = (
    "Encrypt the topic with your own key, whose policy lets `cloudwatch.amazonaws.com` use `kms:Decrypt` "
    "and `kms:GenerateDataKey*`. If the topic has a policy, it must let `cloudwatch.amazonaws.com` use "
    "`sns:Publish`, with a condition on `aws:SourceAccount`."
)

_POLICY_OF_TOPIC = (
    f"Give the topic to Alarms.to_topic(topic), which adds the statement. Or write {_LET_PUBLISH}."
)

_TEMPLATE_POLICY_OF_TOPIC = (
    "In the topic's policy let `cloudwatch.amazonaws.com` use `sns:Publish`, with a condition on "
    "`aws:SourceAccount`."
)

_OF_SERVICES = frozenset({LOAD_BALANCER, _GROUP})

_METRICS = {
    "application": ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer"),
    "network": ("AWS/NetworkELB", "TCP_ELB_Reset_Count", "LoadBalancer"),
    "gateway": ("AWS/GatewayELB", "UnHealthyHostCount", "LoadBalancer"),
    CLASSIC_LOAD_BALANCER: ("AWS/ELB", "UnHealthyHostCount", "LoadBalancerName"),
    _GROUP: ("AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName"),
    "AWS::RDS::DBInstance": ("AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier"),
    "AWS::RDS::DBCluster": ("AWS/RDS", "CPUUtilization", "DBClusterIdentifier"),
    "AWS::DocDB::DBCluster": ("AWS/DocDB", "CPUUtilization", "DBClusterIdentifier"),
    "AWS::Neptune::DBCluster": ("AWS/Neptune", "CPUUtilization", "DBClusterIdentifier"),
    "AWS::Redshift::Cluster": ("AWS/Redshift", "HealthStatus", "ClusterIdentifier"),
}
"""A failure metric for each type, or kind of load balancer: namespace, name, and dimension."""


def _instance(instance: Resource) -> Iterator[Result]:
    if not is_in_cluster(instance):  # else the alarms of the cluster count
        yield from _service(instance)


def _keys(resource: Resource) -> Iterator[Hashable]:
    """Yield the keys by which alarms may name a resource, or its substitute."""
    yield resource
    if resource.type == LOAD_BALANCER:
        for listener in listeners_of(resource):
            yield from target_groups_of(listener)
        return
    name = _NAMES[resource.type]
    if key := resource[name].name_key():
        yield name, key
    if resource.type in _CLUSTERS:
        yield from resource.stack.assembly.index(_cluster_of, *_INSTANCES)[resource]


def _cluster_of(instance: Resource) -> Iterator[Resource]:
    cluster = instance["DBClusterIdentifier"].target(*_CLUSTERS)
    if cluster:
        yield cluster


def _watched(alarm: Resource) -> Iterator[Hashable]:
    """Yield what the dimensions of an alarm's metrics name, as far as known."""
    metrics = [item.at("MetricStat/Metric") for item in alarm["Metrics"].items()]
    for metric in (alarm.properties, *metrics):
        for dimension in metric["Dimensions"].items():
            value = dimension["Value"].value
            if isinstance(value, Reference):
                yield value.resource
            elif isinstance(value, Text):
                yield from (reference.resource for reference in value.references)
            if key := dimension["Value"].name_key():
                yield dimension["Name"].text(), key


def _tells(alarm: Resource) -> bool:
    """Return whether an alarm, or a composite alarm that includes it, notifies somebody."""
    composites = alarm.stack.assembly.index(_parts, _COMPOSITE)[alarm]
    return _has_action(alarm) or any(
        composite.exists_whenever(alarm) and _has_action(composite) for composite in composites
    )


def _parts(composite: Resource) -> Iterator[Hashable]:
    rule = composite["AlarmRule"].value
    if isinstance(rule, Text):
        yield from (reference.resource for reference in rule.references)


def _has_action(alarm: Resource) -> bool:
    if alarm["ActionsEnabled"].boolean() is False:
        return False
    return alarm["AlarmActions"].cached(_tell_somebody)


def _tell_somebody(actions: Node) -> bool:
    return any(_tells_somebody(action) for action in actions.items())


def _tells_somebody(action: Node) -> bool:
    if isinstance(action.value, Reference):
        return action.value.resource.type not in _SCALING
    return not any(part in str(action.value) for part in _MACHINES)


def _alarm(alarm: Resource) -> Iterator[Result]:
    actions = alarm["AlarmActions"].items()
    yield from with_fix(check_each(actions, _key), _TOPIC_OF_ALARMS, _TEMPLATE_TOPIC_OF_ALARMS)
    yield from with_fix(check_each(actions, _policy), _POLICY_OF_TOPIC, _TEMPLATE_POLICY_OF_TOPIC)


def _key(action: Node) -> Iterator[Result]:
    yield from _silent(action, silent_by_key)


def _policy(action: Node) -> Iterator[Result]:
    yield from _silent(action, silent_by_policy)


def _silent(action: Node, because: Callable[[Resource, str | None], str | None]) -> Iterator[Result]:
    topic = action.target(TOPIC)
    if topic is None:
        return
    try:
        fault = because(topic, action.resource.stack.account)
    except UnknownValue as error:
        yield action.unknown(f"{topic.logical_id} may refuse what CloudWatch writes. {error}")
        return
    if fault:
        yield action.violation(f"{fault}, so the alarm notifies nobody.")


RULE = Rule(
    id="TTS-MON-001",
    title="Services must have alarms that notify somebody",
    why=(
        "If nobody gets a message, a service that fails at night stays down until its users complain. If "
        "CloudWatch may not write to an alarm's topic, the alarm looks right and stays silent."
    ),
    source=(
        'TTS handbook: "In order to ensure that systems remain available even in the face of hardware '
        'failures"; NIST SP 800-53 SI-4(5), system-generated alerts.'
    ),
    section="Auto scale groups",
    fix=(
        "Use TtsAsgService with alarms=Alarms.to_topic(topic) or Alarms.to_email(address). For other "
        "resources, such as a database, write an alarm on a metric, and "
        f"`alarm.add_alarm_action(actions.SnsAction(topic))`. {_TOPIC_OF_ALARMS}"
    ),
    template_fix=(
        "Write an `AWS::CloudWatch::Alarm` on a metric of the resource, with a topic in `AlarmActions`. "
        f"{_TEMPLATE_TOPIC_OF_ALARMS}"
    ),
    decides=(
        "Each load balancer, Auto Scaling group, and database (RDS, Aurora, DocumentDB, Neptune, Redshift) "
        "must have an alarm in the app. A dimension of the alarm must name the resource, a target group "
        "behind it, or a member of the cluster. The alarm, or a composite alarm that includes it, must have "
        "an action that is enabled; scaling and restarting notify nobody. Instead, Metadata.TTS of the "
        "resource may state why it has no alarms (no_alarms); reports show this reason. No topic of an "
        "alarm may be encrypted with alias/aws/sns, or with a key of the app whose policy doesn't let "
        "CloudWatch use it. No policy of the topic in the app may keep CloudWatch from publishing."
    ),
    controls=("AU-6", "CA-7", "SI-4"),
    force="M",
    production="warn",
    sandbox=None,
    checks={
        **dict.fromkeys((LOAD_BALANCER, *_NAMES), _service),
        "AWS::RDS::DBInstance": _instance,
        _ALARM: _alarm,
        _COMPOSITE: _alarm,
    },
)
