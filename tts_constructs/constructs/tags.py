"""The tags of a system (handbook, "Tagging"; CM-8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import aws_cdk as cdk

from tts_constructs.policy import baseline

LONGEST_VALUE = 256
PUNCTUATION = " _.:/=+-@"
"""What the value of a tag may hold besides letters and digits."""


def tag(stack: cdk.Stack, tags: Mapping[str, str]) -> None:
    """Tags a whole stack: what its constructs make, what the CDK makes for them, and what groups launch."""
    for name, value in tags.items():
        cdk.Tags.of(stack).add(name, value)


def project_faults(project: object) -> Iterator[str]:
    """What is wrong with the value of a `Project` tag, one sentence each."""
    yield from value_faults("project", project)
    if isinstance(project, str) and not baseline.names_a_project(project):
        yield f"project is {project!r}, which names no project; write the name it is registered under"


def value_faults(argument: str, value: object) -> Iterator[str]:
    """What AWS refuses in the value of a tag, one sentence each."""
    if not isinstance(value, str):
        yield f"{argument} is {value!r}; write text"
        return
    refused = sorted(
        {character for character in value if not (character.isalnum() or character in PUNCTUATION)}
    )
    if refused:
        yield (
            f"{argument} is {value!r}, and a tag cannot hold {' '.join(refused)}; "
            "write letters, digits, spaces and _ . : / = + - @"
        )
    if len(value) > LONGEST_VALUE:
        yield f"{argument} has {len(value)} characters; a tag holds {LONGEST_VALUE}"
