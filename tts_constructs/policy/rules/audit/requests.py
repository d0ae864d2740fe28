"""Requests are logged."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tts_constructs.policy.balancers import CLASSIC_LOAD_BALANCER, LOAD_BALANCER, kind_of, values_of
from tts_constructs.policy.deliveries import deliveries_of
from tts_constructs.policy.node import Node, Result, each
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.stores import is_in_cluster
from tts_constructs.policy.template import Resource

_ENABLED = "access_logs.s3.enabled"


def _balancer(balancer: Resource) -> Iterator[Result]:
    if kind_of(balancer) == "gateway":  # it has no access logs
        return
    attributes = balancer["LoadBalancerAttributes"]
    values = values_of(attributes, _ENABLED)
    if not values:
        yield attributes.violation(f"No attribute {_ENABLED} is set, so requests leave no log.")
    yield from each(values, _enabled)


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
    if place.value in ("", None) or not (place.exists or any(deliveries_of(place.resource))):
        yield place.violation(f"Requests are logged nowhere: {place.location} is {place.shown}.")


def _web_acl(acl: Resource) -> Iterator[Result]:
    configurations = acl.stack.assembly.index(_protected, "AWS::WAFv2::LoggingConfiguration")
    if any(configuration.stands_with(acl) for configuration in configurations[acl]) or any(
        deliveries_of(acl)
    ):
        return
    if configurations.undecided:
        yield acl.properties.unknown(
            f"It is not known of which web ACL {configurations.undecided[0].logical_id} logs requests. "
            "Write a reference to it in ResourceArn."
        )
    else:
        yield acl.properties.violation("No AWS::WAFv2::LoggingConfiguration of the app logs its requests.")


def _protected(configuration: Resource) -> Iterator[Hashable]:
    reference = configuration["ResourceArn"].reference()
    if reference:
        yield reference.resource


def _instance(instance: Resource) -> Iterator[Result]:
    if not is_in_cluster(instance):  # else the logs of the cluster count
        yield from _exports(instance)


def _exports(database: Resource) -> Iterator[Result]:
    exports = database["EnableCloudwatchLogsExports"]
    if not exports.items():
        yield exports.violation("EnableCloudwatchLogsExports is empty, so the database's log stays in it.")


LOGGED = Rule(
    id="TTS-LOG-001",
    title="Requests are logged",
    why=(
        "Without a log of who asked for what, nobody can tell afterwards whether data was taken, by whom and "
        "when, and an attack that is under way is not seen."
    ),
    source=(
        'TTS handbook: "Everything you do on these systems is subject to monitoring and auditing." '
        "OMB M-21-31: logs of requests, of databases and of web application firewalls."
    ),
    fix=(
        "Use TtsAsgService, whose balancer logs to the log bucket of its TtsSystem. In raw CloudFormation "
        "set the attribute access_logs.s3.enabled of a load balancer to true; DistributionConfig.Logging; "
        "AccessLogSetting of a stage; an AWS::WAFv2::LoggingConfiguration for a web ACL; "
        "EnableCloudwatchLogsExports of a database."
    ),
    decides=(
        "Application, network and classic load balancers have access logs enabled; a distribution names a "
        "bucket for its log, and a stage of API Gateway a destination, or a delivery of CloudWatch Logs in "
        "the app takes them; each web ACL (WAFv2) has a logging configuration in the app; RDS instances and "
        "Aurora clusters export at least one log. Gateway load balancers have no access logs."
    ),
    controls=("AU-2", "AU-3", "AU-12", "SI-4"),
    force="M",
    production="block",
    sandbox=None,
    checks={
        LOAD_BALANCER: _balancer,
        CLASSIC_LOAD_BALANCER: _classic,
        "AWS::CloudFront::Distribution": _distribution,
        "AWS::ApiGateway::Stage": _stage,
        "AWS::ApiGateway::Deployment": _deployment,
        "AWS::ApiGatewayV2::Stage": _http_stage,
        "AWS::WAFv2::WebACL": _web_acl,
        "AWS::RDS::DBInstance": _instance,
        "AWS::RDS::DBCluster": _exports,
    },
)
