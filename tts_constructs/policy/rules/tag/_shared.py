"""Checks the value of a Project tag."""

from __future__ import annotations

from tts_constructs.policy.aws.tags import PROJECT
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import names_a_project

HANDBOOK = (
    'TTS handbook, AWS, "Tagging": "At a minimum, an AWS resource must have a `Project` tag defined with '
    'enough information to be able to identify a project that the AWS resource is associated with."'
)


def fault_in_project(project: str, settings: Settings) -> str:
    """Return what is wrong with a value of the `Project` tag, as a sentence; empty: nothing."""
    if project.strip() in settings.projects:  # registered, so it is a name whatever it looks like
        return ""
    if not names_a_project(project):
        return f"{PROJECT} is {project!r}, which names no project."
    if settings.projects:
        return f"{PROJECT} is {project}, which isn't a registered project."
    return ""
