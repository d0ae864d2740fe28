"""Compute: auto-scaling groups and the baseline of the operating system."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.node import Result
from tts_constructs.policy.rule import Rule
from tts_constructs.policy.template import Resource


def _imdsv2(template: Resource) -> Iterator[Result]:
    tokens = template.properties.at("LaunchTemplateData/MetadataOptions/HttpTokens")
    if tokens.text() != "required":
        yield tokens.violation(f"HttpTokens is {tokens.shown}, so the metadata service answers IMDSv1.")


RULES = (
    Rule(
        id="TTS-EC2-004",
        title="Instances require IMDSv2",
        why="IMDSv1 hands an instance's credentials to anyone who can make a program on it fetch a URL.",
        source="AWS Foundational Security Best Practices EC2.8",
        fix="Use TtsAsgService, or write MetadataOptions with HttpTokens: required.",
        decides="MetadataOptions.HttpTokens of each launch template is required.",
        controls=("AC-3", "AC-6", "SC-7"),
        force="P",
        production="block",
        sandbox="warn",
        checks={"AWS::EC2::LaunchTemplate": _imdsv2},
    ),
)
