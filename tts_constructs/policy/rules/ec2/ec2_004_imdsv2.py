"""TTS-EC2-004: Instances require IMDSv2."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.launch_templates import CONFIGURATION, LAUNCHERS, TEMPLATE
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app


def _tokens_of_template(template: Resource) -> Iterator[Result]:
    yield from _tokens(template.properties.at("LaunchTemplateData/MetadataOptions"))


def _tokens_of_configuration(configuration: Resource) -> Iterator[Result]:
    yield from _tokens(configuration["MetadataOptions"])


def _tokens(options: Node) -> Iterator[Result]:
    tokens, endpoint = options["HttpTokens"], options["HttpEndpoint"]
    if isinstance(endpoint.value, str) and endpoint.text() == "disabled":
        return  # no service, no IMDSv1
    if tokens.text() != "required":
        endpoint.text()  # it may be disabled
        yield tokens.violation(f"HttpTokens is {tokens.shown}, so the metadata service answers IMDSv1.")


RULE = Rule(
    id="TTS-EC2-004",
    title="Instances require IMDSv2",
    why="The metadata service hands out the credentials of the instance. Version 1 gives them to "
    "whoever can make a program on the instance fetch a URL; version 2 demands a token, which such a "
    "trick cannot get.",
    source="AWS Foundational Security Best Practices EC2.8 and AutoScaling.3",
    section="Operating system (OS) baseline",
    fix="Use TtsAsgService, or give the launch template `require_imdsv2=True`.",
    template_fix="Write `HttpTokens: required` in MetadataOptions.",
    decides="MetadataOptions.HttpTokens of each launch template is required, or HttpEndpoint is disabled; so "
    "it is for a launch configuration. A launch template outside the app that a group, node group or compute "
    "environment uses is unknown.",
    controls=("AC-3", "AC-6", "SC-7"),
    force="P",
    production="block",
    sandbox="warn",
    checks={
        TEMPLATE: _tokens_of_template,
        CONFIGURATION: _tokens_of_configuration,
        **dict.fromkeys(LAUNCHERS, outside_the_app("HttpTokens")),
    },
)
