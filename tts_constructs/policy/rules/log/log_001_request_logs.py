"""TTS-LOG-001: Requests must be logged."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.load_balancers import CLASSIC_LOAD_BALANCER, LOAD_BALANCER, kind_of, values_of
from tts_constructs.policy.aws.log_deliveries import delivers_requests
from tts_constructs.policy.aws.stateful import is_in_cluster
from tts_constructs.policy.model.checks import check_each, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.log.log_002_log_retention import cdk_retention

_ENABLED = "access_logs.s3.enabled"

_DECISIONS = ("ALLOW", "BLOCK")
_NO_DECISION = frozenset({"CAPTCHA", "CHALLENGE", "MONETIZE"})
"""Actions of a web ACL that neither allow nor block a request."""

_LOG_BUCKET = (
    "TtsSystem has a bucket for it (system.log_bucket); another one needs "
    "`encryption=s3.BucketEncryption.S3_MANAGED`, `block_public_access=s3.BlockPublicAccess.BLOCK_ALL`, and "
    "`enforce_ssl=True`."
)

_TEMPLATE_LOG_BUCKET = (
    "The bucket is encrypted with AES256, blocks public access, and its policy denies requests without TLS."
)

_LOG_OF_STAGE = "access_log_destination=apigateway.LogGroupLogDestination(log_group)"
_LOG_GROUP = f"with `logs.LogGroup(…, {cdk_retention(standards.LOG_RETENTION_DAYS)})`"
_LOGS_OF_ENGINE = "with the logs of its engine, such as postgresql, or audit and error"

_DATABASE = (
    f"Write `cloudwatch_logs_exports=` {_LOGS_OF_ENGINE}.",
    f"Write `EnableCloudwatchLogsExports` {_LOGS_OF_ENGINE}.",
)

_FIXES = {
    LOAD_BALANCER: (
        "Use TtsAsgService, whose load balancer logs to the bucket of its TtsSystem. Or write "
        f"`load_balancer.log_access_logs(bucket)`. {_LOG_BUCKET}",
        "Write the attributes `access_logs.s3.enabled` and `access_logs.s3.bucket` in "
        f"LoadBalancerAttributes. {_TEMPLATE_LOG_BUCKET}",
    ),
    CLASSIC_LOAD_BALANCER: (
        "Write `access_logging_policy=elb.CfnLoadBalancer.AccessLoggingPolicyProperty(enabled=True, …)` with "
        f"a bucket to which Elastic Load Balancing may write. {_LOG_BUCKET}",
        f"Write Enabled and S3BucketName in `AccessLoggingPolicy`. {_TEMPLATE_LOG_BUCKET}",
    ),
    "AWS::CloudFront::Distribution": (
        "Write `enable_logging=True`, and `log_bucket=` of a bucket with "
        f"`object_ownership=s3.ObjectOwnership.OBJECT_WRITER`. {_LOG_BUCKET}",
        "Write `Logging: {Bucket: …}` in DistributionConfig, with a bucket whose ObjectOwnership is "
        f"ObjectWriter. {_TEMPLATE_LOG_BUCKET}",
    ),
    "AWS::ApiGateway::Stage": (
        f"Write `deploy_options=apigateway.StageOptions({_LOG_OF_STAGE})`, {_LOG_GROUP}.",
        "Write `AccessLogSetting: {DestinationArn: …}` with the ARN of a log group.",
    ),
    "AWS::ApiGateway::Deployment": (
        f"Make the stage an `apigateway.Stage` with `{_LOG_OF_STAGE}`, {_LOG_GROUP}.",
        "Make the stage an `AWS::ApiGateway::Stage`, with the ARN of a log group in AccessLogSetting.",
    ),
    "AWS::ApiGatewayV2::Stage": (
        "Write `stage.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty("
        f"destination_arn=log_group.log_group_arn, format=…)`, {_LOG_GROUP}. The stage is "
        "`api.default_stage.node.default_child`.",
        "Write `AccessLogSettings: {DestinationArn: …}` with the ARN of a log group.",
    ),
    "AWS::WAFv2::WebACL": (
        "Write `wafv2.CfnLoggingConfiguration(…)` with `resource_arn=acl.attr_arn`, and in "
        "`log_destination_configs=` a bucket whose name begins with `aws-waf-logs-`. It needs "
        "`encryption=s3.BucketEncryption.S3_MANAGED`, `block_public_access=s3.BlockPublicAccess.BLOCK_ALL`, "
        "and `enforce_ssl=True`.",
        "Write an `AWS::WAFv2::LoggingConfiguration` with the web ACL in `ResourceArn`, and in "
        "`LogDestinationConfigs` a bucket or log group whose name begins with aws-waf-logs-.",
    ),
    "AWS::WAFv2::LoggingConfiguration": (
        "Leave out `logging_filter=`, so that every request is logged.",
        "Leave out `LoggingFilter`, so that every request is logged.",
    ),
    "AWS::RDS::DBInstance": _DATABASE,
    "AWS::RDS::DBCluster": _DATABASE,
}
"""Fixes for each type, in a CDK app and in a template."""


def _balancer(balancer: Resource) -> Iterator[Result]:
    if kind_of(balancer) == "gateway":  # it has no access logs
        return
    if delivers_requests(balancer):
        return
    attributes = balancer["LoadBalancerAttributes"]
    values = values_of(attributes, _ENABLED)
    if not values:
        yield attributes.violation(f"No attribute {_ENABLED} is set, so requests leave no log.")
    yield from check_each(values, _enabled)


def _classic(balancer: Resource) -> Iterator[Result]:
    yield from _enabled(balancer.properties.at("AccessLoggingPolicy/Enabled"))


def _enabled(value: Node) -> Iterator[Result]:
    if not value.boolean():
        yield value.violation(f"Access logs are not enabled ({value.shown}), so requests leave no log.")


def _distribution(distribution: Resource) -> Iterator[Result]:
    yield from _destination(distribution.properties.at("DistributionConfig/Logging/Bucket"))


def _stage(stage: Resource) -> Iterator[Result]:
    yield from _destination(stage.properties.at("AccessLogSetting/DestinationArn"))


def _http_stage(stage: Resource) -> Iterator[Result]:
    yield from _destination(stage.properties.at("AccessLogSettings/DestinationArn"))


def _deployment(deployment: Resource) -> Iterator[Result]:
    if deployment["StageName"].exists:  # then it makes a stage
        yield from _destination(deployment.properties.at("StageDescription/AccessLogSetting/DestinationArn"))


def _destination(place: Node) -> Iterator[Result]:
    if place.value in ("", None) or not (place.exists or delivers_requests(place.resource)):
        name = place.location.removeprefix("Properties/").replace("/", ".")
        yield place.violation(f"{name} is {place.shown}, so requests are logged nowhere.")


def _web_acl(acl: Resource) -> Iterator[Result]:
    configurations = acl.stack.assembly.index(_protected, "AWS::WAFv2::LoggingConfiguration")
    if any(configuration.exists_whenever(acl) for configuration in configurations[acl]):
        return  # and what its filter drops is judged there
    if delivers_requests(acl):
        return
    if configurations.undecided:
        yield acl.properties.unknown(
            f"{configurations.undecided[0].logical_id} logs the requests of a web ACL that is not known. "
            "Write a reference to it in ResourceArn."
        )
    else:
        yield acl.properties.violation("No AWS::WAFv2::LoggingConfiguration of the app logs its requests.")


def _protected(configuration: Resource) -> Iterator[Hashable]:
    reference = configuration["ResourceArn"].reference()
    if reference:
        yield reference.resource


def _logging_filter(configuration: Resource) -> Iterator[Result]:
    """Judge the filter of a web ACL's log, which must keep what the web ACL allows and what it blocks."""
    rules = configuration.properties.at("LoggingFilter/Filters").items()
    yield from check_each(rules, _dropped_by)
    default = configuration.properties.at("LoggingFilter/DefaultBehavior")
    if _is(default, "DROP"):
        kept = [case for rule in rules if _is(rule["Behavior"], "KEEP") for case in _cases(rule)]
        dropped = [action for action in _DECISIONS if {action} not in kept]
        if dropped:
            yield default.violation(f"No filter keeps the requests whose action is {' or '.join(dropped)}.")


def _dropped_by(rule: Node) -> Iterator[Result]:
    if not _is(rule["Behavior"], "DROP"):
        return
    cases = [case for case in _cases(rule) if not case & _NO_DECISION]
    dropped = [action for action in _DECISIONS if {action} in cases]
    if dropped:
        yield rule.violation(f"The filter drops the requests whose action is {' or '.join(dropped)}.")
    elif cases:
        yield rule.violation(
            "The filter drops a part of the requests that the web ACL allows or blocks.", at_most="warn"
        )


def _cases(rule: Node) -> list[set[str]]:
    """Return what a request meets whenever a rule of a filter is for it: one set of conditions, or each."""
    conditions = [_condition(place) for place in rule["Conditions"].items()]
    if _is(rule["Requirement"], "MEETS_ALL"):
        return [set(conditions)]
    return [{condition} for condition in conditions]


def _condition(place: Node) -> str:
    action = place.at("ActionCondition/Action").text()
    return action.upper() if action else "a label"


def _is(place: Node, expected: str) -> bool:
    return (place.text() or "").upper() == expected


def _instance(instance: Resource) -> Iterator[Result]:
    if not is_in_cluster(instance):  # else the logs of the cluster count
        yield from _exports(instance)


def _exports(database: Resource) -> Iterator[Result]:
    exports = database["EnableCloudwatchLogsExports"]
    if not exports.items():
        said = "empty" if exports.exists else "not set"
        yield exports.violation(f"EnableCloudwatchLogsExports is {said}, so the database's log stays in it.")


_CHECKS: dict[str, Check] = {
    LOAD_BALANCER: _balancer,
    CLASSIC_LOAD_BALANCER: _classic,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::ApiGateway::Deployment": _deployment,
    "AWS::ApiGatewayV2::Stage": _http_stage,
    "AWS::WAFv2::WebACL": _web_acl,
    "AWS::WAFv2::LoggingConfiguration": _logging_filter,
    "AWS::RDS::DBInstance": _instance,
    "AWS::RDS::DBCluster": _exports,
}


def _logged(resource: Resource) -> Iterator[Result]:
    yield from with_fix(_CHECKS[resource.type](resource), *_FIXES[resource.type])


RULE = Rule(
    id="TTS-LOG-001",
    title="Requests must be logged",
    why=(
        "Without a log of who asked for what, you can't tell whether somebody took data, who it was, and "
        "when. You also don't see an attack while it happens."
    ),
    source=(
        'TTS handbook: "Everything you do on these systems is subject to monitoring and auditing." '
        "OMB M-21-31: logs of requests, of databases and of web application firewalls."
    ),
    section="Your information",
    fix=(
        "Use TtsAsgService, whose load balancer logs to the bucket of its TtsSystem. Or write the setting "
        "of the resource: `load_balancer.log_access_logs(bucket)`, `log_bucket=` of a distribution, "
        "`access_log_destination=` of a stage, `wafv2.CfnLoggingConfiguration` for a web ACL, or "
        "`cloudwatch_logs_exports=` of a database."
    ),
    template_fix=(
        "Write the setting of the resource: the attribute `access_logs.s3.enabled` of a load balancer, "
        "Logging of a distribution, AccessLogSetting of a stage, an `AWS::WAFv2::LoggingConfiguration` for "
        "a web ACL, or `EnableCloudwatchLogsExports` of a database."
    ),
    decides=(
        "Application, network, and classic load balancers must have access logs enabled. A distribution "
        "must name a bucket for its log, and a stage of API Gateway a destination. Each web ACL (WAFv2) "
        "must have a logging configuration in the app, whose filter drops nothing that is allowed or "
        "blocked. For each of these, a CloudWatch Logs delivery of its request log is also enough. RDS "
        "instances and Aurora clusters must export at least one log. Gateway load balancers have no access "
        "logs."
    ),
    controls=("AU-2", "AU-3", "AU-12", "SI-4"),
    force="M",
    production="block",
    sandbox=None,
    checks=dict.fromkeys(_CHECKS, _logged),
)
