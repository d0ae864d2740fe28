"""TTS-TAG-004: Resources must have an Environment tag."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.tags import ENVIRONMENT, carriers, plain_tag, tag, tags_of
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def _has_an_environment(resource: Resource) -> Iterator[Result]:
    plain = plain_tag(resource, ENVIRONMENT)
    if plain and not plain.isspace():
        return
    value = tag(resource, ENVIRONMENT)
    if value is None or not value.text():
        place = tags_of(resource) if value is None else value
        environment = resource.stack.environment
        yield place.violation(
            f"There is no {ENVIRONMENT} tag that says where this runs.",
            fix="Put the resource below a TtsSystem, which tags its whole stack. Or write "
            f'`cdk.Tags.of(stack).add("{ENVIRONMENT}", "{environment}")`.',
            template_fix=f"Add the tag `{ENVIRONMENT}` with the value `{environment}`.",
        )


RULE = Rule(
    id="TTS-TAG-004",
    title="Resources must have an Environment tag",
    why="Anyone who finds a resource must see whether it serves the public or is an experiment.",
    source=(
        'TTS handbook, AWS, "Tagging": a tag "aids in determining if a system is in a particular '
        'environment (ex. production)".'
    ),
    section="Tagging",
    fix=(
        "Put the resource below a TtsSystem, which tags its whole stack. Or write "
        '`cdk.Tags.of(stack).add("Environment", …)` with the stack\'s environment.'
    ),
    template_fix="Add the tag `Environment` with the stack's environment.",
    decides="Each resource that can carry tags must have a tag Environment that isn't empty.",
    controls=("CM-8", "PM-5"),
    force="P",
    production="warn",
    sandbox="warn",
    checks=dict.fromkeys(carriers(), _has_an_environment),
)
