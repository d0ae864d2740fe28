"""What a person says of a system, in code or on a terminal, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.system_metadata import DataSensitivity, Environment

LONGEST_VALUE = 256
PUNCTUATION = " _.:/=+-@"
"""What the value of a tag may hold besides letters and digits."""


def environment_faults(environment: object) -> Iterator[str]:
    """What is wrong with the environment of a record, one sentence each."""
    if not isinstance(environment, Environment):
        names = ", ".join(f"Environment.{one.name}" for one in Environment)
        yield f"environment is {environment!r}; write one of {names}"


def data_sensitivity_faults(data_sensitivity: object) -> Iterator[str]:
    """What is wrong with what an owner declares of the data, one sentence each; None declares nothing."""
    if data_sensitivity is not None and not isinstance(data_sensitivity, DataSensitivity):
        names = ", ".join(f"DataSensitivity.{one.name}" for one in DataSensitivity)
        yield f"data_sensitivity is {data_sensitivity!r}; write one of {names}, or leave it out"


def owner_faults(owner: object) -> Iterator[str]:
    """What is wrong with the owner of a record, which is the value of a tag too; one sentence each."""
    yield from _value_faults("owner", owner)
    if isinstance(owner, str) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", owner):
        yield f"owner is {owner!r}; write the e-mail address of those who answer for the system"


def project_faults(project: object) -> Iterator[str]:
    """What is wrong with the project of a record, which is the value of a tag too; one sentence each."""
    yield from _value_faults("project", project)
    if isinstance(project, str) and not standards.names_a_project(project):
        yield f"project is {project!r}, which names no project; write the name it is registered under"


def _value_faults(argument: str, value: object) -> Iterator[str]:
    """What AWS refuses in the value of a tag."""
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
