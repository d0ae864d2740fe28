"""TTS-EC2-004: Instances must require IMDSv2."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.launch_templates import (
    ALONE,
    CONFIGURATION,
    LAUNCHERS,
    MANAGED_INSTANCE,
    TEMPLATE,
    launches_from_template,
    settings_of,
)
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._shared import outside_the_app


def _stated_tokens(resource: Resource) -> Iterator[Result]:
    yield from check_each(list(settings_of(resource)), lambda settings: _tokens(settings["MetadataOptions"]))


def _tokens_of_launch(resource: Resource) -> Iterator[Result]:
    """Yield what an instance or a fleet says itself, and whether its launch template cannot be seen."""
    for settings in settings_of(resource):
        options = settings["MetadataOptions"]
        if options.exists or not launches_from_template(resource):
            yield from stop_at_unknown(_tokens(options))
    yield from _OUTSIDE(resource)


_OUTSIDE = outside_the_app("HttpTokens")


def _tokens(options: Node) -> Iterator[Result]:
    tokens, endpoint = options["HttpTokens"], options["HttpEndpoint"]
    if isinstance(endpoint.value, str) and endpoint.text() == "disabled":
        return  # no service, no IMDSv1
    if tokens.text() != "required":
        endpoint.text()  # it may be disabled
        yield tokens.violation(f"HttpTokens is {tokens.shown}, so the metadata service answers IMDSv1.")


RULE = Rule(
    id="TTS-EC2-004",
    title="Instances must require IMDSv2",
    why=(
        "The metadata service gives out the instance's credentials. Version 1 gives them to anyone who can "
        "trick a program on the instance into fetching a URL. Version 2 requires a token, which this trick "
        "can't get."
    ),
    source="AWS Foundational Security Best Practices EC2.8 and AutoScaling.3",
    section="Operating system (OS) baseline",
    fix="Use TtsAsgService, or give the launch template `require_imdsv2=True`.",
    template_fix="Write `HttpTokens: required` in MetadataOptions.",
    decides=(
        "MetadataOptions of each launch template must have HttpTokens: required or HttpEndpoint: disabled. "
        "This also applies to a launch configuration, and to an instance or fleet that names no launch "
        "template. The rule can't decide about a launch template outside the app that an instance, fleet, "
        "group, node group, or compute environment uses."
    ),
    controls=("AC-3", "AC-6", "SC-7"),
    force="P",
    production="block",
    sandbox="warn",
    checks={
        **dict.fromkeys((TEMPLATE, CONFIGURATION, MANAGED_INSTANCE), _stated_tokens),
        **dict.fromkeys(ALONE, _tokens_of_launch),
        **dict.fromkeys(LAUNCHERS, _OUTSIDE),
    },
)
