"""TTS-SBX-002: Sandboxes must not hold sensitive information."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.result import Result
from tts_constructs.system_metadata import METADATA_KEY, UNDECLARED, DataSensitivity

_HARMLESS = (DataSensitivity.PUBLIC, DataSensitivity.SYNTHETIC)
_DECLARATION = f"Metadata/{METADATA_KEY}/data_sensitivity"


def _system_data(stack: Stack) -> Iterator[Result]:
    metadata = stack.body.get("Metadata")
    states_itself = isinstance(metadata, dict) and METADATA_KEY in metadata
    if not stack.resources or (stack.parent and not states_itself):
        return
    declared = stack.system_metadata.get("data_sensitivity", UNDECLARED)
    if isinstance(declared, str):
        yield from _declared(declared)
    else:
        yield Result(
            "unknown", _DECLARATION, "data_sensitivity isn't text, so the kind of data isn't declared."
        )


def _resource_data(resource: Resource) -> Iterator[Result]:
    metadata = resource.body.get("Metadata")
    if not isinstance(metadata, dict) or METADATA_KEY not in metadata:
        return
    declaration = resource.attribute("Metadata")[METADATA_KEY]["data_sensitivity"]
    if declaration.exists:
        yield from _declared(declaration.text() or UNDECLARED)


def _declared(text: str) -> Iterator[Result]:
    declared = text.strip().lower()
    if declared == UNDECLARED:
        message = "Nobody declared what data is kept here, so it counts as sensitive."
        yield Result("violation", _DECLARATION, message, at_most="warn")
    elif declared not in _HARMLESS:
        yield Result("violation", _DECLARATION, f"The owner declares {declared} data.")


RULE = Rule(
    id="TTS-SBX-002",
    title="Sandboxes must not hold sensitive information",
    why=(
        "Everyone in TTS can see everything in a sandbox, and nothing there is assessed for the public's "
        "information. Data counts as sensitive until its owner says otherwise."
    ),
    source="Handbook, “Other people's information”: “always assume the owner of that data has the "
    "most conservative requirements unless they have taken express action”; “Anyone in TTS can get "
    "access to the AWS sandbox account.”",
    section="Other people's information",
    fix=(
        "Use data that is public or made up, and state it: write "
        "`data_sensitivity=DataSensitivity.SYNTHETIC` in TtsSystem or, for an app of raw resources, in "
        "TtsGuardrails. Keep all other data in production."
    ),
    template_fix=(
        "Use data that is public or made up, and state it with `data_sensitivity: synthetic` in "
        "Metadata.TTS of the template. Keep all other data in production."
    ),
    decides=(
        "data_sensitivity of Metadata.TTS, of a stack or of a resource, must be public or synthetic. Any "
        "other declared value breaks the rule. A missing value or a missing record warns."
    ),
    controls=("AC-4", "SA-3(2)", "SI-12"),
    force="M",
    production=None,
    sandbox="block",
    checks={"*": _resource_data},
    stack_check=_system_data,
)
